"""Keras's `ops` that take matrices apart: factors, inverses, determinants, eigenvalues, and equations solved with them.
NumPy's LAPACK does the work, so they want arrays; a program has no lines for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.ops.dtypes import standardize_dtype
from pippin.ops.operation import eager_only
from pippin.ops.products import lengths
from pippin.program.eager import handed_out


def cholesky(x: Any, upper: bool = False) -> Any:
    """The triangular L with L Lᵀ = x for each symmetric positive definite matrix (..., n, n); `upper`: Lᵀ."""
    factor = _solved("cholesky", np.linalg.cholesky, _square("cholesky", x))
    return handed_out(np.swapaxes(factor, -1, -2).copy() if upper else factor)


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix whose factor `cholesky` gave."""
    (factor,) = _square("cholesky_inverse", x)
    factor = np.triu(factor) if upper else np.tril(factor)
    inverse = np.linalg.inv(factor)
    turned = np.swapaxes(inverse, -1, -2)
    return handed_out(inverse @ turned if upper else turned @ inverse)


def det(x: Any) -> Any:
    """The determinant of each matrix (..., n, n)."""
    return _solved("det", np.linalg.det, _square("det", x))


def slogdet(x: Any) -> tuple[Any, Any]:
    """The sign of each determinant, and the logarithm of its size."""
    sign, size = np.linalg.slogdet(*_square("slogdet", x))
    return handed_out(np.asarray(sign)), handed_out(np.asarray(size))


def logdet(x: Any) -> Any:
    """The logarithm of the determinant of each symmetric positive definite matrix; NaN where it is negative."""
    sign, size = np.linalg.slogdet(*_square("logdet", x))
    return handed_out(np.where(sign > 0, size, np.where(sign == 0, -np.inf, np.nan)).astype(np.asarray(size).dtype))


def inv(x: Any) -> Any:
    """The inverse of each matrix (..., n, n)."""
    return _solved("inv", np.linalg.inv, _square("inv", x))


def pinv(x: Any, rcond: float | None = None) -> Any:
    """The inverse in the sense of Moore and Penrose of each matrix (..., m, n); singular values of at most `rcond`
    times the largest count as 0."""
    (matrix,) = _matrices("pinv", x)
    least = rcond if rcond is not None else max(matrix.shape[-2:]) * np.finfo(matrix.dtype).eps
    return handed_out(np.linalg.pinv(matrix, least))


def matrix_rank(x: Any, tol: float | None = None) -> Any:
    """How many singular values of each matrix are larger than `tol`."""
    (matrix,) = _matrices("matrix_rank", x)
    return handed_out(np.asarray(np.linalg.matrix_rank(matrix, tol), np.int32))


def eig(x: Any) -> tuple[Any, Any]:
    """The eigenvalues (..., n) and eigenvectors (..., n, n), as columns, of each matrix: complex numbers."""
    values, vectors = np.linalg.eig(*_square("eig", x))
    return values.astype(np.complex64), vectors.astype(np.complex64)


def eigh(x: Any) -> tuple[Any, Any]:
    """The eigenvalues, ascending, and eigenvectors, as columns, of each symmetric matrix."""
    (matrix,) = _square("eigh", x)
    values, vectors = np.linalg.eigh(matrix)
    return handed_out(values), handed_out(vectors)


