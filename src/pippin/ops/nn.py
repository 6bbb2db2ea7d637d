"""Keras's `ops` of neural networks that are more than one function of one number: normalizing, one-hot rows and
cross-entropies, written in primitives. Windows stand in windows.py."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError, ShapeError
from pippin.ops.activation import log_softmax
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of, program_type
from pippin.primitives import FLOAT, INT, TABLE
from pippin.program import Variable


@operation(1)
def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: Any = FLOAT) -> Tensor:
    """Rows of zeros with a one at the position that each whole number names."""
    numbers = x.trace.write(TABLE["iota"], (), {"length": num_classes})
    rows = x.cast(INT).reshape((*x.shape, 1)).equal(numbers).cast(program_type(dtype or FLOAT))
    last = rows.rank - 1
    place = axis % rows.rank
    return rows if place == last else rows.transpose([*range(place), last, *range(place, last)])


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
