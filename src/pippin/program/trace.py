"""Tracing: running layers, losses and optimizers once on symbols, while every operation writes its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from numbers import Number
from typing import Any

import numpy as np

from pippin.changes import apart
from pippin.errors import PippinError, ShapeError
from pippin.primitives import TABLE, Primitive, Spec, spec_of
from pippin.primitives.primitive import BOOL, BYTE, FLOAT, INT, UINT
from pippin.program.program import FORWARD, Line, Program
from pippin.program.symbol import Symbol
from pippin.program.variable import Variable

_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    """The trace that is being written, if any."""
    return _current.get()


def now(variable: Variable) -> Any:
    """What a variable holds at this moment: a symbol inside a trace, else numbers that later changes don't reach."""
    trace = current_trace()
    return variable.numpy() if trace is None else trace.read(variable)


@dataclass(frozen=True)
class Call:
    """A layer was called: where ("block/dense"), the layer itself, and the values that went in and came out."""

    place: str
    layer: Any
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass
class Notes:
    """What the lines don't say by themselves, kept for those who explain them; all of it numbers of values.

    `gradients` maps a value to its gradient; `losses` are the losses of single examples, before they are weighed and
    made one; `loss` is that one. `slopes` are the gradients of variables that a step asked for itself.
    """

    calls: list[Call] = field(default_factory=list)
    predictions: list[int] = field(default_factory=list)
    losses: list[int] = field(default_factory=list)
    loss: int | None = None
    gradients: dict[int, int] = field(default_factory=dict)
    slopes: list[int] = field(default_factory=list)


