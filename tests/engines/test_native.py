"""The native engine: the same numbers as the reference on any number of threads and any instruction set, whole
epochs without Python, and no way to crash it from Python.

That every primitive agrees with its record is asked in conformance/; here is what holds for the engine.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pytest

from conformance.running import INSTRUCTION_SETS, native_engine
from pippin.engines import Position, Work, shuffled
from pippin.engines.engine import run_epochs_step_by_step
from pippin.engines.reference import ReferenceEngine
from pippin.errors import PippinError
from pippin.primitives import TABLE, Spec
from pippin.program import FORWARD, GUARD, METRICS, UPDATE, Program, Trace, trace_function
from pippin.transforms import gradients, simplify

_native = pytest.importorskip("pippin._native", reason="the native engine is not built here")
from pippin.engines.native import NativeEngine, NativeRunner  # noqa: E402

Arrays = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def _same_threads_afterwards() -> Iterator[None]:
    before = _native.threads()
    yield
    _native.set_threads(before)


@pytest.fixture
def engine() -> NativeEngine:
    return NativeEngine()


# A small classifier, written by hand in primitives --------------------------------------------------------------------


def classifier_step(
    batch: int, features: int = 6, hidden: int = 9, classes: int = 3, dtype: str = "float32"
) -> Program:
    """Two dense layers, softmax and cross-entropy, momentum, a guard, and the summed loss of the epoch."""
    trace = Trace("step")
    x = trace.input("x", Spec((batch, features), dtype))
    y = trace.input("y", Spec((batch,), "int32"))
    shapes = {"w1": (features, hidden), "b1": (hidden,), "w2": (hidden, classes), "b2": (classes,)}
    weights = {name: trace.state(name, Spec(shape)) for name, shape in shapes.items()}
    slots = {name: trace.state(f"momentum/{name}", Spec(shape)) for name, shape in shapes.items()}
    total = trace.state("total", Spec(()))
    with trace.at(phase=FORWARD):
        numbers = x.cast("float32")
        inner = TABLE["maximum"](numbers @ weights["w1"] + weights["b1"], 0.0)
        scores = inner @ weights["w2"] + weights["b2"]
        away = scores - TABLE["stop_gradient"](scores.max([-1], keepdims=True))
        logs = away - away.exp().sum([-1], keepdims=True).log()
        picked = y.reshape((batch, 1)).equal(trace.write(TABLE["iota"], (), {"length": classes}))
        loss = -(picked.where(logs, 0.0).sum([-1])).mean()
    found = gradients(loss, list(weights.values()))
    with trace.at(phase=GUARD):
        guard = TABLE["all_finite"](loss)
        for gradient in found:
            guard = guard & TABLE["all_finite"](gradient)
        trace.guard = guard.value
    with trace.at(phase=UPDATE):
        for (name, weight), gradient in zip(weights.items(), found, strict=True):
            slot = slots[name] * 0.9 + gradient
            trace.updates[f"momentum/{name}"] = slot.value
            trace.updates[name] = (weight - slot * 0.05).value
    with trace.at(phase=METRICS):
        trace.updates["total"] = (total + loss).value
    return simplify(trace.program())


def fresh_states(program: Program, seed: int = 1) -> Arrays:
    rng = np.random.default_rng(seed)
    return {
        name: (rng.normal(size=program.spec(name).shape) * 0.5).astype(np.float32) if name[0] in "wb"
        else np.zeros(program.spec(name).shape, np.float32)
        for name in program.states
    }  # fmt: skip


def data(rows: int, features: int = 6, classes: int = 3, dtype: Any = np.float32) -> Arrays:
    rng = np.random.default_rng(2)
    x = (
        rng.integers(0, 5, (rows, features)).astype(dtype)
        if dtype == np.uint8
        else rng.normal(size=(rows, features)).astype(dtype)
    )
    return {"x": x, "y": rng.integers(0, classes, rows).astype(np.int32)}


def work_of(engine: Any, rows: int, batch: int, shuffle: int | None = 11, **kinds: Any) -> Work:
    arrays = data(rows, **kinds)
    step = engine.compile(classifier_step(batch)) if rows >= batch else None
    last = engine.compile(classifier_step(rows % batch)) if rows % batch else None
    states = fresh_states((step or last).program)
    return Work(step, last, arrays, states, rows, batch, shuffle, ("total",), ("total",))


def same(one: Arrays, other: Arrays) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], name)


# Numbers --------------------------------------------------------------------------------------------------------------


RANGES = {
    "exp": (-86.0, 88.0, np.exp), "expm1": (-15.0, 88.0, np.expm1), "log": (1e-30, 1e30, np.log),
    "log1p": (-0.999, 1e10, np.log1p),
    "tanh": (-11.0, 11.0, np.tanh), "sigmoid": (-80.0, 80.0, lambda x: 1 / (1 + np.exp(-x))),
    "erf": (-5.0, 5.0, np.vectorize(math.erf)), "sin": (-8000.0, 8000.0, np.sin), "cos": (-8000.0, 8000.0, np.cos),
}  # fmt: skip


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
@pytest.mark.parametrize("name", RANGES)
def test_functions_are_within_three_units_of_the_last_place(name: str, isa: str) -> None:
    """Over their whole range, dense near zero, where relative errors show; sin and cos near a multiple of π too."""
    low, high, exact = RANGES[name]
    near_zero = np.geomspace(1e-6, 1.0, 3000)
    points = np.concatenate([np.linspace(low, high, 20000), near_zero, -near_zero if low < -1 else near_zero / 2])
    x = points[(points >= low) & (points <= high)].astype(np.float32)
    received = native_engine(isa).compile(trace_function(lambda s: TABLE[name](s), Spec(x.shape)))({"x0": x}, {})["y"]
    expected = np.asarray(exact(x.astype(np.float64)), np.float64)
    error = np.abs(received - expected) / np.maximum(
        np.spacing(np.abs(expected).astype(np.float32)), np.finfo(np.float32).tiny
    )
    assert error.max() <= (3 if isa != "baseline" else 4), (
        x[error.argmax()],
        received[error.argmax()],
        expected[error.argmax()],
    )


def big_step() -> tuple[Program, Callable[[], Arrays]]:
    """A step whose lines are all large enough to be shared between threads, and arrays for it."""
    specs = {"x": Spec((700, 96)), "w": Spec((96, 160)), "b": Spec((160,)), "rows": Spec((700,), "int32")}
    trace = Trace("big")
    x, w, b, rows = (trace.input(name, spec) for name, spec in specs.items())
    seed = trace.input("seed", Spec((2,), "uint32"))
    hidden = (x @ w + b).exp().log()
    noise = trace.write(TABLE["random_uniform"], (seed,), {"shape": (700, 160), "call": 1})
    kept = (noise > 0.3).where(hidden, 0.0)
    for name, symbol in {
        "kept": kept, "columns": kept.sum([0]), "rows_max": kept.max([1]), "everything": kept.sum(),
        "turned": kept.transpose((1, 0)),
        "picked": TABLE["gather"](kept, rows), "added": TABLE["scatter_add"](rows, kept, length=50),
        "places": kept.argmax(1),
        "product": kept.matmul(kept, transpose_a=True), "few": kept.reshape((700 * 40, 4)).sum([0]),
        "finite": TABLE["all_finite"](kept),
    }.items():  # fmt: skip
        trace.output(name, symbol)

    def draw() -> Arrays:
        rng = np.random.default_rng(5)
        found = {name: rng.normal(size=spec.shape).astype(np.float32) for name, spec in specs.items() if name != "rows"}
        return {**found, "rows": rng.integers(0, 50, 700).astype(np.int32), "seed": np.array([3, 4], np.uint32)}

    return trace.program(), draw


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_any_number_of_threads_gives_the_same_bits(isa: str) -> None:
    program, draw = big_step()
    runner = native_engine(isa).compile(program)
    _native.set_threads(1)
    alone = runner(draw(), {})
    for threads in (2, 3, 4):
        _native.set_threads(threads)
        same(alone, runner(draw(), {}))


def test_avx2_and_avx512_give_the_same_bits() -> None:
    program, draw = big_step()
    same(native_engine("avx2").compile(program)(draw(), {}), native_engine("avx512").compile(program)(draw(), {}))


def test_the_big_step_is_right(engine: NativeEngine) -> None:
    program, draw = big_step()
    expected = ReferenceEngine(np.float64).compile(program)(draw(), {})
    for name, array in engine.compile(program)(draw(), {}).items():
        size = np.abs(expected[name]).max()
        np.testing.assert_allclose(
            array, expected[name], rtol=0, atol=3e-6 * size if array.dtype.kind == "f" else 0, err_msg=name
        )


def test_training_gives_the_same_bits_fused_and_line_by_line(engine: NativeEngine) -> None:
    program = classifier_step(20)
    fused, plain = engine.compile(program), engine.compile_unfused(program)
    states, others = fresh_states(program), fresh_states(program)
    for _ in range(5):
        fused(data(20), states)
        plain(data(20), others)
    same(states, others)


def test_subnormal_numbers_count_as_zero_inside_and_are_kept_outside(engine: NativeEngine) -> None:
    runner = engine.compile(trace_function(lambda a: a * 0.5, Spec((3,))))
    tiny = np.full(3, 1e-39, np.float32)
    assert not runner({"x0": tiny}, {})["y"].any()
    assert (tiny * np.float32(0.5)).all(), "the caller's processor setting was changed"


# Runs -----------------------------------------------------------------------------------------------------------------


def test_a_false_guard_leaves_every_state_as_it_was(engine: NativeEngine) -> None:
    program = classifier_step(20)
    runner, states = engine.compile(program), fresh_states(program)
    before = {name: array.copy() for name, array in states.items()}
    arrays = data(20)
    arrays["x"][3, 2] = np.nan
    assert not runner(arrays, states)["guard"]
    same(states, before)


def test_outputs_made_after_the_guard_are_returned_even_when_it_is_false(engine: NativeEngine) -> None:
    trace = Trace("late")
    x, state = trace.input("x", Spec((3,))), trace.state("s", Spec((3,)))
    with trace.at(phase=GUARD):
        trace.guard = TABLE["all_finite"](x).value
    with trace.at(phase=UPDATE):
        late = state + x
    trace.updates["s"] = late.value
    trace.output("late", late)
    states = {"s": np.ones(3, np.float32)}
    outputs = engine.compile(trace.program())({"x": np.array([1, np.inf, 2], np.float32)}, states)
    assert not outputs["guard"] and outputs["late"].tolist() == [2, np.inf, 3] and states["s"].tolist() == [1, 1, 1]


def test_states_can_change_places(engine: NativeEngine) -> None:
    trace = Trace("swap")
    a, b = trace.state("a", Spec((2,))), trace.state("b", Spec((2,)))
    trace.updates = {"a": b.value, "b": a.value}
    states = {"a": np.array([1, 2], np.float32), "b": np.array([3, 4], np.float32)}
    engine.compile(trace.program())({}, states)
    assert states["a"].tolist() == [3, 4] and states["b"].tolist() == [1, 2]


def test_a_state_can_be_set_to_a_constant(engine: NativeEngine) -> None:
    trace = Trace("reset")
    trace.state("s", Spec((3,)))
    trace.updates["s"] = trace.symbol(np.array([1, 2, 3], np.float32)).value
    runner = engine.compile(trace.program())
    for _ in range(2):
        states = {"s": np.zeros(3, np.float32)}
        runner({}, states)
        assert states["s"].tolist() == [1, 2, 3]


def test_outputs_are_copies_that_later_runs_leave_alone(engine: NativeEngine) -> None:
    runner = engine.compile(trace_function(lambda a: a + 1.0, Spec((2,))))
    first = runner({"x0": np.zeros(2, np.float32)}, {})["y"]
    runner({"x0": np.ones(2, np.float32)}, {})
    assert first.tolist() == [1, 1]


def test_inputs_of_other_types_and_orders_just_work(engine: NativeEngine) -> None:
    runner = engine.compile(trace_function(lambda a: a * 2.0, Spec((3, 2))))
    for array in (np.arange(6).reshape(3, 2), np.arange(6.0).reshape(2, 3).T, [[0, 1], [2, 3], [4, 5]]):
        np.testing.assert_array_equal(runner({"x0": np.asarray(array)}, {})["y"], np.asarray(array) * 2)


WRONG_CALLS: dict[str, tuple[Callable[[Arrays, Arrays], Any], str]] = {
    "a missing state": (lambda inputs, states: states.pop("w1"), "w1"),
    "a state of another shape": (
        lambda inputs, states: states.update(w1=np.zeros((9, 6), np.float32)),
        r"float32\[6,9\], received float32\[9,6\]",
    ),
    "a state of another type": (lambda inputs, states: states.update(w1=np.zeros((6, 9))), r"received float64\[6,9\]"),
    "a state that can't be written": (
        lambda inputs, states: states["w1"].setflags(write=False),
        "'w1': expected a contiguous, writable",
    ),
    "a state with gaps": (lambda inputs, states: states.update(w1=np.zeros((6, 18), np.float32)[:, ::2]), "contiguous"),
    "a state in another byte order": (lambda inputs, states: states.update(w1=np.zeros((6, 9), ">f4")), "unknown type"),
    "states in one memory": (lambda inputs, states: states.update({"momentum/w1": states["w1"]}), "also that of state"),
    "an input of another shape": (
        lambda inputs, states: inputs.update(x=np.zeros((20, 5))),
        r"expected float32\[20,6\]",
    ),
    "an input that is no array": (lambda inputs, states: inputs.update(y="apple"), "apple"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_CALLS)
def test_wrong_calls_raise_and_name_the_array(engine: NativeEngine, wrong: str) -> None:
    program = classifier_step(20)
    runner, inputs, states = engine.compile(program), data(20), fresh_states(program)
    spoil, words = WRONG_CALLS[wrong]
    spoil(inputs, states)
    with pytest.raises((ValueError, KeyError), match=words):
        runner(inputs, states)


def test_a_state_that_changes_its_type_between_runs_is_noticed_by_its_size(engine: NativeEngine) -> None:
    program = classifier_step(20)
    runner, states = engine.compile(program), fresh_states(program)
    runner(data(20), states)
    states["w1"] = states["w1"].astype(np.float64)
    with pytest.raises(ValueError, match="w1"):
        runner(data(20), states)


WRONG_PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "an unknown kernel": lambda p: p.add_line("bake", [], [0], {}, 1.0),
    "a value that does not exist": lambda p: p.add_line("iota", [], [7], {}, 1.0),
    "an unknown type": lambda p: p.add_value([2], "complex64", "arena", 0),
    "an uneven place": lambda p: p.add_value([2], "float32", "arena", 4),
    "a value beyond the arena": lambda p: p.seal(8, [], [], []),
    "too many axes": lambda p: p.add_value([1] * 9, "float32", "arena", 0),
    "a size that overflows": lambda p: p.add_value([2**40, 2**40], "float32", "arena", 0),
    "a loop that reads beyond": lambda p: p.add_loop([0], [1], 1, 64, [(0, False, [64], [2])],
        [("negative", "float32", "float32", False, False, [0])], [(1, 0, [])], 1.0, False),
    "a loop that writes too much": lambda p: p.add_loop([0], [1], 1, 32, [(0, False, [], [])],
        [("negative", "float32", "float32", False, False, [0])], [(1, 0, [])], 1.0, False),
    "a loop that reads the future": lambda p: p.add_loop([0], [1], 1, 64, [(0, False, [], [])],
        [("negative", "float32", "float32", False, False, [1])], [(1, 0, [])], 1.0, False),
    "an end without a line": lambda p: p.add_loop([0], [1], 1, 64, [(0, False, [], [])],
        [("negative", "float32", "float32", False, False, [0])], [(1, 0, [])], 1.0, True),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_PROGRAMS)
def test_programs_that_make_no_sense_are_refused_when_built(wrong: str) -> None:
    program = _native.Program(_native.instruction_sets()[-1])
    program.add_value([64], "float32", "arena", 0)
    program.add_value([64], "float32", "arena", 256)
    with pytest.raises(ValueError, match=r"\w"):
        WRONG_PROGRAMS[wrong](program)


def test_fusing_saves_memory(engine: NativeEngine) -> None:
    program = trace_function(lambda x: (x * 2.0).exp() + (x * 3.0).exp(), Spec((1000, 10)))
    assert 40_000 <= engine.compile(program).bytes < 50_000 < engine.compile_unfused(program).bytes


def test_small_programs_need_no_time_to_speak_of(engine: NativeEngine) -> None:
    """Measured: 1.5 µs. The limit is a hundred times that, so that only a mistake of another kind can fail here."""
    runner = engine.compile(trace_function(lambda a: a.exp(), Spec((16,))))
    x = {"x0": np.ones(16, np.float32)}
    fastest = min(_seconds(lambda: [runner(x, {}) for _ in range(100)]) for _ in range(5)) / 100
    assert fastest < 150e-6


def _seconds(function: Callable[[], Any]) -> float:
    start = monotonic()
    function()
    return monotonic() - start


# Epochs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3, 4, 20, 63, 64, 65, 127, 128, 2048, 8191, 8192])
@pytest.mark.parametrize("seed", [0, 7, 2**63 + 5])
def test_rows_are_shuffled_as_defined(rows: int, seed: int) -> None:
    for epoch in (0, 1, 70_000):
        assert _native.shuffled(seed, epoch, rows) == shuffled(seed, epoch, rows).tolist()


@pytest.mark.parametrize(("rows", "batch"), [(20, 20), (50, 20), (7, 20), (33, 1)])
@pytest.mark.parametrize("shuffle", [None, 11])
def test_epochs_are_the_same_as_step_by_step(engine: NativeEngine, rows: int, batch: int, shuffle: int | None) -> None:
    one, other = work_of(engine, rows, batch, shuffle), work_of(engine, rows, batch, shuffle)
    mine = engine.run_epochs(one, Position(2, 0), 6, 60.0)
    plain = run_epochs_step_by_step(other, Position(2, 0), 6, 60.0)
    assert mine == plain and all(len(numbers) == 4 for numbers in mine.ended)
    same(one.states, other.states)


@pytest.mark.parametrize("seconds", [60.0, 0.0])
def test_many_works_run_as_each_would_alone(engine: NativeEngine, seconds: float) -> None:
    """With shared programs, on several threads, and however often they are stopped."""
    _native.set_threads(3)
    alone = [work_of(engine, 50, 20, shuffle) for shuffle in range(9)]
    expected = [engine.run_epochs(work, Position(), 3, 60.0) for work in alone]
    many = [work_of(engine, 50, 20, shuffle) for shuffle in range(9)]
    for work in many[1:]:
        work.step, work.last = (one.again(one.program) for one in (many[0].step, many[0].last))  # type: ignore[union-attr]
    positions, ended = [Position()] * 9, [[[] for _ in report.ended] for report in expected]  # type: ignore[var-annotated]
    while any(position.epoch < 3 for position in positions):
        going = [number for number, position in enumerate(positions) if position.epoch < 3]
        reports = engine.run_many([(many[number], positions[number], 3) for number in going], seconds)
        assert reports[0].position != positions[going[0]], "the first one gets at least a step"
        for number, report in zip(going, reports, strict=True):
            positions[number] = report.position
            ended[number] = [so_far + more for so_far, more in zip(ended[number], report.ended, strict=True)]
    assert ended == [report.ended for report in expected]
    for one, other in zip(alone, many, strict=True):
        same(one.states, other.states)


def test_works_that_write_to_the_same_memory_do_not_run_at_once(engine: NativeEngine) -> None:
    one, other = work_of(engine, 50, 20), work_of(engine, 50, 20)
    other.states["w1"] = one.states["w1"]
    with pytest.raises(ValueError, match="walk 1 writes to the memory of walk 0"):
        engine.run_many([(one, Position(), 1), (other, Position(), 1)], 60.0)


def test_epochs_agree_with_the_reference(engine: NativeEngine) -> None:
    one, other = work_of(engine, 50, 20), work_of(ReferenceEngine(), 50, 20)
    mine = engine.run_epochs(one, Position(), 3, 60.0)
    plain = run_epochs_step_by_step(other, Position(), 3, 60.0)
    np.testing.assert_allclose(mine.ended, plain.ended, rtol=1e-5)
    for name in one.states:
        np.testing.assert_allclose(one.states[name], other.states[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint8, np.float64, np.int64, np.float16, np.int16, ">f4", np.bool_])
def test_batches_are_gathered_from_any_type(engine: NativeEngine, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (50, 6)).astype(dtype)
    one, other = work_of(engine, 50, 20), work_of(engine, 50, 20)
    one.data, other.data = {**one.data, "x": x}, {**one.data, "x": x.astype(np.float32)}
    assert engine.run_epochs(one, Position(), 2, 60.0) == engine.run_epochs(other, Position(), 2, 60.0)
    same(one.states, other.states)


def test_pictures_of_bytes_stay_bytes_until_the_batch(engine: NativeEngine) -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (40, 6), dtype=np.uint8)
    work = work_of(engine, 40, 20)
    work.data = {**work.data, "x": x}
    work.step = engine.compile(classifier_step(20, dtype="uint8"))
    other = work_of(engine, 40, 20)
    other.data = {**work.data, "x": x.astype(np.float32)}
    engine.run_epochs(work, Position(), 2, 60.0)
    engine.run_epochs(other, Position(), 2, 60.0)
    same(work.states, other.states)


def test_a_run_in_pieces_is_the_run_in_one(engine: NativeEngine) -> None:
    """No time at all still means one step; whatever is interrupted goes on where it stopped."""
    whole, pieces = work_of(engine, 50, 20), work_of(engine, 50, 20)
    expected = engine.run_epochs(whole, Position(), 4, 60.0)
    ended: list[list[float]] = [[] for _ in pieces.records]
    position, calls = Position(), 0
    while position.epoch < 4:
        report = engine.run_epochs(pieces, position, 4, 0.0)
        assert report.position != position
        position, calls = report.position, calls + 1
        for numbers, more in zip(ended, report.ended, strict=True):
            numbers += more
    assert calls == 12 and ended == expected.ended
    same(whole.states, pieces.states)


def test_epochs_stop_when_their_time_is_up(engine: NativeEngine) -> None:
    work = work_of(engine, 50, 20)
    start = monotonic()
    report = engine.run_epochs(work, Position(), 10**9, 0.05)
    assert 0.04 < monotonic() - start < 1.0 and report.position.epoch > 10


def test_a_time_without_end_is_allowed(engine: NativeEngine) -> None:
    assert engine.run_epochs(work_of(engine, 20, 20), Position(), 2, math.inf).position == Position(2, 0)


def test_the_guard_stops_an_epoch_at_its_step(engine: NativeEngine) -> None:
    work = work_of(engine, 60, 20, shuffle=None)
    work.data["x"][45] = np.inf
    good = work_of(engine, 60, 20, shuffle=None)
    report = engine.run_epochs(work, Position(), 3, 60.0)
    assert report.stopped_by_guard and report.position == Position(0, 2) and not any(report.ended)
    position = Position()
    while position.step < 2:
        position = engine.run_epochs(good, position, 3, 0.0).position
    same(work.states, good.states)


def test_only_named_states_are_reset(engine: NativeEngine) -> None:
    work = work_of(engine, 40, 20)
    work.resets = ()
    ended = engine.run_epochs(work, Position(), 3, 60.0).ended
    assert ended[0][0] < ended[0][1] < ended[0][2], "a running total that nobody resets goes on"


def test_python_goes_on_while_epochs_run(engine: NativeEngine) -> None:
    work, counted = work_of(engine, 50, 20), 0
    thread = threading.Thread(target=engine.run_epochs, args=(work, Position(), 10**9, 0.3))
    thread.start()
    while thread.is_alive():
        counted += 1
    thread.join()
    assert counted > 1000, "the interpreter was locked"


WRONG_WORK: dict[str, tuple[Callable[[Work], Any], str]] = {
    "no program for the last batch": (lambda work: setattr(work, "last", None), "last, smaller batch"),
    "no program for full batches": (lambda work: setattr(work, "step", None), "full batches"),
    "fewer rows than said": (lambda work: work.data.update(x=work.data["x"][:30]), "expected 50 rows"),
    "rows of another width": (
        lambda work: work.data.update(x=np.zeros((50, 5), np.float32)),
        r"received float32\[50,5\]",
    ),
    "a record that is no state": (lambda work: setattr(work, "records", ("nothing",)), "'nothing' is not a state"),
    "a record of many numbers": (lambda work: setattr(work, "records", ("w1",)), "single numbers"),
    "no rows": (lambda work: setattr(work, "rows", 0), "between 1 and"),
    "another batch size": (lambda work: setattr(work, "batch", 25), "with 25 rows"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_WORK)
def test_work_that_does_not_fit_is_refused(engine: NativeEngine, wrong: str) -> None:
    work = work_of(engine, 50, 20)
    spoil, words = WRONG_WORK[wrong]
    spoil(work)
    with pytest.raises(ValueError, match=words):
        engine.run_epochs(work, Position(), 1, 1.0)


def test_a_position_outside_the_data_is_refused(engine: NativeEngine) -> None:
    with pytest.raises(ValueError, match="position"):
        engine.run_epochs(work_of(engine, 50, 20), Position(0, 3), 1, 1.0)


# Threads and processes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", [False, True], ids=["a runner each", "one runner"])
def test_two_python_threads_may_run_at_once(engine: NativeEngine, shared: bool) -> None:
    _native.set_threads(2)
    program, draw = big_step()
    runners = [engine.compile(program)] * 2 if shared else [engine.compile(program), engine.compile(program)]
    expected, arrays = runners[0](draw(), {}), draw()
    wrong: list[str] = []

    def repeat(runner: NativeRunner) -> None:
        for _ in range(15):
            found = runner(arrays, {})
            wrong.extend(name for name in expected if not np.array_equal(found[name], expected[name]))

    threads = [threading.Thread(target=repeat, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_forked_child_computes_with_threads_of_its_own() -> None:
    """In a process of its own: pytest's may hold threads that must not be forked."""
    script = (
        "import os, sys, numpy as np\n"
        "from pippin import _native\n"
        "from pippin.engines.native import NativeEngine\n"
        "from engines.test_native import big_step\n"
        "_native.set_threads(3)\n"
        "program, draw = big_step()\n"
        "runner = NativeEngine().compile(program)\n"
        "expected = runner(draw(), {})\n"
        "for _ in range(3):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        found = runner(draw(), {})\n"
        "        os._exit(0 if all(np.array_equal(found[n], expected[n]) for n in expected) else 3)\n"
        "    runner(draw(), {})\n"
        "    _, status = os.waitpid(child, 0)\n"
        "    assert os.waitstatus_to_exitcode(status) == 0, status\n"
        "print('all the same')\n"
    )
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    here = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join([here, *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stdout == "all the same\n", done.stderr


def test_threads_are_between_one_and_a_limit() -> None:
    for count, used in ((0, 1), (-3, 1), (1, 1), (2, 2), (10**6, 64)):
        _native.set_threads(count)
        assert _native.threads() == used


# What is there --------------------------------------------------------------------------------------------------------


def test_without_its_compiled_part_the_engine_says_so_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pippin.engines.native._native", None)
    with pytest.raises(
        PippinError, match=r"not built here .*Cure: install a C\+\+20 compiler, then pip install"
    ) as caught:
        NativeEngine()
    assert "\n" not in str(caught.value)


def test_an_instruction_set_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="can't run the instruction set 'avx9'"):
        _native.Program("avx9")


def test_a_runner_times_its_lines_in_the_order_they_run_and_only_when_asked(engine: NativeEngine) -> None:
    program = simplify(classifier_step(20))
    runner = engine.compile(program)
    arrays = {name: np.zeros(program.spec(name).shape, program.spec(name).dtype) for name in program.inputs}
    states = {name: np.zeros(program.spec(name).shape, program.spec(name).dtype) for name in program.states}
    runner(arrays, states)
    assert runner.line_times() == []
    runner.time_lines()
    runner(arrays, states)
    first = runner.line_times()
    runner(arrays, states)
    assert [time.line for time in first] == [
        line for line in runner.fused.lines if line.inputs and not line.primitive.alias
    ]
    assert all(time.seconds > 0 for time in first if time.flops)
    assert all(later.seconds >= time.seconds for time, later in zip(first, runner.line_times(), strict=True))
