"""Which loops fall into parts, and that parts compute what the whole does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin.engines import get_engine
from pippin.primitives import TABLE, Spec
from pippin.program import Program, Symbol, Trace, check
from pippin.program.scan import Parts, write_scan
from pippin.transforms import simplify
from pippin.transforms.rows import parted

UNITS = 8


def loop(step: Callable[..., Any], batch: int) -> Program:
    """`step(h, x, u, b, full)` on five steps; `full` has as many rows as the batch, and is the same in each step."""
    trace = Trace("loop")
    x, h = trace.input("x", Spec((5, batch, UNITS))), trace.input("h", Spec((batch, UNITS)))
    u, b, full = (trace.input(n, Spec(s)) for n, s in (("u", (UNITS, UNITS)), ("b", (UNITS,)), ("full", h.shape)))
    with trace.active():
        run = lambda now, here: ([y := step(now[0], here[0], u, b, full)], [y])  # noqa: E731
        last, kept = write_scan(trace, run, [h], [x], 5)
        trace.output("last", last[0])
        trace.output("kept", kept[0])
    return check(simplify(trace.program()))


def parts_of(program: Program) -> int:
    (line,) = (line for line in program.lines if "body" in line.settings)
    count, body = parted(Parts(**line.settings))
    check(body)
    return count


def in_rows(h: Symbol, x: Symbol, u: Symbol, b: Symbol, full: Symbol) -> Any:
    z = TABLE["tanh"](x + h @ u + b)
    z = z / z.max([1], keepdims=True).reshape((h.shape[0], 1))
    return z * 0.5 + b * h


MIXING: dict[str, Callable[..., Any]] = {
    "sums over examples": lambda h, x, u, b, full: h @ u + x.sum([0]),
    "pairs of examples": lambda h, x, u, b, full: x + h.matmul(h.transpose([1, 0])) @ h * 0.01,
    "rows turned around": lambda h, x, u, b, full: h.reverse([0]) @ u + x,
    "constants with rows of their own": lambda h, x, u, b, full: h @ u + x * full,
    "rows laid out anew": lambda h, x, u, b, full: h.reshape((UNITS, h.shape[0])).transpose([1, 0]) @ u + x,
}


def given(batch: int, rows: slice = slice(None)) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(9).normal
    x, h, full = draw(size=(5, batch, UNITS)), draw(size=(batch, UNITS)), draw(size=(batch, UNITS))
    return {"x": x[:, rows], "h": h[rows], "u": draw(0, 0.3, (UNITS, UNITS)), "b": draw(size=UNITS), "full": full[rows]}


@pytest.mark.parametrize(("batch", "parts"), [(15, 1), (16, 1), (31, 1), (32, 2), (34, 2), (37, 1), (48, 3), (64, 4)])
def test_the_number_of_parts_follows_from_the_batch(batch: int, parts: int) -> None:
    assert parts_of(loop(in_rows, batch)) == parts


@pytest.mark.parametrize("name", MIXING)
def test_a_loop_in_which_examples_meet_stays_whole(name: str) -> None:
    program = loop(MIXING[name], 32)
    assert parts_of(program) == 1
    arrays = {word: array.astype(np.float32) for word, array in given(32).items()}
    expected = get_engine("reference").compile(program)(arrays, {})
    for word, array in get_engine("native").compile(program)(arrays, {}).items():
        np.testing.assert_allclose(array, expected[word], rtol=1e-4, atol=1e-5 * np.abs(expected[word]).max())


def test_parts_compute_the_bits_that_each_has_alone() -> None:
    pytest.importorskip("pippin._native")
    engine = get_engine("native")
    whole = engine.compile(loop(in_rows, 48))(given(48), {})
    alone = engine.compile(loop(in_rows, 16))
    for start in (0, 16, 32):
        rows = slice(start, start + 16)
        part = alone(given(48, rows), {})
        assert whole["last"][rows].tobytes() == part["last"].tobytes()
        assert np.ascontiguousarray(whole["kept"][:, rows]).tobytes() == part["kept"].tobytes()
