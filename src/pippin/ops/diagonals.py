"""Keras's `ops` of diagonals and triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.ops.dtypes import as_total, at_most_32_bits, numpy_type
from pippin.ops.operation import operation
from pippin.ops.types import Tensor
from pippin.primitives import BOOL, INT, TABLE


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> np.ndarray:
    """Ones on the k-th diagonal, zeros elsewhere."""
    return np.eye(N, M, k, numpy_type(at_most_32_bits(dtype)))


def identity(n: int, dtype: Any = None) -> np.ndarray:
    """A square of zeros with ones on its diagonal."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> np.ndarray:
    """Ones on and below the k-th diagonal, zeros above."""
    return np.tri(N, M, k, numpy_type(at_most_32_bits(dtype)))


def _triangle(x: Tensor, k: int, lower: bool) -> Tensor:
    if x.rank < 1:
        raise ShapeError(f"tril and triu: expected at least one axis, received shape {x.shape}.")
    rows, columns = x.shape[-2] if x.rank > 1 else x.shape[-1], x.shape[-1]
    return x.trace.symbol(np.tri(rows, columns, k, bool) if lower else ~np.tri(rows, columns, k - 1, bool))


@operation(1)
def tril(x: Tensor, k: int = 0) -> Tensor:
    """What stands on and below the k-th diagonal of the last two axes; zeros above."""
    return _triangle(x, k, True).where(x, x.trace.symbol(0, x.dtype))


@operation(1)
def triu(x: Tensor, k: int = 0) -> Tensor:
    """What stands on and above the k-th diagonal of the last two axes; zeros below."""
    return _triangle(x, k, False).where(x, x.trace.symbol(0, x.dtype))


@operation(1)
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The numbers whose position along axis2 is that along axis1 plus the offset; they become the last axis."""
    if x.rank < 2:
        raise ShapeError(f"`diagonal` requires an array of at least two dimensions. Received: shape={x.shape}")
    first, second = axis1 % x.rank, axis2 % x.rank
    rest = [n for n in range(x.rank) if n not in (first, second)]
    turned = x.transpose([first, second, *rest])
    rows, columns = turned.shape[:2]
    places = np.arange(max(0, -offset), max(0, -offset, min(rows, columns - offset)))
    flat = turned.reshape((rows * columns, *turned.shape[2:]))
    found = TABLE["gather"](flat, (places * columns + places + offset).astype(np.int32))
    return found.transpose([*range(1, found.rank), 0])


@operation(1, as_total)
def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum along a diagonal."""
    found = diagonal(x, offset, axis1, axis2)
    return (found.cast(INT) if found.dtype == BOOL else found).sum([-1])


@operation(1)
def diag(x: Tensor, k: int = 0) -> Tensor:
    """A square with these numbers on its k-th diagonal; of a matrix, the numbers that stand there."""
    if x.rank == 2:
        return diagonal(x, k)
    if x.rank != 1:
        raise ShapeError(f"`x` must be 1-D or 2-D. Received: shape={x.shape}")
    size = x.size + abs(k)
    places = np.arange(x.size) + max(0, -k)
    places = (places * size + places + k).astype(np.int32)
    return TABLE["scatter_add"](places, _addable(x), length=size * size).cast(x.dtype).reshape((size, size))


def _addable(x: Tensor) -> Tensor:
    return x.cast(INT) if x.dtype == BOOL else x


@operation(1)
def diagflat(x: Tensor, k: int = 0) -> Tensor:
    """A square with all numbers of x, in a row, on its k-th diagonal."""
    return diag(x.reshape((x.size,)), k)


@operation(1)
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers of each number, as rows: falling from N - 1 to 0, or rising."""
    if x.rank != 1:
        raise ShapeError(f"Input tensor must be 1-D. Received: shape={x.shape}")
    count = x.size if N is None else N
    x = _addable(x)
    columns = [x.trace.symbol(1, x.dtype).broadcast_to(x.shape)]
    while len(columns) < count:
        columns.append(columns[-1] * x)
    columns = columns[:count]
    return TABLE["concatenate"](*[c.reshape((x.size, 1)) for c in (columns if increasing else columns[::-1])], axis=1)
