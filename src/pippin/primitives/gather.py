"""Primitives that look up: rows by their numbers, sums of rows by their numbers, pictures seen through a frame."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import INT, Primitive, Sample, Spec, need_rank


def _gather_shape(x: Spec, indices: Spec) -> Spec:
    if x.rank < 1 or indices.dtype != INT:
        raise ShapeError(f"gather: expected rows and int32 row numbers, received {x} and {indices}.")
    return Spec(indices.shape + x.shape[1:], x.dtype)


def _scatter_shape(indices: Spec, rows: Spec, *, length: int) -> Spec:
    if indices.dtype != INT or rows.shape[: indices.rank] != indices.shape:
        raise ShapeError(f"scatter_add: expected one row for each row number, received {rows} for {indices}.")
    return Spec((length, *rows.shape[indices.rank :]), rows.dtype)


def _scatter_reference(indices: np.ndarray, rows: np.ndarray, *, length: int) -> np.ndarray:
    result = np.zeros((length, *rows.shape[indices.ndim :]), rows.dtype)
    np.add.at(result, indices, rows)
    return result


def _gather_samples(rng: np.random.Generator) -> list[Sample]:
    cases = (((5, 3), (7,)), ((5,), (2, 3)), ((4, 2, 3), (0,)), ((1, 17), (6,)), ((9, 16), ()))
    return [
        ((rng.normal(size=shape).astype(np.float32), rng.integers(0, shape[0], picks).astype(np.int32)), {})
        for shape, picks in cases
    ]


def _scatter_samples(rng: np.random.Generator) -> list[Sample]:
    cases = (((7,), (3,), 5), ((2, 3), (), 4), ((0,), (2,), 3), ((6,), (17,), 1))
    return [
        (
            (rng.integers(0, length, picks).astype(np.int32), rng.normal(size=picks + tail).astype(np.float32)),
            {"length": length},
        )
        for picks, tail, length in cases
    ]


gather = Primitive(
    "gather", "y[i] = x[indices[i]]", "Looks up rows by their numbers.", _gather_shape,
    reference=lambda x, indices: x[indices], jax=lambda jax, x, indices: x[indices], samples=_gather_samples,
    derivative=lambda dy, y, x, indices: (scatter_add(indices, dy, length=x.shape[0]), None),
)  # fmt: skip
scatter_add: Primitive = Primitive(
    "scatter_add", "y[indices[i]] += rows[i]", "Adds each row to the place with its number; rows for one place add up.",
    _scatter_shape, _scatter_reference,
    jax=lambda jax, indices, rows, *, length: (
        jax.numpy.zeros((length, *rows.shape[indices.ndim :]), rows.dtype).at[indices].add(rows)
    ),
    samples=_scatter_samples, derivative=lambda dy, y, indices, rows, *, length: (None, gather(dy, indices)),
    flops=lambda result, indices, rows, *, length: float(rows.size),
)  # fmt: skip


# Pictures seen through a moved frame ------------------------------------------------------------------------------
#
# `frame` (batch, 6) holds a, b, c, d, e, f for each picture: the result's pixel in row i, column j shows the picture at
# row a·i + b·j + c, column d·i + e·j + f. Outside the picture `fill` decides, in the sense of the same words in Keras:
# constant (0), nearest (edge), reflect (d c b a | a b c d), wrap (a b c d | a b c d).


def _inside(position: Any, size: int, fill: str, numpy: Any) -> tuple[Any, Any]:
    """Whole positions brought into [0, size), and whether they count."""
    if fill == "constant":
        return numpy.clip(position, 0, size - 1), (position >= 0) & (position < size)
    if fill == "nearest":
        return numpy.clip(position, 0, size - 1), position == position
    if fill == "wrap":
        return position % size, position == position
    folded = position % (2 * size)
    return numpy.where(folded < size, folded, 2 * size - 1 - folded), position == position


def _corners(frame: Any, height: int, width: int, fill: str, smooth: bool, numpy: Any) -> list[tuple[Any, Any, Any]]:
    """What makes up each result pixel: [(rows, columns, weights)], each (batch, height, width)."""
    i = numpy.arange(height, dtype=frame.dtype)[None, :, None]
    j = numpy.arange(width, dtype=frame.dtype)[None, None, :]
    a, b, c, d, e, f = (frame[:, n][:, None, None] for n in range(6))
    row, column = a * i + b * j + c, d * i + e * j + f
    if not smooth:
        row, column = numpy.floor(row + 0.5), numpy.floor(column + 0.5)
    top, left = numpy.floor(row), numpy.floor(column)
    down, across = row - top, column - left
    result = []
    for step_down in (0, 1) if smooth else (0,):
        for step_across in (0, 1) if smooth else (0,):
            weight = (down if step_down else 1 - down) * (across if step_across else 1 - across)
            rows, row_counts = _inside(top.astype("int32") + step_down, height, fill, numpy)
            columns, column_counts = _inside(left.astype("int32") + step_across, width, fill, numpy)
            result.append((rows, columns, weight * (row_counts & column_counts)))
    return result


def _look(numpy: Any, x: Any, frame: Any, fill: str, smooth: bool) -> Any:
    batch = numpy.arange(x.shape[0])[:, None, None]
    corners = _corners(frame, x.shape[1], x.shape[2], fill, smooth, numpy)
    return sum(x[batch, rows, columns] * weight[..., None].astype(x.dtype) for rows, columns, weight in corners)


def _unlook(dy: np.ndarray, frame: np.ndarray, *, fill: str, smooth: bool) -> np.ndarray:
    dx = np.zeros_like(dy)
    batch = np.arange(dy.shape[0])[:, None, None]
    for rows, columns, weight in _corners(frame, dy.shape[1], dy.shape[2], fill, smooth, np):
        np.add.at(dx, (batch, rows, columns), dy * weight[..., None].astype(dy.dtype))
    return dx


def _frame_shape(x: Spec, frame: Spec, *, fill: str, smooth: bool) -> Spec:
    need_rank("look_through", "pictures (batch, height, width, channels)", x, 4)
    if frame.shape != (x.shape[0], 6) or fill not in ("constant", "nearest", "reflect", "wrap"):
        raise ShapeError(
            f"look_through: expected a frame ({x.shape[0]}, 6) and a known fill, received {frame.shape} and {fill!r}."
        )
    if prod(x.shape[1:]) >= 2**30:
        raise ShapeError(f"look_through: expected pictures of fewer than 2^30 numbers each, received {x}.")
    return x


def _frame_samples(rng: np.random.Generator) -> list[Sample]:
    found: list[Sample] = []
    for shape in ((2, 5, 6, 3), (1, 4, 4, 1), (0, 4, 4, 2), (3, 7, 5, 4)):
        for fill in ("constant", "nearest", "reflect", "wrap"):
            for smooth in (False, True):
                turn = rng.normal(0, 0.3, (shape[0], 6)) + np.array([1, 0, 0.3, 0, 1, -0.3])
                x = rng.normal(size=shape).astype(np.float32)
                found.append(((x, turn.astype(np.float32)), {"fill": fill, "smooth": smooth}))
    # Wider than any vector, a single pixel, and frames that look many pictures further: in eighths, which are exact.
    for shape, far in (((2, 3, 37, 3), 0.5), ((2, 1, 1, 3), 0.5), ((1, 2, 18, 3), 300.0)):
        for fill in ("constant", "nearest", "reflect", "wrap"):
            turn = np.tile([1, 0.125, -far, -0.125, 1, far], (shape[0], 1))
            x = rng.normal(size=shape).astype(np.float32)
            found.append(((x, turn.astype(np.float32)), {"fill": fill, "smooth": True}))
    return found


def _jax_unlook(jax: Any, dy: Any, frame: Any, *, fill: str, smooth: bool) -> Any:
    look = lambda x: _look(jax.numpy, x, frame, fill, smooth)  # noqa: E731
    return jax.linear_transpose(look, jax.ShapeDtypeStruct(dy.shape, dy.dtype))(dy)[0]


look_through = Primitive(
    "look_through", "y[i, j] = x[a·i + b·j + c, d·i + e·j + f]",
    "Looks at a picture through a turned, shifted or stretched frame.", _frame_shape,
    reference=lambda x, frame, *, fill, smooth: np.asarray(_look(np, x, frame, fill, smooth), x.dtype),
    jax=lambda jax, x, frame, *, fill, smooth: _look(jax.numpy, x, frame, fill, smooth), samples=_frame_samples,
    derivative=lambda dy, y, x, frame, **settings: (look_through_spread(dy, frame, **settings), None),
    flops=lambda result, *specs, smooth, **settings: result.size * (8.0 if smooth else 1.0),
)  # fmt: skip
look_through_spread: Primitive = Primitive(
    "look_through_spread", "dx[a·i + b·j + c, d·i + e·j + f] += dy[i, j]",
    "Carries the error of a moved picture back to the pixels that were seen.", _frame_shape, _unlook, _jax_unlook,
    _frame_samples, derivative=lambda g, dx, dy, frame, **settings: (look_through(g, frame, **settings), None),
    flops=lambda result, *specs, smooth, **settings: result.size * (8.0 if smooth else 1.0),
)  # fmt: skip
