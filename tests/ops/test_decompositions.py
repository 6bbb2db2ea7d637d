"""Claims about matrices taken apart: what is put together again is the matrix; the rest is NumPy's answer. Float32
arithmetic on well-conditioned 4 × 4 matrices is good to 1e-4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import Input, ops
from pippin.errors import PippinError, SettingError, ShapeError

RANDOM = np.random.default_rng(0)
SQUARE = (RANDOM.normal(size=(2, 4, 4)) + 3 * np.eye(4)).astype(np.float32)
TALL = RANDOM.normal(size=(3, 5, 2)).astype(np.float32)
POSITIVE = (SQUARE @ np.swapaxes(SQUARE, -1, -2)).astype(np.float32)
RIGHT = RANDOM.normal(size=(2, 4, 3)).astype(np.float32)


def close(one: Any, other: Any) -> None:
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-4, atol=1e-4)


def turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def test_factors_multiply_to_the_matrix() -> None:
    lower, upper = ops.cholesky(POSITIVE), ops.cholesky(POSITIVE, upper=True)
    close(lower @ turned(lower), POSITIVE)
    close(upper, turned(lower))
    for mode in ("reduced", "complete"):
        q, r = ops.qr(TALL, mode)
        close(q @ r, TALL)
        close(turned(q) @ q, np.broadcast_to(np.eye(q.shape[-1]), (3, *2 * q.shape[-1:])))
    u, s, v = ops.svd(TALL, full_matrices=False)
    close((u * s[:, None]) @ v, TALL)
    close(ops.svd(TALL, compute_uv=False), s)
    values, vectors = ops.eigh(POSITIVE)
    close((vectors * values[:, None]) @ turned(vectors), POSITIVE)
    values, vectors = ops.eig(SQUARE)
    close(SQUARE @ vectors, vectors * values[:, None])


def test_exchanged_rows_times_both_triangles_are_the_matrix() -> None:
    factors, changed = ops.lu_factor(SQUARE)
    product = (np.tril(factors, -1) + np.eye(4)) @ np.triu(factors)
    for one, matrix, exchanges in zip(product, SQUARE, changed, strict=True):
        rows = np.arange(4)
        for row, other in enumerate(exchanges):
            rows[[row, other]] = rows[[other, row]]
        close(one, matrix[rows])


@pytest.mark.parametrize("word", ["det", "inv", "pinv", "matrix_rank"])
def test_answers_are_those_of_numpy(word: str) -> None:
    close(getattr(ops, word)(SQUARE), getattr(np.linalg, word)(SQUARE))


def test_logarithms_of_determinants() -> None:
    sign, size = ops.slogdet(-POSITIVE[:, :3, :3])
    close(sign, [-1, -1])
    close(size, np.log(abs(np.linalg.det(POSITIVE[:, :3, :3]))))
    close(ops.logdet(POSITIVE), np.log(np.linalg.det(POSITIVE)))


def test_equations_are_solved() -> None:
    close(SQUARE @ ops.solve(SQUARE, RIGHT), RIGHT)
    close(np.einsum("bij,bj->bi", SQUARE, ops.solve(SQUARE, RIGHT[..., 0])), RIGHT[..., 0])
    close(np.tril(SQUARE) @ ops.solve_triangular(SQUARE, RIGHT, lower=True), RIGHT)
    close(np.triu(SQUARE) @ ops.solve_triangular(SQUARE, RIGHT), RIGHT)
    close(ops.lstsq(TALL[0], np.ones(5)), np.linalg.lstsq(TALL[0], np.ones(5, np.float32), None)[0])
    close(ops.cholesky_inverse(ops.cholesky(POSITIVE)), np.linalg.inv(POSITIVE))
    close(ops.cholesky_inverse(ops.cholesky(POSITIVE, upper=True), upper=True), np.linalg.inv(POSITIVE))


@pytest.mark.parametrize("ord", [None, "fro", "nuc", -np.inf, -2, -1, 1, 2, np.inf])
def test_sizes_of_matrices(ord: Any) -> None:
    close(ops.norm(SQUARE, ord, (1, 2)), np.linalg.norm(SQUARE, ord, (1, 2)))
    close(ops.norm(SQUARE[0], ord), np.linalg.norm(SQUARE[0], ord))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.det(np.ones(3)), "rank >= 2"),
        (lambda: ops.inv(TALL), "square matrix"),
        (lambda: ops.inv(np.zeros((2, 2))), "[Ss]ingular"),
        (lambda: ops.cholesky(-np.eye(2)), "not positive definite"),
        (lambda: ops.solve(SQUARE, RIGHT[:, :3]), "Incompatible shapes"),
        (lambda: ops.qr(TALL, "raw"), "reduced"),
        (lambda: ops.svd(Input((3, 3))), "expected arrays, received symbols"),
        (lambda: ops.norm(SQUARE, axis=3), "expected axes of an array with 3"),
        (lambda: ops.norm(SQUARE, "fro", 1), "Invalid `ord`"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((SettingError, ShapeError, PippinError), match=message):
        call()


def test_namespaces_hold_the_same_words() -> None:
    assert ops.linalg.svd is ops.svd and ops.numpy.add is ops.add and ops.nn.relu is ops.relu
