"""Random numbers for layers, drawn inside a program: the same on every engine, new at every step."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import Any

from pippin.primitives import TABLE
from pippin.program import current_trace
from pippin.random import SeedGenerator


def uniform(generator: SeedGenerator, shape: Sequence[int], low: float = 0.0, high: float = 1.0) -> Any:
    """Numbers from `low` up to `high`, as a symbol; the generator moves on."""
    trace = current_trace()
    assert trace is not None, "layers draw their random numbers inside a trace"
    drawn = TABLE["random_uniform"](trace.symbol(generator.next()), shape=tuple(shape), call=0)
    return drawn if (low, high) == (0.0, 1.0) else drawn * (high - low) + low


def normal(generator: SeedGenerator, shape: Sequence[int]) -> Any:
    """Numbers of the standard normal distribution, as a symbol. Source: Box and Muller (1958)."""
    radius = (TABLE["log"](1.0 - uniform(generator, shape)) * -2.0).sqrt()
    return radius * TABLE["cos"](uniform(generator, shape, 0.0, 2 * pi))
