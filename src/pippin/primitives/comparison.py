"""Primitives that compare and choose: they give true or false, or pick one of two numbers by it."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.family import PAIRS, SHAPES, apart, binary
from pippin.primitives.primitive import BOOL, FLOAT, INT, TYPES, Primitive, Sample, Spec, broadcast_shapes


def _nothing(dy: Any, y: Any, a: Any, b: Any) -> tuple[None, None]:
    return None, None


equal = binary(
    "equal", math="y = (a = b)", says="True where two numbers are the same.", reference=np.equal, derivative=_nothing,
    jax=lambda jax, a, b: a == b, result=BOOL, draw=lambda rng, l, r: (rng.integers(0, 3, l), rng.integers(0, 3, r)),
)  # fmt: skip
less = binary(
    "less", math="y = (a < b)", says="True where the first number is smaller than the second.", reference=np.less,
    derivative=_nothing, jax=lambda jax, a, b: a < b, result=BOOL, draw=apart,
)  # fmt: skip
less_equal = binary(
    "less_equal", math="y = (a ≤ b)", says="True where the first number is smaller than the second, or the same.",
    reference=np.less_equal, derivative=_nothing, jax=lambda jax, a, b: a <= b, result=BOOL, draw=apart,
)  # fmt: skip
logical_and = binary(
    "logical_and", math="y = a and b", says="True where both are true.", reference=np.logical_and, derivative=_nothing,
    jax=lambda jax, a, b: jax.numpy.logical_and(a, b), types=(BOOL,), result=BOOL,
)  # fmt: skip
logical_or = binary(
    "logical_or", math="y = a or b", says="True where at least one is true.", reference=np.logical_or,
    derivative=_nothing, jax=lambda jax, a, b: jax.numpy.logical_or(a, b), types=(BOOL,), result=BOOL,
)  # fmt: skip


def _not_shape(x: Spec) -> Spec:
    if x.dtype != BOOL:
        raise ShapeError(f"logical_not: expected true/false values, received {x}.")
    return x


logical_not = Primitive(
    "logical_not", "y = not x", "Turns true into false and false into true.", _not_shape, np.logical_not,
    jax=lambda jax, x: jax.numpy.logical_not(x),
    samples=lambda rng: [((rng.random(shape) > 0.5,), {}) for shape in SHAPES],
    derivative=lambda dy, y, x: (None,), elementwise=True,
)  # fmt: skip


def _where_shape(condition: Spec, a: Spec, b: Spec) -> Spec:
    if condition.dtype != BOOL or a.dtype != b.dtype:
        raise ShapeError(
            f"where: expected a true/false condition and two values of one type, received {condition}, {a}, {b}."
        )
    return Spec(broadcast_shapes("where", condition, a, b), a.dtype)


def _where_samples(rng: np.random.Generator) -> list[Sample]:
    found: list[Sample] = []
    for left, right in PAIRS:
        condition = rng.random(np.broadcast_shapes(left, right)) > 0.5
        found.append(
            ((condition, rng.normal(size=left).astype(np.float32), rng.normal(size=right).astype(np.float32)), {})
        )
    return found


def _where_simplify(constants: tuple[float | None, ...], condition: Any, a: Any, b: Any) -> Any:
    """A mask may be asked for where there are fewer numbers, if the record of what it covers knows such a place."""
    made_by = a.line
    if constants[2] != 0 or made_by is None or made_by.primitive.masked is None:
        return None
    return made_by.primitive.masked(condition, *map(a.trace.symbol_of, made_by.inputs), **made_by.settings)


where = Primitive(
    "where", "y = a if condition else b", "Takes the first number where the condition is true, the second elsewhere.",
    _where_shape, np.where, jax=lambda jax, condition, a, b: jax.numpy.where(condition, a, b), samples=_where_samples,
    derivative=lambda dy, y, condition, a, b: (
        None, condition.where(dy, 0.0).sum_to(a.shape), condition.where(0.0, dy).sum_to(b.shape),
    ),
    simplify=_where_simplify, elementwise=True,
)  # fmt: skip


def _finite_shape(x: Spec) -> Spec:
    return Spec(x.shape, BOOL)


is_finite = Primitive(
    "is_finite", "y = x is a number", "True where the number is neither NaN nor infinite.", _finite_shape, np.isfinite,
    jax=lambda jax, x: jax.numpy.isfinite(x),
    samples=lambda rng: [
        ((np.where(rng.random(s) > 0.3, rng.normal(size=s), rng.choice(bad, s)).astype(np.float32),), {})
        for s in SHAPES for bad in ([np.nan, np.inf, -np.inf],)
    ],
    derivative=lambda dy, y, x: (None,), elementwise=True,
)  # fmt: skip


def _cast_shape(x: Spec, *, dtype: str) -> Spec:
    if dtype not in TYPES:
        raise ShapeError(f"cast: expected one of {', '.join(TYPES)}, received {dtype!r}.")
    return Spec(x.shape, dtype)


def _cast_reference(x: np.ndarray, *, dtype: str) -> np.ndarray:
    # A float that stays a float keeps its width, so that a float64 run of the reference stays one.
    return x if dtype == FLOAT and x.dtype.kind == "f" else x.astype(dtype)


def _cast_derivative(dy: Any, y: Any, x: Any, *, dtype: str) -> tuple[Any]:
    return (dy if x.dtype == FLOAT and dtype == FLOAT else None,)


def _cast_simplify(constants: tuple[float | None, ...], x: Any, *, dtype: str) -> Any:
    return x if x.dtype == dtype else None


cast = Primitive(
    "cast", "y = x as another type", "Writes the same numbers in another type, cutting off decimals for whole numbers.",
    _cast_shape, _cast_reference, jax=lambda jax, x, *, dtype: x.astype(dtype),
    samples=lambda rng: [
        *((((rng.integers(0, 9, s)).astype(np.int32),), {"dtype": FLOAT}) for s in SHAPES),
        *((((rng.random(s) > 0.5),), {"dtype": FLOAT}) for s in SHAPES),
        *(((rng.uniform(-9, 9, s).astype(np.float32),), {"dtype": INT}) for s in SHAPES),
        *(((rng.integers(0, 256, s).astype(np.uint8),), {"dtype": FLOAT}) for s in SHAPES),
        ((rng.random((3, 4)) > 0.5,), {"dtype": INT}),
        ((rng.normal(size=(3, 4)).astype(np.float32),), {"dtype": FLOAT}),
    ],
    derivative=_cast_derivative, simplify=_cast_simplify, elementwise=True,
)  # fmt: skip
