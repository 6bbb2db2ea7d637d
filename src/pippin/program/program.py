"""A program: the flat list of lines that a training step, a prediction or a function call is made of. Never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pippin.primitives import Primitive, Spec

FORWARD, LOSS, BACKWARD, GUARD, UPDATE, METRICS = "forward", "loss", "backward", "guard", "update", "metrics"
PHASES = (FORWARD, LOSS, BACKWARD, GUARD, UPDATE, METRICS)


@dataclass(frozen=True)
class Line:
    """One instruction: `outputs = primitive(inputs, settings)`, and the layer and phase it belongs to.

    Inputs and outputs are numbers of values; a primitive has one output, a fused group may have several.
    """

    primitive: Primitive
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    layer: str = ""
    phase: str = FORWARD

    @property
    def output(self) -> int:
        """The value of a line that has only one."""
        (value,) = self.outputs
        return value


@dataclass(frozen=True)
class Program:
    """Lines in the order they run, what goes in, what comes out, and which states they replace.

    `inputs` are handed in at each run (a batch); `states` last from run to run (weights, optimizer slots, counters,
    metrics) and `updates` names the value that becomes the new one, when the run ends. If `guard` is a value and turns
    out false, no state is replaced. `specs[value]` is the shape and type of every value.
    """

    name: str
    inputs: Mapping[str, int]
    states: Mapping[str, int]
    lines: tuple[Line, ...]
    outputs: Mapping[str, int]
    updates: Mapping[str, int]
    specs: tuple[Spec, ...]
    guard: int | None = None

    def spec(self, name: str) -> Spec:
        """The spec of an input, a state or an output, by name."""
        for names in (self.inputs, self.states, self.outputs):
            if name in names:
                return self.specs[names[name]]
        raise KeyError(name)

    def results(self) -> set[int]:
        """The values that matter beyond the run: outputs, new states and the guard."""
        kept = {*self.outputs.values(), *self.updates.values()}
        return kept | ({self.guard} if self.guard is not None else set())

    def last_use(self) -> dict[int, int]:
        """For every value, the number of the last line that reads it; results live to the end."""
        last = {value: number for number, line in enumerate(self.lines) for value in line.inputs}
        last.update({value: len(self.lines) for value in self.results()})
        return last

    def flops(self) -> float:
        """Estimated floating-point operations of one run."""
        return sum(line_flops(self, line) for line in self.lines)

    def with_lines(self, lines: list[Line]) -> Program:
        """The same program with other lines."""
        return replace(self, lines=tuple(lines))

    def __str__(self) -> str:
        from pippin.program.text import write

        return write(self)

    def __repr__(self) -> str:
        return f"<program {self.name}: {len(self.lines)} lines>"


def line_flops(program: Program, line: Line) -> float:
    """Estimated floating-point operations of one line."""
    specs = [program.specs[value] for value in line.inputs]
    return float(line.primitive.flops(program.specs[line.outputs[0]], *specs, **line.settings))


def same_settings(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Whether two lines have equal settings; arrays among them are compared by their numbers."""
    return a.keys() == b.keys() and all(
        np.array_equal(a[key], b[key])
        if isinstance(a[key], np.ndarray)
        else str(a[key]) == str(b[key])
        if isinstance(a[key], Program)
        else a[key] == b[key]
        for key in a
    )
