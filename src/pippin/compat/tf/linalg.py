"""`tf.linalg`: matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.compat.tf.arrays import einsum, eye, global_norm, l2_normalize, matmul, norm
from pippin.compat.tf.arrays import is_value as _is_value
from pippin.program.eager import as_eager as _as_eager


def band_part(input: Any, num_lower: int, num_upper: int, name: str | None = None) -> Any:
    """The diagonal with so many below and above it (all for -1); zeros elsewhere."""
    rows, columns = np.indices(input.shape[-2:])
    inside = ((num_lower < 0) | (rows - columns <= num_lower)) & ((num_upper < 0) | (columns - rows <= num_upper))
    if _is_value(input):
        return ops.where(inside, input, ops.zeros_like(input))
    return _as_eager(np.where(inside, input, np.zeros((), np.asarray(input).dtype)))


def matvec(a: Any, b: Any, name: str | None = None) -> Any:
    """A matrix times a vector."""
    return ops.squeeze(ops.matmul(a, ops.expand_dims(b, -1)), -1)


def diag(diagonal: Any, name: str | None = None) -> Any:
    """A matrix with these numbers on the diagonal."""
    return ops.multiply(ops.expand_dims(diagonal, -1), np.eye(diagonal.shape[-1], dtype=np.float32))


def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The inverse of square matrices."""
    return ops.inv(input)


__all__ = ["band_part", "diag", "einsum", "eye", "global_norm", "inv", "l2_normalize", "matmul", "matvec", "norm"]
