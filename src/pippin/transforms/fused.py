"""What a fused line is, and how groups of lines are written as a program. Which lines make a group, fuse.py decides.

A fused line holds the lines it stands for as a program, its body: every engine can run it, and its result can be
compared with theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pippin.primitives import Primitive, Spec
from pippin.primitives.scan import alone, run_jax, run_reference
from pippin.program import Line, Program
from pippin.transforms.loops import Form, Loop, describe


@dataclass(eq=False)
class Group:
    """A place in the fused program: a single line, a loop, or a heavy line with the loop behind it."""

    lines: list[Line]
    form: Form | None = None
    """Of the loop, if there is one."""
    head: Line | None = None
    """The heavy line in front of the loop."""
    behind: list[Line] = field(default_factory=list)
    """Reshapes of what is made here, outside of the loop."""
    number: int = 0


def written(program: Program, groups: Sequence[Group], early: Sequence[Line]) -> Program:
    """The program whose lines are these groups, in order; early lines stand before the first line that reads them."""
    read_in: dict[int, set[int]] = {}
    for number, group in enumerate(groups):
        for line in group.lines:
            for value in line.inputs:
                read_in.setdefault(value, set()).add(number)
        for line in group.behind:
            read_in.setdefault(line.inputs[0], set()).add(-1)
    kept = program.results() | {value for line in early for value in line.inputs}
    lines: list[Line] = []
    for number, group in enumerate(groups):
        made = [value for line in group.lines for value in line.outputs]
        needed = {value for value in made if value in kept or read_in.get(value, {number}) != {number}}
        lines += _lines_of(program, group, needed)
    return program.with_lines(_with_early(early, lines, program.results()))


def _lines_of(program: Program, group: Group, needed: set[int]) -> list[Line]:
    """A fused line, or the single line as it was; then the reshapes that others read."""
    if sum(not line.primitive.alias for line in group.lines) == 1:
        return [*group.lines, *group.behind]
    reshapes = {line.output: line for line in group.lines if line.primitive.alias}
    made = [line.output for line in group.lines]
    outputs = {value for value in needed if value not in reshapes}
    behind: set[int] = set()
    # A reshape computes nothing, so a loop can't return it: it is written again behind the loop, of what that returns.
    for value in needed & reshapes.keys():
        source = value
        while source in reshapes:
            behind.add(source)
            source = reshapes[source].inputs[0]
        outputs.add(source)
    if group.head is not None:
        outputs.add(group.head.output)
    inputs = tuple(dict.fromkeys(v for line in group.lines for v in line.inputs if v not in made))
    ordered = tuple(value for value in made if value in outputs)
    first = group.lines[0]
    line = Line(fused(program, group.lines, inputs, ordered), inputs, ordered, {}, first.layer, first.phase)
    return [line, *(reshapes[value] for value in made if value in behind), *group.behind]


def _with_early(early: Sequence[Line], lines: Sequence[Line], results: set[int]) -> list[Line]:
    """Write each early line just before the first line that reads it."""
    waiting = {value: line for line in early for value in line.outputs}
    found: list[Line] = []

    def bring(value: int) -> None:
        line = waiting.get(value)
        if line is not None:
            for made in line.outputs:
                del waiting[made]
            for needed in line.inputs:
                bring(needed)
            found.append(line)

    for line in lines:
        for value in line.inputs:
            bring(value)
        found.append(line)
    for value in sorted(results):
        bring(value)
    return found


def fused(program: Program, lines: Sequence[Line], inputs: tuple[int, ...], outputs: tuple[int, ...]) -> Primitive:
    """The record of a fused line: everything about it follows from the lines it stands for."""
    body = Program(
        "fused", {f"x{n}": value for n, value in enumerate(inputs)}, {}, tuple(lines),
        {f"y{n}": value for n, value in enumerate(outputs)}, {}, program.specs,
    )  # fmt: skip

    def shape(*specs: Spec) -> Spec:
        return program.specs[outputs[0]]

    def reference(*arrays: np.ndarray) -> Any:
        return alone(run_reference(body, arrays))

    def jax(module: Any, *arrays: Any) -> Any:
        return alone(run_jax(module, body, arrays))

    names = [line.primitive.name for line in lines if not line.primitive.alias]
    return Primitive(
        "_".join(names) if len(names) < 4 else f"{names[0]}_to_{names[-1]}",
        "; ".join(line.primitive.math for line in lines), "Several lines in one pass over the numbers.",
        shape, reference, jax, samples=lambda rng: [], flops=lambda result, *specs: body.flops(), body=body,
    )  # fmt: skip


# Reading fused lines ------------------------------------------------------------------------------------------------


def head_of(line: Line) -> Line | None:
    """What a kernel of its own computes: a plain line, or the heavy one a fused line begins with; None in a loop."""
    if line.primitive.body is None:
        return None if line.primitive.elementwise else line
    first: Line = line.primitive.body.lines[0]
    return first if first.primitive.ends_in_rows else None


def loop_of(line: Line, program: Program) -> Loop | None:
    """The loop that a line is, or that it ends in; None for a line without one."""
    body = line.primitive.body
    if body is None:
        return describe([line], program.specs) if line.primitive.elementwise else None
    head = head_of(line)
    if head is None:
        return describe(body.lines, program.specs)
    return describe(body.lines[1:], program.specs, program.specs[head.output].shape[-1])
