"""The primitive that sorts: in which order the numbers of each row stand."""

from __future__ import annotations

import math

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import INT, Primitive, Sample, Spec


def _shape(x: Spec) -> Spec:
    if x.rank < 1:
        raise ShapeError("argsort: expected at least one axis, received a single number.")
    return Spec(x.shape, INT)


def _samples(rng: np.random.Generator) -> list[Sample]:
    found: list[Sample] = []
    for shape in ((7,), (1,), (0,), (3, 17), (5, 0), (0, 4), (2, 3, 33), (1, 1000)):
        x = rng.integers(-4, 5, shape)  # equal numbers, whose order must stay
        found += [((x.astype(np.float32),), {}), ((x.astype(np.int32),), {})]
        found.append(((np.where(rng.random(shape) < 0.2, np.nan, rng.normal(size=shape)).astype(np.float32),), {}))
    return found


def _flops(result: Spec, x: Spec) -> float:
    return 4.0 * x.size * math.log2(max(2, x.shape[-1]))


argsort = Primitive(
    "argsort", "y = places so that x[y[0]] ≤ x[y[1]] ≤ ...",
    "Finds the order that sorts each row: the place of the smallest first; equal ones keep their order, NaN is last.",
    _shape, reference=lambda x: np.argsort(x, axis=-1, kind="stable").astype(np.int32),
    jax=lambda jax, x: jax.numpy.argsort(x, axis=-1, stable=True).astype("int32"), samples=_samples,
    derivative=lambda dy, y, x: (None,), flops=_flops,
)  # fmt: skip
