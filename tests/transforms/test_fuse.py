"""Fusing: which lines become one, which must not, and that nothing changes but the number of lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from conformance.writing import Written, programs
from pippin.engines import get_engine
from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE, Spec
from pippin.program import (
    BACKWARD,
    FORWARD,
    GUARD,
    LOSS,
    METRICS,
    UPDATE,
    Line,
    Program,
    Symbol,
    Trace,
    check,
    trace_function,
)
from pippin.transforms import fuse as fusing
from pippin.transforms import gradients, simplify
from pippin.transforms.fuse import fuse
from pippin.transforms.loops import WIDEST_ROW

SOME = settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)


def traced(function: Callable[..., Any], *shapes: tuple[int, ...]) -> Program:
    return fuse(simplify(trace_function(function, *map(Spec, shapes))))


def computing(program: Program) -> list[Line]:
    """The lines that are run each time: no constants, no reshapes."""
    return [line for line in program.lines if line.inputs and not line.primitive.alias]


def names_inside(line: Line) -> list[str]:
    return [inner.primitive.name for inner in line.primitive.body.lines if not inner.primitive.alias]


# What becomes one line ------------------------------------------------------------------------------------------------


def test_a_bias_and_its_activation_are_one_loop() -> None:
    (line,) = computing(traced(lambda x, b: TABLE["tanh"](x + b), (20, 32), (32,)))
    assert names_inside(line) == ["add", "tanh"] and len(line.outputs) == 1


def test_softmax_with_its_loss_and_gradient_is_one_loop() -> None:
    def loss(scores: Symbol, wanted: Symbol) -> tuple[Symbol, Symbol]:
        away = scores - TABLE["stop_gradient"](scores.max([1], keepdims=True))
        logs = away - away.exp().sum([1], keepdims=True).log()
        each = -(logs * wanted).sum([1])
        return each, gradients(each, [scores], seed=each.trace.symbol(np.full(20, 0.05, np.float32)))[0]

    (line,) = computing(traced(loss, (20, 10), (20, 10)))
    assert len(line.outputs) == 2 and len(names_inside(line)) > 10


def adam(weight: Symbol, slow: Symbol, fast: Symbol, gradient: Symbol, rate: Symbol) -> tuple[Symbol, ...]:
    new_slow = slow + (gradient - slow) * 0.1
    new_fast = fast + (gradient * gradient - fast) * 0.001
    return new_slow, new_fast, weight - rate * new_slow / (new_fast.sqrt() + 1e-7)


def test_an_optimizers_update_is_one_loop() -> None:
    (line,) = computing(traced(adam, *[(784, 128)] * 4, ()))
    assert len(line.outputs) == 3


def test_dropout_draws_once_and_is_one_loop_with_what_is_before() -> None:
    def dropped(x: Symbol) -> Symbol:
        state = x.trace.state("seed", Spec((2,), "uint32"))
        noise = x.trace.write(TABLE["random_uniform"], (state,), {"shape": x.shape, "call": 0})
        return (noise > 0.5).where(TABLE["maximum"](x, 0.0) * 2.0, 0.0)

    random, loop = computing(traced(dropped, (32, 64)))
    assert random.primitive.name == "random_uniform"
    assert sorted(names_inside(loop)) == ["less", "maximum", "multiply", "where"]


def test_a_long_chain_of_single_numbers_fits_into_loops() -> None:
    def chain(x: Symbol) -> Symbol:
        y = x.sum()
        for step in range(400):
            y = y * 0.9 + float(step)
        return x * y

    x = np.ones((4, 3), np.float32)
    program = simplify(trace_function(chain, Spec((4, 3))))
    bodies = [line.primitive.body for line in fuse(program).lines]
    assert max(len(body.lines) for body in bodies if body) <= fusing.MOST_LINES
    name = next(iter(program.inputs))
    (wanted,) = get_engine("reference").compile(program)({name: x}, {}).values()
    (found,) = get_engine("native").compile(program)({name: x}, {}).values()
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_single_numbers_gather_in_one_loop() -> None:
    (line,) = computing(traced(lambda a, b: (a + 1.0, b * 2.0, (a * b).exp()), (), ()))
    assert len(line.outputs) == 3


@pytest.mark.parametrize("other", [(6,), (5, 1), (1, 6), (), (1, 1), (4, 5, 6), (4, 1, 6), (1, 5, 1)])
def test_operands_of_any_shape_that_fits_are_spread_inside(other: tuple[int, ...]) -> None:
    program = traced(lambda x, y: (x * y).exp(), (4, 5, 6), other)
    assert len(computing(program)) == 1
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 5, 6)).astype(np.float32), rng.normal(size=other).astype(np.float32)
    np.testing.assert_allclose(
        get_engine("native").compile(program)({"x0": x, "x1": y}, {})["y"], np.exp(x * y), rtol=1e-6
    )


def test_a_loop_is_attached_to_the_heavy_line_it_follows() -> None:
    (line,) = computing(traced(lambda x, w, b: TABLE["maximum"](x @ w + b, 0.0), (128, 64), (64, 128), (128,)))
    assert names_inside(line) == ["matmul", "add", "maximum"]


def test_a_small_heavy_line_and_its_loop_stay_two() -> None:
    assert len(computing(traced(lambda x, w, b: TABLE["maximum"](x @ w + b, 0.0), (20, 16), (16, 32), (32,)))) == 2


def test_a_mask_is_made_where_it_is_used() -> None:
    """Not in the forward loop, where it would have to be kept until the backward pass comes."""
    trace = Trace("masked")
    x, w = trace.input("x", Spec((20, 16))), trace.state("w", Spec((16, 8)))
    with trace.at(phase=FORWARD):
        y = TABLE["maximum"](x @ w, 0.0)
    with trace.at(phase=LOSS):
        loss = (y @ y.transpose((1, 0))).sum()
    with trace.at(phase=BACKWARD):
        trace.output("dw", gradients(loss, [w])[0])
    lines = computing(fuse(simplify(trace.program())))
    (forward,) = [line for line in lines if line.primitive.name == "maximum"]
    (backward,) = [line for line in lines if line.primitive.body is not None and "less" in names_inside(line)]
    assert lines.index(forward) < lines.index(backward) and "where" in names_inside(backward)


# What must stay apart -------------------------------------------------------------------------------------------------


def test_a_line_does_not_run_before_what_it_reads() -> None:
    """The last line would fit the first loop, but for the sum over rows between them."""
    program = traced(lambda x: (lambda y: y * y.sum([0]))(x.exp()), (7, 5))
    assert [line.primitive.name for line in computing(program)] == ["exp", "sum", "multiply"]


def test_loops_with_nothing_in_common_stay_apart() -> None:
    assert len(computing(traced(lambda a, b: (a.exp(), b.exp()), (9,), (9,)))) == 2


def test_rows_that_no_block_can_hold_are_reduced_by_themselves() -> None:
    wide = WIDEST_ROW + 1
    program = traced(lambda x: x.exp() / x.exp().sum([1], keepdims=True), (3, wide))
    assert [line.primitive.name for line in computing(program)] == ["exp", "sum", "divide"]


def guarded(with_metric: bool) -> Program:
    trace = Trace("guarded")
    x, weight, total = (
        trace.input("x", Spec((40,))),
        trace.state("weight", Spec((40,))),
        trace.state("total", Spec((40,))),
    )
    with trace.at(phase=FORWARD):
        y = x * weight
    with trace.at(phase=GUARD):
        trace.guard = TABLE["all_finite"](y).value
    with trace.at(phase=METRICS if with_metric else UPDATE):
        trace.updates["total" if with_metric else "weight"] = ((total if with_metric else weight) + y).value
    return fuse(simplify(trace.program()))


def test_an_update_never_runs_before_the_guard_is_known() -> None:
    """It would have to be copied; a metric's total may."""
    assert [line.phase for line in computing(guarded(with_metric=False))] == [FORWARD, GUARD, UPDATE]
    assert len(computing(guarded(with_metric=True))) == 2


