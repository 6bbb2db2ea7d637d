"""Loops over time: the step is traced once, as the body of one `scan` line.

What the step reads from the trace around it becomes a constant of the loop. What doesn't depend on carried values is
taken out of the loop: arithmetic on weights alone is done once, and a product of a time step's input with weights is
one product for all steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pippin.errors import PippinError
from pippin.primitives import TABLE, Spec
from pippin.program.program import Line, Program
from pippin.program.symbol import Symbol
from pippin.program.trace import Trace
from pippin.program.variable import Variable

Step = Callable[[list[Symbol], list[Symbol]], tuple[Sequence[Any], Sequence[Any]]]
"""(carried values, slices of this step) → (what is handed on, what is kept of this step)."""


class Body(Trace):
    """The step of a loop while it is written."""

    def __init__(self, outer: Trace) -> None:
        super().__init__("step")
        self.outer = outer
        self.depth = outer.depth + 1
        self.captured: dict[int, Symbol] = {}
        """Value of the outer trace → what stands for it here."""
        self.assigned: dict[int, Variable] = {}
        self._place = outer.place

    def symbol(self, thing: Any, dtype: str | None = None) -> Symbol:
        if isinstance(thing, Symbol) and thing.trace is not self:
            return self._capture(self.outer.symbol(thing))
        if isinstance(thing, np.ndarray) and thing.ndim:
            return self._capture(self.outer.symbol(thing))  # it is the same in every step
        return super().symbol(thing, dtype)

    def _capture(self, outside: Symbol) -> Symbol:
        if outside.value not in self.captured:
            self.captured[outside.value] = self.input(f"k{len(self.captured)}", outside.spec)
        return self.captured[outside.value]

    def read(self, variable: Variable) -> Symbol:
        if id(variable) not in self._now:
            self._now[id(variable)] = self._capture(self.outer.read(variable))
        return self._now[id(variable)]

    def assign(self, variable: Variable, value: Any) -> Symbol:
        before = self.read(variable)
        symbol = self.symbol(value, before.dtype)
        if symbol.spec != before.spec:
            raise PippinError(f'Variable "{variable.path}": expected {before.spec}, was assigned {symbol.spec}.')
        self.assigned[id(variable)] = variable
        self._now[id(variable)] = symbol
        return symbol


@dataclass(frozen=True)
class Parts:
    """The settings of a scan line, and its body's inputs and outputs by their parts."""

    body: Program
    carried: int
    sliced: int
    length: int
    reverse: bool

    @property
    def inputs(self) -> list[int]:
        return list(self.body.inputs.values())

    @property
    def outputs(self) -> list[int]:
        return list(self.body.outputs.values())

    def settings(self) -> dict[str, Any]:
        """What a line holds of it."""
        return {
            "body": self.body, "carried": self.carried, "sliced": self.sliced, "length": self.length,
            "reverse": self.reverse,
        }  # fmt: skip


def body_of(
    name: str, inputs: Iterable[int], lines: Iterable[Line], outputs: Iterable[int], specs: Iterable[Spec]
) -> Program:
    """A body whose inputs and outputs are called by their numbers."""
    return Program(
        name, {f"x{n}": value for n, value in enumerate(inputs)}, {}, tuple(lines),
        {f"y{n}": value for n, value in enumerate(outputs)}, {}, tuple(specs),
    )  # fmt: skip


def write_scan(
    trace: Trace, step: Step, carried: Sequence[Symbol], slices: Sequence[Symbol], length: int, reverse: bool = False
) -> tuple[list[Symbol], list[Symbol]]:
    """Write the line that runs `step` `length` times: the last carried values, and what each step keeps, stacked."""
    body = Body(trace)
    with body.active():
        now = [body.input(f"c{n}", symbol.spec) for n, symbol in enumerate(carried)]
        here = [body.input(f"s{n}", Spec(symbol.shape[1:], symbol.dtype)) for n, symbol in enumerate(slices)]
        after, kept = step(list(now), list(here))
        after = [body.symbol(value, before.dtype) for value, before in zip(after, now, strict=True)]
        kept = [body.symbol(value) for value in kept]
    # Variables that a step assigns (the seed of a random stream) are carried on.
    outside = {symbol.value: trace.symbol_of(value) for value, symbol in body.captured.items()}
    streams = [(variable, body.captured[trace.read(variable).value]) for variable in body.assigned.values()]
    first = [*carried, *(outside.pop(symbol.value) for _, symbol in streams)]
    own = [*(symbol.value for symbol in now), *(symbol.value for _, symbol in streams)]
    outputs = [*after, *(body.read(variable) for variable, _ in streams), *kept]
    lifted = _Lifted(trace, body, length)
    lifted.lift(dict(zip([symbol.value for symbol in here], slices, strict=True)), outside, set(own))
    if not own and all(symbol.value in lifted.stacks for symbol in outputs):
        return [], [lifted.stacks[symbol.value] for symbol in outputs]
    lines = _needed(lifted.lines, [symbol.value for symbol in outputs])
    read = {value for line in lines for value in line.inputs} | {symbol.value for symbol in outputs}
    stacks = {value: symbol for value, symbol in lifted.stacks.items() if value in read}
    constants = {value: symbol for value, symbol in lifted.constants.items() if value in read}
    program = body_of("step", [*own, *stacks, *constants], lines, [symbol.value for symbol in outputs], body.specs)
    parts = Parts(program, len(own), len(stacks), length, reverse)
    results = trace.write_all(TABLE["scan"], [*first, *stacks.values(), *constants.values()], parts.settings())
    for (variable, _), last in zip(streams, results[len(carried) :], strict=False):
        trace.assign(variable, last)
    return list(results[: len(carried)]), list(results[len(own) :])


