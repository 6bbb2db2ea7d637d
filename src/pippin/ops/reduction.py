"""Keras's `ops` that make many numbers one. `sum`, `max`, `min`, `any` and `all` are Keras's words here, not
Python's."""

from __future__ import annotations

from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of
from pippin.primitives import BOOL, FLOAT, INT, TABLE


@operation(1)
def sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """All added up; truth values count as 0 and 1."""
    return (x.cast(INT) if x.dtype == BOOL else x).sum(axes_of(axis), keepdims)


@operation(1)
def mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum divided by how many there are."""
    return as_float(x).mean(axes_of(axis), keepdims)


@operation(1)
def moments(x: Tensor, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> tuple[Tensor, Tensor]:
    """The mean and the variance: the mean of the squared distances from the mean."""
    x = as_float(x)
    center = x.mean(axes_of(axes), keepdims=True)
    spread = TABLE["square"](x - center).mean(axes_of(axes), keepdims)
    return center.reshape(spread.shape), spread


@operation(1)
def var(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean of the squared distances from the mean."""
    return moments(x, axis, keepdims)[1]


@operation(1)
def std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The root of the variance."""
    return moments(x, axis, keepdims)[1].sqrt()


@operation(1)
def max(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest."""
    return x.max(axes_of(axis), keepdims)


@operation(1)
def min(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest."""
    return _negated(_negated(x).max(axes_of(axis), keepdims))


def _negated(x: Tensor) -> Tensor:
    return -x if x.dtype == FLOAT else 0 - x


amax, amin = max, min


@operation(1)
def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """True if at least one is."""
    return x.cast(BOOL).cast(INT).max(axes_of(axis), keepdims).cast(BOOL)


@operation(1)
def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """True if every one is."""
    return ~(~x.cast(BOOL)).cast(INT).max(axes_of(axis), keepdims).cast(BOOL)


@operation(1)
def count_nonzero(x: Tensor, axis: Axis = None) -> Tensor:
    """How many are not 0."""
    return x.cast(BOOL).cast(INT).sum(axes_of(axis))


@operation(1)
def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the largest stands, counted from 0; the first if there are several."""
    found = x.reshape((x.size,)).argmax(0) if axis is None else x.argmax(axis)
    if not keepdims:
        return found
    return found.reshape([1 if axis is None or n == axis % x.rank else size for n, size in enumerate(x.shape)])


@operation(1)
def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the smallest stands, counted from 0."""
    return argmax(_negated(x), axis, keepdims)


@operation(1)
def logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """ln Σ e^x; the largest x is taken out first, so that nothing overflows."""
    x = as_float(x)
    largest = TABLE["stop_gradient"](x.max(axes_of(axis), keepdims=True))
    found = (x - largest).exp().sum(axes_of(axis), keepdims=True).log() + largest
    return found if keepdims else found.reshape(x.sum(axes_of(axis)).shape)
