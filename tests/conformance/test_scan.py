"""Loops over time, on every engine: the same numbers as the steps written out, and derivatives that are true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conformance.running import INSTRUCTION_SETS, native_engine
from pippin.engines import get_engine
from pippin.engines.reference import ReferenceEngine
from pippin.primitives import INT, TABLE, Spec
from pippin.program import Program, Symbol, Trace, check, read, write
from pippin.program.scan import write_scan
from pippin.transforms import gradients, simplify

tanh = TABLE["tanh"]
Results = tuple[list[Any], list[Any]]
Step = Callable[..., Results]


def simple(now: list[Symbol], here: list[Symbol], w: Symbol, u: Symbol, b: Symbol) -> Results:
    after = tanh(here[0] @ w + now[0] @ u + b)
    return [after, now[1] + 1], [after]


def swapped(now: list[Symbol], here: list[Symbol], w: Symbol, u: Symbol, b: Symbol) -> Results:
    """Nothing is kept under its own name: carried values change places, a slice and a carried value are kept."""
    product = (here[0] * 2.0) @ w
    return [now[0] * 0.5 + product, now[1] * 2], [now[0], here[0] * b[:4], product * now[0]]


def without_products(now: list[Symbol], here: list[Symbol], w: Symbol, u: Symbol, b: Symbol) -> Results:
    """The gradient of b is a sum over steps that is carried, that of u one of sums."""
    return [now[0] * b.exp() + here[0].sum() * u[0], now[1]], [(now[0] * b.reshape((1, 6))).max([1])]


def nothing_kept(now: list[Symbol], here: list[Symbol], w: Symbol, u: Symbol, b: Symbol) -> Results:
    return [now[0] @ u * 0.7 + (here[0] @ w) * (now[1] > 1).cast("float32"), now[1] + 1], []


STEPS = {step.__name__: step for step in (simple, swapped, without_products, nothing_kept)}
SIZES = [(1, 1, False), (6, 3, False), (5, 2, True), (3, 33, True), (4, 48, False)]


def traced(step: Step, length: int, batch: int, reverse: bool, unrolled: bool = False) -> Program:
    """Results and gradients of a loop over (length, batch, 4) with weights (4, 6), (6, 6), (6,)."""
    trace = Trace("loop")
    x, h = trace.input("x", Spec((length, batch, 4))), trace.input("h", Spec((batch, 6)))
    w, u, b = (trace.input(n, Spec(s)) for n, s in (("w", (4, 6)), ("u", (6, 6)), ("b", (6,))))
    counter = trace.input("n", Spec((), INT))
    with trace.active():
        run = lambda now, here: step(now, here, w, u, b)  # noqa: E731
        if unrolled:
            last, kept = written_out(run, [h, counter], x, length, reverse)
        else:
            last, kept = write_scan(trace, run, [h, counter], [x], length, reverse)
        results = [last[0], *kept]
        loss = sum(((y * y * (n + 1.0)).sum() for n, y in enumerate(results)), start=trace.symbol(0.0))
        for name, symbol in zip("xhwub", gradients(loss, [x, h, w, u, b]), strict=True):
            trace.output(f"d{name}", symbol)
        for number, symbol in enumerate([loss, last[1], *results]):
            trace.output(f"y{number}", symbol)
    return check(trace.program())


def written_out(
    step: Callable[..., Any], now: list[Symbol], x: Symbol, length: int, reverse: bool
) -> tuple[list[Symbol], list[Symbol]]:
    kept: dict[int, list[Symbol]] = {}
    for t in reversed(range(length)) if reverse else range(length):
        now, kept[t] = step(now, [x[t]])
    rows = [[one.reshape((1, *one.shape)) for one in kept[t]] for t in range(length)]
    return now, [TABLE["concatenate"](*row, axis=0) for row in zip(*rows, strict=True)]


def arrays(length: int, batch: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(5).normal
    sizes = {"x": (length, batch, 4), "h": (batch, 6), "w": (4, 6), "u": (6, 6), "b": (6,)}
    found: dict[str, np.ndarray] = {name: draw(0, 0.4, size) for name, size in sizes.items()}
    return found | {"n": np.array(0, np.int32)}


def agree(received: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    # float32 against float64 through at most six steps of sums of at most 48 · 6 terms.
    for name, array in expected.items():
        atol = 2e-6 * max(1, np.abs(array).max())
        np.testing.assert_allclose(received[name], array, rtol=2e-5, atol=atol, err_msg=name)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(("length", "batch", "reverse"), SIZES)
def test_a_loop_is_its_steps_written_out(name: str, length: int, batch: int, reverse: bool) -> None:
    loop, plain = (traced(STEPS[name], length, batch, reverse, unrolled) for unrolled in (False, True))
    given = arrays(length, batch)
    expected = ReferenceEngine(np.float64).compile(plain)(given, {})
    for program in (loop, check(simplify(loop))):
        received = ReferenceEngine(np.float64).compile(program)(given, {})
        for word, array in expected.items():
            np.testing.assert_allclose(received[word], array, rtol=1e-12, atol=1e-12, err_msg=word)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_native_agrees_with_the_reference(name: str, isa: str) -> None:
    engine = native_engine(isa)
    for length, batch, reverse in SIZES:
        program = simplify(traced(STEPS[name], length, batch, reverse))
        given = arrays(length, batch)
        expected = ReferenceEngine(np.float64).compile(program)(given, {})
        agree(engine.compile_unfused(program)(given, {}), expected)
        runner = engine.compile(program)
        received = runner(given, {})
        agree(received, expected)
        for other in (runner, runner.again(program)):  # a second run finds nothing of the first
            for word, array in other(given, {}).items():
                np.testing.assert_array_equal(array, received[word])


@pytest.mark.parametrize("name", STEPS)
def test_jax_agrees_with_the_reference(name: str) -> None:
    pytest.importorskip("jax")
    for length, batch, reverse in SIZES[1:3]:
        program = simplify(traced(STEPS[name], length, batch, reverse))
        given = arrays(length, batch)
        agree(get_engine("jax").compile(program)(given, {}), ReferenceEngine(np.float64).compile(program)(given, {}))


@pytest.mark.parametrize("name", STEPS)
def test_a_program_with_a_loop_is_read_back_as_it_was_written(name: str) -> None:
    for program in (traced(STEPS[name], 3, 2, False), simplify(traced(STEPS[name], 3, 2, False))):
        assert write(check(read(write(program)))) == write(program)


@pytest.mark.parametrize("engine", ["reference", "native", "jax"])
def test_a_loop_of_no_steps_hands_on_what_it_got(engine: str) -> None:
    if engine != "reference":
        pytest.importorskip("jax" if engine == "jax" else "pippin._native")
    trace = Trace("none")
    x, h = trace.input("x", Spec((0, 2, 3))), trace.input("h", Spec((2, 3)))
    last, kept = write_scan(trace, lambda now, here: ([now[0] + here[0]], [now[0]]), [h], [x], 0)
    trace.output("last", last[0])
    trace.output("kept", kept[0])
    given = np.arange(6, dtype=np.float32).reshape(2, 3)
    received = get_engine(engine).compile(simplify(trace.program()))({"x": np.zeros((0, 2, 3)), "h": given}, {})
    np.testing.assert_array_equal(received["last"], given)
    assert received["kept"].shape == (0, 2, 3)


def test_what_needs_no_carried_value_is_done_outside() -> None:
    program = simplify(traced(simple, 4, 3, False))
    forward, backward = (line for line in program.lines if line.primitive.name == "scan")
    inside = [[line.primitive.name for line in loop.settings["body"].lines] for loop in (forward, backward)]
    # One product each way: the recurrent one. Those with the input and for the weights' gradients are outside.
    assert [names.count("matmul") for names in inside] == [1, 1]
    assert sum(line.primitive.name == "matmul" for line in program.lines) == 4


def test_steps_that_hand_nothing_on_are_no_loop() -> None:
    trace = Trace("at each step")
    x, w = trace.input("x", Spec((4, 2, 3))), trace.input("w", Spec((3, 5)))
    _, kept = write_scan(trace, lambda now, here: ([], [tanh(here[0] @ w) * 2.0]), [], [x], 4)
    trace.output("y", kept[0])
    program = simplify(trace.program())
    assert all(line.primitive.name != "scan" for line in program.lines)
    given = {"x": np.random.default_rng(0).normal(size=(4, 2, 3)), "w": np.ones((3, 5))}
    received = ReferenceEngine(np.float64).compile(program)(given, {})["y"]
    np.testing.assert_allclose(received, 2 * np.tanh(given["x"] @ given["w"]), rtol=1e-12)


def test_what_nobody_reads_is_not_kept() -> None:
    trace = Trace("last only")
    x, h = trace.input("x", Spec((4, 2, 3))), trace.input("h", Spec((2, 3)))
    step = lambda now, here: ([now[0] + here[0], now[1] * 2.0], [now[0], here[0]])  # noqa: E731
    last, _ = write_scan(trace, step, [h, h], [x], 4)
    trace.output("y", last[0])
    (line,) = simplify(trace.program()).lines
    assert len(line.outputs) == 1
    assert len(line.inputs) == 2


def test_a_loop_inside_a_loop_is_differentiated() -> None:
    def build(unrolled: bool) -> Program:
        trace = Trace("nested")
        x, u = trace.input("x", Spec((3, 2, 4))), trace.input("u", Spec((4, 4)))
        loop = (lambda f, c, n: written_out(lambda now, _: f(now, _), c, x, n, False)) if unrolled else None
        with trace.active():

            def inner(now: list[Symbol], here: list[Symbol]) -> tuple[list[Symbol], list[Symbol]]:
                return [tanh(now[0] @ u)], []

            def outer(now: list[Symbol], here: list[Symbol]) -> tuple[list[Symbol], list[Symbol]]:
                start = [now[0] + here[0]]
                if loop is not None:
                    (after,), _ = loop(inner, start, 2)
                else:
                    (after,), _ = write_scan(start[0].trace, inner, start, [], 2)
                return [after], [after]

            first = [x[0]]
            if unrolled:
                (last,), (kept,) = written_out(outer, first, x, 3, False)
            else:
                (last,), (kept,) = write_scan(trace, outer, first, [x], 3)
            for name, symbol in zip("xu", gradients((last * kept).sum(), [x, u]), strict=True):
                trace.output(f"d{name}", symbol)
        return check(simplify(trace.program()))

    draw = np.random.default_rng(1).normal
    given = {"x": draw(size=(3, 2, 4)), "u": draw(size=(4, 4))}
    expected = ReferenceEngine(np.float64).compile(build(True))(given, {})
    received = ReferenceEngine(np.float64).compile(build(False))(given, {})
    for word, array in expected.items():
        np.testing.assert_allclose(received[word], array, rtol=1e-10)
    agree(get_engine("native").compile(build(False))(given, {}), expected)


def a_step_of(units: int, batch: int) -> tuple[Program, dict[str, np.ndarray]]:
    """A loop whose products are large enough to be shared among threads, and its gradients."""
    trace = Trace("large")
    draw = np.random.default_rng(2).normal
    arrays = {"x": draw(size=(4, batch, units)), "h": draw(size=(batch, units)), "u": draw(0, 0.1, (units, units))}
    x, h, u = (trace.input(name, Spec(array.shape)) for name, array in arrays.items())
    with trace.active():
        (last,), (kept,) = write_scan(trace, lambda now, here: ([y := tanh(here[0] + now[0] @ u)], [y]), [h], [x], 4)
        for number, symbol in enumerate([last, kept, *gradients((kept * kept).sum(), [x, h, u])]):
            trace.output(f"y{number}", symbol)
    return simplify(trace.program()), {name: array.astype(np.float32) for name, array in arrays.items()}


def test_the_bits_depend_neither_on_threads_nor_on_the_instruction_set() -> None:
    engine, other = native_engine("avx2"), native_engine("avx512")
    native = pytest.importorskip("pippin._native")
    program, arrays = a_step_of(96, 70)
    before = native.threads()
    try:
        native.set_threads(1)
        expected = engine.compile(program)(arrays, {})
        for one in (engine, other):
            for threads in (1, 2, 3):
                native.set_threads(threads)
                for name, array in one.compile(program)(arrays, {}).items():
                    assert array.tobytes() == expected[name].tobytes(), (name, threads)
    finally:
        native.set_threads(before)