def _needed(lines: Sequence[Line], outputs: Iterable[int]) -> list[Line]:
    """The lines that the outputs rest on."""
    needed, kept = set(outputs), list[Line]()
    for line in reversed(lines):
        if needed & set(line.outputs):
            needed |= set(line.inputs)
            kept.append(line)
    return kept[::-1]


class _Lifted:
    """Takes lines of a body out of the loop, and remembers what stands for their results inside."""

    def __init__(self, outer: Trace, body: Trace, length: int) -> None:
        self.outer, self.body, self.length = outer, body, length
        self.lines: list[Line] = []
        self.stacks: dict[int, Symbol] = {}
        """Value of the body → the symbol outside whose slices it is."""
        self.constants: dict[int, Symbol] = {}
        """Value of the body → the symbol outside that it is in each step."""

    def lift(self, slices: dict[int, Symbol], constants: dict[int, Symbol], carried: set[int]) -> None:
        """Go through the body's lines; those that stay are in `lines`."""
        self.stacks, self.constants = slices, constants
        moving = set(carried)
        for line in self.body.lines:
            if any(value in moving for value in line.inputs) or len(line.outputs) > 1:
                moving |= set(line.outputs)
                self.lines.append(line)
                continue
            # Single numbers that stay in a loop of carried values cost it nothing; alone they are no loop at all.
            worth = line.primitive.over_steps is not None or not carried
            if not self._once(line) and not (worth and self._at_once(line)):
                self.lines.append(line)

    def _once(self, line: Line) -> bool:
        """Do a line of constants alone outside, unless it is a constant itself, or only repeats one."""
        if not line.inputs or line.primitive.repeats or not all(self._is_constant(value) for value in line.inputs):
            return False
        with self.outer.at(layer=line.layer, phase=line.phase):
            symbols = [self._constant(value) for value in line.inputs]
            self.constants[line.output] = self.outer.write(line.primitive, symbols, dict(line.settings))
        return True

    def _is_constant(self, value: int) -> bool:
        made_by = self.body.made_by.get(value)
        return value in self.constants or (made_by is not None and not made_by.inputs)

    def _constant(self, value: int) -> Symbol:
        if value in self.constants:
            return self.constants[value]
        line = self.body.made_by[value]
        return self.outer.write(line.primitive, (), dict(line.settings))

    def _at_once(self, line: Line) -> bool:
        """Do a line of slices and constants for all steps at once, if its primitive can."""
        with self.outer.at(layer=line.layer, phase=line.phase):
            stack = self._stack(line)
        if stack is None:
            return False
        self.stacks[line.output] = stack
        return True

    def _stack(self, line: Line) -> Symbol | None:
        """The results of a line in all steps."""
        primitive = line.primitive
        given = [None if self._is_constant(value) else self._stack_of(value) for value in line.inputs]
        if any(g is None and not self._is_constant(v) for g, v in zip(given, line.inputs, strict=True)):
            return None
        if primitive.over_steps is not None:
            if given[0] is None or len(given) != 2 or given[1] is not None:
                return None
            found: Symbol | None = primitive.over_steps(
                self.length, given[0], self._constant(line.inputs[1]), **line.settings
            )
            return found
        if not primitive.elementwise or primitive.repeats or not line.inputs:
            return None
        rank = self.body.specs[line.output].rank
        symbols = []
        for stack, value in zip(given, line.inputs, strict=True):
            if stack is None:
                symbols.append(self._constant(value))
            else:
                ones = (1,) * (rank + 1 - stack.rank)
                symbols.append(stack.reshape((self.length, *ones, *stack.shape[1:])))
        return self.outer.write(primitive, symbols, dict(line.settings))

    def _stack_of(self, value: int) -> Symbol | None:
        if value in self.stacks:
            return self.stacks[value]
        line = self.body.made_by.get(value)
        if line is None or len(line.outputs) > 1:
            return None
        return self._stack(line)


def pruned(line: Line, needed: set[int]) -> Line:
    """A scan line without what nobody reads: results that are kept of each step, carried values, inputs."""
    parts = Parts(**line.settings)
    inputs, outputs, n = parts.inputs, parts.outputs, parts.carried
    kept = [number for number in range(n, len(outputs)) if line.outputs[number] in needed]
    alive = {number for number in range(n) if line.outputs[number] in needed}
    while True:
        wanted = [outputs[number] for number in (*sorted(alive), *kept)]
        lines = _needed(parts.body.lines, wanted)
        read = {value for one in lines for value in one.inputs} | set(wanted)
        more = {number for number in range(n) if inputs[number] in read} - alive
        if not more:
            break
        alive |= more
    taken = [number for number, value in enumerate(inputs) if (number in alive if number < n else value in read)]
    given = [*sorted(alive), *kept]
    body = body_of(
        parts.body.name, [inputs[number] for number in taken], lines, [outputs[number] for number in given],
        parts.body.specs,
    )  # fmt: skip
    settings = replace(
        parts, body=body, carried=len(alive), sliced=sum(n <= number < n + parts.sliced for number in taken)
    ).settings()
    return replace(
        line, inputs=tuple(line.inputs[number] for number in taken),
        outputs=tuple(line.outputs[number] for number in given), settings=settings,
    )  # fmt: skip
