"""The reference engine: states, guard, epochs. What holds here is what every engine must reproduce."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin.engines import Position, Work, shuffled
from pippin.engines.reference import ReferenceEngine, run_lines
from pippin.primitives import TABLE, Spec
from pippin.program import Program, Trace, check

Arrays = dict[str, np.ndarray]


def counting_program(batch: int) -> Program:
    """One step: total += Σ x, steps += 1, seen = the first x; stops where an x is infinite."""
    trace = Trace("count")
    x = trace.input("x", Spec((batch,)))
    total, steps = trace.state("total", Spec(())), trace.state("steps", Spec((), "int32"))
    trace.updates["total"] = (total + x.sum()).value
    trace.updates["steps"] = (steps + 1).value
    trace.guard = TABLE["all_finite"](x).value
    return check(trace.program())


def counting_work(x: np.ndarray, batch: int, seed: int | None = None) -> Work:
    engine = ReferenceEngine()
    rest = len(x) % batch
    return Work(
        step=engine.compile(counting_program(batch)) if len(x) >= batch else None,
        last=engine.compile(counting_program(rest)) if rest else None,
        data={"x": x}, states={"total": np.zeros((), np.float32), "steps": np.zeros((), np.int32)},
        rows=len(x), batch=batch, shuffle_seed=seed, records=("total",), resets=("total",),
    )  # fmt: skip


def run(trace: Trace, inputs: Arrays, states: Arrays) -> Arrays:
    return ReferenceEngine().compile(check(trace.program()))(inputs, states)


def test_states_are_replaced_in_place_all_at_once() -> None:
    trace = Trace("swap")
    a, b = trace.state("a", Spec((2,))), trace.state("b", Spec((2,)))
    trace.updates |= {"a": b.value, "b": a.value}
    states = {"a": np.array([1, 2], np.float32), "b": np.array([3, 4], np.float32)}
    memory = states["a"]
    run(trace, {}, states)
    np.testing.assert_array_equal(memory, [3, 4])
    np.testing.assert_array_equal(states["b"], [1, 2])


def test_a_false_guard_keeps_every_state_and_is_reported() -> None:
    work = counting_work(np.zeros(2, np.float32), 2)
    assert work.step is not None
    outputs = work.step({"x": np.array([1.0, np.inf], np.float32)}, work.states)
    assert not outputs["guard"] and work.states["total"] == 0 and work.states["steps"] == 0
    outputs = work.step({"x": np.array([1.0, 2.0], np.float32)}, work.states)
    assert outputs["guard"] and work.states["total"] == 3 and work.states["steps"] == 1


def test_outputs_are_copies() -> None:
    trace = Trace("alias")
    x, w = trace.input("x", Spec((2, 2))), trace.state("w", Spec((2,)))
    trace.output("same", x)
    trace.output("turned", x.reshape((4,)))
    trace.output("state", w)
    inputs, states = {"x": np.ones((2, 2), np.float32)}, {"w": np.ones(2, np.float32)}
    for array in run(trace, inputs, states).values():
        array[...] = 7
    assert (inputs["x"] == 1).all() and (states["w"] == 1).all()


def test_a_program_without_lines_hands_its_inputs_on() -> None:
    trace = Trace("nothing")
    trace.output("y", trace.input("x", Spec((3,))))
    np.testing.assert_array_equal(run(trace, {"x": np.arange(3.0)}, {})["y"], [0, 1, 2])


def test_inputs_are_read_in_the_programs_types() -> None:
    trace = Trace("types")
    trace.output("y", trace.input("x", Spec((2,))) * 2.0)
    result = run(trace, {"x": np.array([1, 2])}, {})["y"]
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, [2, 4])


def test_float64_judges_what_float32_cannot_hold() -> None:
    trace = Trace("small")
    x = trace.input("x", Spec(()))
    trace.output("y", (x + 1.0) - 1.0)
    program, inputs = trace.program(), {"x": np.array(1e-9)}
    assert ReferenceEngine().compile(program)(inputs, {})["y"] == 0
    assert ReferenceEngine(np.float64).compile(program)(inputs, {})["y"] == pytest.approx(1e-9, rel=1e-6)


def test_a_watcher_sees_every_line_with_its_numbers() -> None:
    trace = Trace("watched")
    x = trace.input("x", Spec((2,)))
    trace.output("y", x.exp().sum())
    seen: list[Any] = []
    program = trace.program()
    run_lines(
        program, {0: np.zeros(2, np.float32)},
        watch=lambda line, inputs, y: seen.append((line.primitive.name, inputs[0].tolist(), y.tolist())),
    )  # fmt: skip
    assert seen == [("exp", [0, 0], [1, 1]), ("sum", [1, 1], 2)]


# Epochs ---------------------------------------------------------------------------------------------------


def test_epochs_take_every_row_once_and_keep_each_epochs_records() -> None:
    work = counting_work(np.arange(10, dtype=np.float32), batch=4)
    report = ReferenceEngine().run_epochs(work, Position(), until_epoch=3, seconds=60)
    assert report.position == Position(3, 0) and not report.stopped_by_guard
    assert report.ended == [[45, 45, 45]]
    assert work.states["total"] == 0 and work.states["steps"] == 9


def test_a_call_without_time_makes_one_step_and_goes_on_where_it_stopped() -> None:
    work = counting_work(np.arange(10, dtype=np.float32), batch=4, seed=3)
    position, sums, calls = Position(), [], 0
    while position.epoch < 2:
        report = ReferenceEngine().run_epochs(work, position, until_epoch=2, seconds=0)
        position, calls = report.position, calls + 1
        sums += report.ended[0]
    assert calls == 6 and sums == [45, 45]


def test_the_guard_stops_at_the_step_that_was_not_finished() -> None:
    x = np.zeros(10, np.float32)
    x[5] = np.nan
    work = counting_work(x, batch=4)
    report = ReferenceEngine().run_epochs(work, Position(), until_epoch=5, seconds=60)
    assert report.stopped_by_guard and report.position == Position(0, 1) and work.states["steps"] == 1


def test_a_shuffled_epoch_is_another_order_of_the_same_rows() -> None:
    one, other = shuffled(7, 0, 1001), shuffled(7, 1, 1001)
    assert one.dtype == np.int32
    for order in (one, other, shuffled(2**40 + 7, 0, 1001)):
        np.testing.assert_array_equal(np.sort(order), np.arange(1001))
    assert (one != other).mean() > 0.99 and (one != shuffled(2**40 + 7, 0, 1001)).mean() > 0.99
    np.testing.assert_array_equal(one, shuffled(7, 0, 1001))


def test_every_row_is_equally_likely_to_come_first() -> None:
    firsts = [int(shuffled(seed, 0, 5)[0]) for seed in range(2000)]
    # 400 each with a standard deviation of 18.
    assert np.abs(np.bincount(firsts, minlength=5) - 400).max() < 5 * 18


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5])
def test_few_rows_are_shuffled_too(rows: int) -> None:
    assert sorted(shuffled(1, 2, rows)) == list(range(rows))


def test_without_a_seed_rows_come_in_their_own_order() -> None:
    work = counting_work(np.arange(6, dtype=np.float32), batch=4)
    np.testing.assert_array_equal(work.order(3), np.arange(6))
    assert work.steps == 2
