"""Keras's `ops` of neural networks that are more than one function of one number: normalizing, one-hot rows, attention
and cross-entropies, written in primitives. Windows stand in windows.py."""

from __future__ import annotations

from math import log, log10
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.ops.activation import log_softmax, softmax
from pippin.ops.operation import operation
from pippin.ops.reduction import max as maxima
from pippin.ops.types import Axis, Tensor, as_float, axes_of, floats, program_type
from pippin.primitives import BOOL, FLOAT, INT, TABLE
from pippin.program import Variable

NOWHERE = -3e38
"""A score that softmax makes 0."""


@operation(1)
def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False) -> Tensor:
    """Rows of zeros with a one at the position that each whole number names."""
    if sparse:
        raise SettingError("one_hot sparse: expected False, received True. There are no sparse arrays here.")
    numbers = x.trace.write(TABLE["iota"], (), {"length": num_classes})
    rows = x.cast(INT).reshape((*x.shape, 1)).equal(numbers).cast(program_type(dtype or FLOAT))
    last = rows.rank - 1
    place = axis % rows.rank
    return rows if place == last else rows.transpose([*range(place), last, *range(place, last)])


def multi_hot(
    inputs: Tensor, num_classes: int | None = None, axis: int = -1, dtype: Any = None, sparse: bool = False,
    **kwargs: Any,
) -> Tensor:  # fmt: skip
    """Zeros with a one at each position that one of the numbers of a row names. num_tokens: an older name."""
    count = kwargs.pop("num_tokens", None) if num_classes is None else num_classes
    if count is None:
        raise SettingError("multi_hot: expected num_classes, received None.")
    rows = one_hot(inputs, count, axis, dtype, sparse)
    return maxima(rows, axis=1 if len(rows.shape) > 2 else 0)


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


@operation(3)
def layer_normalization(
    x: Tensor, gamma: Tensor = None, beta: Tensor = None, axis: Axis = -1, epsilon: float | None = None,
    **kwargs: Any,
) -> Tensor:  # fmt: skip
    """(x - mean) / √(variance + epsilon) · gamma + beta, with the mean and variance of each example along `axis`."""
    if kwargs:
        raise SettingError(f"layer_normalization: received {sorted(kwargs)} too; see rms_normalization.")
    x, axes = as_float(x), [place % x.rank for place in axes_of(axis) or range(x.rank)]
    apart = x - x.mean(axes, keepdims=True)
    result = apart / ((apart * apart).mean(axes, keepdims=True) + (1e-7 if epsilon is None else epsilon)).sqrt()
    result = result if gamma is None else result * _along(x, gamma, axes)
    return result if beta is None else result + _along(x, beta, axes)


@operation(2)
def rms_normalization(x: Tensor, scale: Tensor = None, axis: Axis = -1, epsilon: float | None = None) -> Tensor:
    """x / √(mean of x² along `axis` + epsilon) · scale.

    Source: Zhang and Sennrich, "Root Mean Square Layer Normalization" (2019).
    """
    x, axes = as_float(x), [place % x.rank for place in axes_of(axis) or range(x.rank)]
    result = x / ((x * x).mean(axes, keepdims=True) + (1e-7 if epsilon is None else epsilon)).sqrt()
    return result if scale is None else result * _along(x, scale, axes)


def _along(x: Tensor, thing: Any, axes: list[int]) -> Tensor:
    """Factors for entries along some axes of x, shaped to be broadcast over the others."""
    value = _value(x, thing)
    return value.reshape([x.shape[n] if n in axes else 1 for n in range(x.rank)])


# Attention ------------------------------------------------------------------------------------------------------------


@operation(5)
def dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor = None, mask: Tensor = None, scale: float | None = None,
    is_causal: bool = False, flash_attention: bool | None = None, attn_logits_soft_cap: float | None = None,
) -> Tensor:  # fmt: skip
    """softmax(query · keyᵀ · scale + bias) · value for each head: (batch, places, heads, columns) each; keys and values
    may have fewer heads, shared by groups of the query's. Nothing looks where the mask (batch, heads, places, keys) is
    False, or with is_causal at what comes later. scale: 1 / √columns if None. attn_logits_soft_cap: scores stay between
    minus and plus this. flash_attention: changes nothing here.

    Source: Vaswani et al., "Attention Is All You Need" (2017), equation 1.
    """
    if not query.rank == key.rank == value.rank == 4:
        raise ShapeError(
            "dot_product_attention: expected query, key and value of shape (batch, places, heads, columns), received "
            f"{query.shape}, {key.shape} and {value.shape}."
        )
    query, key, value = (as_float(x).transpose([0, 2, 1, 3]) for x in (query, key, value))
    heads, places, columns = query.shape[1:]
    if heads % key.shape[1]:
        raise ShapeError(f"dot_product_attention: expected heads that share keys evenly, received {heads} heads of the "
                         f"query and {key.shape[1]} of the keys.")  # fmt: skip
    key, value = (_for_heads(x, heads) for x in (key, value))
    scores = query.matmul(key, transpose_b=True) * (columns**-0.5 if scale is None else scale)
    if attn_logits_soft_cap is not None:
        scores = TABLE["tanh"](scores / attn_logits_soft_cap) * attn_logits_soft_cap
    scores = scores if bias is None else scores + _value(query, bias)
    if mask is not None:
        scores = _value(query, mask).cast(BOOL).broadcast_to(scores.shape).where(scores, NOWHERE)
    if is_causal:
        earlier = query.trace.symbol(np.tri(places, key.shape[2], dtype=bool))
        scores = earlier.broadcast_to(scores.shape).where(scores, NOWHERE)
    return softmax(scores).matmul(value).transpose([0, 2, 1, 3])


def _for_heads(x: Tensor, heads: int) -> Tensor:
    batch, own, places, columns = x.shape
    shape = (batch, own, heads // own, places, columns)
    return x.reshape((batch, own, 1, places, columns)).broadcast_to(shape).reshape((batch, heads, places, columns))


@operation(2)
def psnr(x1: Tensor, x2: Tensor, max_val: float) -> Tensor:
    """How much larger than its noise a signal is, in decibels: 20 · log10(max_val) - 10 · log10(mean of (x1 - x2)²)."""
    x1, x2 = floats(x1, x2)
    if x1.shape != x2.shape:
        raise ShapeError(f"psnr: expected two signals of one shape, received {x1.shape} and {x2.shape}.")
    return 20 * log10(max_val) - ((x1 - x2) ** 2).mean().log() * (10 / log(10))


# Cross-entropies
# --------------------------------------------------------------------------------------------------------


def _need_labels(target: Tensor, wanted: tuple[int, ...], output: Tensor, instead: str) -> None:
    """Raise unless labels have the shape that their predictions ask for; `instead` names the loss for another kind of
    labels."""
    if target.shape != wanted:
        other_kind = target.shape in (output.shape, output.shape[:-1], (*output.shape[:-1], 1))
        hint = f" Such labels are for {instead}." if other_kind and instead else ""
        same = ": they must have the same shape" if wanted == output.shape else ""
        raise ShapeError(
            f"expected labels of shape {wanted} for predictions {output.shape}, received {target.shape}{same}.{hint}"
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
