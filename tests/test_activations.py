"""Activations: large numbers do not break them, and they are found by name, function, layer and configuration."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import activations, layers

LARGE = np.array([[-1e4, -100.0, -0.0, 0.0, 100.0, 1e4]], np.float32)
# e^10000 is infinite, and is meant to be.
GROWS = {"exponential"}


@pytest.mark.parametrize("name", sorted(set(activations.ALL) - GROWS))
def test_large_numbers_give_finite_ones(name: str) -> None:
    settings = (0.5, -1.0) if name == "threshold" else ()
    assert np.isfinite(activations.ALL[name](LARGE, *settings)).all()


def test_sparsemax_gives_the_nearest_probabilities() -> None:
    x = np.random.RandomState(0).normal(0, 1.5, (20, 7)).astype(np.float32)
    x[0] = 0.5  # all equal
    found = activations.sparsemax(x)
    np.testing.assert_allclose(found.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(found, [nearest_probabilities(row) for row in x], atol=1e-6)
    np.testing.assert_allclose(activations.sparsemax(x.T, axis=0), found.T, atol=1e-6)


def nearest_probabilities(row: np.ndarray) -> np.ndarray:
    """The projection onto the simplex by sorting, in float64."""
    ordered = np.sort(row.astype(np.float64))[::-1]
    totals = np.cumsum(ordered)
    kept = np.nonzero(1 + np.arange(1, len(row) + 1) * ordered > totals)[0][-1]
    return np.maximum(row - (totals[kept] - 1) / (kept + 1), 0)


def test_an_activation_is_found_in_every_way_keras_names_one() -> None:
    def own(x):  # type: ignore[no-untyped-def]
        return x * 2.0

    assert activations.get(None) is activations.linear
    assert activations.get("swish") is activations.get("silu") is activations.silu
    assert activations.get(own) is own
    assert activations.get({"class_name": "function", "config": "relu", "module": "builtins"}) is activations.relu
    leaky = layers.LeakyReLU(0.1, name="leaky")
    assert activations.get(leaky) is leaky
    again = activations.get(activations.serialize(leaky))
    assert isinstance(again, layers.LeakyReLU) and again.negative_slope == 0.1
    assert activations.serialize(activations.exponential) == "exponential"
    with pytest.raises(ValueError, match="Unknown activation: 7"):
        activations.get(7)


def test_a_layer_as_activation_learns_with_its_layer() -> None:
    dense = layers.Dense(3, activation=layers.PReLU())
    dense(np.ones((2, 4), np.float32))
    assert [weight.shape for weight in dense.weights] == [(4, 3), (3,), (3,)]


def test_exact_gelu_is_the_activation_and_the_fast_one_the_operation() -> None:
    assert activations.gelu(np.array([1.0]))[0] == pytest.approx(0.8413447)
    assert activations.gelu(np.array([1.0]), approximate=True)[0] == pytest.approx(0.841192)
