"""Pictures seen through small windows: softened, their edges, and how alike two of them look."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import ShapeError
from pippin.ops.operation import operation
from pippin.ops.resizing import on_pictures
from pippin.ops.types import Tensor, as_float
from pippin.ops.windows import data_format_of


@operation(1)
def gaussian_blur(
    images: Tensor, kernel_size: Any = (3, 3), sigma: Any = (1.0, 1.0), data_format: str | None = None
) -> Tensor:
    """Pictures softened by a bell-shaped window."""
    sizes, widths = ((v, v) if isinstance(v, (int, float)) else tuple(v) for v in (kernel_size, sigma))
    softened = on_pictures(lambda x: gaussian(x, sizes, widths), as_float(images), data_format)
    return softened if softened.dtype == images.dtype else ops.cast(softened, images.dtype)


def gaussian(pictures: Any, kernel_size: tuple[int, int], sigma: tuple[Any, Any]) -> Any:
    """Pictures (batch, height, width, channels) where each pixel is a mean of its neighbours, whose weights fall with
    the distance as exp(-d² / 2σ²); kernel_size and sigma are those across and down, as in Keras. Nothing is outside."""
    for axis, size, width in zip((2, 1), kernel_size, sigma, strict=True):
        distance = (np.arange(size) - (size - 1) / 2).astype(np.float32)
        weights = ops.exp(ops.square(distance / width) * -0.5)
        kernel = ops.reshape(weights / ops.sum(weights), (1, size, 1, 1) if axis == 2 else (size, 1, 1, 1))
        channels = pictures.shape[-1]
        pictures = ops.depthwise_conv(
            pictures, ops.tile(kernel, (1, 1, channels, 1)), 1, "same", data_format="channels_last"
        )
    return pictures


@operation(1)
def sobel_edges(images: Tensor, data_format: str | None = None) -> Tensor:
    """How brightness rises downwards and to the right, with one more axis for the two; the picture is mirrored at its
    border. Source: Sobel and Feldman, "A 3x3 isotropic gradient operator for image processing" (1968)."""
    rise = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32)
    found = [on_pictures(partial(_felt, kernel), as_float(images), data_format) for kernel in (rise, rise.T)]
    return ops.stack(found, -1)


def _felt(kernel: np.ndarray, pictures: Any) -> Any:
    channels = pictures.shape[-1]
    mirrored = ops.pad(pictures, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    window = np.tile(kernel[:, :, None, None], (1, 1, channels, 1))
    return ops.depthwise_conv(mirrored, window, 1, "valid", data_format="channels_last")


@operation(2)
def ssim(
    image1: Tensor, image2: Tensor, max_val: float = 1.0, filter_size: int = 11, filter_sigma: float = 1.5,
    k1: float = 0.01, k2: float = 0.03, data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """How alike two pictures look, 1 if they are the same: the mean over windows and channels, a number for each pair.

    Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
    similarity" (2004), formula 13.
    """
    if tuple(image1.shape) != tuple(image2.shape):
        raise ShapeError(
            f"ssim: expected two pictures of one shape, received {tuple(image1.shape)} and {tuple(image2.shape)}."
        )
    steady, contrast = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    distance = np.arange(filter_size, dtype=np.float64) - (filter_size - 1) / 2
    bell = np.exp(-((distance / filter_sigma) ** 2) / 2)
    window = np.outer(bell, bell) / bell.sum() ** 2

    def seen(x: Any) -> Any:
        kernel = np.tile(window.astype(np.float32)[:, :, None, None], (1, 1, x.shape[-1], 1))
        return ops.depthwise_conv(x, kernel, 1, "valid", data_format="channels_last")

    def means(x: Any) -> Any:
        one, other = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
        mean, its = seen(one), seen(other)
        together = seen(one * other) - mean * its
        spread = seen(one * one + other * other) - mean * mean - its * its
        light = (mean * its * 2.0 + steady) / (mean * mean + its * its + steady)
        return light * (together * 2.0 + contrast) / (spread + contrast)

    axis = -3 if data_format_of(data_format) == "channels_first" else -1
    both = ops.concatenate([as_float(image1), as_float(image2)], axis)
    likeness = on_pictures(means, both, data_format)
    return ops.mean(likeness, (-3, -2, -1))
