"""Keras's `ops` that ask below which number a share of all lies: quantiles, percentiles, medians, with NaN or
without."""

from __future__ import annotations

from math import prod
from typing import Any

from pippin.errors import SettingError
from pippin.ops.operation import operation
from pippin.ops.order import picked_along_last
from pippin.ops.types import Axis, Tensor, as_float, axes_of
from pippin.primitives import FLOAT, INT, TABLE

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantile(x: Tensor, q: Any, axis: Axis, method: str, keepdims: bool, leave_out_nan: bool) -> Tensor:
    """Sorted, NaN last; the place of the share q among those that count, and the two numbers around it."""
    if method not in METHODS:
        raise SettingError(f"quantile: expected a method among {', '.join(METHODS)}, received {method!r}.")
    x = as_float(x)
    q = as_float(x.trace.symbol(q, FLOAT))
    axes = sorted(n % x.rank for n in (range(x.rank) if axis is None else axes_of(axis) or ()))
    kept = [n for n in range(x.rank) if n not in axes]
    rows = x.transpose([*kept, *axes]).reshape((*(x.shape[n] for n in kept), prod(x.shape[n] for n in axes)))
    ordered = picked_along_last(rows, TABLE["argsort"](rows))
    count = rows.equal(rows).cast(FLOAT).sum([-1])
    place = q.reshape((q.size, *[1] * len(kept))) * TABLE["maximum"](count - 1.0, 0.0)
    below, above = TABLE["floor"](place), -TABLE["floor"](-place)
    weight: Any = {
        "linear": place - below, "lower": 0.0, "higher": 1.0, "midpoint": 0.5, "nearest": TABLE["round"](place) - below,
    }[method]  # fmt: skip
    low, high = (_at(ordered, end) for end in (below, above))
    found = low.equal(high).where(low, low + (high - low) * weight)
    complete = count > 0.0 if leave_out_nan else count >= float(rows.shape[-1])
    shape = [1 if n in axes else size for n, size in enumerate(x.shape) if keepdims or n not in axes]
    return complete.where(found, float("nan")).reshape((*q.shape, *shape))


def _at(ordered: Tensor, places: Tensor) -> Tensor:
    """(shares, ...) places along the last axis of (..., length) numbers."""
    turned = places.cast(INT).transpose([*range(1, places.rank), 0])
    found = picked_along_last(ordered, turned)
    return found.transpose([found.rank - 1, *range(found.rank - 1)])


@operation(2)
def quantile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The number below which the share q of the numbers along an axis lies; between two of them as `method` says."""
    return _quantile(x, q, axis, method, keepdims, False)


@operation(2)
def percentile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The number below which q percent of the numbers lie."""
    return _quantile(x, _share(x, q), axis, method, keepdims, False)


@operation(1)
def median(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The number in the middle, or half-way between the two in the middle."""
    return _quantile(x, 0.5, axis, "linear", keepdims, False)


@operation(2)
def nanquantile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The number below which the share q of those that are numbers lies."""
    return _quantile(x, q, axis, method, keepdims, True)


@operation(2)
def nanpercentile(x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Tensor:
    """The number below which q percent of those that are numbers lie."""
    return _quantile(x, _share(x, q), axis, method, keepdims, True)


@operation(1)
def nanmedian(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The number in the middle of those that are numbers."""
    return _quantile(x, 0.5, axis, "linear", keepdims, True)


def _share(x: Tensor, percent: Any) -> Tensor:
    return as_float(x.trace.symbol(percent, FLOAT)) / 100.0
