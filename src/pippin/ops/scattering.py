"""Keras's `ops` that read and write single places: slices, scattered values, sums of segments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from math import prod
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.ops.dtypes import as_first, as_operands
from pippin.ops.operation import operation
from pippin.ops.types import Tensor
from pippin.primitives import BOOL, FLOAT, INT, TABLE
from pippin.program import Symbol

# Parts whose place may be computed ------------------------------------------------------------------------------------


def _starts(x: Tensor, start_indices: Any, shape: Sequence[int]) -> list[Any]:
    """One start per axis, moved so that the part lies inside, as XLA does."""
    if isinstance(start_indices, Symbol):
        starts: list[Any] = [start_indices[n] for n in range(start_indices.shape[0])]
    else:
        starts = [s if isinstance(s, Symbol) else int(s) for s in start_indices]
    if len(starts) != x.rank or len(shape) != x.rank:
        raise ShapeError(f"slice: expected a start and a length for each axis of {x.shape}, received {tuple(shape)}.")
    return [
        TABLE["minimum"](TABLE["maximum"](s.cast(INT), 0), size - length)
        if isinstance(s, Symbol)
        else max(0, min(s, size - length))
        for s, size, length in zip(starts, x.shape, shape, strict=True)
    ]


def _places(x: Tensor, starts: list[Any], shape: Sequence[int]) -> Tensor:
    """Where the numbers of a part stand among all numbers of x in a row."""
    total: Any = np.zeros(shape, np.int32)
    for n, length in enumerate(shape):
        line = (np.arange(length) * prod(x.shape[n + 1 :])).astype(np.int32)
        total = total + line.reshape([length if m == n else 1 for m in range(x.rank)])
    for n, start in enumerate(starts):
        total = start * prod(x.shape[n + 1 :]) + total if isinstance(start, Symbol) else total + np.int32(
            start * prod(x.shape[n + 1 :])
        )  # fmt: skip
    return total


@operation(2, as_first)
def slice(inputs: Tensor, start_indices: Any, shape: Sequence[int]) -> Tensor:
    """The part of `shape` that begins at `start_indices`; a length of -1 is all that is left."""
    fixed = [start_indices[n] for n in range(len(shape))]
    lengths = [
        size - int(fixed[n]) if length == -1 and not isinstance(fixed[n], Symbol) else length
        for n, (length, size) in enumerate(zip(shape, inputs.shape, strict=True))
    ]
    starts = _starts(inputs, start_indices, lengths)
    if not any(isinstance(start, Symbol) for start in starts):
        return inputs.slice(starts, [s + n for s, n in zip(starts, lengths, strict=True)])
    return TABLE["gather"](inputs.reshape((inputs.size,)), _places(inputs, starts, lengths))


@operation(3, as_first)
def slice_update(inputs: Tensor, start_indices: Any, updates: Tensor) -> Tensor:
    """The inputs with a part, from `start_indices` on, replaced by `updates`."""
    starts = _starts(inputs, start_indices, updates.shape)
    places = _places(inputs, starts, updates.shape)
    return _replaced(inputs, places, updates.cast(inputs.dtype))


def _replaced(x: Tensor, places: Any, updates: Tensor) -> Tensor:
    """Numbers at flat places replaced; each place at most once."""
    places = x.trace.symbol(places).reshape((updates.size,))
    written = TABLE["scatter_add"](places, updates.reshape((updates.size,)) if x.dtype != BOOL else
                                   updates.cast(INT).reshape((updates.size,)), length=x.size)  # fmt: skip
    ones = x.trace.symbol(np.ones(updates.size, np.int32))
    hit = TABLE["scatter_add"](places, ones, length=x.size) > 0
    return hit.where(written.cast(x.dtype), x.reshape((x.size,))).reshape(x.shape)


# Scattering -----------------------------------------------------------------------------------------------------------


def _flat_places(indices: Tensor, shape: Sequence[int]) -> Tensor:
    """(..., depth) positions in the first `depth` axes as one number each; negative ones count from the end."""
    depth = indices.shape[-1]
    total: Any = 0
    for n in range(depth):
        one = indices[..., n].cast(INT)
        one = (one < 0).where(one + shape[n], one)
        total = one * prod(shape[n + 1 : depth]) + total
    return total


def _rows(values: Tensor, indices: Tensor, shape: Sequence[int]) -> tuple[Tensor, Tensor, int, tuple[int, ...]]:
    depth = indices.shape[-1]
    places = _flat_places(indices, shape)
    tail = tuple(shape[depth:])
    count, width = prod(indices.shape[:-1]), prod(tail)
    return places.reshape((count,)), values.reshape((count, width)), prod(shape[:depth]), tail


@operation(2, lambda types, made, settings: as_operands(types[1:], made, settings))
def scatter(indices: Tensor, values: Tensor, shape: Sequence[int]) -> Tensor:
    """Zeros of a shape, with each value added at the position that its row of indices names."""
    values = values.cast(INT) if values.dtype == BOOL else values
    places, rows, length, _ = _rows(values, indices, shape)
    return TABLE["scatter_add"](places, rows, length=length).reshape(tuple(shape))


@operation(3, as_first)
def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor, reduction: str | None = None) -> Tensor:
    """The inputs with the values at the named positions replaced, or combined with the updates: "add", "max", "min" or
    "mul". Of several replacements at one position the last counts."""
    kinds = (None, "add", "max", "min", "mul")
    if reduction not in kinds:
        raise SettingError(f"scatter_update: expected a reduction among {kinds}, received {reduction!r}.")
    updates = updates.cast(inputs.dtype)
    places, rows, length, tail = _rows(updates, indices, inputs.shape)
    flat = inputs.reshape((length, prod(tail)))
    if reduction == "add":
        return (flat + TABLE["scatter_add"](places, rows, length=length)).reshape(inputs.shape)
    if reduction is None:
        last = _last_of_equals(places)
        numbers = rows.cast(INT) if rows.dtype == BOOL else rows
        kept = last.reshape((last.size, 1)).where(numbers, numbers.trace.symbol(0, numbers.dtype))
        written = TABLE["scatter_add"](places, kept, length=length).cast(inputs.dtype)
        hit = TABLE["scatter_add"](places, last.cast(INT), length=length) > 0
        return hit.reshape((length, 1)).where(written, flat).reshape(inputs.shape)
    found = _reduced(rows, places, length, reduction, flat)
    return found.reshape(inputs.shape)


def _last_of_equals(places: Tensor) -> Tensor:
    """Which of the places doesn't occur again later: the last in an order that keeps equals in theirs."""
    order = TABLE["argsort"](places)
    ordered = TABLE["gather"](places, order)
    count = places.size
    if count < 2:
        return ordered.equal(ordered)
    ends = TABLE["concatenate"](~ordered[1:].equal(ordered[:-1]), ordered[-1:].equal(ordered[-1:]), axis=0)
    return TABLE["scatter_add"](order, ends.cast(INT), length=count) > 0


