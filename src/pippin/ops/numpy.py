"""Keras's `ops` that NumPy also has: arithmetic, comparison, reductions and shapes, written in primitives."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pippin.ops.operation import operation
from pippin.primitives import TABLE
from pippin.primitives.primitive import BOOL, FLOAT
from pippin.program import Symbol

Axis = int | Sequence[int] | None


def axes_of(axis: Axis) -> Sequence[int] | None:
    """Keras's axis argument (None, one number or several) as a list, or None for all."""
    return [axis] if isinstance(axis, int) else axis


def _both(name: str, x1: Any, x2: Any) -> Any:
    """A primitive of two operands, with whole numbers and truth values lifted to floats when they meet floats."""
    if isinstance(x1, Symbol) and isinstance(x2, Symbol) and x1.dtype != x2.dtype:
        common = FLOAT if FLOAT in (x1.dtype, x2.dtype) else next(t for t in (x1.dtype, x2.dtype) if t != BOOL)
        x1, x2 = x1.cast(common), x2.cast(common)
    return TABLE[name](x1, x2)


def _float(x: Any) -> Any:
    return x if x.dtype == FLOAT else x.cast(FLOAT)


@operation(2)
def add(x1, x2):
    return _both("add", x1, x2)


@operation(2)
def subtract(x1, x2):
    return _both("subtract", x1, x2)


@operation(2)
def multiply(x1, x2):
    return _both("multiply", x1, x2)


@operation(2)
def divide(x1, x2):
    if isinstance(x1, Symbol):
        x1 = _float(x1)
    return _both("divide", x1, _float(x2) if isinstance(x2, Symbol) else x2)


true_divide = divide


@operation(2)
def divide_no_nan(x1, x2):
    """x1 / x2, and 0 where x2 is 0."""
    zero = x2.equal(0.0)
    return zero.where(0.0, x1 / zero.where(1.0, x2))


@operation(2)
def power(x1, x2):
    return _both("power", x1, x2)


@operation(2)
def maximum(x1, x2):
    return _both("maximum", x1, x2)


@operation(2)
def minimum(x1, x2):
    return _both("minimum", x1, x2)


@operation(2)
def equal(x1, x2):
    return _both("equal", x1, x2)


@operation(2)
def not_equal(x1, x2):
    return ~_both("equal", x1, x2)


@operation(2)
def less(x1, x2):
    return _both("less", x1, x2)


@operation(2)
def less_equal(x1, x2):
    return _both("less_equal", x1, x2)


@operation(2)
def greater(x1, x2):
    return _both("less", x2, x1)


@operation(2)
def greater_equal(x1, x2):
    return _both("less_equal", x2, x1)


@operation(2)
def logical_and(x1, x2):
    return x1.cast(BOOL) & x2.cast(BOOL)


@operation(2)
def logical_or(x1, x2):
    return x1.cast(BOOL) | x2.cast(BOOL)


@operation(1)
def logical_not(x):
    return ~x.cast(BOOL)


@operation(3)
def where(condition, x1, x2):
    """x1 where the condition holds, x2 elsewhere."""
    if isinstance(x1, Symbol) and isinstance(x2, Symbol) and x1.dtype != x2.dtype:
        x1, x2 = _float(x1), _float(x2)
    return TABLE["where"](condition.cast(BOOL), x1, x2)


@operation(1)
def negative(x):
    return -x


@operation(1)
def absolute(x):
    return TABLE["absolute"](x)


abs = absolute  # noqa: A001  Keras's word


@operation(1)
def sign(x):
    return x.sign()


@operation(1)
def square(x):
    return TABLE["square"](x) if x.dtype == FLOAT else x * x


@operation(1)
def sqrt(x):
    return _float(x).sqrt()


@operation(1)
def floor(x):
    return TABLE["floor"](_float(x))


@operation(1)
def ceil(x):
    return -TABLE["floor"](-_float(x))


@operation(1)
def round(x):  # noqa: A001  Keras's word
    return TABLE["round"](_float(x))


