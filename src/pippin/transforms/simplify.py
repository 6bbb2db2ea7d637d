"""A shorter program with the same results: unused lines, duplicates, and operations on known numbers are taken out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pippin.program import Line, Program, Trace
from pippin.program.program import GUARD

_SMALL = 1  # only single numbers are computed ahead: anything larger would make programs heavy to print


def simplify(program: Program) -> Program:
    """Rewrite from the first line to the last, then drop what nobody reads. Results keep their names and numbers' meaning."""
    return without_unused_lines(_rewritten(without_unused_lines(program)))


def without_unused_lines(program: Program) -> Program:
    """The program without the lines whose results nobody reads, and with values numbered in order."""
    needed = set(program.results())
    kept: list[Line] = []
    for line in reversed(program.lines):
        if needed & set(line.outputs):
            needed |= set(line.inputs)
            kept.append(line)
    kept.reverse()
    order = [*program.inputs.values(), *program.states.values(), *(value for line in kept for value in line.outputs)]
    number = {value: place for place, value in enumerate(order)}
    return Program(
        program.name,
        {name: number[value] for name, value in program.inputs.items()},
        {name: number[value] for name, value in program.states.items()},
        tuple(
            Line(line.primitive, tuple(number[v] for v in line.inputs), tuple(number[v] for v in line.outputs), line.settings, line.layer, line.phase)
            for line in kept
        ),
        {name: number[value] for name, value in program.outputs.items()},
        {name: number[value] for name, value in program.updates.items()},
        tuple(program.specs[value] for value in order),
        None if program.guard is None else number[program.guard],
    )  # fmt: skip


def _key(line: Line, inputs: tuple[int, ...]) -> tuple[Any, ...]:
    """Lines with equal keys compute the same numbers."""
    settings = tuple((k, _hashable(v)) for k, v in sorted(line.settings.items()))
    return (line.primitive.name, inputs, settings)


def _hashable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return (value.shape, value.dtype.str, value.tobytes())
    if isinstance(value, (list, tuple)):
        return tuple(map(_hashable, value))
    # 1 and 1.0, 0.0 and -0.0 are equal to Python and different to a program.
    return (type(value).__name__, repr(value)) if isinstance(value, (int, float)) else value


def _rewritten(program: Program) -> Program:
    trace = Trace(program.name)
    now: dict[int, int] = {}
    for name, value in program.inputs.items():
        now[value] = trace.input(name, program.specs[value]).value
    for name, value in program.states.items():
        now[value] = trace.state(name, program.specs[value]).value
    known: dict[tuple[Any, ...], int] = {}
    numbers: dict[int, float] = {}
    for line in program.lines:
        inputs = tuple(now[value] for value in line.inputs)
        with trace.at(line.layer, line.phase):
            now[line.output] = _write(trace, line, inputs, known, numbers)
    trace.outputs = {name: now[value] for name, value in program.outputs.items()}
    trace.updates = {name: now[value] for name, value in program.updates.items()}
    trace.guard = None if program.guard is None else now[program.guard]
    return trace.program()


def _write(trace: Trace, line: Line, inputs: tuple[int, ...], known: dict[tuple[Any, ...], int], numbers: dict[int, float]) -> int:
    """Write a line, or find the value that makes it needless; returns the value."""
    key = _key(line, inputs)
    if key in known:
        return known[key]
    symbols = [trace.symbol_of(value) for value in inputs]
    result = _simpler(line, symbols, numbers) if line.phase != GUARD else None
    before = len(trace.lines)
    if result is None:
        result = trace.write(line.primitive, symbols, dict(line.settings))
        _note_number(trace.lines[-1], result.value, result.size, numbers)
    elif len(trace.lines) > before:
        _note_number(trace.lines[-1], result.value, result.size, numbers)
    known[key] = result.value
    return result.value


def _simpler(line: Line, symbols: list[Any], numbers: Mapping[int, float]) -> Any:
    """The primitive's own rule first; then, if all its inputs are known single numbers, its result."""
    constants = tuple(numbers.get(symbol.value) for symbol in symbols)
    if line.primitive.simplify is not None:
        found = line.primitive.simplify(constants, *symbols, **line.settings)
        if found is not None:
            return found
    result = symbols[0].trace.specs and line.primitive.shape(*[s.spec for s in symbols], **line.settings) if symbols else None
    if result is None or result.size > _SMALL or result.shape != () or any(c is None for c in constants):
        return None
    arrays = [np.asarray(c, s.dtype).reshape(s.shape) for c, s in zip(constants, symbols, strict=True)]
    with np.errstate(all="ignore"):
        value = np.asarray(line.primitive.reference(*arrays, **line.settings), result.dtype)
    return symbols[0].trace.symbol(value, result.dtype)


def _note_number(line: Line, value: int, size: int, numbers: dict[int, float]) -> None:
    """Remember the number of a constant."""
    if not line.inputs and size == _SMALL and "value" in line.settings:
        numbers[value] = float(np.asarray(line.settings["value"]).reshape(-1)[0])
