"""Fewer, larger lines: what goes over the same numbers goes over them once, and right behind the line that made them.

Two things are joined. Lines that work number by number or row by row over the same shape become one loop: a bias and
its activation, softmax with its loss and gradient, dropout, an optimizer's update. And a loop that follows a heavy line
(a matrix product, a convolution) is attached to it, to run on each block of rows while it is still near. This file
decides what is joined; fused.py writes it down.

Lines are taken in order, each into the earliest loop that has all it needs. Lines that nobody is waiting for yet are
held back until somebody is, so that a mask is made where it is used and not where it could first be made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pippin.program import BACKWARD, FORWARD, LOSS, UPDATE, Line, Program
from pippin.transforms.fused import Group, written
from pippin.transforms.loops import Form, form_for, may_loop
from pippin.transforms.simplify import without_unused_lines

MOST_LINES = 96
"""Of one loop: the native engine has room for so many, whatever they read."""
WORTH_ATTACHING = 8192
"""Numbers in a heavy line's result: fewer stay in the nearest cache until the loop comes by itself."""


def fuse(program: Program) -> Program:
    """The same program in fewer lines: names, inputs, states and results stay; values inside a fused line vanish.

    A program that is fused already stays as it is.
    """
    if any(line.primitive.body is not None for line in program.lines):
        return program
    program = without_unused_lines(program)
    gatherer = _Gatherer(program)
    for line in program.lines:
        gatherer.take(line)
    gatherer.settle(list(gatherer.held)[::-1])  # the last first, because it brings with it what it waits for
    return written(program, gatherer.groups, gatherer.early)


