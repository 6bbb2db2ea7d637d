"""Where a derivative jumps or an operand is special, arithmetic follows the conventions of Keras."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE, Spec
from pippin.program import Symbol, Trace
from pippin.transforms import gradients


def derivative_at(name: str, *operands: float) -> list[float]:
    """The derivative by each operand, at one place."""
    trace = Trace(name)
    symbols = [trace.input(f"x{n}", Spec((1,))) for n in range(len(operands))]
    result: Symbol = trace.write(TABLE[name], symbols, {})
    for number, symbol in enumerate(gradients(result.sum(), symbols)):
        trace.output(f"y{number}", symbol)
    outputs = ReferenceEngine().compile(trace.program())(
        {f"x{n}": np.array([x]) for n, x in enumerate(operands)}, {}
    )
    return [float(outputs[f"y{number}"][0]) for number in range(len(operands))]


def test_relu_passes_nothing_back_at_zero() -> None:
    assert derivative_at("maximum", 0.0, 0.0)[0] == 0.0


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_of_two_equal_numbers_exactly_one_gets_the_blame(name: str) -> None:
    assert sum(derivative_at(name, 2.0, 2.0)) == 1.0


def test_the_derivative_of_an_absolute_value_is_zero_at_zero() -> None:
    assert derivative_at("absolute", 0.0) == [0.0]


@pytest.mark.parametrize(
    "base,exponent,expected",
    [(0.0, 2.0, [0.0, 0.0]), (-2.0, 3.0, [12.0, 0.0]), (0.0, 1.0, [1.0, 0.0]), (4.0, 0.0, [0.0, np.log(4)])],
)
def test_powers_have_finite_derivatives_where_the_power_is_defined(
    base: float, exponent: float, expected: list[float]
) -> None:
    # For a base that is not positive, no neighbouring exponent is defined, and the derivative by it is taken
    # as 0.
    assert derivative_at("power", base, exponent) == pytest.approx(expected)
