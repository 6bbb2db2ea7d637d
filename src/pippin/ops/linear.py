"""Keras's `ops` that multiply matrices."""

from __future__ import annotations

from math import prod

import numpy as np

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float


@operation(2)
def matmul(x1: Tensor, x2: Tensor) -> Tensor:
    """Matrix product of the last two axes; leading axes broadcast, one-dimensional operands as in NumPy."""
    x1, x2 = as_float(x1), as_float(x2)
    left, right = x1.rank == 1, x2.rank == 1
    x1 = x1.reshape((1, *x1.shape)) if left else x1
    x2 = x2.reshape((*x2.shape, 1)) if right else x2
    result = _product(x1, x2)
    rows = () if left else result.shape[-2:-1]
    columns = () if right else result.shape[-1:]
    return result.reshape((*result.shape[:-2], *rows, *columns))


def _product(x1: Tensor, x2: Tensor) -> Tensor:
    if x2.rank == 2 and x1.rank > 2:
        rows = x1.reshape((prod(x1.shape[:-1]), x1.shape[-1])).matmul(x2)
        return rows.reshape((*x1.shape[:-1], x2.shape[-1]))
    leading = np.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    return x1.broadcast_to((*leading, *x1.shape[-2:])).matmul(x2.broadcast_to((*leading, *x2.shape[-2:])))


@operation(2)
def dot(x1: Tensor, x2: Tensor) -> Tensor:
    """The sum of products over the last axis of x1 and the last but one of x2; single numbers multiply."""
    if x1.rank == 0 or x2.rank == 0:
        return as_float(x1) * as_float(x2)
    if x2.rank <= 2:
        return matmul(x1, x2)
    order = [x2.rank - 2, *(axis for axis in range(x2.rank) if axis != x2.rank - 2)]
    flat = x2.transpose(order).reshape((x2.shape[-2], -(-x2.size // max(1, x2.shape[-2]))))
    return matmul(x1, flat).reshape((*x1.shape[:-1], *x2.shape[:-2], x2.shape[-1]))
