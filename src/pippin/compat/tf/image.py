"""`tf.image`: pictures (rows, columns, channels), or batches of them, resized, cut, turned and coloured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import ops
from pippin.compat.tf import io
from pippin.compat.tf.arrays import is_value
from pippin.compat.tf.dtypes import kind_of
from pippin.data.resample import scaled
from pippin.program.eager import as_eager
from pippin.random import make_seed

decode_jpeg = decode_png = decode_image = decode_gif = decode_bmp = io.decode_image


class ResizeMethod:
    """How pixels between pixels are found."""

    BILINEAR, NEAREST_NEIGHBOR, BICUBIC, AREA = "bilinear", "nearest", "bicubic", "area"
    LANCZOS3, LANCZOS5, GAUSSIAN, MITCHELLCUBIC = "lanczos3", "lanczos5", "gaussian", "mitchellcubic"


def resize(
    images: Any, size: Any, method: str = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Pictures of this size (rows, columns), as floats; "nearest" keeps the type."""
    height, width = (int(side) for side in np.asarray(size))
    if is_value(images):
        return ops.image.resize(images, (height, width), method, antialias)
    array = np.asarray(images)
    if preserve_aspect_ratio:
        rows, columns = array.shape[-3:-1]
        factor = min(height / rows, width / columns)
        height, width = max(round(rows * factor), 1), max(round(columns * factor), 1)
    made = scaled(array, height, width, method)
    return as_eager(made.astype(array.dtype) if method == "nearest" else made)


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """The same picture in another type: floats lie between 0 and 1, whole numbers fill their type."""
    kind = kind_of(dtype)
    if is_value(image):
        return ops.cast(image, kind) if "float" in str(image.dtype) else ops.cast(image, kind) / 255.0
    array = np.asarray(image)
    if array.dtype.kind == "f" and "float" not in kind:
        top = np.iinfo(kind).max
        return as_eager(np.clip(array * (top + 0.5), 0, top).astype(kind))
    if array.dtype.kind != "f" and "float" in kind:
        return as_eager(array.astype(kind) / np.asarray(np.iinfo(array.dtype).max, kind))
    return as_eager(array.astype(kind))


def _turns(function: Callable[[Any], Any]) -> Callable[..., Any]:
    def turned(image: Any, name: str | None = None) -> Any:
        return function(image) if is_value(image) else as_eager(function(np.asarray(image)))

    return turned


flip_left_right = _turns(lambda image: image[..., ::-1, :])
flip_up_down = _turns(lambda image: image[..., ::-1, :, :])
transpose = _turns(lambda image: np.swapaxes(image, -3, -2))


def rot90(image: Any, k: int = 1, name: str | None = None) -> Any:
    """Turned against the clock, k times by 90 degrees."""
    return as_eager(np.rot90(np.asarray(image), k, (-3, -2)))


def _chance(seed: Any) -> np.random.Generator:
    return np.random.default_rng(make_seed(None if seed is None else int(np.sum(seed))))


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Mirrored, or not."""
    return flip_left_right(image) if _chance(seed).random() < 0.5 else image


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Upside down, or not."""
    return flip_up_down(image) if _chance(seed).random() < 0.5 else image


def adjust_brightness(image: Any, delta: float) -> Any:
    """Lighter by delta, on the scale where white is 1."""
    return _on_unit_scale(image, lambda pixels: pixels + delta)


def adjust_contrast(images: Any, contrast_factor: float) -> Any:
    """Each channel farther from (or nearer to) its mean."""

    def change(pixels: np.ndarray) -> np.ndarray:
        mean = pixels.mean((-3, -2), keepdims=True)
        changed: np.ndarray = (pixels - mean) * contrast_factor + mean
        return changed

    return _on_unit_scale(images, change)


