"""Batch normalization: whose statistics it uses when, and what it remembers."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers, models

X = np.random.RandomState(0).normal(4, 3, (64, 5)).astype(np.float32)


def test_training_brings_the_batch_to_mean_zero_and_spread_one() -> None:
    y = layers.BatchNormalization()(X, training=True)
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(0), 1, rtol=1e-3)


def test_only_training_moves_the_remembered_statistics() -> None:
    norm = layers.BatchNormalization(momentum=0.5)
    norm(X)
    norm(X, training=False)
    np.testing.assert_array_equal(norm.moving_mean.numpy(), np.zeros(5))
    norm(X, training=True)
    np.testing.assert_allclose(norm.moving_mean.numpy(), 0.5 * X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(norm.moving_variance.numpy(), 0.5 + 0.5 * X.var(0), rtol=1e-5)


def test_use_relies_on_the_remembered_statistics_alone() -> None:
    norm = layers.BatchNormalization(epsilon=0.0)
    norm.build((None, 1))
    norm.set_weights([np.array([2.0]), np.array([1.0]), np.array([10.0]), np.array([4.0])])
    np.testing.assert_allclose(norm(np.array([[14.0]], np.float32)), [[2 * (14 - 10) / 2 + 1]])


def test_a_frozen_layer_neither_learns_nor_remembers_in_fit() -> None:
    norm = layers.BatchNormalization()
    norm.trainable = False
    model = models.Sequential([layers.Input((5,)), norm, layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    before = norm.get_weights()
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    for one, other in zip(before, norm.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_center_and_scale_there_is_nothing_to_learn() -> None:
    norm = layers.BatchNormalization(center=False, scale=False)
    norm(X)
    assert norm.trainable_weights == [] and len(norm.weights) == 2


def test_large_means_do_not_drown_small_spreads() -> None:
    far = (X * 1e-2 + 1000).astype(np.float32)
    np.testing.assert_allclose(layers.BatchNormalization(epsilon=1e-7)(far, training=True).std(0), 1, rtol=0.02)


def test_what_cannot_be_normalized_is_refused_in_words() -> None:
    with pytest.raises(
        ValueError, match=r'BatchNormalization "n": expected an input with an axis 3, received shape \(batch, 5\)'
    ):
        layers.BatchNormalization(axis=3, name="n")(X)
    norm = layers.BatchNormalization(name="n")
    norm(X)
    with pytest.raises(ValueError, match=r'"n": expected 5 entries along axis -1, received shape \(batch, 4\)'):
        norm(X[:, :4])
