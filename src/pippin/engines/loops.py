"""How a group of lines becomes one native loop: which numbers each operation reads, row by row. Shapes only, no arithmetic.

A loop runs over rows × columns numbers. A value in it is full (one number for each) or a column (one for each row). What
comes from outside may be smaller and is spread over the loop, described by strides over merged axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from pippin.primitives import Spec
from pippin.program import Line

Walk = tuple[tuple[int, ...], tuple[int, ...]]
Operand = tuple[int, bool, tuple[int, ...], tuple[int, ...]]
Step = tuple[str, str, str, bool, bool, list[int]]


def walk(small: tuple[int, ...], large: tuple[int, ...]) -> Walk:
    """Extents and strides by which an array of shape `small` is read as if it had been broadcast to `large`.

    Axes that can be walked as one are merged; an array that is read from its first number to its last has one axis at most.
    """
    padded = (1,) * (len(large) - len(small)) + small
    extents: list[int] = []
    strides: list[int] = []
    for axis, (size, wanted) in enumerate(zip(padded, large, strict=True)):
        if wanted == 1:
            continue
        stride = 0 if size == 1 else prod(padded[axis + 1 :])
        if extents and strides[-1] == wanted * stride:
            extents[-1] *= wanted
            strides[-1] = stride
        else:
            extents.append(wanted)
            strides.append(stride)
    return tuple(extents), tuple(strides)


def is_whole(path: Walk) -> bool:
    """Whether a walk reads every number once, in order."""
    return path[1] in ((), (1,))


def reduced_columns(line: Line, specs: Sequence[Spec]) -> int | None:
    """How many neighbouring numbers a reduction along the last axes makes one; None for any other line."""
    if not line.primitive.along_last or line.primitive.elementwise:
        return None
    x = specs[line.inputs[0]]
    axes = line.settings["axes"] if "axes" in line.settings else (line.settings["axis"],)
    if not axes or tuple(sorted(axes)) != tuple(range(x.rank - len(axes), x.rank)):
        return None
    return prod(x.shape[x.rank - len(axes) :])


@dataclass
class Loop:
    """A loop as the native engine is told it. `inputs` and `outputs` are values; numbers in steps count operands, then steps."""

    rows: int
    columns: int
    inputs: list[int] = field(default_factory=list)
    operands: list[Operand] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    made: dict[int, int] = field(default_factory=dict)
    """Value → number of the operand or step that holds it."""
    columns_made: set[int] = field(default_factory=set)
    """The values of the loop that have one number per row."""

    def _operand(self, value: int, column: bool, path: Walk, found: dict[tuple[int, bool, Walk], int]) -> int:
        if is_whole(path):
            path = ((), ())
        key = (value, column, path)
        if key not in found:
            if value not in self.inputs:
                self.inputs.append(value)
            found[key] = len(self.operands)
            self.operands.append((self.inputs.index(value), column, *path))
        return found[key]


def describe(lines: Sequence[Line], specs: Sequence[Spec], rows: int, columns: int) -> Loop:
    """The loop that computes a group of lines over rows × columns numbers."""
    loop = Loop(rows, columns)
    found: dict[tuple[int, bool, Walk], int] = {}
    inside: dict[int, int] = {}  # value → number of the step that makes it, counted from the first step
    pending: list[tuple[Line, bool, bool, list[tuple[bool, int]]]] = []
    for line in lines:
        if line.primitive.alias:
            if line.inputs[0] in inside:
                inside[line.output] = inside[line.inputs[0]]
                if line.inputs[0] in loop.columns_made:
                    loop.columns_made.add(line.output)
                continue
            raise AssertionError("an alias of something outside belongs outside of the loop")
        rowwise = not line.primitive.elementwise
        result = specs[line.output]
        column = not rowwise and is_column(line, result, inside, loop)
        references: list[tuple[bool, int]] = []
        for value in line.inputs:
            if value in inside:
                references.append((True, inside[value]))
            else:
                path = ((), ()) if rowwise else walk(specs[value].shape, result.shape)
                references.append((False, loop._operand(value, column, path, found)))
        inside[line.output] = len(pending)
        if rowwise or column:
            loop.columns_made.add(line.output)
        pending.append((line, rowwise, column, references))
    base = len(loop.operands)
    for line, rowwise, column, references in pending:
        numbers = [base + number if is_inside else number for is_inside, number in references]
        of, to = specs[line.inputs[-1]].dtype, specs[line.output].dtype
        loop.steps.append((line.primitive.name, of, to, rowwise, column, numbers))
    loop.made = {value: base + number for value, number in inside.items()}
    return loop


def is_column(line: Line, result: Spec, inside: dict[int, int], loop: Loop) -> bool:
    """Whether an elementwise line of a loop works on one number per row."""
    own = [value for value in line.inputs if value in inside]
    if result.size != loop.rows or not all(value in loop.columns_made for value in own):
        return False
    return bool(own) or loop.columns != 1
