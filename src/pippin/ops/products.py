"""Keras's `ops` that multiply numbers with each other and add up: products of vectors and tables, lengths, distances,
correlations. Products of matrices stand in linear.py."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod
from typing import Any

from pippin.errors import SettingError, ShapeError
from pippin.ops.linear import dot, matmul
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of, floats
from pippin.primitives import TABLE


@operation(2)
def vdot(x1: Tensor, x2: Tensor) -> Tensor:
    """The sum of the products of all numbers, one of each operand."""
    x1, x2 = floats(x1, x2)
    return dot(x1.reshape((x1.size,)), x2.reshape((x2.size,)))


@operation(2)
def inner(x1: Tensor, x2: Tensor) -> Tensor:
    """The sums of products over the last axes of both; single numbers multiply."""
    x1, x2 = floats(x1, x2)
    return x1 * x2 if not (x1.rank and x2.rank) else tensordot(x1, x2, ((-1,), (-1,)))


@operation(2)
def outer(x1: Tensor, x2: Tensor) -> Tensor:
    """Each number of x1 times each of x2: a row for each of the first."""
    x1, x2 = floats(x1, x2)
    return x1.reshape((x1.size, 1)) * x2.reshape((1, x2.size))


@operation(2)
def tensordot(x1: Tensor, x2: Tensor, axes: Any = 2) -> Tensor:
    """Products summed over the last `axes` axes of x1 and the first of x2, or over two lists of axes."""
    x1, x2 = floats(x1, x2)
    left, right = (range(x1.rank - axes, x1.rank), range(axes)) if isinstance(axes, int) else map(_listed, axes)
    summed, with_ = [axis % x1.rank for axis in left], [axis % x2.rank for axis in right]
    if [x1.shape[axis] for axis in summed] != [x2.shape[axis] for axis in with_]:
        raise ShapeError(
            f"tensordot: expected the axes {summed} of {x1.shape} to be as long as {with_} of {x2.shape}; "
            "say other axes, or transpose an operand."
        )
    kept = [axis for axis in range(x1.rank) if axis not in summed]
    others = [axis for axis in range(x2.rank) if axis not in with_]
    length = prod(x1.shape[axis] for axis in summed)
    rows, columns = [x1.shape[axis] for axis in kept], [x2.shape[axis] for axis in others]
    product = matmul(
        x1.transpose([*kept, *summed]).reshape((prod(rows), length)),
        x2.transpose([*with_, *others]).reshape((length, prod(columns))),
    )
    return product.reshape((*rows, *columns))


def _listed(axes: int | Sequence[int]) -> Sequence[int]:
    return [axes] if isinstance(axes, int) else axes


@operation(2)
def kron(x1: Tensor, x2: Tensor) -> Tensor:
    """Kronecker's product: x2 once for each number of x1, multiplied with it and put in its place."""
    x1, x2 = floats(x1, x2)
    rank = max(x1.rank, x2.rank)
    one, other = ((*(1,) * (rank - x.rank), *x.shape) for x in (x1, x2))
    spread = x1.reshape([size for pair in one for size in (pair, 1)])
    parts = x2.reshape([size for pair in other for size in (1, pair)])
    return (spread * parts).reshape([a * b for a, b in zip(one, other, strict=True)])


@operation(2)
def cdist(x: Tensor, y: Tensor) -> Tensor:
    """The distances of all rows of x (..., n, d) from all rows of y (..., m, d): (..., n, m)."""
    x, y = floats(x, y)
    apart = x.reshape((*x.shape[:-1], 1, x.shape[-1])) - y.reshape((*y.shape[:-2], 1, *y.shape[-2:]))
    return (apart * apart).sum([-1 % apart.rank]).sqrt()


