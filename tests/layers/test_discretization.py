"""Numbers in bins, by boundaries that are given or learned."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers, models
from pippin.data import Dataset
from pippin.errors import SettingError

VALUES = np.random.RandomState(0).randn(1000).astype(np.float32)


def test_bins_are_those_of_numpy() -> None:
    layer = layers.Discretization([0.0, 1.0, 2.0])
    given = np.array([[-1.5, 0.0, 3.4, 0.5], [1.0, 3.0, np.nan, 2.0]], np.float32)
    found = layer(given)
    np.testing.assert_array_equal(found, np.digitize(given, [0, 1, 2]))
    assert found.dtype == np.int32


def test_learned_bins_hold_equally_many_up_to_epsilon() -> None:
    layer = layers.Discretization(num_bins=4, epsilon=0.01)
    layer.adapt(VALUES)
    counts = np.bincount(layer(VALUES))
    assert len(counts) == 4
    # A sketch right to 1 % of 1000 values, at both ends of a bin.
    assert np.abs(counts - 250).max() <= 2 * 10
    batches = layers.Discretization(num_bins=4, epsilon=0.01)
    batches.adapt(Dataset.from_tensor_slices(VALUES).batch(100))
    assert np.abs(np.bincount(batches(VALUES)) - 250).max() <= 4 * 10  # each merge adds an error


def test_what_keras_learns_is_learned() -> None:
    layer = layers.Discretization(num_bins=4, epsilon=0.01)
    data = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]])
    layer.adapt(data)
    np.testing.assert_array_equal(layer(data), [[0, 2, 3, 2], [1, 3, 3, 1]])  # from Keras's documentation
    layer.adapt(VALUES)
    # Keras 3.15.1 after the same `adapt`.
    np.testing.assert_allclose(layer.bin_boundaries, KERAS_BOUNDARIES, rtol=1e-6)


KERAS_BOUNDARIES = [-0.7047011852264404, -0.05858689546585083, 0.6063192486763]


def test_encodings_and_their_shapes_agree() -> None:
    rows = np.array([[0.5, 2.5, 2.5], [-1.0, -1.0, 1.5]], np.float32)
    for mode, expected in {
        "one_hot": None,
        "multi_hot": [[0, 1, 0, 1], [1, 0, 1, 0]],
        "count": [[0, 1, 0, 2], [2, 0, 1, 0]],
    }.items():
        layer = layers.Discretization([0.0, 1.0, 2.0], output_mode=mode)
        found = layer(rows)
        assert found.shape == layer.compute_output_shape(rows.shape)
        if expected is not None:
            np.testing.assert_array_equal(found, expected)


def test_a_learned_layer_comes_back_from_its_configuration_and_its_file(tmp_path: object) -> None:
    layer = layers.Discretization(num_bins=3, name="bins")
    layer.adapt(VALUES)
    again = layers.Discretization.from_config(layer.get_config())
    np.testing.assert_array_equal(again(VALUES), layer(VALUES))
    model = models.Sequential([layers.Input((1,)), layer, layers.Embedding(3, 2)])
    model.save(f"{tmp_path}/bins.keras")
    loaded = models.load_model(f"{tmp_path}/bins.keras")
    column = VALUES[:, None]
    np.testing.assert_array_equal(loaded.predict(column, verbose=0), model.predict(column, verbose=0))


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(SettingError, match="either `num_bins` or `bin_boundaries`"):
        layers.Discretization()
    with pytest.raises(SettingError, match="Both"):
        layers.Discretization([0.0], num_bins=2)
    with pytest.raises(SettingError, match="use `num_bins` instead"):
        layers.Discretization([0.0]).adapt(VALUES)
    with pytest.raises(SettingError, match="adapt"):
        layers.Discretization(num_bins=2)(VALUES)
