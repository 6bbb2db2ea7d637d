"""A shorter program with the same results: unused lines, duplicates, and operations on known numbers are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pippin.primitives import Primitive
from pippin.program import Line, Program, Symbol, Trace
from pippin.program.program import GUARD
from pippin.program.scan import pruned


def simplify(program: Program) -> Program:
    """Rewrite from the first line to the last, then drop what nobody reads. Results keep their names and numbers."""
    return without_unused_lines(_rewritten(without_unused_lines(program)))


def without_unused_lines(program: Program) -> Program:
    """The program without the lines whose results nobody reads, and with values numbered in order."""
    needed = set(program.results())
    kept: list[Line] = []
    for line in reversed(program.lines):
        if needed & set(line.outputs):
            if "body" in line.settings:
                line = pruned(line, needed)
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
            Line(
                line.primitive, tuple([number[v] for v in line.inputs]), tuple([number[v] for v in line.outputs]),
                line.settings, line.layer, line.phase,
            )
            for line in kept
        ),
        {name: number[value] for name, value in program.outputs.items()},
        {name: number[value] for name, value in program.updates.items()},
        tuple(program.specs[value] for value in order),
        None if program.guard is None else number[program.guard],
    )  # fmt: skip


def _key(primitive: Primitive, inputs: Iterable[Symbol], settings: Mapping[str, Any]) -> tuple[Any, ...]:
    """Lines with equal keys compute the same numbers."""
    return (
        primitive.name, tuple(symbol.value for symbol in inputs),
        tuple((name, hashable(setting)) for name, setting in sorted(settings.items())),
    )  # fmt: skip


def hashable(value: Any) -> Any:
    """A setting as a part of a key: equal keys, the same numbers of the same type."""
    if isinstance(value, np.ndarray):
        return (value.shape, value.dtype.str, value.tobytes())
    if isinstance(value, (list, tuple)):
        return tuple(map(hashable, value))
    if isinstance(value, Program):
        return str(value)
    # 1 and 1.0, 0.0 and -0.0 are equal to Python and different to a program.
    return (type(value).__name__, repr(value)) if isinstance(value, (int, float)) else value


def _rewritten(program: Program) -> Program:
    rewriter = _Rewriter(program.name)
    trace, now = rewriter.trace, dict[int, int]()
    for name, value in program.inputs.items():
        now[value] = trace.input(name, program.specs[value]).value
    for name, value in program.states.items():
        now[value] = trace.state(name, program.specs[value]).value
    for line in program.lines:
        with trace.at(line.layer, line.phase):
            results = rewriter.write_all(line, [trace.symbol_of(now[value]) for value in line.inputs])
            now.update({value: result.value for value, result in zip(line.outputs, results, strict=True)})
    trace.outputs = {name: now[value] for name, value in program.outputs.items()}
    trace.updates = {name: now[value] for name, value in program.updates.items()}
    trace.guard = None if program.guard is None else now[program.guard]
    return trace.program()


class _SharedTrace(Trace):
    """Writes no line twice, whoever asks for it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._written: dict[tuple[Any, ...], tuple[Symbol, ...]] = {}

    def write_all(self, primitive: Primitive, arguments: Sequence[Any], settings: dict[str, Any]) -> tuple[Symbol, ...]:
        symbols = self._symbols(arguments)
        key = _key(primitive, symbols, settings)
        if key not in self._written:
            self._written[key] = super().write_all(primitive, symbols, settings)
        return self._written[key]


class _Rewriter:
    """Writes lines into a new trace, unless a value that is already there makes them needless."""

    def __init__(self, name: str) -> None:
        self.trace = _SharedTrace(name)
        self.known: dict[tuple[Any, ...], Symbol] = {}
        self.numbers: dict[int, float] = {}

    def write_all(self, line: Line, symbols: list[Symbol]) -> tuple[Symbol, ...]:
        """The symbols of a line's results; the body of a scan is a program of its own."""
        if "body" not in line.settings:
            return (self.write(line, symbols),)
        settings = {**line.settings, "body": simplify(line.settings["body"])}
        return self.trace.write_all(line.primitive, symbols, settings)

    def write(self, line: Line, symbols: list[Symbol]) -> Symbol:
        """The symbol of a line's result, by a new line or an old one."""
        key = _key(line.primitive, symbols, line.settings)
        if key not in self.known:
            result = self._simpler(line, symbols) if line.phase != GUARD else None
            if result is None:
                result = self.trace.write(line.primitive, symbols, dict(line.settings))
            self._note_number(result)
            self.known[key] = result
        return self.known[key]

    def _simpler(self, line: Line, symbols: list[Symbol]) -> Symbol | None:
        """The primitive's own rule first; then repeating is put off; then known single numbers are computed ahead."""
        constants = tuple(self.numbers.get(symbol.value) for symbol in symbols)
        if line.primitive.simplify is not None:
            found: Symbol | None = line.primitive.simplify(constants, *symbols, **line.settings)
            if found is not None:
                return found
        if not symbols:
            return None
        result = line.primitive.shape(*[symbol.spec for symbol in symbols], **line.settings)
        if line.primitive.elementwise and not line.primitive.repeats:
            before = [_unrepeated(symbol) for symbol in symbols]
            if any(a is not b for a, b in zip(before, symbols, strict=True)):
                # Elementwise lines repeat small operands by themselves.
                return self.write(line, before).broadcast_to(result.shape)
        if result.size != 1 or any(constant is None for constant in constants):
            return None
        arrays = [np.asarray(c, s.dtype).reshape(s.shape) for c, s in zip(constants, symbols, strict=True)]
        with np.errstate(all="ignore"):
            value = np.asarray(line.primitive.reference(*arrays, **line.settings), result.dtype)
        return self.trace.symbol(value, result.dtype)

    def _note_number(self, symbol: Symbol) -> None:
        """Remember the number of a constant that is a single one."""
        made_by = symbol.line
        if made_by is not None and not made_by.inputs and symbol.size == 1 and "value" in made_by.settings:
            self.numbers[symbol.value] = float(np.asarray(made_by.settings["value"]).reshape(-1)[0])


def _unrepeated(symbol: Symbol) -> Symbol:
    """What a symbol was before it was repeated into its shape."""
    made_by = symbol.line
    return symbol.trace.symbol_of(made_by.inputs[0]) if made_by is not None and made_by.primitive.repeats else symbol