class Trace:
    """A program being written: `write` appends lines, `program` closes it."""

    depth = 0
    """How many loops it is inside of; see scan.py."""

    computes_numbers = True
    """Whether what is made of plain numbers alone is computed at once, so that shapes can be made of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.inputs: dict[str, int] = {}
        self.states: dict[str, int] = {}
        self.lines: list[Line] = []
        self.outputs: dict[str, int] = {}
        self.updates: dict[str, int] = {}
        self.specs: list[Spec] = []
        self.guard: int | None = None
        self.made_by: dict[int, Line] = {}
        self.variables: dict[str, Variable] = {}
        self.notes = Notes()
        self.masks: dict[int, int] = {}
        """Value → the value that says which of its time steps count."""
        self._now: dict[int, Symbol] = {}
        self._place = ("", FORWARD)

    # Writing --------------------------------------------------------------------------------------------------

    def _value(self, spec: Spec) -> Symbol:
        self.specs.append(spec)
        return Symbol(self, len(self.specs) - 1)

    def input(self, name: str, spec: Spec) -> Symbol:
        """A value that is handed in at each run."""
        symbol = self._value(spec)
        self.inputs[name] = symbol.value
        return symbol

    def state(self, name: str, spec: Spec) -> Symbol:
        """A value that lasts from run to run."""
        symbol = self._value(spec)
        self.states[name] = symbol.value
        return symbol

    def watches(self, thing: Any) -> bool:
        """Whether an array stands for a value of this trace: only where a tape keeps a recording (ops/recording.py)."""
        return False

    def read(self, variable: Variable) -> Symbol:
        """The symbol of a variable's present value: its state, or what was assigned to it earlier in this trace."""
        key = id(variable)
        if key not in self._now:
            name = free_name(variable.path, (self.states, self.inputs))
            self.variables[name] = variable
            self._now[key] = self.state(name, variable.spec)
        return self._now[key]

    def assign(self, variable: Variable, value: Any) -> Symbol:
        """Make `value` what the variable holds when the run ends, and what later lines of this trace read."""
        before = self.read(variable)
        symbol = self.symbol(value, before.dtype)
        if symbol.spec != before.spec:
            raise PippinError(f'Variable "{variable.path}": expected {before.spec}, was assigned {symbol.spec}.')
        name = next(name for name, known in self.variables.items() if known is variable)
        self.updates[name] = symbol.value
        self._now[id(variable)] = symbol
        return symbol

    def output(self, name: str, symbol: Symbol) -> None:
        self.outputs[name] = symbol.value

    def can_become_symbol(self, thing: Any) -> bool:
        return isinstance(thing, (Symbol, Variable, Number, np.ndarray, np.generic, list, tuple))

    def symbol(self, thing: Any, dtype: str | None = None) -> Symbol:
        """A symbol for anything that stands for numbers; Python numbers take `dtype`."""
        if isinstance(thing, Symbol):
            if thing.trace is not self:
                raise PippinError(
                    "A symbol of another trace was used: compute it inside the function or layer that uses it."
                )
            return thing
        if isinstance(thing, Variable):
            return self.read(thing)
        if isinstance(thing, (bool, np.bool_)):
            return self._constant(bool(thing), dtype or BOOL)
        if isinstance(thing, (int, float)):
            if dtype in (INT, UINT, BYTE) and not float(thing).is_integer():
                raise ShapeError(
                    f"the number {thing} was combined with {dtype} numbers, which have no fractions. "
                    "Cast them to float32 first."
                )
            return self._constant(thing, dtype or (FLOAT if isinstance(thing, float) else INT))
        array = np.asarray(thing)
        wanted = dtype if dtype is not None and array.ndim == 0 else spec_of(array).dtype
        return self._constant(array.item() if array.ndim == 0 else array.astype(wanted), wanted)

    def symbol_of(self, value: int) -> Symbol:
        return Symbol(self, value)

    def _constant(self, value: Any, dtype: str) -> Symbol:
        return self.write(TABLE["constant"], (), {"value": value, "dtype": dtype})

    def write(self, primitive: Primitive, arguments: Sequence[Any], settings: dict[str, Any]) -> Symbol:
        """Append one line; the shape rule of the primitive refuses what doesn't fit."""
        (result,) = self.write_all(primitive, arguments, settings)
        return result

    def write_all(self, primitive: Primitive, arguments: Sequence[Any], settings: dict[str, Any]) -> tuple[Symbol, ...]:
        """Append one line that may have several results. Inside a body what meets its symbols is written there."""
        for argument in arguments:
            if isinstance(argument, Symbol) and argument.trace.depth > self.depth:
                return argument.trace.write_all(primitive, arguments, settings)
        symbols = self._symbols(arguments)
        specs = primitive.shape(*[symbol.spec for symbol in symbols], **settings)
        results = tuple([self._value(spec) for spec in (specs if isinstance(specs, tuple) else (specs,))])
        layer, phase = self._place
        outputs = tuple([result.value for result in results])
        line = Line(primitive, tuple([s.value for s in symbols]), outputs, settings, layer, phase)
        self.lines.append(line)
        self.made_by.update(dict.fromkeys(outputs, line))
        return results

    def _symbols(self, arguments: Sequence[Any]) -> list[Symbol]:
        """Symbols for all arguments; bare numbers take the type of the first operand that isn't true/false."""
        known = [a if isinstance(a, Symbol) else self.read(a) if isinstance(a, Variable) else None for a in arguments]
        types = [symbol.dtype for symbol in known if symbol is not None]
        number_type = next(
            (dtype for dtype in types if dtype != BOOL), FLOAT if BOOL in types and len(arguments) > 2 else None
        )
        return [
            self.symbol(argument if symbol is None else symbol, number_type)
            for symbol, argument in zip(known, arguments, strict=True)
        ]

    # Places: which layer and phase the next lines belong to ------------------------------------------------------

    @contextmanager
    def at(self, layer: str | None = None, phase: str | None = None) -> Iterator[None]:
        """Lines written inside belong to `layer` (below the present one) and `phase`."""
        before = self._place
        self._place = (layer if layer is not None else before[0], phase if phase is not None else before[1])
        try:
            yield
        finally:
            self._place = before

    @property
    def place(self) -> tuple[str, str]:
        """The layer and phase that the next line will belong to."""
        return self._place

    @contextmanager
    def active(self) -> Iterator[Trace]:
        """Variables read as symbols of this trace inside."""
        token = _current.set(self)
        try:
            with apart():
                yield self
        finally:
            _current.reset(token)

    def program(self) -> Program:
        """The finished program, with all that was written, even lines whose result nobody reads."""
        return Program(
            self.name, dict(self.inputs), dict(self.states), tuple(self.lines), dict(self.outputs), dict(self.updates),
            tuple(self.specs), self.guard,
        )  # fmt: skip


def free_name(path: str, taken: Iterable[Mapping[str, Any]]) -> str:
    """A path, or the first of path_1, path_2, ... that isn't taken."""
    name, number = path, 1
    while any(name in names for names in taken):
        name, number = f"{path}_{number}", number + 1
    return name


def reopen(program: Program) -> Trace:
    """A trace that holds a program's lines, ready to be written on."""
    trace = Trace(program.name)
    trace.inputs, trace.states = dict(program.inputs), dict(program.states)
    trace.lines, trace.specs = list(program.lines), list(program.specs)
    trace.outputs, trace.updates, trace.guard = dict(program.outputs), dict(program.updates), program.guard
    trace.made_by = {value: line for line in program.lines for value in line.outputs}
    return trace


def trace_function(function: Callable[..., Any], *specs: Spec, name: str = "function") -> Program:
    """The program of a function of symbols: inputs "x0", "x1", ..., outputs "y0", "y1", ... ("y" if it is one)."""
    trace = Trace(name)
    with trace.active():
        inputs = [trace.input(f"x{number}", spec) for number, spec in enumerate(specs)]
        result = function(*inputs)
        if isinstance(result, (tuple, list)):
            for number, symbol in enumerate(result):
                trace.output(f"y{number}", trace.symbol(symbol))
        else:
            trace.output("y", trace.symbol(result))
    return trace.program()