@operation(1)
def corrcoef(x: Tensor) -> Tensor:
    """Pearson's correlation of each row with each: (rows, rows), between -1 and 1."""
    x = as_float(x)
    x = x if x.rank == 2 else x.reshape((1, x.size))
    apart = x - x.mean([1], keepdims=True)
    together = apart.matmul(apart, transpose_b=True)
    own = (apart * apart).sum([1]).sqrt()
    found = together / (own.reshape((own.size, 1)) * own.reshape((1, own.size)))
    found = TABLE["maximum"](TABLE["minimum"](found, 1.0), -1.0)
    return found if x.shape[0] > 1 else found.reshape(())


@operation(2)
def correlate(x1: Tensor, x2: Tensor, mode: str = "valid") -> Tensor:
    """The products of two rows of numbers, the shorter one moved along the longer: sum of x1[n + k] · x2[n] for each k
    at which all of the shorter one ("valid"), half of it ("same") or any of it ("full") lies on the longer."""
    x1, x2 = floats(x1, x2)
    if x1.rank != 1 or x2.rank != 1:
        raise ShapeError(f"correlate: expected two rows of numbers, received shapes {x1.shape} and {x2.shape}.")
    if mode not in ("valid", "same", "full"):
        raise SettingError(f'correlate mode: expected "valid", "same" or "full", received {mode!r}.')
    if x1.size < x2.size:
        return correlate(x2, x1, mode).reverse([0])
    short = x2.size
    low, high = {"valid": (0, 0), "same": (short // 2, short - 1 - short // 2), "full": (short - 1,) * 2}[mode]
    wide = x1.pad([low], [high], [0])
    count = wide.size - short + 1
    places = wide.trace.symbol([[k + n for n in range(short)] for k in range(count)], "int32")
    return TABLE["gather"](wide, places).matmul(x2.reshape((short, 1))).reshape((count,))


@operation(1)
def lengths(x: Tensor, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """What `norm` gives of symbols."""
    x = as_float(x)
    given = list(range(x.rank) if axis is None else axes_of(axis) or ())
    if any(not -x.rank <= place < x.rank for place in given):
        raise ShapeError(f"norm: expected axes of an array with {x.rank}, received axis={axis}.")
    axes = [place % x.rank for place in given]
    if ord is None or (ord == "fro" and len(axes) == 2):
        return (x * x).sum(axes, keepdims).sqrt()
    if isinstance(ord, str) or len(axes) not in (1, 2):
        raise SettingError(
            f"Invalid `ord` argument: expected a number for vectors or 'fro' for matrices. Received: ord={ord!r}, "
            f"axis={axis}"
        )
    return _length(x, ord, axes, keepdims) if len(axes) == 1 else _size(x, ord, axes, keepdims)


def _length(x: Tensor, ord: float, axes: list[int], keepdims: bool) -> Tensor:
    if ord == inf:
        return abs(x).max(axes, keepdims)
    if ord == -inf:
        return -(-abs(x)).max(axes, keepdims)
    if ord == 0:
        return (~x.equal(0.0)).cast("float32").sum(axes, keepdims)
    if ord == 1:
        return abs(x).sum(axes, keepdims)
    if ord == 2:
        return (x * x).sum(axes, keepdims).sqrt()
    return (abs(x) ** ord).sum(axes, keepdims) ** (1.0 / ord)


def _size(x: Tensor, ord: float, axes: list[int], keepdims: bool) -> Tensor:
    if ord not in (1, -1, inf, -inf):
        raise SettingError(
            "Invalid `ord` argument: expected 'fro', 1, -1, inf or -inf of matrices in a program; of arrays also those "
            f"made of singular values (2, -2, 'nuc'). Received: ord={ord!r}"
        )
    added, compared = axes if abs(ord) == 1 else reversed(axes)
    sums = abs(x).sum([added], keepdims=True)
    found = sums.max([compared], keepdims=True) if ord > 0 else -(-sums).max([compared], keepdims=True)
    return found if keepdims else found.reshape([n for place, n in enumerate(x.shape) if place not in axes])
