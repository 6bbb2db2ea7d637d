"""Fewer, larger lines: whatever goes over the same numbers goes over them once, and right behind the line that made
them.

Two things are joined. Lines that work number by number or row by row over the same shape become one loop: a bias and
its activation, softmax with its loss and gradient, dropout, an optimizer's update. And a loop that follows a heavy line
(a matrix product, a convolution) is attached to it, to run on each block of rows while it is still near. A fused line
holds the lines it stands for as a program, its body, so every engine can run it and its result can be compared with
theirs.

Lines are taken in order, each into the earliest loop that has all it needs. Lines that nobody is waiting for yet are
held back until somebody is, so that a mask is made where it is used and not where it could first be made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pippin.primitives import Primitive, Spec
from pippin.primitives.primitive import FLOAT
from pippin.program import BACKWARD, FORWARD, LOSS, UPDATE, Line, Program
from pippin.transforms.loops import Form, form_for, may_loop
from pippin.transforms.simplify import without_unused_lines

MOST_LINES = 96
"""Of one loop: the native engine has room for 256 values in a loop, operands and spread columns included."""
WORTH_ATTACHING = 8192
"""Numbers in a heavy line's result: fewer stay in the nearest cache until the loop comes by itself."""


def fuse(program: Program) -> Program:
    """The same program in fewer lines: names, inputs, states and results stay; values inside a fused line are no longer
    made.

    A program that is fused already stays as it is.
    """
    if any(line.primitive.body is not None for line in program.lines):
        return program
    program = without_unused_lines(program)
    gatherer = _Gatherer(program)
    for line in program.lines:
        gatherer.take(line)
    gatherer.settle(list(gatherer.held)[::-1])  # the last first, because it brings with it what it waits for
    return _program_of(program, gatherer)


@dataclass
class _Item:
    """A place in the fused program: a single line, a loop, or a heavy line with the loop behind it."""

    lines: list[Line]
    form: Form | None = None  # of the loop, if there is one
    head: Line | None = None  # the heavy line in front of the loop
    behind: list[Line] = field(default_factory=list)  # reshapes of what is made here, outside of the loop


