"""Keras's `ops` that lay numbers out differently, join them, cut them and look them up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, unknown
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, axes_of
from pippin.primitives import INT, TABLE


@operation(1)
def reshape(x: Tensor, newshape: Sequence[int] | int) -> Tensor:
    """The same numbers in another shape; one size may be -1: whatever is left."""
    shape = [newshape] if isinstance(newshape, int) else list(newshape)
    if shape.count(-1) > 1:
        raise ShapeError(f"reshape: expected at most one -1, received {tuple(shape)}.")
    if -1 in shape:
        known = prod(size for size in shape if size != -1)
        if known == 0 or x.size % known:
            raise ShapeError(
                f"reshape: expected a shape of {x.size} numbers for input {x.shape}, received {tuple(shape)}."
            )
        shape[shape.index(-1)] = x.size // known
    return x.reshape(shape)


@operation(1)
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order; backwards if none is given."""
    return x.transpose([axis % x.rank for axis in axes] if axes is not None else range(x.rank)[::-1])


@operation(1)
def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    """Two axes change places."""
    order = list(range(x.rank))
    order[axis1 % x.rank], order[axis2 % x.rank] = axis2 % x.rank, axis1 % x.rank
    return x.transpose(order)


@operation(1)
def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes move to other places; the others keep their order."""
    sources, places = [[axis % x.rank for axis in axes_of(given) or ()] for given in (source, destination)]
    order = [axis for axis in range(x.rank) if axis not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        order.insert(place, axis)
    return x.transpose(order)


@operation(1)
def ravel(x: Tensor) -> Tensor:
    """All numbers in a row."""
    return x.reshape((x.size,))


@operation(1)
def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    """New axes of length 1, at these places of the result."""
    places = axes_of(axis) or ()
    rank = x.rank + len(places)
    sizes, new = iter(x.shape), {place % rank for place in places}
    return x.reshape([1 if place in new else next(sizes) for place in range(rank)])


@operation(1)
def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    """Without its axes of length 1, or without those that are named."""
    drop = [n for n in range(x.rank) if x.shape[n] == 1] if axis is None else [a % x.rank for a in axes_of(axis) or ()]
    if any(x.shape[n] != 1 for n in drop):
        raise ShapeError(f"squeeze: expected axes of length 1, received axis {axis} of shape {x.shape}.")
    return x.reshape([size for n, size in enumerate(x.shape) if n not in drop])


@operation(1)
def broadcast_to(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Repeated until the shape is `shape`."""
    return x.broadcast_to(shape)


@operation(1)
def tile(x: Tensor, repeats: int | Sequence[int]) -> Tensor:
    """The whole array laid side by side: so many times along each of the last axes."""
    times = [repeats] if isinstance(repeats, int) else list(repeats)
    rank = max(len(times), x.rank)
    times = [1] * (rank - len(times)) + times
    sizes = [1] * (rank - x.rank) + list(x.shape)
    apart = x.reshape([length for size in sizes for length in (1, size)])
    full = apart.broadcast_to([length for pair in zip(times, sizes, strict=True) for length in pair])
    return full.reshape([count * size for count, size in zip(times, sizes, strict=True)])


@operation(1)
def repeat(x: Tensor, repeats: int, axis: int | None = None) -> Tensor:
    """Every number (or entry along `axis`) so many times in a row."""
    if axis is None:
        x, axis = x.reshape((x.size,)), 0
    place = axis % x.rank + 1
    full = x.reshape((*x.shape[:place], 1, *x.shape[place:])).broadcast_to(
        (*x.shape[:place], repeats, *x.shape[place:])
    )
    return full.reshape((*x.shape[: place - 1], x.shape[place - 1] * repeats, *x.shape[place:]))


@operation(1)
def concatenate(xs: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Arrays one after the other along an axis they have."""
    return TABLE["concatenate"](*xs, axis=axis % xs[0].rank)


@operation(1)
def stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Arrays one after the other along a new axis."""
    place = axis % (x[0].rank + 1)
    return TABLE["concatenate"](
        *[part.reshape((*part.shape[:place], 1, *part.shape[place:])) for part in x], axis=place
    )


@operation(1)
def split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Parts along an axis: so many equal ones, or cut at these positions."""
    axis, given = axis % x.rank, indices_or_sections
    size = x.shape[axis]
    if isinstance(given, int):
        if given < 1 or size % given:
            raise ShapeError(
                f"split: expected a number of parts that divides axis {axis} of shape {x.shape}, received {given}."
            )
        given = range(size // given, size, size // given)
    ends = [0, *given, size]
    before = (slice(None),) * axis
    return [x[(*before, slice(start, stop))] for start, stop in pairwise(ends)]


@operation(1)
def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """The entries along an axis, each without that axis."""
    before = (slice(None),) * (axis % x.rank)
    return [x[(*before, place)] for place in range(x.shape[axis])]


@operation(1)
def flip(x: Tensor, axis: Axis = None) -> Tensor:
    """The order turned around along these axes."""
    return x.reverse(range(x.rank) if axis is None else [a % x.rank for a in axes_of(axis) or ()])


@operation(1)
def pad(x: Tensor, pad_width: Any, mode: str = "constant", constant_values: float | None = None) -> Tensor:
    """A border around the numbers: pad_width is (before, after) for each axis, or one pair or number for all.

    mode: "constant" (`constant_values`, by itself 0), "reflect" (the numbers mirrored, the outermost not repeated), or
    "symmetric" (mirrored, the outermost repeated).
    """
    if mode not in ("constant", "reflect", "symmetric"):
        raise unknown("mode of pad", mode, ("constant", "reflect", "symmetric"))
    if mode != "constant" and constant_values is not None:
        raise SettingError(
            "Argument `constant_values` can only be provided when `mode == 'constant'`. "
            f"Received: mode={mode}, constant_values={constant_values}"
        )
    if isinstance(pad_width, int):
        pad_width = (pad_width, pad_width)
    widths = [pad_width] * x.rank if isinstance(pad_width[0], int) else pad_width
    if mode != "constant":
        for axis, (before, after) in enumerate(widths):
            if before or after:
                places = np.pad(np.arange(x.shape[axis], dtype=np.int32), (before, after), mode)  # type: ignore[call-overload]
                x = take(x, places, axis)
        return x
    low, high = [before for before, _ in widths], [after for _, after in widths]
    if not constant_values:
        return x.pad(low, high)
    return (x - constant_values).pad(low, high) + constant_values


@operation(2)
def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """Entries along `axis` (or numbers, if it is None) by their positions; negative ones count from the end."""
    if axis is None:
        x, axis = x.reshape((x.size,)), 0
    axis = axis % x.rank
    positions = indices.cast(INT)
    positions = (positions < 0).where(positions + x.shape[axis], positions)
    found = TABLE["gather"](x.transpose([axis, *(n for n in range(x.rank) if n != axis)]), positions)
    rank = positions.rank
    return found.transpose([*range(rank, rank + axis), *range(rank), *range(rank + axis, found.rank)])