# Segments -------------------------------------------------------------------------------------------------------------

_START = {
    "max": {FLOAT: float("-inf"), INT: -(2**31)},
    "min": {FLOAT: float("inf"), INT: 2**31 - 1},
    "mul": {FLOAT: 1.0, INT: 1},
}
_COMBINE = {"max": "maximum", "min": "minimum", "mul": "multiply"}


def _reduced(rows: Tensor, places: Tensor, length: int, kind: str, start: Tensor | None = None) -> Tensor:
    """Rows for one place combined by max, min or product: sorted by place, then prefixes that stop at each segment's
    beginning, of which each segment's last is the answer. Source: Blelloch (1990), segmented scans."""
    neutral = _START[kind].get(rows.dtype, 0 if kind == "max" else 255 if rows.dtype == "uint8" else 2**32 - 1)
    if kind == "mul":
        neutral = 1
    empty = rows.trace.symbol(neutral, rows.dtype).broadcast_to((length, rows.shape[1])) if start is None else start
    count = places.size
    if count == 0:
        return empty
    order = TABLE["argsort"](places)
    ordered, values = TABLE["gather"](places, order), TABLE["gather"](rows, order)
    shift = 1
    while shift < count:
        same = ordered[shift:].equal(ordered[:-shift]).reshape((count - shift, 1))
        joined = same.where(TABLE[_COMBINE[kind]](values[shift:], values[:-shift]), values[shift:])
        values = TABLE["concatenate"](values[:shift], joined, axis=0)
        shift *= 2
    again = ordered[1:].equal(ordered[:-1]) if count > 1 else None
    true = ordered[-1:].equal(ordered[-1:])
    last = true if again is None else TABLE["concatenate"](~again, true, axis=0)
    inside = last & (ordered >= 0) & (ordered < length)
    target = inside.where(ordered, length)
    found = TABLE["gather"](
        values, TABLE["scatter_add"](target, _count_up(values, count), length=length + 1)[:length]
    )
    hit = (TABLE["scatter_add"](target, inside.cast(INT), length=length + 1)[:length] > 0).reshape((length, 1))
    return hit.where(found if start is None else TABLE[_COMBINE[kind]](found, start), empty)


def _count_up(x: Tensor, count: int) -> Tensor:
    return x.trace.write(TABLE["iota"], (), {"length": count})


def _segments(data: Tensor, segment_ids: Tensor, num_segments: int | None, kind: str) -> Tensor:
    if segment_ids.rank != 1:
        raise ShapeError(
            "Argument `segment_ids` should be an 1-D vector, got shape: "
            f"{segment_ids.shape}. Flatten data and segment_ids if necessary."
        )
    if num_segments is None:
        raise SettingError(
            "segment_sum, segment_max and the like: expected num_segments, received None. A program says beforehand "
            "how long its results are."
        )
    rows = data.reshape((data.shape[0], prod(data.shape[1:])))
    places, length = segment_ids.cast(INT), int(num_segments)
    if kind == "add":
        inside = (places >= 0) & (places < length)
        found = TABLE["scatter_add"](inside.where(places, length), rows, length=length + 1)[:length]
    else:
        found = _reduced(rows, places, length, kind)
    return found.reshape((length, *data.shape[1:]))


def _with_count(function: Any) -> Any:
    """On arrays the number of segments may be left out: it is the largest id and one more."""
    @wraps(function)
    def call(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
        if num_segments is None and isinstance(segment_ids, (np.ndarray, list, tuple)):
            num_segments = int(np.max(segment_ids)) + 1
        return function(data, segment_ids, num_segments, sorted)

    return call


@_with_count
@operation(2, as_first)
def segment_sum(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The sums of the rows with the same id, one for each id."""
    return _segments(data, segment_ids, num_segments, "add")


@_with_count
@operation(2, as_first)
def segment_max(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The largest numbers of the rows with the same id; -infinity where there is none."""
    return _segments(data, segment_ids, num_segments, "max")


@_with_count
@operation(2, as_first)
def segment_min(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The smallest numbers of the rows with the same id; +infinity where there is none."""
    return _segments(data, segment_ids, num_segments, "min")


@_with_count
@operation(2, as_first)
def segment_prod(data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False) -> Tensor:
    """The products of the rows with the same id; 1 where there is none."""
    return _segments(data, segment_ids, num_segments, "mul")