@dataclass
class _Gatherer:
    """Decides the groups, in the order in which they run."""

    program: Program
    groups: list[Group] = field(default_factory=list)
    made_in: dict[int, Group] = field(default_factory=dict)
    """Value → the group that makes it. Inputs, states and what is made early are not in it."""
    read_in: dict[int, list[Group]] = field(default_factory=dict)
    """Value → the groups that read it."""
    singles: list[Group] = field(default_factory=list)
    """The loops over a single number."""
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
        if not line.primitive.alias and may_loop(line, self.program.specs):
            if not self._join([*chain, line]):
                self._place([*chain, line])
        else:
            self.settle(line.inputs)
            self._append(line)

    def _can_wait(self, line: Line) -> bool:
        """Whether a line may be held back: single numbers, what reads nothing made, a look back at the forward pass."""
        if line.primitive.alias:
            return line.inputs[0] in self.held
        if not may_loop(line, self.program.specs):
            return False
        if line.primitive.elementwise and self.program.specs[line.output].size == 1:
            return True
        last = self._last_read([line, *self._chain(line)])
        return last is None or (line.phase == BACKWARD and last.lines[0].phase in (FORWARD, LOSS))

    def _chain(self, line: Line) -> list[Line]:
        """The lines held back that a line waits for, in order."""
        wanted = set(line.inputs)
        if not any(value in self.held for value in wanted):
            return []
        found: list[Line] = []
        for other in reversed(self.held.values()):
            if other.output in wanted:
                wanted |= set(other.inputs)
                found.append(other)
        return found[::-1]

    def _last_read(self, unit: Sequence[Line]) -> Group | None:
        """The last group that makes something these lines read; None if they read nothing that is made."""
        found = [self.made_in[value] for line in unit for value in line.inputs if value in self.made_in]
        return max(found, key=lambda group: group.number, default=None)

    # Placing ------------------------------------------------------------------------------------------------------

    def settle(self, values: Iterable[int]) -> None:
        """Place the lines held back that make these values."""
        for value in values:
            if value in self.held:
                line = self.held[value]
                self._place([*self._chain(line), line])

    def _place(self, lines: list[Line]) -> None:
        """Place a line and those it waits for: in one loop if they fit, else single numbers apart, else each alone."""
        singles = [line for line in lines if self.program.specs[line.output].size == 1]
        for unit in (lines, singles, [line for line in lines if line not in singles]):
            left = [line for line in unit if line.output not in self.placed]
            if left and not self._join(left):
                self._open(left)
        for line in lines:
            if line.output not in self.placed and not self._join([line]):
                self._append(line)

    def _append(self, line: Line) -> None:
        """A line that fits nowhere: a group of its own, if it needs one."""
        if line.primitive.alias:
            self._add_alias(line)
        elif may_loop(line, self.program.specs):
            opened = self._open([line])
            assert opened, f"{line.primitive.name} can't begin a loop"
        elif self._last_read([line]) is None and not line.primitive.ends_in_rows:
            self.early.append(line)
            self.placed.update(line.outputs)
        else:
            self._insert(Group([line]), len(self.groups))

    def _add_alias(self, line: Line) -> None:
        self.held.pop(line.output, None)
        self.placed.add(line.output)
        group = self.made_in.get(line.inputs[0])
        if group is None:
            self.early.append(line)
        elif group.form is not None and group.form.has(line.inputs[0]):
            group.form.join(line)
            self._note(group, [line])
            group.lines.append(line)
        else:
            group.behind.append(line)
            self.made_in[line.output] = group

    def _open(self, unit: Sequence[Line]) -> bool:
        """Begin a loop of its own with these lines, if they fit together."""
        if self._waits(unit) or len(unit) > MOST_LINES or all(line.primitive.alias for line in unit):
            return False
        form = form_for(unit, self.program.specs)
        if not all(form.join(line) for line in unit):
            return False
        group = Group(list(unit), form)
        # Single numbers come as early as they can, so that they hold up no loop that reads them.
        self._insert(group, self._first(unit) if form.size == 1 else len(self.groups))
        if form.size == 1:
            self.singles.append(group)
        return True

    def _insert(self, group: Group, number: int) -> None:
        self.groups.insert(number, group)
        for place in range(number, len(self.groups)):
            self.groups[place].number = place
        self._note(group, group.lines)

    def _note(self, group: Group, unit: Sequence[Line]) -> None:
        """Remember where lines have gone."""
        for line in unit:
            for value in line.outputs:
                self.held.pop(value, None)
                self.placed.add(value)
                self.made_in[value] = group
            for value in line.inputs:
                readers = self.read_in.setdefault(value, [])
                if group not in readers:
                    readers.append(group)

    def _waits(self, unit: Sequence[Line]) -> bool:
        """Whether lines read something that is held back and not among them."""
        own = {value for line in unit for value in line.outputs}
        return any(value in self.held and value not in own for line in unit for value in line.inputs)

    def _first(self, unit: Sequence[Line]) -> int:
        """The first place where lines can stand as a group of their own."""
        last = self._last_read(unit)
        first = 0 if last is None else last.number + 1
        if self.program.guard in self.made_in and any(line.phase == UPDATE for line in unit):
            # An update that runs before the guard is known can't be written in place.
            first = max(first, self.made_in[self.program.guard].number + 1)
        return first

    # Joining ------------------------------------------------------------------------------------------------------

    def _join(self, unit: Sequence[Line]) -> bool:
        """Put lines into the first loop that they all fit and that runs when everything they read is there."""
        if self._waits(unit):
            return False
        for group in self._candidates(unit):
            form = self._form_with(unit, group)
            if form is not None:
                group.head = group.lines[0] if group.form is None else group.head
                group.form = form
                group.lines += unit
                self._note(group, unit)
                return True
        return False

    def _candidates(self, unit: Sequence[Line]) -> list[Group]:
        """Loops, and heavy lines, that it would pay to join, in order: those that make or read what these lines read.

        Without a number in common a common pass gains nothing; but to single numbers the way is all the cost.
        """
        first, last = self._first(unit), self._last_read(unit)
        read = {value for line in unit for value in line.inputs}
        arrays = [value for value in read if self.program.specs[value].size > 1]
        found = [group for value in arrays for group in self.read_in.get(value, ()) if group.form is not None]
        found += self.singles if any(self.program.specs[line.output].size == 1 for line in unit) else []
        later = {group.number: group for group in found if group.number >= first}
        # In the group that makes the last thing they read it is there in time, too.
        own = [last] if last is not None and last.number == first - 1 else []
        return own + [later[number] for number in sorted(later)]

    def _form_with(self, unit: Sequence[Line], group: Group) -> Form | None:
        """The form of a group's loop with some lines more; None if they don't fit."""
        if len(group.lines) + len(unit) > MOST_LINES:
            return None
        here = {value for line in unit for value in line.inputs if self.made_in.get(value) is group}
        is_heavy = group.form is None or group.head is not None
        of_head = set(group.lines[0].outputs) if is_heavy else set()
        if not all(value in of_head or (group.form is not None and group.form.has(value)) for value in here):
            return None
        # Behind a heavy line only what goes over its result.
        form = (self._behind(group) if here else None) if is_heavy else group.form
        if form is None:
            return None
        form = form.copy()
        return form if all(form.join(line) for line in unit) else None

    def _behind(self, group: Group) -> Form | None:
        """The form of a heavy line's loop, begun if need be."""
        head = group.lines[0]
        if group.form is not None or not head.primitive.ends_in_rows:
            return group.form
        result = self.program.specs[head.output]
        if result.size < WORTH_ATTACHING:
            return None
        return Form(self.program.specs, result.size, result.shape[-1])
