"""Keras's `ops` that make many numbers one. `sum`, `max`, `min`, `any` and `all` are Keras's words here, not
Python's."""

from __future__ import annotations

import math
from typing import Any

from pippin.errors import ShapeError
from pippin.ops.dtypes import as_made, as_total
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of, floats
from pippin.primitives import BOOL, FLOAT, INT, TABLE

LARGEST = {INT: -1, "uint32": 2**32 - 1, "uint8": 255}
"""From which whole numbers are taken to turn their order around: no number of the type leaves it that way."""


@operation(1, as_total)
def sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """All added up; truth values count as 0 and 1."""
    return (x.cast(INT) if x.dtype == BOOL else x).sum(axes_of(axis), keepdims)


@operation(1)
def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum divided by how many there are."""
    return as_float(x).mean(axes_of(axis), keepdims)


@operation(1)
def moments(x: Tensor, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """The mean and the variance: the mean of the squared distances from the mean."""
    x = as_float(x)
    center = x.mean(axes_of(axes), keepdims=True)
    spread = TABLE["square"](x - center).mean(axes_of(axes), keepdims)
    return center.reshape(spread.shape), spread


@operation(1)
def var(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean of the squared distances from the mean."""
    return moments(x, axis, keepdims)[1]


@operation(1)
def std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The root of the variance."""
    return moments(x, axis, keepdims)[1].sqrt()


@operation(1)
def max(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """The largest; at least `initial`, which is also the answer where there is nothing."""
    return _largest(x, axis, keepdims, initial)


@operation(1)
def min(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """The smallest; at most `initial`, which is also the answer where there is nothing."""
    return _smallest(x, axis, keepdims, initial)


def _smallest(x: Tensor, axis: Axis, keepdims: bool, initial: Any = None) -> Tensor:
    if x.dtype == BOOL:
        return _smallest(x.cast(INT), axis, keepdims, initial).cast(BOOL)
    opposite = None if initial is None else -initial if x.dtype == FLOAT else LARGEST[x.dtype] - initial
    return _negated(_largest(_negated(x), axis, keepdims, opposite))


def _largest(x: Tensor, axis: Axis, keepdims: bool, initial: Any = None) -> Tensor:
    if x.dtype == BOOL:
        return _largest(x.cast(INT), axis, keepdims, initial).cast(BOOL)
    if initial is None:
        return x.max(axes_of(axis), keepdims)
    rest = x.sum(axes_of(axis), keepdims)
    found = x.max(axes_of(axis), keepdims) if x.size else rest
    return TABLE["maximum"](found, initial) if x.size else x.trace.symbol(initial, x.dtype).broadcast_to(rest.shape)


def _negated(x: Tensor) -> Tensor:
    """Numbers in the opposite order: the smallest becomes the largest."""
    return -x if x.dtype == FLOAT else LARGEST[x.dtype] - x


@operation(1)
def amax(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest."""
    return _largest(x, axis, keepdims)


@operation(1)
def amin(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest."""
    return _smallest(x, axis, keepdims)


@operation(1)
def ptp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """From the smallest to the largest: how far apart they are."""
    return _largest(x, axis, keepdims) - _smallest(x, axis, keepdims)


@operation(1, as_total)
def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """All multiplied; truth values count as 0 and 1. Pairs first, then pairs of pairs: ceil(log2 n) rounds."""
    x = x.cast(INT) if x.dtype == BOOL else x
    axes = range(x.rank) if axis is None else sorted({a % x.rank for a in axes_of(axis) or ()})
    kept = [n for n in range(x.rank) if n not in axes]
    shape = [1 if n in axes else size for n, size in enumerate(x.shape) if keepdims or n not in axes]
    rows = x.transpose([*kept, *axes]).reshape([*(x.shape[n] for n in kept), math.prod(x.shape[n] for n in axes)])
    while rows.shape[-1] > 1:
        half = rows.shape[-1] // 2
        pairs = rows[..., :half] * rows[..., half : 2 * half]
        rows = pairs if rows.shape[-1] == 2 * half else TABLE["concatenate"](pairs, rows[..., -1:], axis=rows.rank - 1)
    if rows.shape[-1] == 0:
        return x.trace.symbol(1, x.dtype).broadcast_to(shape)
    return rows.reshape(shape)


def average(x: Tensor, axis: Axis = None, weights: Tensor = None) -> Tensor:
    """The mean, in which each number counts as much as its weight says."""
    return mean(x, axis) if weights is None else _weighted_mean(x, weights, axis)


@operation(2)
def _weighted_mean(x: Tensor, weights: Tensor, axis: Axis) -> Tensor:
    x, weights = floats(x, weights)
    if weights.shape != x.shape:
        if axis is None or not isinstance(axis, int) or weights.rank != 1 or weights.shape[0] != x.shape[axis]:
            raise ShapeError(
                f"average: expected weights of shape {x.shape}, or one for each entry along the one axis, received "
                f"{weights.shape} and axis={axis}."
            )
        weights = weights.reshape([size if n == axis % x.rank else 1 for n, size in enumerate(x.shape)])
        weights = weights.broadcast_to(x.shape)
    return (x * weights).sum(axes_of(axis)) / weights.sum(axes_of(axis))


@operation(1)
def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """True if at least one is."""
    return x.cast(BOOL).cast(INT).max(axes_of(axis), keepdims).cast(BOOL)


@operation(1)
def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """True if every one is."""
    return ~(~x.cast(BOOL)).cast(INT).max(axes_of(axis), keepdims).cast(BOOL)


@operation(1, as_made)
def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    """How many are not 0."""
    return x.cast(BOOL).cast(INT).sum(axes_of(axis))


@operation(1, as_made)
def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the largest stands, counted from 0; the first if there are several."""
    x = x.cast(INT) if x.dtype == BOOL else x
    found = x.reshape((x.size,)).argmax(0) if axis is None else x.argmax(axis)
    if not keepdims:
        return found
    return found.reshape([1 if axis is None or n == axis % x.rank else size for n, size in enumerate(x.shape)])


@operation(1, as_made)
def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the smallest stands, counted from 0."""
    return argmax(_negated(x.cast(INT) if x.dtype == BOOL else x), axis, keepdims)


@operation(1)
def logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """ln Σ e^x; the largest x is taken out first, so that nothing overflows."""
    x = as_float(x)
    largest = TABLE["stop_gradient"](x.max(axes_of(axis), keepdims=True))
    found = (x - largest).exp().sum(axes_of(axis), keepdims=True).log() + largest
    return found if keepdims else found.reshape(x.sum(axes_of(axis)).shape)
