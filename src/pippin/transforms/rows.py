"""Which loops over time fall into parts: where no example knows of another, each part of a batch can go alone.

Threads that share the lines of a step would wait for each other in each step. So the rows of a batch are parted once,
by their number alone, and each part goes through all steps. Every number is computed from the same numbers in the same
order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pippin.primitives import Spec
from pippin.program import Line, Program
from pippin.program.scan import Parts

FEWEST_ROWS = 16
"""Of a part: with fewer, products read their weights too often."""


def parted(parts: Parts) -> tuple[int, Program]:
    """How many parts the rows of a loop fall into, and the body of one: 1 and the body itself where they can't."""
    body = parts.body
    moving = parts.inputs[: parts.carried + parts.sliced]
    sizes = {body.specs[value].shape[:1] for value in moving}
    if len(sizes) != 1 or sizes == {()}:
        return 1, body
    ((batch,),) = sizes
    count = next((n for n in range(batch // FEWEST_ROWS, 1, -1) if batch % n == 0), 1)
    split = _rows(body, set(moving), batch) if count > 1 else None
    if split is None or not all(value in split for value in parts.outputs):
        return 1, body
    rows = batch // count

    def smaller(shape: Sequence[int]) -> tuple[int, ...]:
        return (rows, *shape[1:])

    specs = tuple(
        Spec(smaller(spec.shape), spec.dtype) if value in split else spec for value, spec in enumerate(body.specs)
    )
    lines = [
        replace(line, settings={**line.settings, "shape": smaller(line.settings["shape"])})
        if "shape" in line.settings and line.output in split else line
        for line in body.lines
    ]  # fmt: skip
    return count, replace(body, lines=tuple(lines), specs=specs)


def _rows(body: Program, split: set[int], batch: int) -> set[int] | None:
    """The values whose first axis are the rows of the batch, each row made of the same row; None if rows mix."""
    for line in body.lines:
        if len(line.outputs) > 1:
            return None
        result = body.specs[line.output]
        if _stays_in_rows(line, [body.specs[value] for value in line.inputs], result, split, batch):
            split = split | {line.output}
        elif any(value in split for value in line.inputs):
            return None
    return split


def _stays_in_rows(line: Line, specs: Sequence[Spec], result: Spec, split: set[int], batch: int) -> bool:
    primitive, settings = line.primitive, line.settings
    if result.shape[:1] != (batch,) or not line.inputs:
        return False
    own = [value in split for value in line.inputs]
    if primitive.elementwise:
        # Whoever isn't in rows must be the same for all of them.
        fits = all(
            spec.rank == result.rank and spec.shape[0] == batch if is_own else _same_for_all(spec, result)
            for spec, is_own in zip(specs, own, strict=True)
        )
        return fits and (any(own) or primitive.repeats)
    if primitive.by_rows is not None:
        return own[0] and not any(own[1:]) and result.rank == 2 and primitive.by_rows(**settings)
    if primitive.along_last:
        return own[0] and 0 not in _axes(settings)
    return primitive.alias and own[0]


def _same_for_all(spec: Spec, result: Spec) -> bool:
    return spec.rank < result.rank or spec.shape[0] == 1


def _axes(settings: Any) -> Sequence[int]:
    return settings["axes"] if "axes" in settings else (settings["axis"],)
