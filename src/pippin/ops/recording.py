"""A recording: a trace whose numbers are there for whoever asks. What a script computes under a GradientTape is written
down, and run when a number is needed (docs/decisions/0020-a-tape-is-a-trace.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any
from weakref import WeakSet

import numpy as np

from pippin.engines import current_engine, get_engine
from pippin.errors import PippinError
from pippin.primitives import spec_of
from pippin.program import Line, Program, Symbol, Trace, Variable, current_trace
from pippin.transforms.simplify import hashable, simplify


class Recorded(Symbol):
    """A value of a recording. Python and NumPy may ask for its numbers; operators write lines, as on any symbol."""

    __slots__ = ("__weakref__",)
    trace: Recording

    def __init__(self, trace: Recording, value: int) -> None:
        super().__init__(trace, value)
        trace.held.add(self)

    def numpy(self) -> np.ndarray:
        """The numbers."""
        array = self.trace.numbers_of([self.value])[0]
        return array[()] if array.ndim == 0 else array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def __index__(self) -> int:
        return self.numpy().__index__()

    def __iter__(self) -> Iterator[Symbol]:
        return (self[number] for number in range(len(self)))

    def __format__(self, form: str) -> str:
        array = self.numpy()
        return format(array.item() if array.ndim == 0 else array, form)

    def __repr__(self) -> str:
        return repr(self.numpy())

    def item(self) -> Any:
        """The only number, as one of Python's."""
        return self.numpy().item()


class Recording(Trace):
    """Lines written while a script goes on. Arrays that meet it are inputs, and so are variables, as they were when
    first read; a variable that is assigned gets its numbers at the next `settle`."""

    computes_numbers = False

    def __init__(self, name: str = "tape") -> None:
        super().__init__(name)
        self.known: dict[int, np.ndarray] = {}
        self.held: WeakSet[Recorded] = WeakSet()
        self._watched: dict[int, tuple[Any, Symbol]] = {}
        self._assigned: dict[int, tuple[Variable, Symbol]] = {}

    def symbol_of(self, value: int) -> Symbol:
        return Recorded(self, value)

    def _value(self, spec: Any) -> Symbol:
        self.specs.append(spec)
        return Recorded(self, len(self.specs) - 1)

    def _given(self, array: np.ndarray) -> Symbol:
        symbol = self.input(f"x{len(self.inputs)}", spec_of(array))
        # A copy: the script may change its array before this value is computed with.
        self.known[symbol.value] = np.array(array, symbol.dtype, order="C", copy=True)
        return symbol

    def watch(self, array: np.ndarray) -> Symbol:
        """One value for an array, wherever it is used from now on."""
        if id(array) not in self._watched:
            self._watched[id(array)] = (array, self._given(array))
        return self._watched[id(array)][1]

    def watches(self, thing: Any) -> bool:
        return id(thing) in self._watched

    def read(self, variable: Variable) -> Symbol:
        if current_trace() is not self:
            return self._given(variable.value)  # what it holds now, long after the tape
        if id(variable) not in self._now:
            self.variables[f"{len(self.variables)}"] = variable
            self._now[id(variable)] = self._given(variable.value)
        return self._now[id(variable)]

    def assign(self, variable: Variable, value: Any) -> Symbol:
        before = self.read(variable)
        symbol = self.symbol(value, before.dtype)
        if symbol.spec != before.spec:
            raise PippinError(f'Variable "{variable.path}": expected {before.spec}, was assigned {symbol.spec}.')
        self._now[id(variable)] = symbol
        self._assigned[id(variable)] = (variable, symbol)
        return symbol

    def symbol(self, thing: Any, dtype: str | None = None) -> Symbol:
        if isinstance(thing, Recorded) and thing.trace is not self:
            thing = thing.numpy()
        if not isinstance(thing, (np.ndarray, np.generic)):
            return super().symbol(thing, dtype)
        watched = self._watched.get(id(thing))
        if watched is not None:
            return watched[1]
        return self._given(thing.astype(dtype) if dtype is not None and thing.ndim == 0 else np.asarray(thing))

    # Numbers ----------------------------------------------------------------------------------------------------

    def settle(self, values: Iterable[int] = ()) -> None:
        """Compute these values, all that somebody holds, and what was assigned to variables."""
        assigned = list(self._assigned.values())
        self._assigned = {}
        self.compute([*values, *(symbol.value for symbol in self.held), *(s.value for _, s in assigned)])
        for variable, symbol in assigned:
            variable.value[...] = self.known[symbol.value]

    def numbers_of(self, values: list[int]) -> list[np.ndarray]:
        """The numbers of these values."""
        self.compute(values)
        return [self.known[value] for value in values]

    def compute(self, values: Iterable[int]) -> None:
        """Run the lines behind these values that were not run before, in one program."""
        wanted = sorted({value for value in values if value not in self.known})
        if not wanted:
            return
        needed = set(wanted)
        lines: list[Line] = []
        for line in reversed(self.lines):
            if any(value in needed and value not in self.known for value in line.outputs):
                lines.append(line)
                needed.update(line.inputs)
        lines.reverse()
        made = [value for line in lines for value in line.outputs]
        given = sorted(needed.difference(made))
        # Values get new numbers, so that the same computation is the same program wherever it stood in the recording.
        number = {value: place for place, value in enumerate([*given, *made])}
        program = Program(
            self.name,
            {f"x{place}": place for place in range(len(given))},
            {},
            tuple(_renumbered(line, number) for line in lines),
            {f"y{place}": number[value] for place, value in enumerate(wanted)},
            {},
            tuple(self.specs[value] for value in number),
        )
        runner = _compiled(_Program(current_engine().name, program))
        found = runner({f"x{place}": self.known[value] for place, value in enumerate(given)}, {})
        for place, value in enumerate(wanted):
            self.known[value] = found[f"y{place}"]


def _renumbered(line: Line, number: dict[int, int]) -> Line:
    inputs, outputs = (tuple([number[value] for value in some]) for some in (line.inputs, line.outputs))
    return replace(line, inputs=inputs, outputs=outputs)


class _Program:
    """A program for an engine, equal to all that compute the same."""

    def __init__(self, engine: str, program: Program) -> None:
        self.engine, self.program = engine, program
        self.key = (
            engine, program.specs, tuple(program.outputs.values()), len(program.inputs),
            tuple(
                (line.primitive.name, line.inputs, line.outputs, hashable(tuple(sorted(line.settings.items()))))
                for line in program.lines
            ),
        )  # fmt: skip
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Program) and self.key == other.key


@lru_cache(maxsize=1024)
def _compiled(wanted: _Program) -> Any:
    return get_engine(wanted.engine).compile(simplify(wanted.program))
