"""Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models

X = np.ones((40, 250), np.float32)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(rate: float) -> None:
    y = layers.Dropout(rate, seed=1)(X, training=True)
    assert (y == 0).mean() == pytest.approx(rate, abs=0.02)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-6)
    assert y.mean() == pytest.approx(1, abs=0.1)


def test_nothing_is_dropped_outside_of_training() -> None:
    layer = layers.Dropout(0.5)
    np.testing.assert_array_equal(layer(X), X)
    np.testing.assert_array_equal(layer(X, training=False), X)
    model = models.Sequential([layers.Input((250,)), layer])
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    np.testing.assert_array_equal(layers.Dropout(0)(X, training=True), X)


def test_a_rate_of_one_drops_everything() -> None:
    np.testing.assert_array_equal(layers.Dropout(1.0)(X, training=True), np.zeros_like(X))


def test_a_noise_shape_lets_signals_share_their_fate() -> None:
    y = layers.Dropout(0.5, noise_shape=(None, 1), seed=2)(X, training=True)
    assert ((y == 0).all(1) | (y != 0).all(1)).all()
    assert 0 < (y[:, 0] == 0).sum() < len(y)


def test_the_same_seed_drops_the_same_signals() -> None:
    first, second = (layers.Dropout(0.5, seed=7)(X, training=True) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    pippin.random.set_random_seed(3)
    third = layers.Dropout(0.5)(X, training=True)
    pippin.random.set_random_seed(3)
    np.testing.assert_array_equal(layers.Dropout(0.5)(X, training=True), third)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rate": 1.5}, "Expected a float value between 0 and 1. Received: rate=1.5"),
        ({"rate": -0.1}, "Dropout: Invalid value received for argument `rate`"),
        ({"rate": "half"}, "Dropout: Invalid value received for argument `rate`"),
        ({"rate": 0.5, "noise_shape": "rows"}, "Dropout noise_shape: expected whole numbers or None"),
        ({"rate": 0.5, "noise_shape": (0, 1)}, "Dropout noise_shape: expected a positive integer, received 0"),
    ],
)
def test_impossible_rates_are_refused_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        layers.Dropout(**settings)
