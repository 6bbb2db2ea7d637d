"""How the conformance tests run one primitive.

A program of one line, on any engine, and how close answers must be.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from pippin.engines.engine import Engine
from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE, Primitive, spec_of
from pippin.primitives.primitive import FLOAT, Sample
from pippin.program import Program, Symbol, Trace, check

# A scan's samples would be loops: test_scan.py has them.
NAMES = sorted(set(TABLE) - {"scan"})
INSTRUCTION_SETS = ("baseline", "avx2", "avx512")


def samples_of(primitive: Primitive) -> list[Sample]:
    """The record's own samples, the same in every run."""
    return primitive.samples(np.random.default_rng(7))


def inputs_of(arguments: Sequence[np.ndarray], prefix: str = "x") -> dict[str, np.ndarray]:
    """Arguments by the names that `one_line` gives them."""
    return {f"{prefix}{number}": np.asarray(array) for number, array in enumerate(arguments)}


def traced_inputs(trace: Trace, arrays: Mapping[str, np.ndarray]) -> list[Symbol]:
    """An input of the trace for each array."""
    return [trace.input(name, spec_of(array)) for name, array in arrays.items()]


def one_line(primitive: Primitive, arguments: Sequence[np.ndarray], settings: Mapping[str, Any]) -> Program:
    """The program y = primitive(x0, x1, ...)."""
    trace = Trace(primitive.name)
    symbols = traced_inputs(trace, inputs_of(arguments))
    trace.output("y", trace.write(primitive, symbols, dict(settings)))
    return check(trace.program())


def all_samples_at_once(primitive: Primitive) -> tuple[Program, dict[str, np.ndarray]]:
    """One program with a line for every sample, outputs y0, y1, ....

    An engine that compiles slowly does it once.
    """
    trace = Trace(primitive.name)
    inputs: dict[str, np.ndarray] = {}
    for number, (arguments, settings) in enumerate(samples_of(primitive)):
        arrays = inputs_of(arguments, f"x{number}_")
        inputs |= arrays
        trace.output(f"y{number}", trace.write(primitive, traced_inputs(trace, arrays), dict(settings)))
    return check(trace.program()), inputs


def run(engine: Engine, program: Program, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The outputs of a program without states."""
    return engine.compile(program)(inputs, {})


def best_native_engine() -> Any:
    """The native engine as people run it; the test is skipped where it is not built."""
    pytest.importorskip("pippin._native", reason="the native engine is not built here")
    from pippin.engines.native import NativeEngine

    return NativeEngine()


def native_engines() -> list[Any]:
    """The native engine once for each instruction set that this machine can run."""
    return [native_engine(isa) for isa in importlib.import_module("pippin._native").instruction_sets()]


def native_engine(isa: str) -> Any:
    """The native engine held to one instruction set; the test is skipped where it can't run."""
    engine = best_native_engine()
    if isa not in importlib.import_module("pippin._native").instruction_sets():
        pytest.skip(f"this machine has no {isa}")
    engine.isa = isa
    return engine


def judge() -> ReferenceEngine:
    """The reference in float64: what the exact answer is taken to be."""
    return ReferenceEngine(np.float64)


def size_of_terms(
    primitive: Primitive, arguments: Sequence[np.ndarray], settings: Mapping[str, Any], exact: np.ndarray
) -> float:
    """How large the terms are that results are added up from.

    The primitive of the inputs' absolute values, at its largest.
    """
    sizes = [np.abs(a).astype(np.float64) if a.dtype.kind == "f" else a for a in map(np.asarray, arguments)]
    with np.errstate(all="ignore"):
        return float(
            np.max(np.abs([*primitive.reference(*sizes, **settings).reshape(-1), *exact.reshape(-1), 0.0]))
        )


def assert_agree(
    primitive: Primitive,
    arguments: Sequence[np.ndarray],
    settings: Mapping[str, Any],
    received: np.ndarray,
    ulps: float,
) -> None:
    """Raise unless `received` is the reference's result: whole numbers exactly, floats within `ulps`.

    The allowed error is counted in units of the last place of the exact result (float64 reference) for
    elementwise primitives, and of the largest sum of terms for the others: adding up in another order moves a
    sum by the rounding of its terms, however small the sum itself comes out.
    """
    program = one_line(primitive, arguments, settings)
    expected = run(ReferenceEngine(), program, inputs_of(arguments))["y"]
    assert received.shape == expected.shape and received.dtype == expected.dtype
    if program.spec("y").dtype != FLOAT:
        np.testing.assert_array_equal(received, expected)
        return
    exact = run(judge(), program, inputs_of(arguments))["y"]
    size = np.abs(exact) if primitive.elementwise else size_of_terms(primitive, arguments, settings, exact)
    allowed = ulps * 2.0**-23 * np.maximum(size, np.finfo(np.float32).tiny)
    with np.errstate(invalid="ignore"):
        error = np.where(
            (received == exact) | (np.isnan(received) & np.isnan(exact)), 0.0, np.abs(received - exact)
        )
    bad = ~(error <= allowed)
    assert not bad.any(), (
        f"{primitive.name} {settings}: received {received[bad][:3]}, expected {exact[bad][:3]}, "
        f"{np.nanmax(error / allowed) * ulps:.1f} units of the last place apart, {ulps} are allowed"
    )
