"""Keras's `ops` of order: sorting, ranks, the largest few. One primitive finds the order; the numbers are looked up."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.ops.dtypes import as_first, as_made
from pippin.ops.operation import eager_only, operation
from pippin.ops.types import Tensor, same_symbols
from pippin.primitives import BOOL, FLOAT, INT, TABLE


def _numbers(x: Tensor) -> Tensor:
    return x.cast(INT) if x.dtype == BOOL else x


def _to_last(x: Tensor, axis: int) -> tuple[Tensor, list[int]]:
    """An axis as the last one, and the order that brings it back."""
    order = [n for n in range(x.rank) if n != axis % x.rank]
    order.append(axis % x.rank)
    return x.transpose(order), [order.index(n) for n in range(x.rank)]


def picked_along_last(x: Tensor, places: Tensor) -> Tensor:
    """x[..., places[..., i]]: each row's own places, all rows looked up as one."""
    rows, length = x.size // max(1, x.shape[-1]), x.shape[-1]
    first = x.trace.write(TABLE["iota"], (), {"length": rows}).reshape((*x.shape[:-1], 1))
    return TABLE["gather"](x.reshape((x.size,)), first * length + places)


@operation(1, as_made)
def argsort(x: Tensor, axis: int | None = -1) -> Tensor:
    """The positions that put the numbers along an axis in order; equal ones stay in theirs."""
    if axis is None:
        return TABLE["argsort"](_numbers(x).reshape((x.size,)))
    turned, back = _to_last(_numbers(x), axis)
    return TABLE["argsort"](turned).transpose(back)


@operation(1)
def sort(x: Tensor, axis: int | None = -1) -> Tensor:
    """The numbers along an axis from the smallest to the largest."""
    if axis is None:
        x, axis = x.reshape((x.size,)), 0
    turned, back = _to_last(x, axis)
    return picked_along_last(turned, TABLE["argsort"](_numbers(turned))).transpose(back)


@operation(1, as_made)
def argpartition(x: Tensor, kth: int, axis: int | None = -1) -> Tensor:
    """Positions that bring the kth smallest to its place, smaller ones before it: here all are in order."""
    return argsort(x, axis)


@operation(1, (as_first, as_made))
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest numbers of the last axis, the largest first, and their positions; of equal ones the first."""
    if not 1 <= k <= x.shape[-1]:
        raise ShapeError(f"top_k: expected k from 1 to {x.shape[-1]} for shape {x.shape}, received {k}.")
    numbers = _numbers(x)
    falling = -numbers if x.dtype == FLOAT else -1 - numbers if numbers.dtype == INT else numbers.cast(INT) * -1
    places = TABLE["argsort"](falling)[..., :k]
    return picked_along_last(x, places), places


@operation(2)
def in_top_k(targets: Tensor, predictions: Tensor, k: int) -> Tensor:
    """True where fewer than k predictions of a row are larger than the one at the target's position."""
    own = picked_along_last(predictions, targets.cast(INT).reshape((*targets.shape, 1)))
    return ((predictions > own).cast(INT).sum([-1]) < k) & TABLE["is_finite"](own).reshape(targets.shape)


@operation(2, as_made)
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Tensor:
    """Where each value belongs in a sorted row: before its equals, or behind them with side="right"."""
    if side not in ("left", "right"):
        raise SettingError(f"`side` must be either 'left' or 'right'. Received: side={side}")
    if sorted_sequence.rank != 1:
        raise ShapeError(
            "searchsorted: expected a sorted_sequence with one axis, received shape "
            f"{sorted_sequence.shape}. `searchsorted` only supports 1-D sorted sequences."
        )
    row, wanted = (_numbers(x) for x in same_symbols(sorted_sequence, values))
    wanted = wanted.reshape((*wanted.shape, 1))
    return (row < wanted if side == "left" else row <= wanted).cast(INT).sum([-1])


@operation(2, as_made)
def digitize(x: Tensor, bins: Tensor) -> Tensor:
    """The number of the bin that each number falls into: bin i begins at bins[i - 1]."""
    return searchsorted(bins, x, "right")


# What is there, and how often -----------------------------------------------------------------------------------------


def unique(
    x: Tensor,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The different numbers in order; if asked for, with where each comes first, their places, their counts. `size`
    cuts off, or fills up with `fill_value` (else the smallest)."""
    array = eager_only("unique", x)
    values, first, inverse, counts = np.unique(array, True, True, True, axis=axis)
    if size is not None:
        place = 0 if axis is None else axis
        missing = max(0, size - values.shape[place])
        values = np.take(values, range(min(size, values.shape[place])), place)
        counts = np.concatenate([counts[:size], np.zeros(missing, counts.dtype)])
        first = np.concatenate([first[:size], np.full(missing, first[0] if first.size else 0)])
        if missing:
            fill = values.min() if fill_value is None else fill_value
            widths = [(0, missing if n == place else 0) for n in range(values.ndim)]
            values = np.pad(values, widths, constant_values=fill)
    found: list[Any] = [values]
    if return_index:
        found.append(first.astype(INT))
    if return_inverse:
        found.append(inverse.reshape(array.shape if axis is None else (-1,)).astype(INT))
    if return_counts:
        found.append(counts.astype(INT))
    return found[0] if len(found) == 1 else tuple(found)


def bincount(x: Tensor, weights: Tensor = None, minlength: int = 0, sparse: bool = False) -> Any:
    """How often each whole number occurs in each row, or the sum of its weights."""
    array = eager_only("bincount", x)
    counts = None if weights is None else np.asarray(weights)
    length = max(int(array.max(initial=-1)) + 1, minlength or 0)
    rows = array.reshape(-1, array.shape[-1])
    given = [None] * len(rows) if counts is None else counts.reshape(rows.shape)
    found = np.stack([np.bincount(row, w, length) for row, w in zip(rows, given, strict=True)])
    dtype = INT if counts is None else counts.dtype if counts.dtype.kind in "iu" else np.float32
    return found.astype(dtype).reshape((*array.shape[:-1], length))


def histogram(x: Tensor, bins: int = 10, range: tuple[float, float] | None = None) -> Any:
    """(how many numbers fall into each of equally wide bins, the edges of the bins)."""
    if not isinstance(bins, int) or bins < 0:
        raise SettingError(f"Argument `bins` should be a non-negative integer. Received: bins={bins}")
    if range is not None and (len(range) != 2 or range[1] < range[0]):
        raise SettingError(f"Argument `range` must be a tuple of two elements, low and high. Received: range={range}")
    counts, edges = np.histogram(eager_only("histogram", x).reshape(-1), bins, range)
    return counts.astype(INT), edges.astype(FLOAT)
