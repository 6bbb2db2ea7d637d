"""Where every value of a program lives: in one arena, in the memory of a value that is no longer needed, or in a state
itself.

Values whose lives overlap get different places; all others may share. A new state is written over the old one when
nobody reads the old one any more and it is certain to be wanted (the guard is known); otherwise it is copied when the
run ends. Runs on a fused program: what lives only inside a line needs no place.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from pippin.program import Line, Program
from pippin.transforms.fused import head_of, loop_of
from pippin.transforms.loops import Loop

ALIGNMENT = 64
"""Bytes: a line of the cache, and the widest vector."""


@dataclass(frozen=True)
class Place:
    """`where` is a number of bytes in the arena, or the number of an input or state."""

    kind: str
    where: int


@dataclass(frozen=True)
class Memory:
    """The plan: where each value stands, bytes of the arena, updates that are copied at the end, and where the guard is
    asked."""

    places: Mapping[int, Place]
    size: int
    copies: Mapping[str, int]
    guarded_lines: int | None
    """How many lines run before the guard is asked; None without a guard."""


@dataclass
class _Block:
    """Memory that one value after the other lives in, from line `first` to line `last`."""

    bytes: int
    first: int
    last: int


def plan_memory(program: Program, straight: bool = False) -> Memory:
    """Plan the memory of a program whose lines run in order.

    With `straight`, lines write outputs into arrays of the caller where they can: output number n then stands in the
    input that follows n others behind the program's own.
    """
    return _Planner(program).plan(straight)


class _Planner:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.specs = program.specs
        self.root = _roots(program)
        self.made = {value: number for number, line in enumerate(program.lines) for value in line.outputs}
        self.last = dict(self.made)
        for number, line in enumerate(program.lines):
            for value in line.inputs:
                self.last[self.root[value]] = max(number, self.last.get(self.root[value], -1))
        for value in program.results():
            self.last[self.root[value]] = len(program.lines)
        self._loops: dict[int, Loop | None] = {}

    @cached_property
    def guarded_lines(self) -> int | None:
        """The line after which the guard is known. Outputs must be made in any case: if one comes later, all lines run
        first."""
        program = self.program
        if program.guard is None:
            return None
        known = self.made.get(self.root[program.guard], -1) + 1
        needed = max((self.made.get(self.root[value], -1) + 1 for value in program.outputs.values()), default=0)
        return known if needed <= known else len(program.lines)

    def plan(self, straight: bool) -> Memory:
        program = self.program
        places = {value: Place("input", n) for n, value in enumerate(program.inputs.values())}
        places |= {value: Place("state", n) for n, value in enumerate(program.states.values())}
        if straight:
            self._write_outputs_straight(places)
        copies = self._write_in_place(places)
        size = self._arrange(places)
        places.update({value: places[root] for value, root in self.root.items()})
        return Memory(places, size, copies, self.guarded_lines)

    def _write_outputs_straight(self, places: dict[int, Place]) -> None:
        """The last outputs first: what is kept of each step of a loop rather than what is carried on."""
        first = len(self.program.inputs)
        for number, value in reversed([*enumerate(self.program.outputs.values())]):
            root = self.root[value]
            if root not in places and self.program.lines[self.made[root]].inputs:
                places[root] = Place("input", first + number)

    def _write_in_place(self, places: dict[int, Place]) -> dict[str, int]:
        """Place new states in the old ones' memory where that is safe; returns the others."""
        copies: dict[str, int] = {}
        for name, value in self.program.updates.items():
            state, root = self.program.states[name], self.root[value]
            if root == state:
                continue
            number = self.made.get(root, -1)
            # What has no inputs is computed once, when the program is compiled, not in every run.
            in_time = number >= (self.guarded_lines or 0) and bool(self.program.lines[number].inputs)
            free = root not in places and self.last.get(state, -1) <= number
            if in_time and free and self._may_replace(number, state, root):
                places[root] = places[state]
            else:
                copies[name] = value
        return copies

    def _arrange(self, places: dict[int, Place]) -> int:
        """Give everything else a place in the arena: the largest first, each at the lowest spot that is free all its
        life."""
        blocks = self._blocks(places)
        offsets: dict[int, int] = {}
        placed: list[tuple[int, _Block]] = []
        for block in sorted({id(b): b for b in blocks.values()}.values(), key=lambda b: (-b.bytes, b.first)):
            offset = 0
            for start, other in placed:
                if other.first <= block.last and block.first <= other.last:
                    if offset + block.bytes <= start:
                        break
                    offset = max(offset, start + other.bytes)
            offsets[id(block)] = offset
            insort(placed, (offset, block), key=lambda pair: pair[0])
        places.update({value: Place("arena", offsets[id(block)]) for value, block in blocks.items()})
        return max((offset + block.bytes for offset, block in placed), default=0)

    def _blocks(self, places: Mapping[int, Place]) -> dict[int, _Block]:
        """The block of every value that needs one. A loop's result takes over the block of an operand that dies with
        it."""
        blocks: dict[int, _Block] = {}
        holder: dict[int, int] = {}  # block → the value that lives in it now
        for number, line in enumerate(self.program.lines):
            for new in () if line.primitive.alias else line.outputs:
                if new in places:
                    continue
                old = next(
                    (v for v in self._dying(line, number) if self._can_take(number, v, new, blocks, holder)), None
                )
                if old is None:
                    size = -(-self.specs[new].bytes // ALIGNMENT) * ALIGNMENT
                    # What has no inputs is computed once, when the program is compiled, and stays.
                    blocks[new] = (
                        _Block(size, number, self.last[new])
                        if line.inputs
                        else _Block(size, -1, len(self.program.lines))
                    )
                else:
                    blocks[new] = blocks[old]
                    blocks[new].last = self.last[new]
                holder[id(blocks[new])] = new
        return blocks

    def _dying(self, line: Line, number: int) -> list[int]:
        """The values that nobody reads after a line: of those it reads, and of its own."""
        roots = dict.fromkeys(self.root[value] for value in (*line.inputs, *line.outputs))
        return [value for value in roots if self.last.get(value, -1) == number]

    def _can_take(
        self, number: int, old: int, new: int, blocks: Mapping[int, _Block], holder: Mapping[int, int]
    ) -> bool:
        block = blocks.get(old)
        return (
            old != new and block is not None and holder[id(block)] == old and block.last == number
            and self.specs[old].bytes == self.specs[new].bytes and self._may_replace(number, old, new)
        )  # fmt: skip

    def _may_replace(self, number: int, old: int, new: int) -> bool:
        """Whether a line may write one value over another: if it doesn't read that, or reads it as a loop, number by
        number."""
        line = self.program.lines[number]
        read = [value for value in line.inputs if self.root[value] == old]
        loop = self._loop(number)
        head = head_of(line)
        if loop is None or (head is not None and new in head.outputs):
            return not read and old not in line.outputs
        if head is not None and any(self.root[value] == old for value in head.inputs):
            return False
        if old in line.outputs:
            if head is None or old not in head.outputs:
                return False
            read = [old]
        return all(loop.reads_whole(value) and self.specs[value].bytes == self.specs[new].bytes for value in read)

    def _loop(self, number: int) -> Loop | None:
        if number not in self._loops:
            self._loops[number] = loop_of(self.program.lines[number], self.program)
        return self._loops[number]


def _roots(program: Program) -> dict[int, int]:
    """For every value the one whose memory it is: itself, unless it is a reshape."""
    root = {value: value for value in (*program.inputs.values(), *program.states.values())}
    for line in program.lines:
        for value in line.outputs:
            root[value] = root[line.inputs[0]] if line.primitive.alias else value
    return root
