"""The primitive that does most of the work of dense layers: matrix multiplication, in all four orientations."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import FLOAT, Primitive, Sample, Spec


def _inner_sizes(a: Spec, b: Spec, transpose_a: bool, transpose_b: bool) -> tuple[int, int, int, int]:
    """(rows of the result, summed length in a, summed length in b, columns of the result)."""
    m, k = (a.shape[-1], a.shape[-2]) if transpose_a else a.shape[-2:]
    k_of_b, n = (b.shape[-1], b.shape[-2]) if transpose_b else b.shape[-2:]
    return m, k, k_of_b, n


def _shape(a: Spec, b: Spec, *, transpose_a: bool, transpose_b: bool) -> Spec:
    if a.rank < 2 or a.rank != b.rank or a.shape[:-2] != b.shape[:-2] or a.dtype != FLOAT or b.dtype != FLOAT:
        raise ShapeError(
            "matmul: expected two floating-point arrays with the same leading axes and at least two axes, "
            f"received {a} and {b}."
        )
    m, k, k_of_b, n = _inner_sizes(a, b, transpose_a, transpose_b)
    if k != k_of_b:
        raise ShapeError(
            f"matmul: expected the summed lengths to be equal, received {k} and {k_of_b} from {a.shape} and {b.shape}."
        )
    return Spec((*a.shape[:-2], m, n))


def _turned(x: Any, turn: bool, swap: Any) -> Any:
    return swap(x, -1, -2) if turn else x


def _reference(a: np.ndarray, b: np.ndarray, *, transpose_a: bool, transpose_b: bool) -> np.ndarray:
    product: np.ndarray = np.matmul(_turned(a, transpose_a, np.swapaxes), _turned(b, transpose_b, np.swapaxes))
    return product


def _jax(jax: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    swap = jax.numpy.swapaxes
    return jax.numpy.matmul(_turned(a, transpose_a, swap), _turned(b, transpose_b, swap), precision="highest")


def _derivative(dy: Any, y: Any, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> tuple[Any, Any]:
    if transpose_a:
        da = b.matmul(dy, transpose_a=transpose_b, transpose_b=True)
    else:
        da = dy.matmul(b, transpose_a=False, transpose_b=not transpose_b)
    if transpose_b:
        db = dy.matmul(a, transpose_a=True, transpose_b=transpose_a)
    else:
        db = a.matmul(dy, transpose_a=not transpose_a, transpose_b=False)
    return da, db


def _over_steps(length: int, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    """(length, m, k) times one (k, n): a product of length · m rows."""
    if transpose_a or b.rank != 2:
        return None
    rows = a.reshape((length * a.shape[1], a.shape[2]))
    y = rows.matmul(b, transpose_a=False, transpose_b=transpose_b)
    return y.reshape((length, a.shape[1], y.shape[1]))


def _summed_steps(length: int, a: Any, b: Any, *, transpose_a: bool, transpose_b: bool) -> Any:
    """Σ_t aᵀ[t] · b[t] is one product, summed over time as well."""
    if transpose_a and not transpose_b and a.rank == 3:
        a, b = (x.reshape((length * x.shape[1], x.shape[2])) for x in (a, b))
        return a.matmul(b, transpose_a=True)
    return a.matmul(b, transpose_a=transpose_a, transpose_b=transpose_b).sum([0])


def _samples(rng: np.random.Generator) -> list[Sample]:
    found: list[Sample] = []
    sizes = (
        (1, 1, 1), (20, 16, 32), (3, 7, 2), (5, 33, 10), (17, 4, 17), (0, 3, 4), (3, 0, 4), (1, 64, 65), (33, 20, 49)
    )  # fmt: skip
    for m, k, n in sizes:
        for transpose_a in (False, True):
            for transpose_b in (False, True):
                a = rng.normal(size=(k, m) if transpose_a else (m, k)).astype(np.float32)
                b = rng.normal(size=(n, k) if transpose_b else (k, n)).astype(np.float32)
                found.append(((a, b), {"transpose_a": transpose_a, "transpose_b": transpose_b}))
    a, b = rng.normal(size=(2, 3, 4)).astype(np.float32), rng.normal(size=(2, 5, 4)).astype(np.float32)
    found.append(((a, b), {"transpose_a": False, "transpose_b": True}))
    return found


def _flops(result: Spec, a: Spec, b: Spec, *, transpose_a: bool, transpose_b: bool) -> float:
    return 2.0 * result.size * _inner_sizes(a, b, transpose_a, transpose_b)[1]


matmul = Primitive(
    "matmul", "y[i,j] = Σ_k a[i,k] · b[k,j]",
    "Weighs every input with every neuron's weight and adds up: all the weighted sums of a layer at once.",
    _shape, _reference, _jax, _samples, derivative=_derivative, flops=_flops, ends_in_rows=True,
    by_rows=lambda *, transpose_a, transpose_b: not transpose_a, over_steps=_over_steps, summed_steps=_summed_steps,
)  # fmt: skip
