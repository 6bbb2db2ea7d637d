"""Keras's `ops` of neural networks that are more than one function of one number: windows over pictures, normalizing,
one-hot rows and cross-entropies, written in primitives."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError, ShapeError
from pippin.ops.activation import log_softmax
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of, program_type
from pippin.primitives import FLOAT, INT, TABLE
from pippin.primitives.conv import result_length
from pippin.program import Variable

Pair = tuple[int, int]


@operation(1)
def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: Any = FLOAT) -> Tensor:
    """Rows of zeros with a one at the position that each whole number names."""
    numbers = x.trace.write(TABLE["iota"], (), {"length": num_classes})
    rows = x.cast(INT).reshape((*x.shape, 1)).equal(numbers).cast(program_type(dtype or FLOAT))
    last = rows.rank - 1
    place = axis % rows.rank
    return rows if place == last else rows.transpose([*range(place), last, *range(place, last)])


# Windows over pictures ------------------------------------------------------------------------------------------------


def channels_last(data_format: str | None) -> str:
    """ "channels_last", the only order of axes there is: (batch, height, width, channels)."""
    if data_format not in (None, "channels_last"):
        raise SettingError(
            'data_format: expected "channels_last", pictures as (batch, height, width, channels), received '
            f"{data_format!r}. "
            "Move the channels to the end: np.moveaxis(x, 1, -1)."
        )
    return "channels_last"


def explicit_padding(
    x: Tensor, window: Pair, strides: Pair, padding: str, dilation: Pair = (1, 1)
) -> tuple[int, int, int, int]:
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
        assert result_length(size, reach, stride, sides[-2], sides[-1], spread) == places
    top, bottom, left, right = sides
    return top, bottom, left, right


def pair(value: int | Pair) -> Pair:
    """(3, 3) for 3."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _need_pictures(word: str, x: Tensor) -> None:
    if x.rank != 4:
        raise ShapeError(f"{word}: expected pictures (batch, height, width, channels), received shape {x.shape}.")


@operation(2)
def conv(
    inputs: Tensor, kernel: Tensor, strides: int | Pair = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: int | Pair = 1,
) -> Tensor:  # fmt: skip
    """2-D convolution of pictures (batch, height, width, channels) with a kernel (height, width, channels, filters)."""
    channels_last(data_format)
    _need_pictures("conv", inputs)
    steps, dilation = pair(strides), pair(dilation_rate)
    zeros = explicit_padding(inputs, kernel.shape[:2], steps, padding, dilation)
    return TABLE["conv2d"](as_float(inputs), kernel, strides=steps, padding=zeros, dilation=dilation)


@operation(1)
def max_pool(
    inputs: Tensor,
    pool_size: int | Pair,
    strides: int | Pair | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The largest number of each window, channel by channel."""
    return _pool("max_pool", inputs, pool_size, strides, padding, data_format)


@operation(1)
def average_pool(
    inputs: Tensor,
    pool_size: int | Pair,
    strides: int | Pair | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The mean of each window, channel by channel; the border of "same" is not counted."""
    return _pool("average_pool", inputs, pool_size, strides, padding, data_format)


def _pool(
    name: str,
    x: Tensor,
    pool_size: int | Pair,
    strides: int | Pair | None,
    padding: str,
    data_format: str | None,
) -> Tensor:
    channels_last(data_format)
    _need_pictures(name, x)
    size = pair(pool_size)
    steps = pair(strides or size)
    return TABLE[name](as_float(x), size=size, strides=steps, padding=explicit_padding(x, size, steps, padding))


# Normalizing ----------------------------------------------------------------------------------------------------------


@operation(3)
def batch_normalization(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    axis: int,
    offset: Tensor = None,
    scale: Tensor = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """(x - mean) / √(variance + epsilon) · scale + offset; the statistics hold one number for each entry along
    `axis`."""
    shape = [1] * x.rank
    shape[axis] = x.shape[axis]
    factor = 1.0 / (variance + epsilon).sqrt()
    if scale is not None:
        factor = factor * _value(x, scale)
    result = (x - mean.reshape(shape)) * factor.reshape(shape)
    return result if offset is None else result + _value(x, offset).reshape(shape)


def _value(x: Tensor, thing: Any) -> Tensor:
    return x.trace.symbol(thing) if isinstance(thing, Variable) else thing


@operation(1)
def normalize(x: Tensor, axis: Axis = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """x divided by its length along `axis`; order 1 measures it by absolute values, order 2 by squares."""
    x, least = as_float(x), 1e-7 if epsilon is None else epsilon
    if order == 1:
        return x / TABLE["maximum"](abs(x).sum(axes_of(axis), keepdims=True), least)
    if order != 2:
        raise SettingError(f"normalize: expected order 1 or 2, received {order!r}.")
    squares = TABLE["square"](x).sum(axes_of(axis), keepdims=True)
    return x / TABLE["maximum"](squares, least**2).sqrt()


# Cross-entropies
# --------------------------------------------------------------------------------------------------------


def _need_labels(target: Tensor, wanted: tuple[int, ...], output: Tensor, instead: str) -> None:
    """Raise unless labels have the shape that their predictions ask for; `instead` names the loss for another kind of
    labels."""
    if target.shape != wanted:
        other_kind = target.shape in (output.shape, output.shape[:-1], (*output.shape[:-1], 1))
        hint = f" Such labels are for {instead}." if other_kind and instead else ""
        raise ShapeError(
            f"expected labels of shape {wanted} for predictions {output.shape}, received {target.shape}.{hint}"
        )


@operation(2)
def categorical_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1) -> Tensor:
    """-Σ target · ln(output) along the axis, after the probabilities are scaled to sum to 1 and kept away from 0."""
    _need_labels(target, output.shape, output, "sparse_categorical_crossentropy")
    return -(as_float(target) * _logarithms(output, from_logits, axis)).sum([axis])


@operation(2)
def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-ln of the probability that `output` gives to the class whose number stands in `target`."""
    if target.rank == output.rank and target.shape[-1] == 1:
        target = target.reshape(target.shape[:-1])
    place = axis % output.rank
    _need_labels(target, output.shape[:place] + output.shape[place + 1 :], output, "categorical_crossentropy")
    return -(one_hot(target, output.shape[axis], axis) * _logarithms(output, from_logits, axis)).sum([axis])


@operation(2)
def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Tensor:
    """-(target · ln(output) + (1 - target) · ln(1 - output)), number by number."""
    _need_labels(target, output.shape, output, "")
    target = as_float(target)
    if from_logits:
        return TABLE["maximum"](output, 0.0) - output * target + TABLE["log1p"]((-abs(output)).exp())
    safe = _safe(output)
    return -(target * safe.log() + (1.0 - target) * (1.0 - safe).log())


def _logarithms(output: Tensor, from_logits: bool, axis: int) -> Tensor:
    return log_softmax(output, axis) if from_logits else _safe(output / output.sum([axis], keepdims=True)).log()


def _safe(probability: Tensor) -> Tensor:
    """Probabilities kept in [1e-7, 1 - 1e-7], as Keras does: ln(0) is not a number one can learn from."""
    return TABLE["minimum"](TABLE["maximum"](probability, 1e-7), 1 - 1e-7)
