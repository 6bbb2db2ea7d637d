"""Keras's `ops` that leave NaN out: as if it were not there."""

from __future__ import annotations

from typing import Any

from pippin.ops import reduction, running
from pippin.ops.dtypes import as_made, as_said, as_total
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of
from pippin.primitives import FLOAT, TABLE


def _filled(x: Tensor, number: float) -> Tensor:
    return x if x.dtype != FLOAT else x.equal(x).where(x, number)


def _there(x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """How many are numbers."""
    return x.equal(x).cast(FLOAT).sum(axes_of(axis), keepdims)


@operation(1, as_total)
def nansum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum of those that are numbers."""
    return reduction.sum(_filled(x, 0.0), axis, keepdims)


@operation(1, as_total)
def nanprod(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product of those that are numbers."""
    return reduction.prod(_filled(x, 1.0), axis, keepdims)


@operation(1, as_said)
def nancumsum(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running totals of those that are numbers."""
    return running.cumsum(_filled(x, 0.0), axis, dtype)


@operation(1, as_said)
def nancumprod(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running products of those that are numbers."""
    return running.cumprod(_filled(x, 1.0), axis, dtype)


@operation(1)
def nanmean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean of those that are numbers; NaN where none is."""
    x = as_float(x)
    return _filled(x, 0.0).sum(axes_of(axis), keepdims) / _there(x, axis, keepdims)


@operation(1)
def nanvar(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean of the squared distances from the mean, of those that are numbers."""
    x = as_float(x)
    apart = _filled(x - nanmean(x, axis, keepdims=True), 0.0)
    return TABLE["square"](apart).sum(axes_of(axis), keepdims) / _there(x, axis, keepdims)


@operation(1)
def nanstd(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The root of the variance of those that are numbers."""
    return nanvar(x, axis, keepdims).sqrt()


@operation(1)
def nanmax(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The largest of those that are numbers; NaN where none is."""
    return _or_nan(x, reduction.max(_filled(x, float("-inf")), axis, keepdims), axis, keepdims)


@operation(1)
def nanmin(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The smallest of those that are numbers; NaN where none is."""
    return _or_nan(x, reduction.min(_filled(x, float("inf")), axis, keepdims), axis, keepdims)


def _or_nan(x: Tensor, found: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    return found if x.dtype != FLOAT else (_there(x, axis, keepdims) > 0.0).where(found, float("nan"))


@operation(1, as_made)
def nanargmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the largest of those that are numbers stands; -1 where none is."""
    return _or_nowhere(x, reduction.argmax(_filled(x, float("-inf")), axis, keepdims), axis, keepdims)


@operation(1, as_made)
def nanargmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Where the smallest of those that are numbers stands; -1 where none is."""
    return _or_nowhere(x, reduction.argmin(_filled(x, float("inf")), axis, keepdims), axis, keepdims)


def _or_nowhere(x: Tensor, found: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    return found if x.dtype != FLOAT else (_there(x, axis, keepdims) > 0.0).where(found, -1)
