"""Parts of pictures and volumes: patches side by side, borders added and cut."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.ops.operation import operation
from pippin.ops.resizing import on_pictures, picture_axes
from pippin.ops.types import Tensor
from pippin.ops.windows import data_format_of


@operation(1)
def extract_patches(
    images: Tensor, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Patches of height and width `size`, `strides` apart (by itself side by side): (batch, down, across, pixels of a
    patch · channels). Three sizes cut volumes (batch, depth, height, width, channels)."""
    sizes = _numbers("extract_patches", "size", size, (1, 2, 3), len(images.shape) - 2 if len(images.shape) == 5 else 2)
    if len(sizes) == 3:
        return extract_patches_3d(images, sizes, strides, dilation_rate, padding, data_format)
    picture_axes(images.shape, data_format)
    return on_pictures(
        lambda x: _cut("extract_patches", x, sizes, strides, dilation_rate, padding), images, data_format
    )


@operation(1)
def extract_patches_3d(
    volumes: Tensor, size: Any, strides: Any = None, dilation_rate: Any = 1, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The same of volumes (batch, depth, height, width, channels), or one without the batch."""
    rank = len(volumes.shape)
    if rank not in (4, 5):
        raise ShapeError(
            "Invalid volumes rank: expected rank 4 (single volume) or rank 5 (batch of volumes). Received input with "
            f"shape: volumes.shape={tuple(volumes.shape)}"
        )
    sizes = _numbers("extract_patches_3d", "size", size, (1, 3), 3)
    first = data_format_of(data_format) == "channels_first"
    x = volumes if rank == 5 else ops.expand_dims(volumes, 0)
    x = ops.moveaxis(x, 1, -1) if first else x
    found = _cut("extract_patches_3d", x, sizes, strides, dilation_rate, padding)
    found = ops.moveaxis(found, -1, 1) if first else found
    return found if rank == 5 else ops.squeeze(found, 0)


def _cut(word: str, x: Any, sizes: tuple[int, ...], strides: Any, dilation: Any, padding: str) -> Any:
    """A convolution whose every filter hands on one number of the patch."""
    axes = len(sizes)
    steps = sizes if strides is None else _numbers(word, "strides", strides, (1, axes), axes)
    spread = _numbers(word, "dilation_rate", dilation, (1, axes), axes)
    channels = x.shape[-1]
    count = int(np.prod(sizes)) * channels
    kernel = np.eye(count, dtype=np.float32).reshape(*sizes, channels, count)
    return ops.conv(x, kernel, steps, padding, data_format="channels_last", dilation_rate=spread)


def _numbers(word: str, name: str, given: Any, allowed: tuple[int, ...], count: int) -> tuple[int, ...]:
    numbers = (given,) * count if isinstance(given, (int, np.integer)) else tuple(given)
    if len(numbers) not in allowed or any(not isinstance(n, (int, np.integer)) or n < 1 for n in numbers):
        raise SettingError(
            f"Invalid `{name}` argument. Expected an int or a tuple of {count} whole numbers of 1 or more ({word}). "
            f"Received: {name}={given}"
        )
    return tuple(map(int, numbers))


@operation(1)
def pad_images(
    images: Tensor, top_padding: int | None = None, left_padding: int | None = None, bottom_padding: int | None = None,
    right_padding: int | None = None, target_height: int | None = None, target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """Zeros around pictures. Of each axis, say two of: before, behind, and the size there shall be."""
    axes = picture_axes(images.shape, data_format)
    widths = [(0, 0)] * len(images.shape)
    asked = (
        (("top_padding", "bottom_padding", "target_height"), (top_padding, bottom_padding, target_height)),
        (("left_padding", "right_padding", "target_width"), (left_padding, right_padding, target_width)),
    )
    for axis, (names, given) in zip(axes, asked, strict=True):
        before, behind = _beside(names, given, images.shape[axis], 1)
        widths[axis] = (before, behind)
    return ops.pad(images, widths)


@operation(1)
def crop_images(
    images: Tensor, top_cropping: int | None = None, left_cropping: int | None = None,
    bottom_cropping: int | None = None, right_cropping: int | None = None, target_height: int | None = None,
    target_width: int | None = None, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The inner part of pictures. Of each axis, say two of: what goes before, what goes behind, and the size there
    shall be."""
    axes = picture_axes(images.shape, data_format)
    asked = (
        (("top_cropping", "bottom_cropping", "target_height"), (top_cropping, bottom_cropping, target_height)),
        (("left_cropping", "right_cropping", "target_width"), (left_cropping, right_cropping, target_width)),
    )
    parts = [slice(None)] * len(images.shape)
    for axis, (names, given) in zip(axes, asked, strict=True):
        before, behind = _beside(names, given, images.shape[axis], -1)
        parts[axis] = slice(before, images.shape[axis] - behind)
    return images[tuple(parts)]


def _beside(names: tuple[str, ...], given: tuple[int | None, ...], size: int, sign: int) -> tuple[int, int]:
    """What is added (or cut, sign -1) before and behind."""
    if sum(number is not None for number in given) != 2:
        told = ", ".join(f"{name}={number}" for name, number in zip(names, given, strict=True))
        raise SettingError(f"Must specify exactly two of {', '.join(names)}. Received: {told}")
    before, behind, target = given
    for name, number in zip(names, given, strict=True):
        if number is not None and number < 0:
            raise SettingError(f"{name} must be >= 0. Received: {name}={number}")
    change = None if target is None else sign * (target - size)
    before = change - (behind or 0) if before is None else before  # type: ignore[operator]
    behind = change - before if behind is None else behind  # type: ignore[operator]
    for name, number in zip(names, (before, behind), strict=False):
        if number < 0:
            raise SettingError(f"{name} must be >= 0. Received: {name}={number}")
    if sign < 0 and before + behind >= size:
        raise SettingError(f"{names[0]} + {names[1]} must be less than the size {size}. Received: {before} + {behind}")
    return before, behind
