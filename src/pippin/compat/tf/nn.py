"""`tf.nn`: activations, losses from logits, and the operations that layers are made of."""

from __future__ import annotations

from typing import Any

from pippin import activations, ops
from pippin.compat.tf.arrays import l2_normalize
from pippin.compat.tf.random import draw_mask
from pippin.errors import MissingWord

_ACTIVATIONS = "celu elu gelu log_softmax relu relu6 selu sigmoid silu softmax softplus softsign tanh"
swish = activations.silu


def __getattr__(name: str) -> Any:
    if name in _ACTIVATIONS.split():
        return getattr(activations, name)
    raise MissingWord(f"module 'tensorflow.nn' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_ACTIVATIONS.split(), *(word for word in globals() if not word.startswith("_"))])


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """Numbers below 0 are multiplied by alpha."""
    return ops.leaky_relu(features, alpha)


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """For each entry the cross-entropy of a yes-or-no label with sigmoid(logit)."""
    plain = ops.subtract(ops.relu(logits), ops.multiply(logits, labels))
    return ops.add(plain, ops.log1p(ops.exp(ops.negative(ops.abs(logits)))))


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """For each row the cross-entropy of probabilities with softmax(logits)."""
    return ops.categorical_crossentropy(labels, logits, from_logits=True, axis=axis)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """For each row the cross-entropy of a class with softmax(logits)."""
    return ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of squares."""
    return ops.multiply(ops.sum(ops.square(t)), 0.5)


def dropout(x: Any, rate: float, noise_shape: Any = None, seed: int | None = None, name: str | None = None) -> Any:
    """Numbers set to 0 with probability `rate`, the others enlarged by 1 / (1 - rate)."""
    return ops.multiply(x, draw_mask(x.shape if noise_shape is None else noise_shape, rate, seed))


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """Mean and variance over axes."""
    return ops.moments(x, axes, keepdims)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: str | None = None
) -> Any:
    """(x - mean) / sqrt(variance + epsilon) · scale + offset."""
    centred = ops.multiply(ops.subtract(x, mean), ops.rsqrt(ops.add(variance, variance_epsilon)))
    scaled = centred if scale is None else ops.multiply(centred, scale)
    return scaled if offset is None else ops.add(scaled, offset)


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """A number more for each channel."""
    if data_format is not None and data_format.startswith("NC"):
        return ops.add(value, ops.reshape(bias, (-1, *[1] * (len(value.shape) - 2))))
    return ops.add(value, bias)


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """The rows of a table at these places."""
    return ops.take(params, ids, axis=0)


def top_k(input: Any, k: int = 1, sorted: bool = True, name: str | None = None) -> Any:
    """The k largest numbers of each row and their places."""
    return ops.top_k(input, k, sorted)


def in_top_k(targets: Any, predictions: Any, k: int, name: str | None = None) -> Any:
    """Whether each class is among the k with the largest numbers."""
    return ops.in_top_k(targets, predictions, k)


def _inner(sizes: Any) -> Any:
    """TensorFlow's [1, 2, 2, 1] and 2 and [2, 2]: the sizes of the inner axes."""
    if isinstance(sizes, int):
        return sizes
    return tuple(sizes[1:-1]) if len(sizes) > 3 else tuple(sizes)


def conv2d(
    input: Any, filters: Any, strides: Any, padding: str, data_format: str = "NHWC", dilations: Any = 1,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Pictures under windows: (batch, rows, columns, channels) and (rows, columns, channels, filters)."""
    return ops.conv(input, filters, _inner(strides), padding.lower(), _layout(data_format), _inner(dilations or 1))


def conv2d_transpose(
    input: Any, filters: Any, output_shape: Any, strides: Any, padding: str = "SAME", data_format: str = "NHWC",
    dilations: Any = 1, name: str | None = None,
) -> Any:  # fmt: skip
    """What conv2d would carry back to its pictures."""
    return ops.conv_transpose(input, filters, _inner(strides), padding.lower(), None, _layout(data_format),
                              _inner(dilations or 1))  # fmt: skip


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Any:
    """The largest number in each window."""
    return ops.max_pool(input, _inner(ksize), _inner(strides), padding.lower(), _layout(data_format))


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Any:
    """The mean in each window."""
    return ops.average_pool(input, _inner(ksize), _inner(strides), padding.lower(), _layout(data_format))


max_pool, avg_pool = max_pool2d, avg_pool2d


def _layout(data_format: str) -> str:
    return "channels_first" if data_format.startswith("NC") else "channels_last"


__all__ = [
    *_ACTIVATIONS.split(), "avg_pool", "avg_pool2d", "batch_normalization", "bias_add", "conv2d", "conv2d_transpose",
    "dropout", "embedding_lookup", "in_top_k", "l2_loss", "l2_normalize", "leaky_relu", "max_pool", "max_pool2d",
    "moments", "sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits", "swish", "top_k",
]  # fmt: skip
