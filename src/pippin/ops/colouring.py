"""Pictures in other colours: grey, or as hue, saturation and value."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import ShapeError
from pippin.ops.operation import operation
from pippin.ops.resizing import on_pictures, picture_axes
from pippin.ops.types import Tensor, as_float
from pippin.ops.windows import data_format_of

GREYS = (0.2989, 0.587, 0.114)
"""How bright red, green and blue are. Source: ITU-R BT.601."""


@operation(1)
def rgb_to_grayscale(images: Tensor, data_format: str | None = None) -> Tensor:
    """How bright each pixel is, with one channel."""
    return on_pictures(_grey, _coloured("rgb_to_grayscale", images, data_format), data_format)


@operation(1)
def rgb_to_hsv(images: Tensor, data_format: str | None = None) -> Tensor:
    """Hue, saturation and value, each from 0 to 1, of colours from 0 to 1."""
    coloured = _coloured("rgb_to_hsv", images, data_format)
    return on_pictures(lambda x: ops.concatenate(hue_saturation_value(x), -1), coloured, data_format)


@operation(1)
def hsv_to_rgb(images: Tensor, data_format: str | None = None) -> Tensor:
    """The way back from `rgb_to_hsv`."""
    coloured = _coloured("hsv_to_rgb", images, data_format)
    return on_pictures(lambda x: red_green_blue(*(x[..., n : n + 1] for n in range(3))), coloured, data_format)


def _coloured(word: str, images: Tensor, data_format: str | None) -> Tensor:
    picture_axes(images.shape, data_format)
    axis = -3 if data_format_of(data_format) == "channels_first" else -1
    if images.shape[axis] != 3:
        raise ShapeError(f"{word}: expected pictures with 3 channels, received shape {tuple(images.shape)}.")
    if word != "rgb_to_grayscale" and "float" not in str(images.dtype):
        raise ShapeError(f"Invalid images dtype: expected float dtype. Received: images.dtype={images.dtype}")
    return images


def _grey(pictures: Any) -> Any:
    floats = as_float(pictures)
    grey = sum(floats[..., n : n + 1] * share for n, share in enumerate(GREYS))
    return grey if pictures.dtype == floats.dtype else ops.cast(grey, pictures.dtype)


def hue_saturation_value(pictures: Any) -> tuple[Any, Any, Any]:
    """Hue (a share of the circle of colours, from red), saturation and value, each (..., 1).

    Source: Smith, "Color gamut transform pairs" (1978).
    """
    red, green, blue = (pictures[..., n : n + 1] for n in range(3))
    value = ops.max(pictures, -1, keepdims=True)
    span = value - ops.min(pictures, -1, keepdims=True)
    is_grey = ops.equal(span, 0.0)
    sixth = 1.0 / (6.0 * ops.where(is_grey, 1.0, span))
    hue = ops.where(ops.equal(value, green), (blue - red) * sixth + 2 / 6, (red - green) * sixth + 4 / 6)
    hue = ops.where(ops.equal(value, red), (green - blue) * sixth, hue)
    hue = ops.where(is_grey, 0.0, ops.where(ops.less(hue, 0.0), hue + 1.0, hue))
    is_black = ops.less_equal(value, 0.0)
    return hue, ops.where(is_black, 0.0, span / ops.where(is_black, 1.0, value)), value


def red_green_blue(hue: Any, saturation: Any, value: Any) -> Any:
    """The pictures whose hue, saturation and value those are."""
    turn = hue * 6.0
    shares = (
        ops.abs(turn - 3.0) - 1.0,
        2.0 - ops.abs(turn - 2.0),
        2.0 - ops.abs(turn - 4.0),
    )
    channels = [(1.0 - saturation + saturation * ops.clip(share, 0.0, 1.0)) * value for share in shares]
    return ops.concatenate(channels, -1)
