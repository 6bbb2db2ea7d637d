"""Keras's `ops` that a neuron's weighted sum passes through, written in primitives. Their names and defaults as
activations
stand in pippin/activations.py."""

from __future__ import annotations

from math import sqrt

from pippin.errors import ShapeError
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of
from pippin.primitives import FLOAT, TABLE


@operation(1)
def relu(x: Tensor) -> Tensor:
    """max(x, 0)."""
    return TABLE["maximum"](as_float(x), 0.0)


@operation(1)
def relu6(x: Tensor) -> Tensor:
    """Kept between 0 and 6."""
    return TABLE["minimum"](TABLE["maximum"](as_float(x), 0.0), 6.0)


@operation(1)
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """x, shrunk by negative_slope below 0."""
    x = as_float(x)
    return (x >= 0.0).where(x, x * negative_slope)


@operation(1)
def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^-x): an S from 0 to 1."""
    return TABLE["sigmoid"](as_float(x))


@operation(1)
def sparse_sigmoid(x: Tensor) -> Tensor:
    """A straight line from 0 at -1 to 1 at 1."""
    return _between(0.5 * as_float(x) + 0.5, 0.0, 1.0)


@operation(1)
def hard_sigmoid(x: Tensor) -> Tensor:
    """A straight line from 0 at -3 to 1 at 3."""
    return _between(as_float(x) / 6.0 + 0.5, 0.0, 1.0)


@operation(1)
def hard_tanh(x: Tensor) -> Tensor:
    """Kept between -1 and 1."""
    return _between(as_float(x), -1.0, 1.0)


def _between(x: Tensor, low: float, high: float) -> Tensor:
    return TABLE["minimum"](TABLE["maximum"](x, low), high)


@operation(1)
def silu(x: Tensor) -> Tensor:
    """x · sigmoid(x)."""
    x = as_float(x)
    return x * TABLE["sigmoid"](x)


@operation(1)
def hard_silu(x: Tensor) -> Tensor:
    """x · hard_sigmoid(x)."""
    x = as_float(x)
    return x * _between(x / 6.0 + 0.5, 0.0, 1.0)


swish, hard_swish = silu, hard_silu


@operation(1)
def softplus(x: Tensor) -> Tensor:
    """ln(1 + e^x), written so that e^x can't overflow."""
    x = as_float(x)
    return TABLE["log1p"]((-abs(x)).exp()) + TABLE["maximum"](x, 0.0)


@operation(1)
def sparse_plus(x: Tensor) -> Tensor:
    """0 below -1, x above 1, and the parabola that joins them between. Source: Jumper et al., AlphaFold 3 (2024)."""
    x = as_float(x)
    return (x >= 1.0).where(x, TABLE["square"](TABLE["maximum"](x, -1.0) + 1.0) * 0.25)


@operation(1)
def squareplus(x: Tensor, b: float = 4) -> Tensor:
    """(x + √(x² + b)) / 2: softplus without e. Source: Barron, "Squareplus" (2021), equation 1."""
    x = as_float(x)
    return (x + (TABLE["square"](x) + float(b)).sqrt()) * 0.5


@operation(1)
def log_sigmoid(x: Tensor) -> Tensor:
    """ln(sigmoid(x))."""
    x = as_float(x)
    return -(TABLE["log1p"]((-abs(x)).exp()) + TABLE["maximum"](-x, 0.0))