@dataclass
class _Gatherer:
    """Decides the items, in the order in which they run."""

    program: Program
    items: list[_Item] = field(default_factory=list)
    made_at: dict[int, int] = field(default_factory=dict)
    """Value → number of its item. Inputs, states and what is made early are not in it."""
    held: dict[int, Line] = field(default_factory=dict)
    """Value → the line that makes it, while that line is held back."""
    placed: set[int] = field(default_factory=set)
    """The values whose lines have their place."""
    early: list[Line] = field(default_factory=list)
    """Lines that need no other, such as constants and random numbers: written just before they are first read."""

    def take(self, line: Line) -> None:
        """Put the next line where it belongs, or hold it back."""
        if line.phase == UPDATE and self.program.guard in self.held:
            self.settle([self.program.guard])  # an update must know where the guard is
        if self._can_wait(line):
            self.held[line.output] = line
            return
        chain = self._chain(line)
        if line.primitive.alias:
            self.settle([value for value in line.inputs if value in self.held])
            self._add_alias(line)
        elif not may_loop(line, self.program.specs):
            self.settle([value for value in line.inputs if value in self.held])
            self._append(line)
        elif not self._join([*chain, line]):
            self._place(chain, line)

    def _can_wait(self, line: Line) -> bool:
        """Whether a line may be held back: single numbers, what reads nothing that was made, and backward looks at the
        forward pass."""
        if line.primitive.alias:
            return line.inputs[0] in self.held
        if not may_loop(line, self.program.specs):
            return False
        need = self._need([line, *self._chain(line)])
        single = line.primitive.elementwise and self.program.specs[line.output].size == 1
        return single or need < 0 or (line.phase == BACKWARD and self.items[need].lines[0].phase in (FORWARD, LOSS))

    def _chain(self, line: Line) -> list[Line]:
        """The lines held back that a line waits for, in order."""
        wanted = set(line.inputs)
        found: list[Line] = []
        for other in reversed(self.held.values()):
            if other.output in wanted:
                wanted |= set(other.inputs)
                found.append(other)
        return found[::-1]

    def _need(self, lines: Sequence[Line]) -> int:
        """The last item that makes something these lines read; -1 if they read nothing that is made."""
        return max((self.made_at.get(value, -1) for line in lines for value in line.inputs), default=-1)

    def settle(self, values: list[int]) -> None:
        """Place the lines held back that make these values."""
        for value in values:
            if value in self.held:
                line = self.held[value]
                self._place(self._chain(line), line)

    def _place(self, chain: list[Line], last: Line) -> None:
        """Place lines and those they wait for: in one loop if they fit together, else single numbers apart, else each
        alone."""
        lines = [*chain, last]
        singles = [line for line in lines if self.program.specs[line.output].size == 1]
        for unit in (lines, singles, [line for line in lines if line not in singles]):
            left = [line for line in unit if line.output not in self.placed]
            if left and not self._join(left):
                self._open(left)
        for line in lines:
            if line.output not in self.placed and not self._join([line]):
                self._append(line)

    def _add_alias(self, line: Line) -> None:
        self.held.pop(line.output, None)
        self.placed.add(line.output)
        number = self.made_at.get(line.inputs[0], -1)
        if number < 0:
            self.early.append(line)
            return
        item = self.items[number]
        if item.form is not None and item.form.has(line.inputs[0]):
            item.form.join(line)
            item.lines.append(line)
        else:
            item.behind.append(line)
        self.made_at[line.output] = number

    def _append(self, line: Line) -> None:
        """A line that fits nowhere: an item of its own."""
        if line.primitive.alias:
            self._add_alias(line)
        elif may_loop(line, self.program.specs):
            opened = self._open([line])
            assert opened, f"{line.primitive.name} can't begin a loop"
        elif self._need([line]) < 0 and not line.primitive.ends_in_rows:
            self.early.append(line)
            self.placed.add(line.output)
        else:
            self.items.append(_Item([line]))
            self._note([line], len(self.items) - 1)

    def _open(self, unit: Sequence[Line]) -> bool:
        """Begin a loop of its own with these lines, if they fit together."""
        if self._waits(unit) or all(line.primitive.alias for line in unit):
            return False
        form = form_for(unit, self.program.specs)
        if not all(form.join(line) for line in unit):
            return False
        # Single numbers come as early as they can, so that they hold up no loop that reads them.
        number = self._first(unit) if form.size == 1 else len(self.items)
        self.made_at = {value: at + (at >= number) for value, at in self.made_at.items()}
        self.items.insert(number, _Item(list(unit), form))
        self._note(unit, number)
        return True

    def _note(self, unit: Sequence[Line], number: int) -> None:
        for line in unit:
            self.held.pop(line.output, None)
            self.placed.add(line.output)
            self.made_at[line.output] = number

    def _waits(self, unit: Sequence[Line]) -> bool:
        """Whether lines read something that is held back and not among them."""
        own = {line.output for line in unit}
        return any(value in self.held and value not in own for line in unit for value in line.inputs)

    def _first(self, unit: Sequence[Line]) -> int:
        """The first place where lines can stand as an item of their own."""
        first = self._need(unit) + 1
        if self.program.guard is not None and any(line.phase == UPDATE for line in unit):
            # An update that runs before the guard is known can't be written in place.
            first = max(first, self.made_at.get(self.program.guard, -1) + 1)
        return first

    def _join(self, unit: Sequence[Line]) -> bool:
        """Put lines into the first loop that they all fit and that runs when everything they read is there."""
        if self._waits(unit):
            return False
        first = self._first(unit)
        need = self._need(unit)
        # In the item that makes what they read last, or in any later one.
        for number in range(need if 0 <= need == first - 1 else first, len(self.items)):
            form = self._form_with(unit, number)
            if form is None:
                continue
            item = self.items[number]
            if item.form is None:
                item.head = item.lines[0]
            item.form = form
            item.lines += unit
            self._note(unit, number)
            return True
        return False

    def _form_with(self, unit: Sequence[Line], number: int) -> Form | None:
        """The form of an item's loop with some lines more; None if they don't fit."""
        item = self.items[number]
        if len(item.lines) + len(unit) > MOST_LINES:
            return None
        here = {value for line in unit for value in line.inputs if self.made_at.get(value) == number}
        heads = {item.lines[0].output} if item.form is None or item.head is not None else set()
        if not all(value in heads or (item.form is not None and item.form.has(value)) for value in here):
            return None
        if item.form is None or item.head is not None:
            # Behind a heavy line only what goes over its result.
            form = self._behind(item) if here else None
        else:
            # Without a number in common a common pass gains nothing; but to single numbers the way is all the cost.
            form = item.form.copy() if here or item.form.size == 1 or _share_inputs(unit, item.lines) else None
        return form if form is not None and all(form.join(line) for line in unit) else None

    def _behind(self, item: _Item) -> Form | None:
        """The form of a heavy line's loop, begun if need be."""
        if item.form is not None:
            return item.form.copy()
        result = self.program.specs[item.lines[0].outputs[0]]
        if not item.lines[0].primitive.ends_in_rows or result.size < WORTH_ATTACHING:
            return None
        return Form(self.program.specs, result.size, result.shape[-1])


