"""Pooling: a picture made smaller, by the largest or the mean number of each window.

Pictures are (batch, height, width, channels). `max_pool_pick` and `max_pool_place` are each other's transpose, as are
`average_pool` and `average_pool_spread`, so derivatives of every order stay inside the family. Padding never wins a
maximum and is not counted in a mean, as in Keras.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.conv import Padding, Pair, result_length
from pippin.primitives.primitive import Primitive, Sample, Spec, need_float, need_rank


def _pooled_shape(x: Spec, *, size: Pair, strides: Pair, padding: Padding) -> Spec:
    need_rank("pooling", "pictures (batch, height, width, channels)", x, 4)
    need_float("pooling", x)
    top, bottom, left, right = padding
    if max(top, bottom) >= size[0] or max(left, right) >= size[1]:
        raise ShapeError(f"pooling: expected a padding smaller than the window {size}, received {padding}.")
    height = result_length(x.shape[1], size[0], strides[0], top, bottom)
    width = result_length(x.shape[2], size[1], strides[1], left, right)
    if height < 1 or width < 1:
        raise ShapeError(
            f"pooling: expected pictures at least as large as the window {size[0]}x{size[1]}, received "
            f"{x.shape[1]}x{x.shape[2]}. Use padding='same', a smaller window, or fewer poolings."
        )
    return Spec((x.shape[0], height, width, x.shape[3]))


def _bordered(x: np.ndarray, padding: Padding, value: float) -> np.ndarray:
    top, bottom, left, right = padding
    return np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=value)


def _places(pooled: tuple[int, ...], size: Pair, strides: Pair) -> Iterator[tuple[slice, slice]]:
    """For each position in a window, row by row: where all windows have it in the bordered picture."""
    for row in range(size[0]):
        for column in range(size[1]):
            yield (
                slice(row, row + (pooled[1] - 1) * strides[0] + 1, strides[0]),
                slice(column, column + (pooled[2] - 1) * strides[1] + 1, strides[1]),
            )


def _winner(x: np.ndarray, size: Pair, strides: Pair, padding: Padding) -> tuple[np.ndarray, np.ndarray]:
    """The largest number of each window and its position in it; the first of equals, and NaN before all."""
    pooled = _pooled_shape(Spec(x.shape), size=size, strides=strides, padding=padding).shape
    places = list(_places(pooled, size, strides))
    bordered, inside = _bordered(x, padding, -np.inf), _inside_of(x.shape, padding)
    stacked = np.stack([bordered[:, rows, columns] for rows, columns in places])
    largest: np.ndarray = stacked.max(axis=0)
    # In a window of nothing but -inf the padding is as large, and still must not win.
    is_it = (stacked == largest) | np.isnan(stacked)
    return largest, np.argmax(is_it & np.stack([inside[:, rows, columns] for rows, columns in places]), axis=0)


def _inside_of(x: tuple[int, ...], padding: Padding) -> np.ndarray:
    """Which positions of the bordered picture are the picture's own: (1, height, width, 1)."""
    return _bordered(np.ones((1, x[1], x[2], 1), np.bool_), padding, False)


def _pick(x: np.ndarray, v: np.ndarray, *, size: Pair, strides: Pair, padding: Padding) -> np.ndarray:
    _, position = _winner(x, size, strides, padding)
    bordered = _bordered(v, padding, 0)
    stacked = np.stack([bordered[:, rows, columns] for rows, columns in _places(position.shape, size, strides)])
    picked: np.ndarray = np.take_along_axis(stacked, position[None], axis=0)[0]
    return picked


def _inside(bordered: np.ndarray, x: tuple[int, ...], padding: Padding) -> np.ndarray:
    top, _, left, _ = padding
    return bordered[:, top : top + x[1], left : left + x[2]]


def _place(x: np.ndarray, dy: np.ndarray, *, size: Pair, strides: Pair, padding: Padding) -> np.ndarray:
    _, position = _winner(x, size, strides, padding)
    result = _bordered(np.zeros(x.shape, dy.dtype), padding, 0)
    for index, (rows, columns) in enumerate(_places(dy.shape, size, strides)):
        result[:, rows, columns] += np.where(position == index, dy, 0)
    return _inside(result, x.shape, padding)


def _counts(x: tuple[int, ...], size: Pair, strides: Pair, padding: Padding) -> np.ndarray:
    """How many numbers of the picture each window holds, padding left out: (1, height, width, 1)."""
    ones = _bordered(np.ones((1, x[1], x[2], 1)), padding, 0)
    pooled = _pooled_shape(
        Spec(ones[:, :1, :1].shape[:1] + x[1:3] + (1,)), size=size, strides=strides, padding=padding
    ).shape
    seen = np.stack([ones[:, rows, columns] for rows, columns in _places(pooled, size, strides)])
    counts: np.ndarray = seen.sum(axis=0)
    return counts