@operation(1)
def softsign(x: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    x = as_float(x)
    return x / (abs(x) + 1.0)


@operation(1)
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x, and alpha · (e^x - 1) below 0."""
    x = as_float(x)
    return (x > 0.0).where(x, TABLE["expm1"](TABLE["minimum"](x, 0.0)) * alpha)


@operation(1)
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x, and alpha · (e^(x / alpha) - 1) below 0. Source: Barron, "Continuously Differentiable ELUs" (2017), equation
    1."""
    x = as_float(x)
    return TABLE["maximum"](x, 0.0) + TABLE["expm1"](TABLE["minimum"](x, 0.0) / alpha) * alpha


@operation(1)
def selu(x: Tensor) -> Tensor:
    """Source: Klambauer et al., "Self-Normalizing Neural Networks" (2017), section 2."""
    x = as_float(x)
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return (x > 0.0).where(x, TABLE["expm1"](TABLE["minimum"](x, 0.0)) * alpha) * scale


@operation(1)
def gelu(x: Tensor, approximate: bool = True) -> Tensor:
    """Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2."""
    x = as_float(x)
    if approximate:
        return x * 0.5 * (TABLE["tanh"]((x + x * x * x * 0.044715) * 0.7978845608028654) + 1.0)
    return x * 0.5 * (TABLE["erf"](x * (1 / sqrt(2))) + 1.0)


@operation(1)
def glu(x: Tensor, axis: int = -1) -> Tensor:
    """The first half times the sigmoid of the second. Source: Dauphin et al., "Gated Convolutional Networks" (2016)."""
    size, before = x.shape[axis], (slice(None),) * (axis % x.rank)
    if size % 2:
        raise ShapeError(f"glu: expected an even length along axis {axis}, received shape {x.shape}.")
    first, second = x[(*before, slice(0, size // 2))], x[(*before, slice(size // 2, size))]
    return as_float(first) * TABLE["sigmoid"](as_float(second))


@operation(1)
def mish(x: Tensor) -> Tensor:
    """x · tanh(softplus(x)). Source: Misra, "Mish" (2019), equation 1."""
    return as_float(x) * TABLE["tanh"](softplus(x))


@operation(1)
def tanh_shrink(x: Tensor) -> Tensor:
    """x - tanh(x)."""
    x = as_float(x)
    return x - TABLE["tanh"](x)


@operation(1)
def soft_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """Moved towards 0 by the threshold, and 0 within it."""
    x = as_float(x)
    return (x > threshold).where(x - threshold, (x < -threshold).where(x + threshold, 0.0))


@operation(1)
def hard_shrink(x: Tensor, threshold: float = 0.5) -> Tensor:
    """0 within the threshold, unchanged outside."""
    x = as_float(x)
    return (abs(x) > threshold).where(x, 0.0)


@operation(1)
def threshold(x: Tensor, threshold: float, default_value: float) -> Tensor:
    """x above the threshold, default_value elsewhere."""
    x = as_float(x)
    return (x > threshold).where(x, float(default_value))


@operation(1)
def softmax(x: Tensor, axis: Axis = -1) -> Tensor:
    """e^x over the sum of all e^x along `axis`; the largest x is taken away first, so that nothing overflows."""
    x = as_float(x)
    powers = (x - TABLE["stop_gradient"](x.max(axes_of(axis), keepdims=True))).exp()
    return powers / powers.sum(axes_of(axis), keepdims=True)


@operation(1)
def log_softmax(x: Tensor, axis: Axis = -1) -> Tensor:
    """ln(softmax(x)), without computing the softmax."""
    x = as_float(x)
    shifted = x - TABLE["stop_gradient"](x.max(axes_of(axis), keepdims=True))
    return shifted - shifted.exp().sum(axes_of(axis), keepdims=True).log()


@operation(1)
def sparsemax(x: Tensor, axis: int = -1) -> Tensor:
    """The nearest probabilities to x: small ones become exactly 0.

    Source: Martins and Astudillo, "From Softmax to Sparsemax" (2016), algorithm 1. There x is sorted; here every number
    counts those that are at least as large, which needs no sorting but compares each with each.
    Keras 3.15's own function sums the sorted numbers twice, so that its results do not add up to 1; this one's do.
    """
    x = as_float(x)
    axis = axis % x.rank
    own, others = _new_axis(x, axis + 1), _new_axis(x, axis)
    above = (others >= own).cast(FLOAT)
    count = above.sum([axis + 1])
    kept = (1.0 + count * x > (above * others).sum([axis + 1])).cast(FLOAT)
    limit = ((kept * x).sum([axis], keepdims=True) - 1.0) / kept.sum([axis], keepdims=True)
    return TABLE["maximum"](x - limit, 0.0)


def _new_axis(x: Tensor, place: int) -> Tensor:
    return x.reshape((*x.shape[:place], 1, *x.shape[place:]))
