"""Pictures read at other places than their pixels': moved, turned, seen at a slant, bent like rubber."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError, unknown
from pippin.ops.operation import operation
from pippin.ops.resizing import on_pictures, picture_axes
from pippin.ops.types import Tensor, as_float

FILLS = ("constant", "nearest", "wrap", "mirror", "reflect")
SMOOTH = ("nearest", "bilinear")


def sampled(
    rows: Any, sizes: Sequence[int], places: Sequence[Any], first: Any, fill: str, smooth: bool, outside: float
) -> Any:
    """Numbers of an array with axes of those sizes, given as its rows (product of sizes, channels), at places between
    its entries: one array of places for each axis, all of one shape, which the result has, with channels behind.
    `first` is added to the number of the row.

    Beyond the border: "constant" (`outside`), "nearest", "reflect" (d c b a | a b c d), "mirror" (d c b | a b c d),
    "wrap".
    """
    if not smooth:
        places = [ops.floor(place + 0.5) for place in places]
    before = [ops.floor(place) for place in places]
    beyond = [place - low for place, low in zip(places, before, strict=True)]
    result: Any = 0.0
    for steps in product((0, 1) if smooth else (0,), repeat=len(sizes)):
        at: Any = first
        share: Any = 1.0
        known: Any = None
        for axis, (size, step) in enumerate(zip(sizes, steps, strict=True)):
            entry, inside = _inside(ops.cast(before[axis], "int32") + step, size, fill)
            at = entry * prod(sizes[axis + 1 :]) + at
            known = inside if known is None else ops.logical_and(known, inside)
            share = (beyond[axis] if step else 1.0 - beyond[axis]) * share
        found = ops.take(rows, at, 0)
        if fill == "constant":
            found = ops.where(ops.expand_dims(known, -1), found, float(outside))
        result = result + found * ops.expand_dims(share, -1)
    return result


def seen_at(pictures: Any, rows: Any, columns: Any, fill: str, smooth: bool, outside: float = 0.0) -> Any:
    """Pictures (batch, height, width, channels) where each pixel shows the spot (rows, columns), both (batch, height,
    width)."""
    batch, height, width, channels = pictures.shape
    flat = ops.reshape(pictures, (batch * height * width, channels))
    first = (np.arange(batch, dtype=np.int32) * (height * width))[:, None, None]
    return sampled(flat, (height, width), (rows, columns), first, fill, smooth, outside)


def _inside(place: Any, size: int, fill: str) -> tuple[Any, Any]:
    """Whole places brought into the picture, and whether they were."""
    inside = ops.logical_and(ops.greater_equal(place, 0), ops.less(place, size))
    if fill == "wrap":
        place = ops.mod(place, size)
    elif fill == "reflect":
        folded = ops.mod(place, 2 * size)
        place = ops.minimum(folded, 2 * size - 1 - folded)
    elif fill == "mirror":
        folded = ops.mod(place, max(1, 2 * size - 2))
        place = ops.minimum(folded, 2 * size - 2 - folded)
    return ops.minimum(ops.maximum(place, 0), size - 1), inside


Matrix = tuple[Any, ...]
"""Nine numbers for each picture, row by row."""


def _from_square(points: Any) -> Matrix:
    """What takes the unit square's corners (top left, top right, bottom left, bottom right) to four points (batch, 4,
    2) as one sees them at a slant. Source: Heckbert, "Fundamentals of texture mapping and image warping" (1989)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = ((points[:, n, 0], points[:, n, 1]) for n in range(4))
    across_x, across_y = x1 - x3, y1 - y3
    down_x, down_y = x2 - x3, y2 - y3
    skew_x, skew_y = x0 - x1 - x2 + x3, y0 - y1 - y2 + y3
    area = across_x * down_y - down_x * across_y
    g = (skew_x * down_y - down_x * skew_y) / area
    h = (across_x * skew_y - skew_x * across_y) / area
    one = ops.ones_like(x0)
    return (x1 - x0 + g * x1, x2 - x0 + h * x2, x0, y1 - y0 + g * y1, y2 - y0 + h * y2, y0, g, h, one)