def adjust_saturation(image: Any, saturation_factor: float, name: str | None = None) -> Any:
    """Colours stronger, or nearer to grey."""

    def change(pixels: np.ndarray) -> np.ndarray:
        # In hue, saturation and value: the largest channel stays, the others go away from it.
        top, low = pixels.max(-1, keepdims=True), pixels.min(-1, keepdims=True)
        share = np.divide(top - low, top, out=np.zeros_like(top), where=top > 0)
        wanted = np.clip(share * saturation_factor, 0, 1)
        factor = np.divide(wanted, share, out=np.ones_like(top), where=share > 0)
        changed: np.ndarray = top - (top - pixels) * factor
        return changed

    return _on_unit_scale(image, change)


def _on_unit_scale(image: Any, change: Callable[[np.ndarray], np.ndarray]) -> Any:
    array = np.asarray(image)
    made = change(np.asarray(convert_image_dtype(array, "float32")))
    return (
        as_eager(made.astype(array.dtype)) if array.dtype.kind == "f" else convert_image_dtype(made, array.dtype.name)
    )


def random_brightness(image: Any, max_delta: float, seed: Any = None) -> Any:
    """Lighter or darker by at most max_delta."""
    return adjust_brightness(image, _chance(seed).uniform(-max_delta, max_delta))


def random_contrast(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """With a contrast between these factors."""
    return adjust_contrast(image, _chance(seed).uniform(lower, upper))


def random_saturation(image: Any, lower: float, upper: float, seed: Any = None) -> Any:
    """With colours stronger or weaker, by a factor between these."""
    return adjust_saturation(image, _chance(seed).uniform(lower, upper))


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """A piece of this size, from anywhere."""
    array, chance = np.asarray(value), _chance(seed)
    starts = [int(chance.integers(whole - part + 1)) for whole, part in zip(array.shape, size, strict=True)]
    return as_eager(array[tuple(slice(s, s + int(part)) for s, part in zip(starts, size, strict=True))])


def crop_to_bounding_box(
    image: Any, offset_height: int, offset_width: int, target_height: int, target_width: int, name: str | None = None
) -> Any:
    """A piece whose upper left corner and size are given."""
    rows = slice(offset_height, offset_height + target_height)
    return image[..., rows, offset_width : offset_width + target_width, :]


def central_crop(image: Any, central_fraction: float) -> Any:
    """The middle, this share of each side."""
    array = np.asarray(image)
    edges = [int((size - size * central_fraction) / 2) for size in array.shape[-3:-1]]
    (top, left), (rows, columns) = edges, array.shape[-3:-1]
    return as_eager(array[..., top : rows - top, left : columns - left, :])


def resize_with_crop_or_pad(image: Any, target_height: int, target_width: int) -> Any:
    """The middle, cut or surrounded by zeros until it has this size."""
    array = np.asarray(image)
    for axis, wanted in ((-3, target_height), (-2, target_width)):
        size = array.shape[axis]
        if size > wanted:
            array = np.take(array, range((size - wanted) // 2, (size - wanted) // 2 + wanted), axis)
        elif size < wanted:
            before = (wanted - size) // 2
            widths = [(0, 0)] * array.ndim
            widths[axis] = (before, wanted - size - before)
            array = np.pad(array, widths)
    return as_eager(array)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """One channel: how light each pixel looks. Source: ITU-R BT.601."""
    weights = np.array([0.2989, 0.587, 0.114], np.float32)
    if is_value(images):
        return ops.sum(ops.multiply(images, weights), -1, keepdims=True)
    array = np.asarray(images)
    made = (np.asarray(convert_image_dtype(array, "float32")) * weights).sum(-1, keepdims=True)
    return as_eager(made) if array.dtype.kind == "f" else convert_image_dtype(made, array.dtype.name)


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """The one channel three times."""
    return ops.repeat(images, 3, -1) if is_value(images) else as_eager(np.repeat(np.asarray(images), 3, -1))


def per_image_standardization(image: Any) -> Any:
    """Mean 0 and deviation 1 (or less, if the picture is nearly flat)."""
    array = np.asarray(image, np.float32)
    axes = (-3, -2, -1)
    size = int(np.prod(array.shape[-3:]))
    deviation = np.maximum(array.std(axes, keepdims=True), 1 / np.sqrt(size))
    return as_eager((array - array.mean(axes, keepdims=True)) / deviation)
