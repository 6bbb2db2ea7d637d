"""Every primitive's derivative against central differences, in float64: once, and once more for the
derivative itself.

For a function f with inputs x, a random weight u for each result and a random direction v for each input,
both sides of

    d/dh Σ u · f(x + h·v)  =  Σ v · gradients(f, x, seed=u)

are computed: the right one by the program that `transforms.gradients` writes, the left one by differences of
f. The same is then asked of x, u → gradients(f, x, seed=u), which is a program like any other; that is the
second derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.running import NAMES, inputs_of, judge, samples_of, traced_inputs
from pippin.primitives import TABLE, Primitive
from pippin.primitives.primitive import FLOAT
from pippin.program import Program, Symbol, Trace, check
from pippin.transforms import gradients

Arrays = dict[str, np.ndarray]
Function = Callable[[dict[str, Symbol]], list[Symbol]]

# Steps of 1e-4 and 2e-4, combined so that the error of the fourth order remains (about 1e-16), beside the
# rounding of the differences (1e-16 / 1e-4 = 1e-12 of the function's size). The samples stay further than
# 4e-4 from any kink.
STEP = 1e-4
RELATIVE_ERROR = 1e-6

# Floating-point inputs that change the result but through which no blame is sent, by decision: the way back
# is what stop_gradient cuts, and a frame is drawn by random numbers, never learned.
NO_WAY_BACK = {("stop_gradient", "x0"), ("look_through", "x1"), ("look_through_spread", "x1")}


def program_of(function: Function, arrays: Arrays) -> Program:
    """The program whose outputs y0, y1, ... are the function's results."""
    trace = Trace("function")
    symbols = dict(zip(arrays, traced_inputs(trace, arrays), strict=True))
    for number, symbol in enumerate(function(symbols)):
        trace.output(f"y{number}", symbol)
    return check(trace.program())


def gradients_of(function: Function, names: Sequence[str], weight: str) -> Function:
    """x, u → the gradients of Σ u · f(x) by `names`; the weights u are called `weight`0, `weight`1, ..."""

    def result(symbols: dict[str, Symbol]) -> list[Symbol]:
        weighed = [
            (symbols[f"{weight}{number}"] * value).sum()
            for number, value in enumerate(function(symbols)) if f"{weight}{number}" in symbols
        ]  # fmt: skip
        total = weighed[0]
        for more in weighed[1:]:
            total = total + more
        return gradients(total, [symbols[name] for name in names])

    return result


def weigh(program: Program, arrays: Arrays, weights: Arrays) -> float:
    outputs = judge().compile(program)(arrays, {})
    return sum(float(np.sum(weights[name] * outputs[name])) for name in weights)


def slope(program: Program, arrays: Arrays, weights: Arrays, direction: Arrays) -> float:
    """How fast the weighed outputs change along a direction, by differences."""

    def at(step: float) -> float:
        moved = {
            name: arrays[name] + step * direction[name] if name in direction else arrays[name]
            for name in arrays
        }
        return weigh(program, moved, weights)

    near, far = (at(STEP) - at(-STEP)) / (2 * STEP), (at(2 * STEP) - at(-2 * STEP)) / (4 * STEP)
    return (4 * near - far) / 3


def draw(rng: np.random.Generator, arrays: Mapping[str, Any]) -> Arrays:
    return {name: rng.uniform(-1, 1, np.shape(array)) for name, array in arrays.items()}


def compare(
    function: Function, arrays: Arrays, names: Sequence[str], rng: np.random.Generator, where: str
) -> list[np.ndarray]:
    """Raise unless the function's gradients by `names` are its slopes; returns the weights it drew."""
    program = program_of(function, arrays)
    outputs = judge().compile(program)(arrays, {})
    weights = draw(rng, {name: value for name, value in outputs.items() if value.dtype.kind == "f"})
    inputs = arrays | {f"u{name[1:]}": array for name, array in weights.items()}
    found = judge().compile(program_of(gradients_of(function, names, "u"), inputs))(inputs, {})
    for number, name in enumerate(names):
        # Each input alone: an error in one must not hide behind the others.
        direction = draw(rng, {name: arrays[name]})
        expected = slope(program, arrays, weights, direction)
        products = direction[name] * found[f"y{number}"]
        received, size = float(np.sum(products)), float(np.sum(np.abs(products)))
        assert found[f"y{number}"].shape == arrays[name].shape
        assert abs(received - expected) <= RELATIVE_ERROR * max(abs(expected), size, 1e-3), (
            f"{where}: the slope along {name} is {expected}, its derivative says {received}"
        )
    return list(weights.values())


def of_primitive(primitive: Primitive, settings: dict[str, Any]) -> Function:
    """y = primitive(x0, x1, ...), in a trace."""

    def result(symbols: dict[str, Symbol]) -> list[Symbol]:
        inputs = [symbol for name, symbol in symbols.items() if name.startswith("x")]
        return [inputs[0].trace.write(primitive, inputs, settings)]

    return result


def differentiable(name: str) -> bool:
    """Whether a primitive gives floating-point numbers that depend on floating-point numbers."""
    return any(
        any(np.asarray(a).dtype.kind == "f" for a in arguments)
        and result_type(TABLE[name], arguments, settings) == FLOAT
        for arguments, settings in samples_of(TABLE[name])
    )


def result_type(primitive: Primitive, arguments: Sequence[Any], settings: dict[str, Any]) -> str:
    with np.errstate(all="ignore"):
        return np.asarray(primitive.reference(*arguments, **settings)).dtype.name


@pytest.mark.parametrize("name", [name for name in NAMES if differentiable(name)])
def test_the_first_and_second_derivative_are_the_slopes(name: str) -> None:
    primitive, rng = TABLE[name], np.random.default_rng(11)
    for arguments, settings in samples_of(primitive):
        arrays = {
            key: a.astype(np.float64) if a.dtype.kind == "f" else a for key, a in inputs_of(arguments).items()
        }
        names = [key for key, a in arrays.items() if a.dtype.kind == "f" and (name, key) not in NO_WAY_BACK]
        if not names or result_type(primitive, arguments, settings) != FLOAT:
            continue
        function, where = of_primitive(primitive, settings), f"{name} {settings}"
        (weight,) = compare(function, arrays, names, rng, where)
        # What arrives from above is an input of the first derivative too, so the second is asked of it as
        # well.
        first = gradients_of(function, names, "w")
        compare(first, arrays | {"w0": weight}, [*names, "w0"], rng, f"second derivative of {where}")


def test_a_wrong_derivative_is_found() -> None:
    """The judge itself: a derivative that is off by a millionth and a half does not pass."""
    tanh = TABLE["tanh"]
    wrong = replace(tanh, derivative=lambda dy, y, x: (dy * (1.0 - y * y) * 1.000002,))
    with pytest.raises(AssertionError, match="its derivative says"):
        compare(
            of_primitive(wrong, {}),
            {"x0": np.array([0.3, -1.0, 2.0])},
            ["x0"],
            np.random.default_rng(0),
            "tanh",
        )


@pytest.mark.parametrize("name,key", sorted(NO_WAY_BACK))
def test_blame_stops_where_it_was_decided(name: str, key: str) -> None:
    for arguments, settings in samples_of(TABLE[name]):
        arrays = inputs_of(arguments)
        program = program_of(
            lambda s, settings=settings: [
                gradients(of_primitive(TABLE[name], settings)(s)[0].sum(), [s[key]])[0]
            ],
            arrays,
        )
        assert not judge().compile(program)(arrays, {})["y0"].any()