def _inverse(m: Matrix) -> Matrix:
    """The inverse of each 3 × 3 matrix, up to a factor, which points seen at a slant don't feel."""
    a, b, c, d, e, f, g, h, i = m
    return (
        e * i - f * h, c * h - b * i, b * f - c * e,
        f * g - d * i, a * i - c * g, c * d - a * f,
        d * h - e * g, b * g - a * h, a * e - b * d,
    )  # fmt: skip


def _product(m: Matrix, n: Matrix) -> Matrix:
    return tuple(sum(m[3 * row + k] * n[3 * k + column] for k in range(3)) for row in range(3) for column in range(3))


def slant(start: Any, end: Any) -> Matrix:
    """What takes four points (batch, 4, 2) to four others."""
    return _product(_from_square(end), _inverse(_from_square(start)))


def moved(matrix: Matrix, x: Any, y: Any) -> tuple[Any, Any]:
    """Points (batch, ...) taken along."""
    a, b, c, d, e, f, g, h, i = (ops.reshape(number, (-1,) + (1,) * (len(x.shape) - 1)) for number in matrix)
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


# Keras's words --------------------------------------------------------------------------------------------------------


@operation(2)
def map_coordinates(
    inputs: Tensor, coordinates: Tensor, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """The numbers of an array at `coordinates` (axes of the array, ...): the nearest ones (order 0), or between the
    nearest ones (order 1)."""
    inputs, coordinates = (ops.stack(list(x)) if isinstance(x, (list, tuple)) else x for x in (inputs, coordinates))
    if coordinates.shape[0] != len(inputs.shape):
        raise ShapeError(
            "First dim of `coordinates` must be the same as the rank of `inputs`. Received inputs with shape: "
            f"{tuple(inputs.shape)} and coordinate leading dim of {coordinates.shape[0]}"
        )
    if len(coordinates.shape) < 2:
        raise ShapeError(
            f"Invalid coordinates rank: expected at least rank 2. Received shape {tuple(coordinates.shape)}"
        )
    if fill_mode not in FILLS:
        raise unknown("value of map_coordinates for `fill_mode`", fill_mode, FILLS)
    if order not in (0, 1):
        raise SettingError(f"map_coordinates order: expected 0 or 1, received {order}.")
    places = [as_float(coordinates[axis]) for axis in range(len(inputs.shape))]
    rows = ops.reshape(as_float(inputs), (-1, 1))
    found = sampled(rows, inputs.shape, places, np.int32(0), fill_mode, order == 1, fill_value)[..., 0]
    return _as_given(found, inputs)


@operation(2)
def affine_transform(
    images: Tensor, transform: Tensor, interpolation: str = "bilinear", fill_mode: str = "constant",
    fill_value: float = 0, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures where pixel (x, y) shows the spot (a0 x + a1 y + a2, b0 x + b1 y + b2) of the given ones; `transform` is
    [a0, a1, a2, b0, b1, b2, 0, 0], one for all pictures or (batch, 8)."""
    _checked("affine_transform", interpolation, fill_mode)
    if transform.shape[-1] != 8 or len(transform.shape) not in (1, 2):
        raise ShapeError(
            "Invalid transform rank: expected rank 1 (single transform) or rank 2 (batch of transforms) of 8 numbers. "
            f"Received input with shape: transform.shape={tuple(transform.shape)}"
        )
    numbers = as_float(transform)

    def turned(x: Any) -> Any:
        a0, a1, a2, b0, b1, b2 = (ops.reshape(numbers[..., n], (-1, 1, 1)) for n in range(6))
        down, across = _grid(x)
        columns, rows = a0 * across + a1 * down + a2, b0 * across + b1 * down + b2
        rows, columns = _for_each(x, rows, columns)
        return seen_at(x, rows, columns, fill_mode, interpolation == "bilinear", fill_value)

    return _as_given(on_pictures(turned, as_float(images), data_format), images)


@operation(3)
def perspective_transform(
    images: Tensor, start_points: Tensor, end_points: Tensor, interpolation: str = "bilinear", fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures seen at such a slant that four points (x, y) come to lie at four others; points are (4, 2), the same for
    all pictures, or (batch, 4, 2)."""
    _checked("perspective_transform", interpolation, "constant")
    for name, points in (("start_points", start_points), ("end_points", end_points)):
        if tuple(points.shape[-2:]) != (4, 2) or len(points.shape) not in (2, 3):
            raise ShapeError(
                f"Invalid {name} shape: expected (4,2) for a single image or (N,4,2) for a batch. Received shape: "
                f"{tuple(points.shape)}"
            )

    def slanted(x: Any) -> Any:
        start, end = (ops.reshape(as_float(points), (-1, 4, 2)) for points in (start_points, end_points))
        down, across = _grid(x)
        columns, rows = moved(slant(end, start), across[None], down[None])
        rows, columns = _for_each(x, rows, columns)
        return seen_at(x, rows, columns, "constant", interpolation == "bilinear", fill_value)

    return _as_given(on_pictures(slanted, as_float(images), data_format), images)


def elastic_transform(
    images: Tensor, alpha: float = 20.0, sigma: float = 5.0, interpolation: str = "bilinear",
    fill_mode: str = "reflect", fill_value: float = 0.0, seed: Any = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Pictures bent like rubber: each spot is moved by noise that is smoothed by a bell `sigma` wide, times `alpha`.

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks" (2003).
    """
    from pippin import random

    _checked("elastic_transform", interpolation, fill_mode)
    down, across = picture_axes(images.shape, data_format)
    batch = images.shape[0] if len(images.shape) == 4 else 1
    noise = random.normal((batch, images.shape[down], images.shape[across], 2), 0.0, sigma, seed=seed)
    return _bent(images, noise, float(alpha), sigma, interpolation, fill_mode, fill_value, data_format)


@operation(2)
def _bent(
    images: Tensor, noise: Tensor, alpha: float, sigma: float, interpolation: str, fill_mode: str, fill_value: float,
    data_format: str | None,
) -> Tensor:  # fmt: skip
    from pippin.ops.filtering import gaussian

    moves = gaussian(noise, (int(6 * sigma) | 1,) * 2, (sigma, sigma)) * alpha

    def bent(x: Any) -> Any:
        down, across = _grid(x)
        rows, columns = moves[..., 0] + down[None], moves[..., 1] + across[None]
        return seen_at(x, rows, columns, fill_mode, interpolation == "bilinear", fill_value)

    return _as_given(on_pictures(bent, as_float(images), data_format), images)


def _grid(pictures: Any) -> tuple[np.ndarray, np.ndarray]:
    height, width = pictures.shape[1:3]
    down, across = np.meshgrid(np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32), indexing="ij")
    return down, across


def _for_each(pictures: Any, *places: Any) -> list[Any]:
    """Places for each picture, where there may be one for all."""
    return [ops.broadcast_to(place, (pictures.shape[0], *place.shape[1:])) for place in places]


def _checked(word: str, interpolation: str, fill_mode: str) -> None:
    if interpolation not in SMOOTH:
        raise unknown(f"value of {word} for `interpolation`", interpolation, SMOOTH)
    if fill_mode not in FILLS:
        raise unknown(f"value of {word} for `fill_mode`", fill_mode, FILLS)


def _as_given(found: Any, given: Any) -> Any:
    """Whole numbers where whole numbers were given."""
    if "float" in str(given.dtype):
        return found
    return ops.cast(ops.round(found), given.dtype)