def _share_inputs(unit: Sequence[Line], lines: Sequence[Line]) -> bool:
    read = {value for line in lines for value in line.inputs}
    return any(value in read for line in unit for value in line.inputs)


# Writing the fused program ------------------------------------------------------------------------------------------


def _program_of(program: Program, gatherer: _Gatherer) -> Program:
    kept = program.results()
    readers: dict[int, set[int]] = {}
    for number, item in enumerate(gatherer.items):
        for line in (*item.lines, *item.behind):
            for value in line.inputs:
                readers.setdefault(value, set()).add(number)
    early_reads = {value for line in gatherer.early for value in line.inputs}
    lines: list[Line] = []
    for number, item in enumerate(gatherer.items):
        outside = {v for v, numbers in readers.items() if numbers - {number}} | kept | early_reads
        lines += _written(program, item, outside | {value for line in item.behind for value in line.inputs})
    return program.with_lines(_with_early(gatherer.early, lines, kept))


def _written(program: Program, item: _Item, needed: set[int]) -> list[Line]:
    """The lines of an item: a fused line, or the single line as it was; then the reshapes that others read."""
    if sum(not line.primitive.alias for line in item.lines) == 1:
        return [*item.lines, *item.behind]
    reshapes = {line.output: line for line in item.lines if line.primitive.alias}
    made = [line.output for line in item.lines]
    behind: dict[int, Line] = {}
    outputs = {value for value in made if value in needed and value not in reshapes}
    # A reshape computes nothing, so a loop can't return it: it is written again behind the loop, of what the loop does
    # return.
    for value in (value for value in made if value in needed and value in reshapes):
        source = value
        while source in reshapes:
            behind[source] = reshapes[source]
            source = reshapes[source].inputs[0]
        outputs.add(source)
    if item.head is not None:
        outputs.add(item.head.output)
    inputs = tuple(dict.fromkeys(v for line in item.lines for v in line.inputs if v not in made))
    ordered = tuple(value for value in made if value in outputs)
    primitive = fused(program, item.lines, inputs, ordered)
    line = Line(primitive, inputs, ordered, {}, item.lines[0].layer, item.lines[0].phase)
    return [line, *(reshapes[v] for v in made if v in behind), *item.behind]


def _with_early(early: list[Line], lines: list[Line], kept: set[int]) -> list[Line]:
    """Write each early line just before the first line that reads it."""
    made = {line.output: line for line in early}
    result: list[Line] = []

    def bring(value: int) -> None:
        line = made.pop(value, None)
        if line is not None:
            for needed in line.inputs:
                bring(needed)
            result.append(line)

    for line in lines:
        for value in line.inputs:
            bring(value)
        result.append(line)
    for value in sorted(kept):
        bring(value)
    return result


def fused(program: Program, lines: Sequence[Line], inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Primitive:
    """The record of a fused line: everything about it follows from the lines it stands for."""
    body = Program(
        "fused",
        {f"x{n}": value for n, value in enumerate(inputs)}, {}, tuple(lines),
        {f"y{n}": value for n, value in enumerate(outputs)}, {}, program.specs,
    )  # fmt: skip

    def shape(*specs: Spec) -> Spec:
        return program.specs[outputs[0]]

    def reference(*arrays: np.ndarray) -> Any:
        return _run_body(
            body,
            arrays,
            lambda line, given: _typed(line.primitive.reference(*given, **line.settings), body.specs[line.output]),
        )

    def jax(module: Any, *arrays: Any) -> Any:
        return _run_body(body, arrays, lambda line, given: line.primitive.jax(module, *given, **line.settings))

    names = [line.primitive.name for line in lines if not line.primitive.alias]
    return Primitive(
        "_".join(names) if len(names) < 4 else f"{names[0]}_to_{names[-1]}",
        "; ".join(line.primitive.math for line in lines), "Several lines in one pass over the numbers.", shape,
        reference, jax,
        samples=lambda rng: [], flops=lambda result, *specs: body.flops(), body=body,
    )  # fmt: skip


def _run_body(body: Program, arrays: Sequence[Any], run: Callable[[Line, list[Any]], Any]) -> Any:
    values = dict(zip(body.inputs.values(), arrays, strict=True))
    for line in body.lines:
        values[line.output] = run(line, [values[value] for value in line.inputs])
    results = tuple(values[value] for value in body.outputs.values())
    return results if len(results) > 1 else results[0]


def _typed(result: Any, spec: Spec) -> np.ndarray:
    """A result in its declared type; floating-point ones keep their width, so that a float64 run stays one."""
    return np.asarray(result) if spec.dtype == FLOAT else np.asarray(result, spec.dtype)
