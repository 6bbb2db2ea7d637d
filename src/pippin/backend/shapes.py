"""Keras 2's backend functions of shapes and borders."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pippin import config, ops
from pippin.ops.types import Axis, Tensor


def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """The lengths of the axes, None where one isn't known."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def ndim(x: Any) -> int:
    """How many axes there are."""
    return len(int_shape(x) or ())


def dtype(x: Any) -> str:
    """The name of the type of the numbers."""
    return str(ops.dtype(x))


def count_params(x: Any) -> int:
    """How many numbers there are."""
    return prod(int_shape(x) or ())  # type: ignore[arg-type]


def image_dim_ordering() -> str:
    """Keras 1's word for where the channels stand: "tf" (last) or "th" (first)."""
    return "tf" if config.image_data_format() == "channels_last" else "th"


def permute_dimensions(x: Tensor, pattern: Sequence[int]) -> Tensor:
    """The axes in another order."""
    return ops.transpose(x, pattern)


def flatten(x: Tensor) -> Tensor:
    """All numbers in a row."""
    return ops.reshape(x, (-1,))


def batch_flatten(x: Tensor) -> Tensor:
    """All numbers of an example in a row."""
    return ops.reshape(x, (-1, prod(int_shape(x)[1:])))  # type: ignore[index, arg-type]


def repeat_elements(x: Tensor, rep: int, axis: int) -> Tensor:
    """Each entry along an axis so many times in a row."""
    return ops.repeat(x, rep, axis)


def reverse(x: Tensor, axes: Axis) -> Tensor:
    """The order turned around along these axes."""
    return ops.flip(x, axes)


def concatenate(tensors: Sequence[Tensor], axis: int = -1) -> Tensor:
    """Arrays one after the other, along the last axis unless another is named."""
    return ops.concatenate(tensors, axis)


def stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Arrays one after the other along a new axis."""
    return ops.stack(x, axis)


def gather(reference: Tensor, indices: Tensor) -> Tensor:
    """Rows by their numbers."""
    return ops.take(reference, indices, 0)


def temporal_padding(x: Tensor, padding: tuple[int, int] = (1, 1)) -> Tensor:
    """Zeros before and after the steps of (batch, steps, features)."""
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(x: Tensor, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None) -> Tensor:
    """Zeros around pictures."""
    if (data_format or config.image_data_format()) == "channels_first":
        return ops.pad(x, ((0, 0), (0, 0), *map(tuple, padding)))
    return ops.pad(x, ((0, 0), *map(tuple, padding), (0, 0)))


def resize_images(
    x: Tensor, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Tensor:
    """Pictures so many times as high and as wide."""
    high, wide = (1, 2) if data_format == "channels_last" else (2, 3)
    size = (int_shape(x)[high] * height_factor, int_shape(x)[wide] * width_factor)  # type: ignore[index, operator]
    return ops.image.resize(x, size, interpolation, data_format=data_format)
