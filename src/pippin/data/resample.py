"""Resize as Keras's picture folders do: the eight interpolations of tf.image.resize, antialias off. Not for
new work.

Kept apart from Pillow's resize, which always antialiases, so that a network trained under Keras meets the
same pixels here. Each axis is a weighted sum of a few source rows; tables of (row, weight) are made once for
a size. What NumPy does here in words, compiled code does, bit for bit, where it was built, without holding up
other threads.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

try:
    from pippin import _native as _native
except ImportError:  # no compiler when it was installed
    _native = None

INTERPOLATIONS = (
    "bilinear",
    "nearest",
    "bicubic",
    "area",
    "lanczos3",
    "lanczos5",
    "gaussian",
    "mitchellcubic",
)

_SOFTENING = ("gaussian", "mitchellcubic")
"""They change a picture even where its size stays."""

Floats = npt.NDArray[np.float64]
Taps = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]


def resample(pixels: npt.NDArray[np.uint8], height: int, width: int, interpolation: str) -> npt.NDArray[np.uint8]:
    """Return `pixels` (h, w, channels) as (height, width, channels), rounded to the nearest whole level."""
    if pixels.shape[:2] == (height, width) and interpolation not in _SOFTENING:
        return pixels
    rows, columns = _taps(pixels.shape[0], height, interpolation), _taps(pixels.shape[1], width, interpolation)
    if _native is None:
        return resample_plainly(pixels, rows, columns)
    result = np.empty((height, width, pixels.shape[2]), np.uint8)
    _native.resample(np.ascontiguousarray(pixels), *rows, *columns, result)
    return result


def resample_plainly(pixels: npt.NDArray[np.uint8], rows: Taps, columns: Taps) -> npt.NDArray[np.uint8]:
    """The same in NumPy: the meaning of `resample`."""
    high = _weighted_rows(pixels, rows)
    wide = _weighted_rows(high.transpose(1, 0, 2), columns)
    return np.rint(np.clip(wide.transpose(1, 0, 2), 0, 255)).astype(np.uint8)


def scaled(pictures: npt.NDArray[Any], height: int, width: int, interpolation: str) -> npt.NDArray[np.float32]:
    """Return `pictures` (..., h, w, channels) as (..., height, width, channels), as floats that are not rounded."""
    whole = pictures.reshape((-1, *pictures.shape[-3:]))
    rows, columns = _taps(whole.shape[1], height, interpolation), _taps(whole.shape[2], width, interpolation)
    made = [_weighted_rows(_weighted_rows(one, rows).transpose(1, 0, 2), columns).transpose(1, 0, 2) for one in whole]
    return np.reshape(made, (*pictures.shape[:-3], height, width, pictures.shape[-1]))


def _weighted_rows(values: npt.NDArray[Any], taps: Taps) -> npt.NDArray[np.float32]:
    rows, weights = taps
    total = np.zeros((len(rows), *values.shape[1:]), np.float32)
    for tap in range(rows.shape[1]):
        total += values[rows[:, tap]] * weights[:, tap, None, None]
    return total


@functools.lru_cache(maxsize=64)
def _taps(old: int, new: int, interpolation: str) -> Taps:
    """Return source rows (new, taps) and their weights, for resizing an axis from `old` to `new` pixels."""
    scale = old / new
    if interpolation == "nearest":
        rows = np.minimum(np.floor((np.arange(new) + 0.5) * scale), old - 1)[:, None]
        return rows.astype(np.int32), np.ones((new, 1), np.float32)
    if interpolation == "area":
        rows, weights = _area(old, new)
    else:
        rows, weights = _kernel(old, new, interpolation)
    inside = (rows >= 0) & (rows < old)
    if interpolation != "bilinear":  # Bilinear repeats the edge; the others share an outside weight among the inside.
        weights = np.where(inside, weights, 0.0)
        weights /= weights.sum(axis=1, keepdims=True)
    return np.clip(rows, 0, old - 1).astype(np.int32), weights.astype(np.float32)


def _area(old: int, new: int) -> tuple[Floats, Floats]:
    """Weights by how much of each old pixel lies under the new one."""
    starts = np.arange(new)[:, None] * (old / new)
    ends = np.minimum(starts + old / new, old)
    rows = np.floor(starts) + np.arange(int(np.ceil(old / new)) + 1)
    covered = np.minimum(rows + 1, ends) - np.maximum(rows, starts)
    return rows, np.maximum(covered, 0.0)


def _kernel(old: int, new: int, interpolation: str) -> tuple[Floats, Floats]:
    """Weights by a kernel of the distance between the centres of the new and the old pixel."""
    radius = {"bilinear": 1, "bicubic": 2, "mitchellcubic": 2, "lanczos3": 3, "lanczos5": 5, "gaussian": 2}[
        interpolation
    ]
    centres = (np.arange(new)[:, None] + 0.5) * (old / new) - 0.5
    rows = np.floor(centres) + np.arange(1 - radius, radius + 1)
    distance = np.abs(rows - centres)
    if interpolation == "bilinear":
        return rows, np.maximum(0.0, 1.0 - distance)
    if interpolation == "bicubic":  # Keys 1981, a = -1/2
        return rows, _cubic(distance, b=0.0, c=0.5)
    if interpolation == "mitchellcubic":  # Mitchell and Netravali 1988, b = c = 1/3
        return rows, _cubic(distance, b=1 / 3, c=1 / 3)
    if interpolation == "gaussian":  # Cut at 1.5 pixels, which are three standard deviations.
        return rows, np.where(distance < 1.5, np.exp(-2.0 * distance**2), 0.0)
    return rows, np.where(distance < radius, np.sinc(distance) * np.sinc(distance / radius), 0.0)


def _cubic(x: Floats, b: float, c: float) -> Floats:
    near = ((12 - 9 * b - 6 * c) * x**3 + (-18 + 12 * b + 6 * c) * x**2 + (6 - 2 * b)) / 6
    far = ((-b - 6 * c) * x**3 + (6 * b + 30 * c) * x**2 + (-12 * b - 48 * c) * x + (8 * b + 24 * c)) / 6
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))
