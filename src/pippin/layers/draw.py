"""Random numbers for layers, drawn inside a program or at once: the same on every engine, new at every step."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

from pippin import ops, random
from pippin.primitives import TABLE
from pippin.program import current_trace
from pippin.random import draw_seed


def uniform(seed: Any, shape: Sequence[int], low: float = 0.0, high: float = 1.0) -> Any:
    """Numbers from `low` up to `high`: a symbol inside a trace, else an array. A SeedGenerator moves on."""
    trace = current_trace()
    if trace is None:
        return random.uniform(shape, low, high, seed=seed)
    drawn = TABLE["random_uniform"](trace.symbol(draw_seed(seed)), shape=tuple(shape), call=0)
    return drawn if (low, high) == (0.0, 1.0) else drawn * (high - low) + low


def normal(seed: Any, shape: Sequence[int]) -> Any:
    """Numbers of the standard normal distribution: a symbol inside a trace, else an array. Source: Box and Muller
    (1958)."""
    radius = ops.sqrt(ops.log(1.0 - uniform(seed, shape)) * -2.0)
    return radius * ops.cos(uniform(seed, shape, 0.0, 2 * pi))