def _average(x: np.ndarray, *, size: Pair, strides: Pair, padding: Padding) -> np.ndarray:
    counts = _counts(x.shape, size, strides, padding).astype(x.dtype)
    bordered = _bordered(x, padding, 0)
    pooled = (x.shape[0], *counts.shape[1:3])
    total = np.zeros((*pooled, x.shape[3]), x.dtype)
    for rows, columns in _places(pooled, size, strides):
        total += bordered[:, rows, columns]
    mean: np.ndarray = total / counts
    return mean


def _spread(dy: np.ndarray, *, size: Pair, strides: Pair, padding: Padding, sides: Pair) -> np.ndarray:
    shape = (dy.shape[0], *sides, dy.shape[3])
    share = dy / _counts(shape, size, strides, padding).astype(dy.dtype)
    result = _bordered(np.zeros(shape, dy.dtype), padding, 0)
    for rows, columns in _places(dy.shape, size, strides):
        result[:, rows, columns] += share
    return _inside(result, shape, padding)


def _jax_windows(jax: Any, x: Any, size: Pair, strides: Pair, padding: Padding, border: float) -> Any:
    top, bottom, left, right = padding
    bordered = jax.numpy.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=border)
    pooled = _pooled_shape(Spec(x.shape), size=size, strides=strides, padding=padding).shape
    return jax.numpy.stack([bordered[:, rows, columns] for rows, columns in _places(pooled, size, strides)])


def _jax_pick(jax: Any, x: Any, v: Any, *, size: Pair, strides: Pair, padding: Padding) -> Any:
    seen = _jax_windows(jax, x, size, strides, padding, -np.inf)
    own = _jax_windows(jax, jax.numpy.ones((1, *x.shape[1:3], 1), bool), size, strides, padding, False)
    position = jax.numpy.argmax(own & ((seen == seen.max(axis=0)) | jax.numpy.isnan(seen)), axis=0)
    return jax.numpy.take_along_axis(_jax_windows(jax, v, size, strides, padding, 0.0), position[None], axis=0)[0]


def _jax_place(jax: Any, x: Any, dy: Any, **settings: Any) -> Any:
    pick = lambda v: _jax_pick(jax, x, v, **settings)  # noqa: E731
    return jax.linear_transpose(pick, jax.ShapeDtypeStruct(x.shape, dy.dtype))(dy)[0]


def _jax_average(jax: Any, x: Any, *, size: Pair, strides: Pair, padding: Padding) -> Any:
    counts = _counts(x.shape, size, strides, padding)
    return _jax_windows(jax, x, size, strides, padding, 0.0).sum(axis=0) / counts.astype(x.dtype)


def _jax_spread(jax: Any, dy: Any, *, sides: Pair, **settings: Any) -> Any:
    shape = jax.ShapeDtypeStruct((dy.shape[0], *sides, dy.shape[3]), dy.dtype)
    return jax.linear_transpose(lambda x: _jax_average(jax, x, **settings), shape)(dy)[0]


_CASES: tuple[tuple[tuple[int, ...], dict[str, Any]], ...] = (
    ((2, 4, 4, 3), {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}),
    ((1, 5, 7, 1), {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}),
    ((2, 5, 5, 17), {"size": (3, 2), "strides": (1, 2), "padding": (1, 1, 0, 1)}),
    ((1, 7, 6, 16), {"size": (3, 3), "strides": (2, 2), "padding": (1, 1, 1, 1)}),
    ((0, 4, 4, 2), {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}),
    ((2, 4, 6, 2), {"size": (1, 3), "strides": (3, 3), "padding": (0, 0, 0, 0)}),
)  # fmt: skip


def _samples(which: str) -> Any:
    def samples(rng: np.random.Generator) -> list[Sample]:
        found: list[Sample] = []
        for shape, settings in _CASES:
            # All numbers differ, so that every window has one winner and the derivative exists.
            x = rng.permutation(np.linspace(-2, 2, int(np.prod(shape)))).reshape(shape).astype(np.float32)
            v = rng.normal(size=shape).astype(np.float32)
            dy = rng.normal(size=_pooled_shape(Spec(shape), **settings).shape).astype(np.float32)
            found.append({
                "pool": ((x,), settings), "pick": ((x, v), settings), "place": ((x, dy), settings),
                "spread": ((dy,), {**settings, "sides": shape[1:3]}),
            }[which])  # fmt: skip
        return found

    return samples


