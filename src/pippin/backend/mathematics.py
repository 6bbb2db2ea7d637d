"""Keras 2's backend functions that compute."""

from __future__ import annotations

from typing import Any

from pippin import config, ops
from pippin.errors import SettingError
from pippin.ops.types import Axis, Tensor


def pow(x: Tensor, a: float) -> Tensor:
    """x to the power of a."""
    return ops.power(x, a)


def clip(x: Tensor, min_value: float | None, max_value: float | None) -> Tensor:
    """Numbers below min_value become min_value, those above max_value become max_value."""
    low = float("-inf") if min_value is None else min_value
    return ops.clip(x, low, float("inf") if max_value is None else max_value)


def std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The root of the variance."""
    return ops.std(x, axis, keepdims)


def l2_normalize(x: Tensor, axis: Axis = None) -> Tensor:
    """x divided by its length along an axis."""
    squares = ops.sum(ops.square(x), axis, keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, 1e-12)))


def cast_to_floatx(x: Any) -> Any:
    """The numbers as floats."""
    return ops.cast(x, config.floatx())


def dot(x: Tensor, y: Tensor) -> Tensor:
    """Products over the last axis of x and the last but one of y."""
    return ops.dot(x, y)


def batch_dot(x: Tensor, y: Tensor, axes: Any = None) -> Tensor:
    """For each example the products summed over one axis of x and one of y, by default the last of x and the last but
    one of y."""
    rank = (ops.ndim(x), ops.ndim(y))
    if axes is None:
        axes = [rank[0] - 1, rank[1] - 2 if rank[1] > 2 else rank[1] - 1]
    first, second = (axes, axes) if isinstance(axes, int) else axes
    letters = iter("bcdefghijklmnopqrstuvwxyz")
    words = [["a", *(next(letters) for _ in range(rank[0] - 1))], ["a", *(next(letters) for _ in range(rank[1] - 1))]]
    words[0][first % rank[0]] = words[1][second % rank[1]] = "z"
    result = ["a", *(c for c in words[0][1:] if c != "z"), *(c for c in words[1][1:] if c != "z")]
    found = ops.einsum(f"{''.join(words[0])},{''.join(words[1])}->{''.join(result)}", x, y)
    return ops.expand_dims(found, -1) if len(result) == 1 else found


def relu(x: Tensor, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """max(x, 0), with a slope below, a limit above, or measured from a threshold."""
    from pippin import activations

    return activations.relu(x, alpha, max_value, threshold)


def identity(x: Tensor, name: str | None = None) -> Tensor:
    """x itself."""
    return ops.copy(x)


def bias_add(x: Tensor, bias: Tensor, data_format: str | None = None) -> Tensor:
    """A bias for each channel, added."""
    if (data_format or config.image_data_format()) == "channels_first" and ops.ndim(x) > 2:
        return ops.add(x, ops.reshape(bias, (1, -1, *[1] * (ops.ndim(x) - 2))))
    return ops.add(x, bias)


def in_top_k(predictions: Tensor, targets: Tensor, k: int) -> Tensor:
    """True where a target is among the k largest predictions."""
    return ops.in_top_k(targets, predictions, k)


def conv1d(
    x: Tensor, kernel: Tensor, strides: int = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: int = 1,
) -> Tensor:  # fmt: skip
    """One-dimensional convolution."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def conv2d(
    x: Tensor, kernel: Tensor, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Tensor:  # fmt: skip
    """Two-dimensional convolution."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def pool2d(
    x: Tensor, pool_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None,
    pool_mode: str = "max",
) -> Tensor:  # fmt: skip
    """The largest or the mean of each window of pictures."""
    if pool_mode not in ("max", "avg"):
        raise SettingError(f'pool: expected pool_mode "max" or "avg", received {pool_mode!r}.')
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides, padding, data_format)


def pool3d(
    x: Tensor, pool_size: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: str | None = None,
    pool_mode: str = "max",
) -> Tensor:  # fmt: skip
    """The largest or the mean of each window of volumes."""
    return pool2d(x, pool_size, strides, padding, data_format, pool_mode)


def conv3d(
    x: Tensor, kernel: Tensor, strides: Any = (1, 1, 1), padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = (1, 1, 1),
) -> Tensor:  # fmt: skip
    """Three-dimensional convolution."""
    return ops.conv(x, kernel, strides, padding, data_format, dilation_rate)


def depthwise_conv2d(
    x: Tensor, depthwise_kernel: Tensor, strides: Any = (1, 1), padding: str = "valid", data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Tensor:  # fmt: skip
    """Two-dimensional convolution of each channel by itself."""
    return ops.depthwise_conv(x, depthwise_kernel, strides, padding, data_format, dilation_rate)


def separable_conv2d(
    x: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, strides: Any = (1, 1), padding: str = "valid",
    data_format: str | None = None, dilation_rate: Any = (1, 1),
) -> Tensor:  # fmt: skip
    """Two-dimensional convolution of each channel by itself, then of all channels at each place."""
    return ops.separable_conv(
        x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate
    )  # fmt: skip
