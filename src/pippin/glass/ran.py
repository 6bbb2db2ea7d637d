"""A program that was run with every value kept: lines with their numbers, names for values, and the numbers that one
number was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pippin.engines.reference import run_lines
from pippin.glass import figures
from pippin.primitives import Spec
from pippin.primitives.primitive import FLOAT
from pippin.program import Line, Program, Trace, line_flops
from pippin.program.text import names_of, write_line

Place = tuple[int, ...]


@dataclass(frozen=True)
class Value:
    """A value of a program: what it is called, and its numbers."""

    name: str
    array: np.ndarray

    def __str__(self) -> str:
        return f"{self.name} = {figures.summary(self.array)}"


@dataclass(frozen=True)
class Computed:
    """A line that was run: its words, its numbers, where it belongs."""

    number: int
    text: str
    line: Line
    inputs: tuple[Value, ...]
    output: Value

    @property
    def name(self) -> str:
        """The primitive's word."""
        return self.line.primitive.name

    @property
    def math(self) -> str:
        return self.line.primitive.math

    @property
    def says(self) -> str:
        return self.line.primitive.says

    @property
    def layer(self) -> str:
        return self.line.layer

    @property
    def phase(self) -> str:
        return self.line.phase

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data; large arrays by their extent."""
        values = [{"name": v.name, "value": figures.plain(v.array)} for v in (*self.inputs, self.output)]
        return {
            "number": self.number, "line": self.text, "layer": self.layer, "phase": self.phase, "math": self.math,
            "says": self.says, "inputs": values[:-1], "output": values[-1],
        }  # fmt: skip

    def __str__(self) -> str:
        numbers = "".join(f"\n      {value}" for value in self.inputs if not value.name.startswith("%"))
        return f"{self.text}\n      {self.math}: {self.says}{numbers}\n      {self.output}"


@dataclass(frozen=True)
class Term:
    """A number that a line read, and how much its result grows with it: together they are `product`."""

    value: int
    place: Place
    number: float
    slope: float

    @property
    def product(self) -> float:
        return self.number * self.slope


@dataclass(frozen=True)
class Ran:
    """A program and the numbers of one run of it."""

    program: Program
    values: Mapping[int, np.ndarray]

    @cached_property
    def made_by(self) -> dict[int, Line]:
        """For every value the line that makes it."""
        return {value: line for line in self.program.lines for value in line.outputs}

    @cached_property
    def names(self) -> dict[int, str]:
        """What values are called in print."""
        return names_of(self.program)

    @cached_property
    def computed(self) -> list[Computed]:
        """Every line, with its numbers."""
        return [self._computed(number, line) for number, line in enumerate(self.program.lines)]

    def _computed(self, number: int, line: Line) -> Computed:
        text = write_line(line, self.program, self.names).split("  | ")[0]
        inputs = tuple(Value(self.names[value], self.values[value]) for value in line.inputs)
        made = line.outputs[-1]  # of a loop over time what it kept of all steps
        return Computed(number, text, line, inputs, Value(self.names[made], self.values[made]))

    def lines(self, wanted: list[Line]) -> list[Computed]:
        """These lines, with their numbers."""
        made = {line.outputs for line in wanted}
        return [computed for computed in self.computed if computed.line.outputs in made]

    def number(self, value: int, place: Place) -> Any:
        """One number of a value."""
        return self.values[value][place]

    def only_moves(self, line: Line) -> bool:
        """Whether a line computes nothing: it repeats numbers, lays them out anew, or passes them on."""
        return line.primitive.alias or (bool(line.inputs) and line_flops(self.program, line) == 0)

    def same_memory(self, line: Line, place: Place) -> tuple[int, Place]:
        """Where a line that moves no number has its number from."""
        (value,) = line.inputs
        before, after = self.program.specs[value].shape, self.program.specs[line.output].shape
        flat = int(np.ravel_multi_index(place, after)) if after else 0
        return value, tuple(int(spot) for spot in np.unravel_index(flat, before)) if before else ()

    def origin(self, value: int, place: Place) -> tuple[int, Place]:
        """The number itself, behind all lines that only read it with another shape."""
        line = self.made_by.get(value)
        while line is not None and line.primitive.alias:
            value, place = self.same_memory(line, place)
            line = self.made_by.get(value)
        return value, place

    def terms(self, line: Line, place: Place) -> list[list[Term]]:
        """What the result's number at `place` was made from: for each input the numbers that it depends on.

        Which they are, and how much each counts, says the primitive's own derivative, asked about this one number.
        """
        key = (line.output, place)
        if key not in self._terms:
            self._terms[key] = self._find_terms(line, place)
        return self._terms[key]

    @cached_property
    def _terms(self) -> dict[tuple[int, Place], list[list[Term]]]:
        """Those that were found before."""
        return {}

    def _find_terms(self, line: Line, place: Place) -> list[list[Term]]:
        slopes = _slopes(line, [self.program.specs[v] for v in line.inputs], self.program.specs[line.output])
        if slopes is None:
            return [[] for _ in line.inputs]
        arrays = [self.values[value] for value in line.inputs]
        result = self.values[line.output]
        counted = _run_slopes(slopes, arrays, result, place)
        found: list[list[Term]] = []
        for number, (value, array) in enumerate(zip(line.inputs, arrays, strict=True)):
            slope = counted.get(number)
            if slope is None:
                found.append([])
                continue
            # A weight of 0 counts for nothing now, and is read all the same: with ones in its stead it is seen.
            ones = [array if n == number else np.ones_like(other) for n, other in enumerate(arrays)]
            read = _run_slopes(slopes, ones, result, place)[number] != 0
            if len(arrays) == 1 or (read < (slope != 0)).any():
                read = slope != 0
            spots = [tuple(map(int, spot)) for spot in np.argwhere(read)]
            found.append([Term(value, spot, float(array[spot]), float(slope[spot])) for spot in spots])
        return found


def _run_slopes(slopes: Program, arrays: list[np.ndarray], result: np.ndarray, place: Place) -> dict[int, np.ndarray]:
    """How much the result's number at a place grows with each number of each input."""
    seed = np.zeros(result.shape, np.float32)
    seed[place] = 1
    given = {f"x{number}": array for number, array in enumerate(arrays)} | {"y": result, "dy": seed}
    values = {value: given[name] for name, value in slopes.inputs.items()}
    run_lines(slopes, values)
    return {int(name.removeprefix("slope")): values[value] for name, value in slopes.outputs.items()}


def _slopes(line: Line, specs: list[Spec], result: Spec) -> Program | None:
    """The program of a line's derivative: inputs x0, x1, ..., y and dy; outputs slope0, slope1, ... where any flows."""
    if line.primitive.derivative is None or result.dtype != FLOAT:
        return None
    trace = Trace("slopes")
    with trace.active():
        inputs = [trace.input(f"x{number}", spec) for number, spec in enumerate(specs)]
        y, dy = trace.input("y", result), trace.input("dy", result)
        for number, slope in enumerate(line.primitive.derivative(dy, y, *inputs, **line.settings)):
            if slope is not None and specs[number].dtype == FLOAT:
                trace.output(f"slope{number}", slope)
    return trace.program()
