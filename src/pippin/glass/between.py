"""Which lines lie between what goes into a layer and what comes out, and where among them the weighted sum is. Found
from who reads what, so that it holds for layers that nobody here has heard of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from pippin.program import Line
from pippin.program.trace import Call


def makers(made_by: Mapping[int, Line], results: Iterable[int], stop: Set[int]) -> list[Line]:
    """The lines that make `results` from the values in `stop` and from inputs and states, in the order they run."""
    found: dict[int, Line] = {}
    waiting = [value for value in results if value not in stop]
    while waiting:
        value = waiting.pop()
        line = made_by.get(value)
        if line is not None and value not in found:
            found[value] = line
            waiting += [read for read in line.inputs if read not in stop]
    return [found[value] for value in sorted(found)]


def answers_of(made_by: Mapping[int, Line], call: Call) -> list[Line]:
    """The lines by which a layer makes its outputs from its inputs."""
    return makers(made_by, call.outputs, set(call.inputs))


def sum_of_weights(lines: list[Line], weights: Set[int], call: Call) -> int | None:
    """The value that a layer's weights have made of its input and that all the rest of the layer is computed from: the
    signal before the activation. None where there is no such place."""
    reads_weight = [place for place, line in enumerate(lines) if any(value in weights for value in line.inputs)]
    if not reads_weight:
        return None
    last = reads_weight[-1]
    if len(lines[last].outputs) > 1:
        return None  # a loop over time: its sums are inside
    value = lines[last].output
    # What comes after may use this value and constants, and nothing else of what came in.
    known: set[int] = {value}
    for line in lines[last + 1 :]:
        known |= set(line.outputs) if all(read in known for read in line.inputs) else set()
    return value if set(call.outputs) <= known else None