@operation(1)
def exp(x):
    return _float(x).exp()


@operation(1)
def expm1(x):
    return TABLE["expm1"](_float(x))


@operation(1)
def log(x):
    return _float(x).log()


@operation(1)
def log1p(x):
    return TABLE["log1p"](_float(x))


@operation(1)
def sin(x):
    return _float(x).sin()


@operation(1)
def cos(x):
    return _float(x).cos()


@operation(1)
def tanh(x):
    return TABLE["tanh"](_float(x))


@operation(1)
def isfinite(x):
    return TABLE["is_finite"](x)


@operation(1)
def clip(x, x_min, x_max):
    """Numbers below x_min become x_min, those above x_max become x_max."""
    return TABLE["minimum"](TABLE["maximum"](x, x_min), x_max)


@operation(1)
def sum(x, axis: Axis = None, keepdims: bool = False):  # noqa: A001  Keras's word
    if x.dtype == BOOL:
        x = x.cast("int32")
    return x.sum(axes_of(axis), keepdims)


@operation(1)
def mean(x, axis: Axis = None, keepdims: bool = False):
    return _float(x).mean(axes_of(axis), keepdims)


@operation(1)
def var(x, axis: Axis = None, keepdims: bool = False):
    """The mean of the squared distances from the mean."""
    x = _float(x)
    return TABLE["square"](x - x.mean(axes_of(axis), True)).mean(axes_of(axis), keepdims)


@operation(1)
def std(x, axis: Axis = None, keepdims: bool = False):
    x = _float(x)
    return TABLE["square"](x - x.mean(axes_of(axis), True)).mean(axes_of(axis), keepdims).sqrt()


@operation(1)
def max(x, axis: Axis = None, keepdims: bool = False):  # noqa: A001  Keras's word
    return x.max(axes_of(axis), keepdims)


@operation(1)
def min(x, axis: Axis = None, keepdims: bool = False):  # noqa: A001  Keras's word
    return -((-x).max(axes_of(axis), keepdims))


amax, amin = max, min


@operation(1)
def any(x, axis: Axis = None, keepdims: bool = False):  # noqa: A001  Keras's word
    return x.cast(BOOL).cast("int32").max(axes_of(axis), keepdims).cast(BOOL)


@operation(1)
def all(x, axis: Axis = None, keepdims: bool = False):  # noqa: A001  Keras's word
    return ~((~x.cast(BOOL)).cast("int32").max(axes_of(axis), keepdims).cast(BOOL))


@operation(1)
def argmax(x, axis: int | None = None, keepdims: bool = False):
    found = x.reshape((x.size,)).argmax(0) if axis is None else x.argmax(axis)
    if not keepdims:
        return found
    return found.reshape([1 if axis is None or n == axis % x.rank else size for n, size in enumerate(x.shape)])


@operation(1)
def argmin(x, axis: int | None = None, keepdims: bool = False):
    return argmax(-x, axis, keepdims)


@operation(2)
def matmul(x1, x2):
    """Matrix product of the last two axes; leading axes broadcast, one-dimensional operands as in NumPy."""
    left, right = x1.rank == 1, x2.rank == 1
    x1, x2 = (x1.reshape((1, *x1.shape)) if left else x1), (x2.reshape((*x2.shape, 1)) if right else x2)
    result = _product(x1, x2)
    shape = [size for n, size in enumerate(result.shape) if not (left and n == result.rank - 2) and not (right and n == result.rank - 1)]
    return result.reshape(shape)


def _product(x1: Any, x2: Any) -> Any:
    if x2.rank == 2 and x1.rank > 2:
        rows = x1.reshape((prod(x1.shape[:-1]), x1.shape[-1])).matmul(x2)
        return rows.reshape((*x1.shape[:-1], x2.shape[-1]))
    leading = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    return x1.broadcast_to((*leading, *x1.shape[-2:])).matmul(x2.broadcast_to((*leading, *x2.shape[-2:])))


