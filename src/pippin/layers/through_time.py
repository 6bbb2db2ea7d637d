"""A layer's step in a loop over time: what it adds to the loss in each step counts, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin import ops
from pippin.layers.layer import Layer
from pippin.program import Symbol, current_trace
from pippin.program.scan import Step, write_scan


def through_time(
    layer: Layer, step: Step, carried: Sequence[Symbol], slices: Sequence[Symbol], length: int, reverse: bool = False
) -> tuple[list[Symbol], list[Symbol]]:
    """As `write_scan`; losses that `layer`, or one inside it, adds in a step are added up over all steps."""
    trace = current_trace()
    assert trace is not None
    count = 0

    def with_losses(now: list[Symbol], here: list[Symbol]) -> tuple[Sequence[Any], Sequence[Any]]:
        nonlocal count
        after, kept = step(now, here)
        body = current_trace()
        assert body is not None
        losses = layer.losses_of(body)
        count = len(losses)
        return after, [*kept, *losses]

    last, kept = write_scan(trace, with_losses, carried, slices, length, reverse)
    own = len(kept) - count
    for each in kept[own:]:
        layer.add_loss(ops.sum(each))
    return last, kept[:own]
