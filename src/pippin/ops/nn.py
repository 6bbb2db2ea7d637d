"""Keras's `ops` of neural networks: activations, softmax, convolution, pooling, cross-entropies, written in primitives."""

from __future__ import annotations

from math import sqrt
from typing import Any

from pippin.errors import SettingError
from pippin.ops.numpy import axes_of
from pippin.ops.operation import operation
from pippin.primitives import TABLE
from pippin.primitives.conv import result_length

Pair = tuple[int, int]


@operation(1)
def relu(x):
    return TABLE["maximum"](x, 0.0)


@operation(1)
def relu6(x):
    return TABLE["minimum"](TABLE["maximum"](x, 0.0), 6.0)


@operation(1)
def leaky_relu(x, negative_slope: float = 0.2):
    return (x > 0.0).where(x, x * negative_slope)


@operation(1)
def sigmoid(x):
    return TABLE["sigmoid"](x)


@operation(1)
def hard_sigmoid(x):
    return TABLE["minimum"](TABLE["maximum"](x / 6.0 + 0.5, 0.0), 1.0)


@operation(1)
def silu(x):
    return x * TABLE["sigmoid"](x)


@operation(1)
def hard_silu(x):
    return x * TABLE["minimum"](TABLE["maximum"](x / 6.0 + 0.5, 0.0), 1.0)


swish, hard_swish = silu, hard_silu


@operation(1)
def softplus(x):
    """ln(1 + e^x), written so that e^x can't overflow."""
    return TABLE["log1p"]((-abs(x)).exp()) + TABLE["maximum"](x, 0.0)


@operation(1)
def log_sigmoid(x):
    return -(TABLE["log1p"]((-abs(x)).exp()) + TABLE["maximum"](-x, 0.0))


@operation(1)
def softsign(x):
    return x / (abs(x) + 1.0)


@operation(1)
def elu(x, alpha: float = 1.0):
    return (x > 0.0).where(x, TABLE["expm1"](TABLE["minimum"](x, 0.0)) * alpha)


@operation(1)
def selu(x):
    """Source: Klambauer et al., "Self-Normalizing Neural Networks" (2017), section 2."""
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return (x > 0.0).where(x, TABLE["expm1"](TABLE["minimum"](x, 0.0)) * alpha) * scale


@operation(1)
def gelu(x, approximate: bool = True):
    """Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2."""
    if approximate:
        return x * 0.5 * (TABLE["tanh"]((x + x * x * x * 0.044715) * 0.7978845608028654) + 1.0)
    return x * 0.5 * (TABLE["erf"](x * (1 / sqrt(2))) + 1.0)


@operation(1)
def softmax(x, axis: int | list[int] | None = -1):
    """e^x over the sum of all e^x along `axis`; the largest x is taken away first, so that nothing overflows."""
    powers = (x - TABLE["stop_gradient"](x.max(axes_of(axis), keepdims=True))).exp()
    return powers / powers.sum(axes_of(axis), keepdims=True)


@operation(1)
def log_softmax(x, axis: int | list[int] | None = -1):
    shifted = x - TABLE["stop_gradient"](x.max(axes_of(axis), keepdims=True))
    return shifted - shifted.exp().sum(axes_of(axis), keepdims=True).log()


@operation(1)
def one_hot(x, num_classes: int, axis: int = -1, dtype: str = "float32"):
    """Rows of zeros with a one at the position that each whole number names."""
    classes = TABLE["iota"].shape(length=num_classes)
    numbers = x.trace.write(TABLE["iota"], (), {"length": classes.shape[0]})
    rows = x.cast("int32").reshape((*x.shape, 1)).equal(numbers).cast(dtype)
    place = axis % rows.rank
    if place == rows.rank - 1:
        return rows
    return rows.transpose([*range(place), rows.rank - 1, *range(place, rows.rank - 1)])


def explicit_padding(x: Any, window: Pair, strides: Pair, padding: str, dilation: Pair = (1, 1)) -> tuple[int, int, int, int]:
    """Keras's "valid" or "same" as zeros (top, bottom, left, right); an odd one goes to the bottom and right."""
    if padding.lower() == "valid":
        return (0, 0, 0, 0)
    if padding.lower() != "same":
        raise SettingError(f'padding: expected "valid" or "same", received {padding!r}.')
    sides = []
    for size, reach, stride, spread in zip(x.shape[1:3], window, strides, dilation, strict=True):
        places = -(-size // stride)
        total = max(0, (places - 1) * stride + spread * (reach - 1) + 1 - size)
        sides += [total // 2, total - total // 2]
        assert result_length(size, reach, stride, *sides[-2:], spread) == places
    top, bottom, left, right = sides
    return top, bottom, left, right


def _pair(value: int | Pair) -> Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


@operation(2)
def conv(inputs, kernel, strides: int | Pair = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: int | Pair = 1):
    """2-D convolution of pictures (batch, height, width, channels) with a kernel (height, width, channels, filters)."""
    window = (kernel.shape[0], kernel.shape[1])
    strides, dilation = _pair(strides), _pair(dilation_rate)
    zeros = explicit_padding(inputs, window, strides, padding, dilation)
    return TABLE["conv2d"](inputs, kernel, strides=strides, padding=zeros, dilation=dilation)


@operation(1)
def max_pool(inputs, pool_size: int | Pair, strides: int | Pair | None = None, padding: str = "valid", data_format: str | None = None):
    size = _pair(pool_size)
    steps = _pair(strides or size)
    return TABLE["max_pool"](inputs, size=size, strides=steps, padding=explicit_padding(inputs, size, steps, padding))


@operation(1)
def average_pool(inputs, pool_size: int | Pair, strides: int | Pair | None = None, padding: str = "valid", data_format: str | None = None):
    size = _pair(pool_size)
    steps = _pair(strides or size)
    return TABLE["average_pool"](inputs, size=size, strides=steps, padding=explicit_padding(inputs, size, steps, padding))


@operation(2)
def categorical_crossentropy(target, output, from_logits: bool = False, axis: int = -1):
    """-Σ target · ln(output) along the axis, after the probabilities are scaled to sum to 1 and kept away from 0."""
    if from_logits:
        return -(target * log_softmax(output, axis)).sum([axis])
    return -(target * _safe(output / output.sum([axis], keepdims=True)).log()).sum([axis])


@operation(2)
def sparse_categorical_crossentropy(target, output, from_logits: bool = False, axis: int = -1):
    """-ln of the probability that `output` gives to the class whose number stands in `target`."""
    if target.rank == output.rank and target.shape[-1] == 1:
        target = target.reshape(target.shape[:-1])
    chosen = one_hot(target, output.shape[axis], axis)
    logarithms = log_softmax(output, axis) if from_logits else _safe(output / output.sum([axis], keepdims=True)).log()
    return -(chosen * logarithms).sum([axis])


@operation(2)
def binary_crossentropy(target, output, from_logits: bool = False):
    """-(target · ln(output) + (1 - target) · ln(1 - output)), number by number."""
    if from_logits:
        return TABLE["maximum"](output, 0.0) - output * target + TABLE["log1p"]((-abs(output)).exp())
    safe = _safe(output)
    return -(target * safe.log() + (1.0 - target) * (1.0 - safe).log())


def _safe(probability: Any) -> Any:
    """Probabilities kept in [1e-7, 1 - 1e-7], as Keras does: ln(0) is not a number one can learn from."""
    return TABLE["minimum"](TABLE["maximum"](probability, 1e-7), 1 - 1e-7)