dot = matmul


@operation(1)
def reshape(x, newshape: Sequence[int] | int):
    """The same numbers in another shape; one size may be -1."""
    shape = [newshape] if isinstance(newshape, int) else list(newshape)
    if -1 in shape:
        shape[shape.index(-1)] = x.size // (prod(size for size in shape if size != -1) or 1)
    return x.reshape(shape)


@operation(1)
def transpose(x, axes: Sequence[int] | None = None):
    return x.transpose([axis % x.rank for axis in axes] if axes is not None else range(x.rank)[::-1])


@operation(1)
def ravel(x):
    return x.reshape((x.size,))


@operation(1)
def expand_dims(x, axis: int):
    place = axis % (x.rank + 1)
    return x.reshape((*x.shape[:place], 1, *x.shape[place:]))


@operation(1)
def squeeze(x, axis: Axis = None):
    drop = [n for n in range(x.rank) if x.shape[n] == 1] if axis is None else [a % x.rank for a in axes_of(axis) or ()]
    return x.reshape([size for n, size in enumerate(x.shape) if n not in drop])


@operation(1)
def broadcast_to(x, shape: Sequence[int]):
    return x.broadcast_to(shape)


@operation(1)
def concatenate(xs, axis: int = -1):
    return TABLE["concatenate"](*xs, axis=axis % xs[0].rank)


@operation(1)
def stack(x, axis: int = 0):
    place = axis % (x[0].rank + 1)
    return TABLE["concatenate"](*[part.reshape((*part.shape[:place], 1, *part.shape[place:])) for part in x], axis=place)


@operation(1)
def flip(x, axis: Axis = None):
    return x.reverse(range(x.rank) if axis is None else [a % x.rank for a in axes_of(axis) or ()])


@operation(1)
def pad(x, pad_width, mode: str = "constant"):
    """Zeros around the numbers: pad_width is (before, after) for each axis."""
    if mode != "constant":
        raise ValueError(f'pad: expected mode "constant", received {mode!r}.')
    return x.pad([before for before, _ in pad_width], [after for _, after in pad_width])


@operation(2)
def take(x, indices, axis: int | None = None):
    """Rows (or entries along `axis`) by their numbers."""
    if axis is None:
        x, axis = x.reshape((x.size,)), 0
    axis = axis % x.rank
    order = [axis, *(n for n in range(x.rank) if n != axis)]
    found = TABLE["gather"](x.transpose(order), indices.cast("int32"))
    rank = indices.rank
    return found.transpose([*range(rank, rank + axis), *range(rank), *range(rank + axis, found.rank)])


@operation(1)
def cast(x, dtype: str):
    """The numbers in another type; wider types than 32 bits are written in 32."""
    name = np.dtype(dtype).name if not isinstance(dtype, str) else dtype
    return x.cast({"float64": FLOAT, "float16": FLOAT, "bfloat16": FLOAT, "int64": "int32", "int16": "int32", "int8": "int32"}.get(name, name))


@operation(1)
def copy(x):
    return x


@operation(1)
def zeros_like(x):
    return x.trace.symbol(0, x.dtype).broadcast_to(x.shape)


@operation(1)
def ones_like(x):
    return x.trace.symbol(1, x.dtype).broadcast_to(x.shape)


@operation(1)
def stop_gradient(x):
    return TABLE["stop_gradient"](x)


def zeros(shape: Sequence[int], dtype: str = "float32") -> np.ndarray:
    """An array of zeros."""
    return np.zeros(shape, dtype)


def ones(shape: Sequence[int], dtype: str = "float32") -> np.ndarray:
    """An array of ones."""
    return np.ones(shape, dtype)


def convert_to_tensor(x: Any, dtype: str | None = None) -> Any:
    """An array of the numbers; symbols stay symbols."""
    return x if isinstance(x, Symbol) else np.asarray(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    return np.asarray(x)


def shape(x: Any) -> tuple[int, ...]:
    return tuple(x.shape)
