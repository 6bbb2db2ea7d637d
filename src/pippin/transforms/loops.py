"""What a fused loop is: lines that go over the same rows and columns, so that one pass over blocks of numbers computes
all.

Shapes only: which lines may share a loop, and which numbers each of them reads. `fuse` gathers lines with it, the
native engine describes loops with it. A loop runs over rows × columns numbers. A value in it is full (one number for
each) or a column (one for each row: what a reduction of rows leaves). What comes from outside may be smaller and is
spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from pippin.primitives import Spec
from pippin.program import Line

Walk = tuple[tuple[int, ...], tuple[int, ...]]
WIDEST_ROW = 2048
"""A row that is reduced inside a loop must fit into a block, and a block into the nearest cache."""


def walk(small: tuple[int, ...], large: tuple[int, ...]) -> Walk:
    """Extents and strides by which an array of shape `small` is read as if it had been broadcast to `large`.

    Axes that can be walked as one are merged: an array read from its first number to its last has one axis, of stride
    1.
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
    """How many neighbouring numbers a reduction along the last axes makes one; None for lines that do anything else."""
    if not line.primitive.along_last:
        return None
    x = specs[line.inputs[0]]
    axes = line.settings["axes"] if "axes" in line.settings else (line.settings["axis"],)
    if not axes or tuple(sorted(axes)) != tuple(range(x.rank - len(axes), x.rank)):
        return None
    return prod(x.shape[x.rank - len(axes) :])


def may_loop(line: Line, specs: Sequence[Spec]) -> bool:
    """Whether a line can be part of a loop at all."""
    if line.primitive.elementwise:
        return True
    columns = reduced_columns(line, specs)
    return columns is not None and columns <= WIDEST_ROW and specs[line.inputs[0]].size > 0


@dataclass
class Form:
    """The numbers a loop runs over, and which kind each of its values is of. Lines join it one by one."""

    specs: Sequence[Spec]
    size: int
    columns: int | None = None
    """Numbers in a row; None as long as no line cares."""
    full: set[int] = field(default_factory=set)
    column: set[int] = field(default_factory=set)

    def copy(self) -> Form:
        """The same form, to try lines on."""
        return Form(self.specs, self.size, self.columns, set(self.full), set(self.column))

    @property
    def rows(self) -> int:
        return 1 if self.columns is None else self.size // self.columns if self.columns else 0

    def has(self, value: int) -> bool:
        """Whether a value is made inside."""
        return value in self.full or value in self.column

    def join(self, line: Line) -> bool:
        """Take a line in, if it fits; otherwise nothing changes."""
        if line.primitive.alias:
            return self._join_alias(line)
        if not may_loop(line, self.specs):
            return False
        return self._join_elementwise(line) if line.primitive.elementwise else self._join_reduction(line)

    def _join_alias(self, line: Line) -> bool:
        for kind in (self.full, self.column):
            if line.inputs[0] in kind:
                kind.add(line.output)
                return True
        return False  # of something outside: it belongs outside

    def _join_reduction(self, line: Line) -> bool:
        (x,) = line.inputs
        columns = reduced_columns(line, self.specs)
        if self.specs[x].size != self.size or x in self.column or self.columns not in (None, columns):
            return False
        self.columns = columns
        self.column.add(line.output)
        return True

    def works_on_column(self, line: Line) -> bool:
        """Whether an elementwise line works on one number per row."""
        own = [value for value in line.inputs if self.has(value)]
        if self.columns is None or self.specs[line.output].size != self.rows or not all(v in self.column for v in own):
            return False
        return bool(own) or self.size != self.rows

    def _join_elementwise(self, line: Line) -> bool:
        if self.works_on_column(line):
            self.column.add(line.output)
            return True
        result = self.specs[line.output]
        if result.size != self.size:
            return False
        columns = self.columns
        for value in line.inputs:
            path = walk(self.specs[value].shape, result.shape)
            if value in self.column and columns is not None:
                if path not in (((self.rows, columns), (1, 0)), ((columns,), (0,)), ((self.rows,), (1,))):
                    return False
            elif columns is None and path[1] in ((0, 1), (1, 0)):
                columns = path[0][1]  # the first operand that is spread says what a row is
        self.columns = columns
        self.full.add(line.output)
        return True


def form_for(lines: Sequence[Line], specs: Sequence[Spec], columns: int | None = None) -> Form:
    """The empty form that fits the largest of some lines; `columns` says how long a row is, if that is known before."""
    computing = [line for line in lines if not line.primitive.alias]
    sizes = [specs[line.output if line.primitive.elementwise else line.inputs[0]].size for line in computing]
    return Form(specs, max(sizes), columns)


Operand = tuple[int, bool, tuple[int, ...], tuple[int, ...]]
Step = tuple[str, str, str, bool, bool, list[int]]


@dataclass
class Loop:
    """A loop in the words of native/loop_plan.h. Numbers in steps count operands, then steps."""

    rows: int
    columns: int
    inputs: list[int]
    """The values that come from outside."""
    operands: list[Operand]
    """Number of the input, whether it is a column, extents and strides (none if it is read whole)."""
    steps: list[Step]
    """Name, types of the last operand and the result, whether it reduces rows, whether it is a column, operands."""
    made: dict[int, int]
    """For each value made inside, the number of the step that makes it."""

    def reads_whole(self, value: int) -> bool:
        """Whether every reading of a value from outside goes number by number, as a result does that replaces it."""
        return all(
            not column and not extents for number, column, extents, _ in self.operands if self.inputs[number] == value
        )


def describe(lines: Sequence[Line], specs: Sequence[Spec], columns: int | None = None) -> Loop:
    """The loop that computes a group of lines; `columns` says how long a row is where the lines alone would leave it
    open."""
    form = form_for(lines, specs, columns)
    for line in lines:
        joined = form.join(line)
        assert joined, f"{line.primitive.name} does not fit the loop it is in"
    inputs: list[int] = []
    operands: dict[Operand, int] = {}
    references: list[list[Operand | int]] = []
    made: dict[int, int] = {}
    steps: list[Line] = []
    for line in lines:
        if line.primitive.alias:
            made[line.output] = made[line.inputs[0]]
            continue
        references.append([made[v] if v in made else _operand(line, v, form, inputs, operands) for v in line.inputs])
        made[line.output] = len(steps)
        steps.append(line)
    base = len(operands)
    return Loop(
        form.rows, form.size if form.columns is None else form.columns, inputs, list(operands),
        [
            (
                line.primitive.name, specs[line.inputs[-1]].dtype, specs[line.output].dtype,
                not line.primitive.elementwise,
                line.primitive.elementwise and line.output in form.column,
                [operands[r] if isinstance(r, tuple) else base + r for r in refers],
            )
            for line, refers in zip(steps, references, strict=True)
        ],
        {value: base + number for value, number in made.items()},
    )  # fmt: skip


def _operand(line: Line, value: int, form: Form, inputs: list[int], operands: dict[Operand, int]) -> Operand:
    """How a line of a loop reads a value from outside."""
    if value not in inputs:
        inputs.append(value)
    rowwise = not line.primitive.elementwise
    path = ((), ()) if rowwise else walk(form.specs[value].shape, form.specs[line.output].shape)
    extents, strides = ((), ()) if is_whole(path) else path
    operand: Operand = (inputs.index(value), not rowwise and line.output in form.column, extents, strides)
    operands.setdefault(operand, len(operands))
    return operand
