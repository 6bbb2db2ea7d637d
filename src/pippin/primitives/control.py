"""Primitives that steer a program: numbers that are always the same, counting, and where differentiation stops."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.primitives.family import SHAPES
from pippin.primitives.primitive import FLOAT, INT, TYPES, Primitive, Spec


def _constant_shape(*, value: Any, dtype: str) -> Spec:
    assert dtype in TYPES, dtype
    return Spec(np.shape(value), dtype)


constant = Primitive(
    "constant", "y = value", "A number that never changes.", _constant_shape,
    reference=lambda *, value, dtype: np.asarray(value, dtype),
    jax=lambda jax, *, value, dtype: jax.numpy.asarray(value, dtype),
    samples=lambda rng: [((), {"value": v, "dtype": d}) for v, d in ((0.1, FLOAT), (7, INT), (((1.0, 2.5),), FLOAT))],
    derivative=lambda dy, y, **settings: (), flops=lambda result, **settings: 0.0,
)  # fmt: skip

iota = Primitive(
    "iota", "y = 0, 1, 2, ...", "Counts from 0.", shape=lambda *, length: Spec((length,), INT),
    reference=lambda *, length: np.arange(length, dtype=np.int32),
    jax=lambda jax, *, length: jax.numpy.arange(length, dtype="int32"),
    samples=lambda rng: [((), {"length": length}) for length in (0, 1, 10, 33)],
    derivative=lambda dy, y, **settings: (), flops=lambda result, **settings: 0.0,
)  # fmt: skip

stop_gradient = Primitive(
    "stop_gradient", "y = x, with no way back", "Passes the number on, but no blame flows back through here.",
    shape=lambda x: x, reference=lambda x: x, jax=lambda jax, x: jax.lax.stop_gradient(x),
    samples=lambda rng: [((rng.normal(size=shape).astype(np.float32),), {}) for shape in SHAPES],
    derivative=lambda dy, y, x: (None,), flops=lambda result, x: 0.0, alias=True,
)  # fmt: skip