def qr(x: Any, mode: str = "reduced") -> tuple[Any, Any]:
    """The orthogonal Q and the upper triangular R with Q R = x; mode: "reduced" or "complete" (Q is square)."""
    if mode not in ("reduced", "complete"):
        raise SettingError(f"qr mode: Expected one of {{'reduced', 'complete'}}. Received: mode={mode}")
    (matrix,) = _matrices("qr", x)
    left, right = np.linalg.qr(matrix, mode="complete" if mode == "complete" else "reduced")
    return handed_out(left), handed_out(right)


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The singular values s of each matrix, descending; with `compute_uv` (U, s, V) with U · s · V = x."""
    (matrix,) = _matrices("svd", x)
    if not compute_uv:
        return handed_out(np.linalg.svd(matrix, full_matrices, compute_uv=False))
    return tuple(map(handed_out, np.linalg.svd(matrix, full_matrices)))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """How long vectors (one axis) or how large matrices (two axes) are; None: the root of the sum of squares.

    Vectors: (Σ|x|^ord)^(1/ord), the largest for inf, the smallest for -inf, how many aren't 0 for 0. Matrices: "fro",
    the largest sum of absolute values of a column (1) or row (inf), the smallest of them (-1, -inf); and of arrays the
    largest or smallest singular value (2, -2) or the sum of all ("nuc").
    """
    count = len(x.shape if hasattr(x, "shape") else np.shape(x)) if axis is None else np.size(axis)
    if count == 2 and ord in (2, -2, "nuc"):
        (matrix,) = _matrices("norm", x)
        where = None if axis is None else tuple(axis)
        return handed_out(np.asarray(np.linalg.norm(matrix, ord, where, keepdims)))
    return lengths(x, ord, axis, keepdims)


def lu_factor(x: Any) -> tuple[Any, Any]:
    """Each matrix as the product of a lower triangular matrix of unit diagonal and an upper triangular one, both in one
    array, and with which row each row changed places on the way. Source: Golub and Van Loan, "Matrix Computations"
    (2013), algorithm 3.4.1."""
    (matrix,) = _matrices("lu_factor", x)
    factors = matrix.copy()
    steps = min(matrix.shape[-2:])
    changed = np.empty((*matrix.shape[:-2], steps), np.int32)
    for place in np.ndindex(matrix.shape[:-2]):
        rows = factors[place]
        for step in range(steps):
            best = step + int(np.argmax(abs(rows[step:, step])))
            changed[(*place, step)] = best
            rows[[step, best]] = rows[[best, step]]
            if rows[step, step] != 0:
                rows[step + 1 :, step] /= rows[step, step]
                rows[step + 1 :, step + 1 :] -= np.outer(rows[step + 1 :, step], rows[step, step + 1 :])
    return handed_out(factors), handed_out(changed)


def solve(a: Any, b: Any) -> Any:
    """x with a x = b for each matrix a (..., n, n); b is (..., n, k), or (..., n)."""
    (matrix,), (right,) = _square("solve", a), _numbers("solve", b)
    _fitting("solve", matrix, right)
    if right.ndim == matrix.ndim - 1:
        return handed_out(_solved("solve", np.linalg.solve, (matrix, right[..., None]))[..., 0])
    return _solved("solve", np.linalg.solve, (matrix, right))


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """The same, where only the upper (or the lower) triangle of a counts."""
    (matrix,) = _square("solve_triangular", a)
    return solve(np.tril(matrix) if lower else np.triu(matrix), b)


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any:
    """The x of least length for which a x comes closest to b: a is (m, n), b is (m, k) or (m)."""
    (matrix,), (right,) = _matrices("lstsq", a), _numbers("lstsq", b)
    if matrix.ndim != 2 or right.ndim not in (1, 2) or len(right) != len(matrix):
        raise ShapeError(f"lstsq: expected a (m, n) and b (m, k) or (m), received {matrix.shape} and {right.shape}.")
    return handed_out(np.linalg.lstsq(matrix, right, rcond)[0])


# What is expected -----------------------------------------------------------------------------------------------------


def _numbers(word: str, *things: Any) -> list[np.ndarray]:
    arrays = eager_only(word, *things)
    arrays = [arrays] if len(things) == 1 else arrays
    return [np.asarray(a, standardize_dtype(a.dtype) if np.asarray(a).dtype.kind == "f" else "float32") for a in arrays]


def _matrices(word: str, x: Any) -> list[np.ndarray]:
    (matrix,) = _numbers(word, x)
    if matrix.ndim < 2:
        raise ShapeError(f"Expected input to have rank >= 2. Received input with shape {matrix.shape} ({word}).")
    return [matrix]


def _square(word: str, x: Any) -> list[np.ndarray]:
    (matrix,) = _matrices(word, x)
    if matrix.shape[-1] != matrix.shape[-2]:
        raise ShapeError(
            f"Expected a square matrix. Received shape {matrix.shape} ({word}): the last two axes must be equally long."
        )
    return [matrix]


def _fitting(word: str, matrix: np.ndarray, right: np.ndarray) -> None:
    rows = right.shape[-1:] if right.ndim == matrix.ndim - 1 else right.shape[-2:-1]
    if right.ndim not in (matrix.ndim - 1, matrix.ndim) or rows != matrix.shape[-1:]:
        raise ShapeError(
            f"{word}: Incompatible shapes. Expected b of shape (..., n) or (..., n, k) for a of shape {matrix.shape}, "
            f"received {right.shape}."
        )


def _solved(word: str, function: Any, arrays: Any) -> Any:
    try:
        return handed_out(np.asarray(function(*arrays)))
    except np.linalg.LinAlgError as error:
        raise SettingError(f"{word}: {error}. Received {arrays[0].shape}.") from None