# The same program -----------------------------------------------------------------------------------------------------


def results(runner: Any, written: Written) -> dict[str, np.ndarray]:
    states = {name: array.copy() for name, array in written.states.items()}
    return {**runner(written.inputs, states), **{f"new {name}": array for name, array in states.items()}}


def assert_identical(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], name)


@given(programs(most_moves=12))
@SOME
def test_fused_programs_are_legal_and_mean_the_same(written: Written) -> None:
    fused = check(fuse(written.program))
    assert_identical(
        results(ReferenceEngine().compile(fused), written), results(ReferenceEngine().compile(written.program), written)
    )
    assert (
        fused.inputs.keys() == written.program.inputs.keys() and fused.updates.keys() == written.program.updates.keys()
    )


@given(programs(most_moves=12))
@SOME
def test_native_gives_the_same_bits_fused_and_line_by_line(written: Written) -> None:
    native: Any = get_engine("native")
    before, fusing.WORTH_ATTACHING = fusing.WORTH_ATTACHING, 1  # so that small programs have loops behind heavy lines
    try:
        assert_identical(
            results(native.compile(written.program), written), results(native.compile_unfused(written.program), written)
        )
    finally:
        fusing.WORTH_ATTACHING = before


def test_every_engine_runs_a_fused_program() -> None:
    pytest.importorskip("jax")
    program = traced(adam, *[(5, 4)] * 4, ())
    rng = np.random.default_rng(0)
    inputs = {name: rng.uniform(0.1, 1, program.spec(name).shape).astype(np.float32) for name in program.inputs}
    expected = ReferenceEngine().compile(program)(inputs, {})
    for name in ("native", "jax"):
        for output, array in get_engine(name).compile(program)(inputs, {}).items():
            np.testing.assert_allclose(array, expected[output], rtol=1e-6)


def test_a_float64_run_of_a_fused_program_stays_float64() -> None:
    program = traced(lambda x: (x * 0.1).exp(), (4,))
    x = np.linspace(0, 1, 4)
    np.testing.assert_allclose(
        ReferenceEngine(np.float64).compile(program)({"x0": x}, {})["y"], np.exp(x * np.float32(0.1)), rtol=1e-15
    )


def test_a_fused_line_can_be_printed_and_counted() -> None:
    (line,) = computing(program := traced(adam, *[(10, 10)] * 4, ()))
    assert "subtract_to_subtract" in str(program)
    assert line.primitive.flops(None) == line.primitive.body.flops() > 1000
