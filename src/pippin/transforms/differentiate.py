"""The chain rule, backwards: appends the lines that say how a number changes when others do.

Reverse-mode differentiation of a flat program. Source: Rumelhart, Hinton and Williams, "Learning representations by
back-propagating errors" (1986); for lists of lines: Griewank and Walther, "Evaluating Derivatives" (2008), chapter 3.
Each line's own rule stands in its primitive's record. The appended lines are lines like any other, so the result can be
differentiated again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pippin.errors import PippinError
from pippin.primitives.primitive import FLOAT
from pippin.program import BACKWARD, Symbol, Trace
from pippin.transforms.through_time import pass_back_through_time


def gradients(result: Symbol, inputs: Sequence[Symbol], seed: Any = None, first: int = 0) -> list[Symbol]:
    """How `result` changes with each of `inputs`: one symbol each, of the input's shape; zeros where it doesn't depend.

    `result` is one number, or `seed` (of its shape) says how much each of its numbers counts. What lines before number
    `first` made is as given.
    """
    trace = result.trace
    if seed is None and result.size != 1:
        raise PippinError(
            f"gradients: expected a single number to differentiate, received shape {result.shape}. "
            "Sum it first, or pass a seed."
        )
    with trace.at(phase=BACKWARD):
        start = trace.symbol(1.0).broadcast_to(result.shape) if seed is None else trace.symbol(seed)
        arriving = {result.value: start}
        walk_back(trace, arriving, inputs, _written_by(trace, result), first=first)
        trace.notes.gradients = {value: symbol.value for value, symbol in arriving.items()}
        return [arriving[i.value] if i.value in arriving else trace.symbol(0.0).broadcast_to(i.shape) for i in inputs]


def walk_back(
    trace: Trace,
    arriving: dict[int, Symbol],
    inputs: Sequence[Symbol],
    lines: int,
    apart: Mapping[int, list[Symbol]] | None = None,
    first: int = 0,
) -> None:
    """From the last of so many lines to line `first`, add each line's share to what arrives at its inputs.

    What would be added up for a value in `apart` is put into its list instead.
    """  # fmt: skip
    wanted = _depends_on(trace, inputs)
    for number in reversed(range(first, lines)):
        line = trace.lines[number]
        if not any(value in arriving and value in wanted for value in line.outputs):
            continue
        if "body" in line.settings:
            flowing: Sequence[Symbol | None] = pass_back_through_time(trace, number, arriving, wanted, walk_back)
        elif line.primitive.derivative is None:
            continue
        else:
            with trace.at(layer=line.layer):
                flowing = line.primitive.derivative(
                    arriving[line.output], trace.symbol_of(line.output), *map(trace.symbol_of, line.inputs),
                    **line.settings,
                )  # fmt: skip
        with trace.at(layer=line.layer):
            for value, share in zip(line.inputs, flowing, strict=True):
                if share is None or value not in wanted:
                    continue
                if apart is not None and value in apart:
                    apart[value].append(share)
                else:
                    arriving[value] = arriving[value] + share if value in arriving else share


def _written_by(trace: Trace, result: Symbol) -> int:
    """How many of the trace's lines were there when `result` was made."""
    for number in range(len(trace.lines), 0, -1):
        if result.value in trace.lines[number - 1].outputs:
            return number
    return 0


def _depends_on(trace: Trace, inputs: Sequence[Symbol]) -> set[int]:
    """The floating-point values that depend on any of `inputs`: only through these does blame flow."""
    reached = {symbol.value for symbol in inputs}
    for line in trace.lines:
        if any(value in reached for value in line.inputs):
            reached.update(value for value in line.outputs if trace.specs[value].dtype == FLOAT)
    return reached