def _work(result: Spec, *specs: Spec, size: Pair, **settings: Any) -> float:
    """Four for each position of a window: it is read, compared, chosen or not, and written."""
    return 4.0 * min(result.size, specs[-1].size) * size[0] * size[1]


def _pick_shape(x: Spec, v: Spec, **settings: Any) -> Spec:
    if x.shape != v.shape:
        raise ShapeError(f"max_pool_pick: expected two arrays of one shape, received {x.shape} and {v.shape}.")
    return _pooled_shape(x, **settings)


def _place_shape(x: Spec, dy: Spec, **settings: Any) -> Spec:
    if _pooled_shape(x, **settings).shape != dy.shape:
        raise ShapeError(f"max_pool_place: expected the pooled shape of {x.shape}, received {dy.shape}.")
    return x


def _spread_shape(dy: Spec, *, size: Pair, strides: Pair, padding: Padding, sides: Pair) -> Spec:
    x = Spec((dy.shape[0], *sides, dy.shape[3]))
    if _pooled_shape(x, size=size, strides=strides, padding=padding) != dy:
        raise ShapeError(f"average_pool_spread: expected the pooled shape of {x.shape}, received {dy.shape}.")
    return x


def _masked_place(condition: Any, x: Any, dy: Any, **settings: Any) -> Any:
    """Asks for each window what a condition on the picture would ask for each spot: only winners get anything."""
    asked = condition.line
    if asked is None or not asked.primitive.elementwise or asked.settings:
        return None
    operands = [condition.trace.symbol_of(value) for value in asked.inputs]
    if not all(operand.value == x.value or operand.size == 1 for operand in operands):
        return None
    winner = max_pool(x, **settings)
    of_winners = asked.primitive(*[winner if operand.value == x.value else operand for operand in operands])
    return max_pool_place(x, of_winners.where(dy, 0.0), **settings) if of_winners.shape == dy.shape else None


def _total(axes: tuple[int, ...], dy: Any) -> Any:
    """What is only moved within pictures has the same sum over them."""
    return dy if {1, 2} <= set(axes) else None


max_pool = Primitive(
    "max_pool", "y = max of each window", "Keeps only the strongest answer in each window: the picture gets smaller.",
    _pooled_shape, lambda x, *, size, strides, padding: _winner(x, size, strides, padding)[0],
    lambda jax, x, *, size, strides, padding: _jax_windows(jax, x, size, strides, padding, -np.inf).max(axis=0),
    _samples("pool"), derivative=lambda dy, y, x, **settings: (max_pool_place(x, dy, **settings),),
    flops=_work, ends_in_rows=True,
)  # fmt: skip
max_pool_pick = Primitive(
    "max_pool_pick", "y = v where x is the max of each window",
    "Reads, in each window, the number that stands where another picture is strongest.",
    _pick_shape, _pick, _jax_pick, _samples("pick"),
    derivative=lambda dy, y, x, v, **settings: (None, max_pool_place(x, dy, **settings)),
    flops=_work, ends_in_rows=True,
)  # fmt: skip
max_pool_place: Primitive = Primitive(
    "max_pool_place", "dx = dy where x is the max of each window, else 0",
    "Sends each window's error back to the one spot that was strongest; all others get nothing.",
    _place_shape, _place, _jax_place, _samples("place"),
    derivative=lambda g, dx, x, dy, **settings: (None, max_pool_pick(x, g, **settings)), flops=_work, ends_in_rows=True,
    masked=_masked_place, total=lambda axes, x, dy, **settings: _total(axes, dy),
)  # fmt: skip
average_pool = Primitive(
    "average_pool", "y = mean of each window",
    "Replaces each window by its mean: the picture gets smaller and smoother.",
    _pooled_shape, _average, _jax_average, _samples("pool"),
    derivative=lambda dy, y, x, **settings: (average_pool_spread(dy, sides=x.shape[1:3], **settings),),
    flops=_work, ends_in_rows=True,
)  # fmt: skip
average_pool_spread: Primitive = Primitive(
    "average_pool_spread", "dx = dy / count, to each spot of its window",
    "Shares each window's error equally among all spots of the window.",
    _spread_shape, _spread, _jax_spread, _samples("spread"),
    derivative=lambda g, dx, dy, *, sides, **settings: (average_pool(g, **settings),), flops=_work, ends_in_rows=True,
    total=lambda axes, dy, **settings: _total(axes, dy),
)  # fmt: skip
