"""A wrapped layer's weights have the spectral norm 1 in training."""

from __future__ import annotations

import numpy as np
import pytest

import pippin
from pippin import layers, models
from pippin.errors import SettingError

ROWS = np.random.RandomState(0).randn(4, 6).astype(np.float32)


def test_the_largest_singular_value_becomes_1() -> None:
    layer = layers.SpectralNormalization(layers.Dense(3), power_iterations=30)
    before = layer(ROWS, training=False)
    np.testing.assert_allclose(before, ROWS @ layer.layer.kernel.numpy(), rtol=1e-5, atol=1e-6)
    layer(ROWS, training=True)
    assert np.linalg.norm(layer.layer.kernel.numpy(), 2) == pytest.approx(1, rel=1e-4)  # 30 steps of the power method


def test_one_step_at_each_call_gets_there_as_well() -> None:
    layer = layers.SpectralNormalization(layers.Embedding(7, 3))
    for _ in range(60):
        layer(np.array([[1, 2]]), training=True)
    assert np.linalg.norm(layer.layer.embeddings.numpy(), 2) == pytest.approx(1, rel=1e-4)


def test_weights_of_zeros_stay() -> None:
    layer = layers.SpectralNormalization(layers.Dense(3, kernel_initializer="zeros"))
    np.testing.assert_array_equal(layer(ROWS, training=True), np.zeros((4, 3)))


def test_it_trains_and_is_made_again_from_its_configuration() -> None:
    pippin.random.set_random_seed(1)
    model = models.Sequential([layers.Input((6,)), layers.SpectralNormalization(layers.Dense(3, activation="tanh"))])
    model.compile("sgd", "mse")
    losses = model.fit(ROWS, np.tanh(ROWS[:, :3] / 2), epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    again = models.clone_model(model)
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))


def test_layers_without_such_weights_are_refused() -> None:
    with pytest.raises(SettingError, match="no attribute 'kernel' nor 'embeddings'"):
        layers.SpectralNormalization(layers.ReLU())(ROWS)
    with pytest.raises(SettingError, match="greater than zero"):
        layers.SpectralNormalization(layers.Dense(3), power_iterations=0)
