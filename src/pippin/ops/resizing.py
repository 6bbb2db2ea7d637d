"""Pictures made larger or smaller. Pictures are (batch, height, width, channels), or one without
the batch, or with the channels in front."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, unknown
from pippin.ops.arrange import moveaxis, pad, take
from pippin.ops.linear import matmul
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.ops.windows import data_format_of


@operation(1)
def resize(
    images: Tensor,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Pictures of height and width `size`. The middles of pixels lie at halves; the border repeats.

    interpolation: "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5". With `antialias` a smaller picture sees
    all pixels of the larger one. To keep the aspect ratio, crop to the largest middle part that has it, or pad with
    `fill_value` on both sides.
    """
    vertical, horizontal = picture_axes(images.shape, data_format)
    if interpolation not in INTERPOLATIONS:
        raise unknown("value of resize for `interpolation`", interpolation, INTERPOLATIONS)
    if len(size) != 2:
        raise SettingError(f"Argument `size` must be a tuple of two elements (height, width). Received: size={size}")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise SettingError("Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`.")
    if fill_mode != "constant":
        raise SettingError(
            f"Invalid value for argument `fill_mode`. Only `'constant'` is supported. Received: fill_mode={fill_mode}"
        )
    whole = (images.shape[vertical], images.shape[horizontal])
    fitting = [max(1, int(other * mine / its)) for other, mine, its in zip(whole[::-1], size, size[::-1], strict=True)]
    for axis, length, fits in zip((vertical, horizontal), whole, fitting, strict=True):
        if crop_to_aspect_ratio and fits < length:
            images = take(images, np.arange(fits) + (length - fits) // 2, axis)
        if pad_to_aspect_ratio and fits > length:
            beside = int((fits - length) / 2)
            widths = [(0, 0)] * images.rank
            widths[axis] = (beside, beside)
            images = pad(images, widths, constant_values=fill_value)
    for axis, length in zip((vertical, horizontal), size, strict=True):
        images = _along(images, axis, length, interpolation, antialias)
    return images


def picture_axes(shape: tuple[int | None, ...], data_format: str | None) -> tuple[int, int]:
    """The axes of height and width."""
    if len(shape) not in (3, 4):
        raise ShapeError(
            "Invalid images rank: expected rank 3 (single image) or rank 4 (batch of images). Received input with "
            f"shape: images.shape={tuple(shape)}"
        )
    first = len(shape) - 3 + (data_format_of(data_format) == "channels_first")
    return first, first + 1


def on_pictures(function: Callable[[Any], Any], images: Tensor, data_format: str | None) -> Tensor:
    """A function of pictures (batch, height, width, channels) on pictures with or without a batch, in either format."""
    picture_axes(images.shape, data_format)
    single, first = len(images.shape) == 3, data_format_of(data_format) == "channels_first"
    x = images.reshape((1, *images.shape)) if single else images
    found = function(moveaxis(x, 1, -1) if first else x)
    found = moveaxis(found, -1, 1) if first else found
    return found.reshape(found.shape[1:]) if single else found


def _along(images: Tensor, axis: int, length: int, interpolation: str, antialias: bool) -> Tensor:
    before = images.shape[axis]
    if before == length:
        return images
    if interpolation == "nearest":
        middles = (np.arange(length) + 0.5) * before / length
        return take(images, np.floor(middles).astype(np.int32), axis)
    weights = resize_weights(before, length, interpolation, antialias)
    return moveaxis(matmul(moveaxis(as_float(images), axis, -1), images.trace.symbol(weights)), -1, axis)


@lru_cache(64)
def resize_weights(before: int, after: int, interpolation: str, antialias: bool) -> np.ndarray:
    """What each old pixel gives to each new one, (before, after): a kernel around the place where a new one lies."""
    scale = before / after
    places = (np.arange(after) + 0.5) * scale - 0.5
    distance = np.abs(places[None, :] - np.arange(before)[:, None]) / (max(scale, 1.0) if antialias else 1.0)
    weights = _KERNELS[interpolation](distance)
    total = weights.sum(0, keepdims=True)
    return np.asarray(weights / np.where(total == 0, 1.0, total), np.float32)


@operation(1)
def scale_and_translate(
    images: Tensor, output_shape: Any, scale: Any, translation: Any, spatial_dims: Any, method: str,
    antialias: bool = True,
) -> Tensor:  # fmt: skip
    """Arrays whose axes `spatial_dims` are stretched by `scale` and then moved by `translation`, one number for each
    axis; what lies outside is 0. method: "linear", "cubic", "lanczos3", "lanczos5", or Keras's other names of them."""
    kernel = {"linear": "bilinear", "trilinear": "bilinear", "triangle": "bilinear", "cubic": "bicubic",
              "tricubic": "bicubic"}.get(method, method)  # fmt: skip
    if kernel not in _KERNELS:
        raise unknown("value of scale_and_translate for `method`", method, (*_KERNELS, "linear", "cubic"))
    dtype, x = images.dtype, as_float(images)
    for axis, stretch, move in zip(spatial_dims, np.asarray(scale), np.asarray(translation), strict=True):
        weights = stretched_weights(x.shape[axis], output_shape[axis], float(stretch), float(move), kernel, antialias)
        x = moveaxis(matmul(moveaxis(x, axis, -1), x.trace.symbol(weights)), -1, axis)
    return x if x.dtype == dtype else x.cast(dtype)


@lru_cache(64)
def stretched_weights(
    before: int, after: int, scale: float, move: float, method: str, antialias: bool
) -> np.ndarray:
    """What each old place gives to each new one, (before, after)."""
    places = (np.arange(after) + 0.5 - move) / scale - 0.5
    width = max(1 / scale, 1.0) if antialias else 1.0
    weights = _KERNELS[method](np.abs(places[None, :] - np.arange(before)[:, None]) / width)
    total = weights.sum(0, keepdims=True)
    weights = np.where(np.abs(total) > 1000 * np.finfo(np.float32).eps, weights / np.where(total == 0, 1, total), 0.0)
    return np.where((places >= -0.5) & (places <= before - 0.5), weights, 0.0).astype(np.float32)


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys, Cubic convolution interpolation for digital image processing (1981), with a = -1/2."""
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x >= 2, 0.0, np.where(x >= 1, far, near))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    """sinc(x) · sinc(x / radius). Source: Duchon (1979)."""
    return lambda x: np.where(x > radius, 0.0, np.sinc(x) * np.sinc(x / radius))


_KERNELS: dict[str, Callable[[np.ndarray], Any]] = {
    "bilinear": lambda x: np.maximum(0.0, 1.0 - x), "bicubic": _cubic, "lanczos3": _lanczos(3), "lanczos5": _lanczos(5),
}  # fmt: skip
INTERPOLATIONS = ("nearest", *_KERNELS)
