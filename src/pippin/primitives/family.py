"""What neighbours in a family share: how elementwise primitives get their shape, samples and JAX word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import BOOL, FLOAT, Primitive, Sample, Spec, broadcast_shapes, need_float

# Sizes around the vector widths of the native engine (4, 8, 16 lanes), nothing, one number, and several axes.
SHAPES: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (7,), (16,), (33,), (3, 5), (2, 3, 17), (0, 4))
PAIRS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((), ()), ((7,), ()), ((33,), (33,)), ((3, 5), (5,)), ((4, 1), (1, 6)), ((0, 3), (3,)),
    ((2, 3, 17), (3, 1)), ((5, 16), (5, 1)), ((1,), (8,)),
)  # fmt: skip


def between(low: float, high: float) -> Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]:
    """Return a function that draws numbers of a shape, uniform in [low, high)."""
    return lambda rng, shape: rng.uniform(low, high, shape)


def away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of either sign at least 0.2 from zero, where the derivative of a kinked function exists."""
    return np.asarray(rng.uniform(0.2, 2.0, shape) * rng.choice([-1.0, 1.0], shape))


def unary(
    name: str,
    *,
    math: str,
    says: str,
    reference: Callable[..., np.ndarray],
    derivative: Callable[[Any, Any, Any], Any] | None,
    jax: Callable[[Any, Any], Any],
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray] = between(-2, 2),
    flops: float = 1,
    simplify: Callable[..., Any] | None = None,
) -> Primitive:
    """A function of one floating-point number, applied to each."""

    def shape(x: Spec) -> Spec:
        need_float(name, x)
        return x

    def samples(rng: np.random.Generator) -> list[Sample]:
        return [((np.asarray(draw(rng, size), np.float32),), {}) for size in SHAPES]

    return Primitive(
        name, math, says, shape, reference, jax, samples,
        derivative=None if derivative is None else lambda dy, y, x: (derivative(dy, y, x),),
        flops=lambda result, x: flops * result.size, simplify=simplify, elementwise=True,
    )  # fmt: skip


def binary(
    name: str,
    *,
    math: str,
    says: str,
    reference: Callable[..., np.ndarray],
    derivative: Callable[[Any, Any, Any, Any], Sequence[Any]] | None,
    jax: Callable[[Any, Any, Any], Any],
    draw: Callable[[np.random.Generator, tuple[int, ...], tuple[int, ...]], tuple[np.ndarray, np.ndarray]]
    | None = None,
    flops: float = 1,
    simplify: Callable[..., Any] | None = None,
    result: str | None = None,
    types: tuple[str, ...] | None = None,
) -> Primitive:
    """A function of two numbers of one type, with NumPy's broadcasting; gradients are summed back to each operand."""

    def shape(a: Spec, b: Spec) -> Spec:
        if a.dtype != b.dtype:
            raise ShapeError(f"{name}: expected two operands of one type, received {a} and {b}. Cast one of them.")
        if types is not None and a.dtype not in types:
            raise ShapeError(f"{name}: expected {' or '.join(types)} operands, received {a}.")
        return Spec(broadcast_shapes(name, a, b), result or a.dtype)

    def summed_back(dy: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
        assert derivative is not None
        da, db = derivative(dy, y, a, b)
        return (None if da is None else da.sum_to(a.shape), None if db is None else db.sum_to(b.shape))

    def samples(rng: np.random.Generator) -> list[Sample]:
        found: list[Sample] = []
        for left, right in PAIRS:
            a, b = draw(rng, left, right) if draw else (rng.uniform(-2, 2, left), rng.uniform(0.5, 2, right))
            if types == (BOOL,):
                found.append(((np.asarray(a) > 0, np.asarray(b) > 1), {}))
            elif types is not None and FLOAT not in types:
                found.append(((np.asarray(a).astype(np.int32), np.asarray(b).astype(np.int32)), {}))
            else:
                found.append(((np.asarray(a, np.float32), np.asarray(b, np.float32)), {}))
        return found

    return Primitive(
        name, math, says, shape, reference, jax, samples,
        derivative=None if derivative is None else summed_back,
        flops=lambda result, a, b: flops * result.size, simplify=simplify, elementwise=True,
    )  # fmt: skip


def apart(rng: np.random.Generator, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Two operands that differ by at least 0.2 everywhere: whole numbers against whole numbers and a half."""
    return rng.integers(-3, 4, left).astype(np.float64), rng.integers(-3, 4, right) + 0.4


def float_of(x: Spec) -> Spec:
    """The same shape, floating-point."""
    return Spec(x.shape, FLOAT)
