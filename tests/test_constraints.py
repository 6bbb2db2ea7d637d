"""What weights must be after every update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import constraints, layers


@pytest.mark.parametrize(
    ("constraint", "holds"),
    [
        (constraints.NonNeg(), lambda w: (w >= 0).all()),
        (constraints.MaxNorm(0.3), lambda w: (np.linalg.norm(w, axis=0) <= 0.3 + 1e-5).all()),
        (constraints.UnitNorm(axis=1), lambda w: np.allclose(np.linalg.norm(w, axis=1), 1, atol=1e-5)),
        (constraints.MinMaxNorm(0.5, 0.6), lambda w: (np.linalg.norm(w, axis=0) >= 0.5 - 1e-5).all()),
        ("non_neg", lambda w: (w >= 0).all()),
    ],
)
def test_weights_keep_their_constraint_through_training(constraint: Any, holds: Any) -> None:
    pippin.random.set_random_seed(0)
    model = pippin.Sequential([layers.Input((4,)), layers.Dense(3, kernel_constraint=constraint)])
    model.compile(optimizer="sgd", loss="mse")
    stream = np.random.RandomState(0)
    model.fit(stream.normal(size=(16, 4)), stream.normal(size=(16, 3)), epochs=3, verbose=0)
    assert holds(model.get_weights()[0])


def test_short_weights_are_left_as_they_are() -> None:
    w = np.array([[0.1, 5.0], [0.1, 0.0]], np.float32)
    np.testing.assert_allclose(constraints.MaxNorm(1.0)(w), [[0.1, 1.0], [0.1, 0.0]], rtol=1e-5)


def test_a_function_serves_as_a_constraint() -> None:
    def halved(w):  # type: ignore[no-untyped-def]
        return w * 0.5

    assert constraints.get(halved) is halved
