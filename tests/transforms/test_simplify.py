"""What simplifying takes out, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE, Spec
from pippin.program import GUARD, Program, Trace, check, trace_function
from pippin.transforms import simplify, without_unused_lines

X = np.array([[1.5, -2.0, 0.0], [3.0, 0.5, -0.25]], np.float32)


def words(program: Program) -> list[str]:
    """The primitives of a program in order, constants left out."""
    return [line.primitive.name for line in program.lines if line.inputs]


def simple(function: Callable[..., Any], shape: tuple[int, ...] = (2, 3)) -> Program:
    """The simplified program of a function, after making sure that its numbers are the same."""
    program = trace_function(function, Spec(shape))
    result = check(simplify(program))
    inputs = {"x0": np.resize(X, shape)}
    before, after = (ReferenceEngine().compile(p)(inputs, {}) for p in (program, result))
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)
    return result


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + 0.0, lambda x: 0.0 + x, lambda x: x - 0.0, lambda x: x * 1.0, lambda x: 1.0 * x,
        lambda x: x / 1.0, lambda x: x.transpose((0, 1)), lambda x: x[:, :],
        lambda x: TABLE["reshape"](x, shape=(2, 3)),
        lambda x: TABLE["broadcast_to"](x, shape=(2, 3)), lambda x: TABLE["cast"](x, dtype="float32"),
        lambda x: x + 2.0 * (1.0 - 1.0), lambda x: x * np.ones((1, 1), np.float32),
    ],
)  # fmt: skip
def test_operations_that_change_nothing_are_left_out(function: Callable[..., Any]) -> None:
    assert words(simple(function)) == []


def test_a_neutral_operand_that_changes_the_shape_stays() -> None:
    assert simple(lambda x: x + np.zeros((4, 1, 1), np.float32)).spec("y").shape == (4, 2, 3)
    assert simple(lambda x: x + np.zeros((1, 1, 1), np.float32)).spec("y").shape == (1, 2, 3)
    assert simple(lambda x: np.ones((1, 1, 1), np.float32) * x).spec("y").shape == (1, 2, 3)


def test_minus_zero_and_one_as_first_operand_are_not_neutral() -> None:
    assert words(simple(lambda x: 0.0 - x)) == ["subtract"]
    assert words(simple(lambda x: 1.0 / (x * x + 1.0)))[-1] == "divide"


def test_what_is_computed_twice_is_computed_once() -> None:
    assert words(simple(lambda x: x.exp() + x.exp())) == ["exp", "add"]
    assert words(simple(lambda x: (x.sum((0,)), x.sum((1,)), x.sum((0,))))) == ["sum", "sum"]


def test_constants_that_only_look_equal_stay_apart() -> None:
    """0.0 and -0.0 are equal to Python, as are 1, 1.0 and True; to a program they are different numbers."""
    program = simple(
        lambda x: (
            1.0 / x.trace.symbol(0.0),
            1.0 / x.trace.symbol(-0.0),
            x.trace.symbol(1),
            x.trace.symbol(True),
        )
    )
    assert len(set(program.outputs.values())) == 4


def test_equal_random_lines_are_one_and_other_calls_stay_apart() -> None:
    trace = Trace("test")
    state = trace.state("seed", Spec((2,), "uint32"))
    for number, call in enumerate((0, 0, 1)):
        trace.output(f"y{number}", TABLE["random_uniform"](state, shape=(3,), call=call))
    assert words(simplify(trace.program())) == ["random_uniform", "random_uniform"]


def test_known_numbers_are_computed_ahead() -> None:
    program = trace_function(lambda x: x * (x.trace.symbol(2.0).exp() + 3.0).sqrt(), Spec((2,)))
    assert words(simplify(program)) == ["multiply"]
    outputs = ReferenceEngine().compile(simplify(program))({"x0": np.ones(2)}, {})
    np.testing.assert_allclose(outputs["y"], np.sqrt(np.exp(2) + 3), rtol=1e-6)


def test_reshapes_in_a_row_are_one_and_a_way_back_is_none() -> None:
    assert words(simple(lambda x: x.reshape((3, 2)).reshape((6,)))) == ["reshape"]
    assert words(simple(lambda x: x.reshape((6,)).reshape((2, 3)).exp())) == ["exp"]


def test_summing_axes_of_length_one_moves_no_number() -> None:
    assert words(simple(lambda x: x.sum((0,)), (1, 3))) == ["reshape"]
    assert words(simple(lambda x: x.transpose((1, 0)), (1, 3))) == ["reshape"]


def test_lines_that_nobody_reads_are_left_out_but_inputs_stay() -> None:
    trace = Trace("test")
    x, unused = trace.input("x", Spec((2,))), trace.input("unused", Spec((2,)))
    _ = (unused.exp() * 3.0).sum()
    trace.output("y", x + 1.0)
    program = check(without_unused_lines(trace.program()))
    assert words(program) == ["add"]
    assert list(program.inputs) == ["x", "unused"]


def test_values_are_numbered_in_order_afterwards() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((2,)))
    _ = x.exp()
    trace.output("y", x + trace.state("w", Spec((2,))))
    program = without_unused_lines(trace.program())
    numbers = [
        *program.inputs.values(),
        *program.states.values(),
        *(value for line in program.lines for value in line.outputs),
    ]
    assert numbers == list(range(len(program.specs)))


def test_updates_and_guard_survive_and_the_guards_lines_are_not_rewritten() -> None:
    trace = Trace("test")
    x, w = trace.input("x", Spec((2,))), trace.state("w", Spec((2,)))
    trace.updates["w"] = (w * 1.0 - x * 0.0).value
    with trace.at(phase=GUARD):
        trace.guard = TABLE["all_finite"](x + 0.0).value
    program = check(simplify(trace.program()))
    assert list(program.updates) == ["w"] and program.guard is not None
    guards = [line.primitive.name for line in program.lines if line.phase == GUARD]
    assert guards[-2:] == ["add", "all_finite"]


def test_multiplying_by_zero_is_not_zero() -> None:
    """Infinity and NaN must come through: a rule that drops them would hide a broken training."""
    program = simplify(trace_function(lambda x: x * 0.0, Spec((2,))))
    outputs = ReferenceEngine().compile(program)({"x0": np.array([np.inf, np.nan])}, {})
    assert np.isnan(outputs["y"]).all()


def test_the_layer_and_phase_of_lines_stay() -> None:
    trace = Trace("test")
    x = trace.input("x", Spec((2,)))
    with trace.at("dense", "backward"):
        x = (x + 0.0).exp()
    trace.output("y", x)
    (line,) = [line for line in simplify(trace.program()).lines if line.inputs]
    assert (line.layer, line.phase) == ("dense", "backward")


def pooled_and_masked(strides: int) -> Callable[..., Any]:
    """The error of max pooling behind a ReLU, as the backward pass writes it."""
    settings = {"size": (2, 2), "strides": (strides, strides), "padding": (0, 1, 1, 0)}

    def function(x: Any) -> Any:
        dy = TABLE["max_pool"](x * 2.0, **settings)
        return TABLE["where"](TABLE["less"](0.0, x), TABLE["max_pool_place"](x, dy, **settings), 0.0)

    return function


@pytest.mark.parametrize("strides", [1, 2])
def test_the_mask_over_the_error_of_max_pooling_is_asked_once_for_each_window(strides: int) -> None:
    after = simple(pooled_and_masked(strides), (2, 4, 5, 3))
    assert words(after)[-1] == "max_pool_place"
    pooled = (2, *after.specs[after.lines[-1].inputs[1]].shape[1:])
    assert [after.specs[line.output].shape for line in after.lines if line.primitive.name == "where"] == [pooled]


def test_a_mask_that_reads_another_picture_stays_where_it_is() -> None:
    settings = {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}

    def function(x: Any) -> Any:
        placed = TABLE["max_pool_place"](x, TABLE["max_pool"](x, **settings), **settings)
        return TABLE["where"](TABLE["less"](0.0, x.exp() - 1.5), placed, 0.0)

    assert words(simple(function, (1, 4, 4, 2)))[-1] == "where"


@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 2), (1,), (0, 3)])
def test_pooled_errors_are_summed_before_they_are_placed_where_that_is_the_same_sum(axes: tuple[int, ...]) -> None:
    settings = {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}

    def function(x: Any) -> Any:  # of quarters, so that no order of adding rounds
        return TABLE["max_pool_place"](x, TABLE["max_pool"](x, **settings), **settings).sum(axes)

    assert ("max_pool_place" in words(simple(function, (2, 4, 4, 3)))) == (not {1, 2} <= set(axes))
