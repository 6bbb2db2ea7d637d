"""TensorFlow's functions of places and counts: what lies where, how much comes before, what belongs together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import ops
from pippin.compat.tf.arrays import cast, constant, is_value
from pippin.program.eager import as_eager


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Sums of all entries up to each along an axis: without the entry itself, or from the last one, if asked."""
    return _running(ops.cumsum, x, axis, 0.0, exclusive, reverse)


def cumprod(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """Products of all entries up to each along an axis."""
    return _running(ops.cumprod, x, axis, 1.0, exclusive, reverse)


def _running(function: Callable[..., Any], x: Any, axis: int, start: float, exclusive: bool, reverse: bool) -> Any:
    x = x if is_value(x) else constant(x)
    if reverse:
        x = ops.flip(x, axis)
    if exclusive:
        before = [slice(None)] * len(x.shape)
        before[axis] = slice(0, 1)
        others = list(before)
        others[axis] = slice(0, -1)
        first = ops.cast(ops.zeros_like(x[tuple(before)]) + start, x.dtype)
        x = ops.concatenate([first, x[tuple(others)]], axis)
    found = function(x, axis)
    return ops.flip(found, axis) if reverse else found


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """`size` entries from `begin` on, along each axis; -1 for all that are left."""
    x = input_ if is_value(input_) else constant(input_)
    starts, sizes = (np.asarray(one).tolist() for one in (begin, size))
    return x[
        tuple(slice(start, None if length < 0 else start + length) for start, length in zip(starts, sizes, strict=True))
    ]


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """What lies at places that are given by all their first indices: (..., depth) → (..., rest)."""
    x, indices = (one if is_value(one) else constant(one) for one in (params, indices))
    if batch_dims:
        raise TypeError(f"tf.gather_nd: expected batch_dims=0, received {batch_dims}. Use tf.gather with batch_dims.")
    depth = indices.shape[-1]
    flat, step = 0, 1
    for axis in reversed(range(depth)):
        flat = flat + indices[..., axis] * step
        step *= x.shape[axis]
    return ops.take(ops.reshape(x, (step, *x.shape[depth:])), flat, 0)


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The array with these numbers at these places."""
    return ops.scatter_update(tensor, indices, updates)


def tensor_scatter_nd_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Any:
    """The array with these numbers added at these places."""
    return ops.scatter_update(tensor, indices, updates, "add")


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: str | None = None) -> Any:
    """True for the first `lengths` of `maxlen` places (by default the longest length): (..., maxlen)."""
    lengths = lengths if is_value(lengths) else constant(lengths)
    count = int(np.max(lengths)) if maxlen is None else int(maxlen)
    return cast(np.arange(count, dtype=np.int32) < ops.expand_dims(lengths, -1), dtype)


def squared_difference(x: Any, y: Any, name: str | None = None) -> Any:
    """(x - y)²."""
    return ops.square(ops.subtract(x, y))


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = "int64", name: str | None = None
) -> Any:
    """How many entries are not 0."""
    return cast(ops.sum(ops.cast(ops.not_equal(input, 0), "int32"), axis, keepdims), dtype)


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Any:
    """The sums of the rows of each segment."""
    return ops.segment_sum(data, segment_ids)


def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = "int32",
    name: str | None = None,
) -> Any:  # fmt: skip
    """How often 0, 1, 2, ... occur."""
    heavy = None if weights is None else np.asarray(weights).reshape(-1)
    found = np.bincount(np.asarray(arr).reshape(-1), heavy, int(minlength or 0))
    found = found if maxlength is None else found[: int(maxlength)]
    return cast(as_eager(found), dtype if heavy is None else "float32")


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """x, if that is its shape as far as it is said. Raises ValueError."""
    x.set_shape(shape)
    return x


def vectorized_map(fn: Callable[..., Any], elems: Any, **unused: Any) -> Any:
    """What `fn` gives for each entry of the first axis, stacked."""
    return ops.vectorized_map(fn, elems)


PUBLIC = {
    **{function.__name__: function for function in (
        bincount, count_nonzero, cumprod, cumsum, ensure_shape, gather_nd, segment_sum, sequence_mask,
        squared_difference, tensor_scatter_nd_add, tensor_scatter_nd_update, vectorized_map,
    )},
    "slice": slice_,
}  # fmt: skip
"""What `tf` and `tf.math` offer of this, by name."""
