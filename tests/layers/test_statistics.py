"""Numbers on a common scale, and categories as ones and zeros."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers
from pippin.data import Dataset
from pippin.errors import SettingError

ROWS = np.random.RandomState(0).rand(50, 3).astype(np.float32) * [1, 5, 9]


def test_adapted_data_have_mean_0_and_spread_1_and_come_back() -> None:
    layer = layers.Normalization()
    layer.adapt(ROWS)
    scaled = layer(ROWS)
    np.testing.assert_allclose([scaled.mean(0), scaled.std(0)], [[0] * 3, [1] * 3], atol=1e-5)
    back = layers.Normalization(invert=True)
    back.adapt(ROWS)
    np.testing.assert_allclose(back(scaled), ROWS, rtol=1e-4, atol=1e-5)


def test_batches_teach_what_the_whole_teaches() -> None:
    whole, batches = layers.Normalization(), layers.Normalization()
    whole.adapt(ROWS)
    batches.adapt(Dataset.from_tensor_slices(ROWS).batch(7))
    # Sums in another order, in float32.
    np.testing.assert_allclose(batches.mean, whole.mean, rtol=1e-5)
    np.testing.assert_allclose(batches.variance, whole.variance, rtol=1e-5)


def test_mean_and_variance_may_be_given_and_shared() -> None:
    np.testing.assert_allclose(layers.Normalization(mean=3.0, variance=4.0)(np.array([[5.0, 3.0]])), [[1, 0]])
    one = layers.Normalization(axis=None)
    one.adapt(ROWS)
    assert one(ROWS).std() == pytest.approx(1, rel=1e-4)
    with pytest.raises(SettingError, match="both `mean` and `variance` must be set"):
        layers.Normalization(mean=1.0)
    with pytest.raises(SettingError, match="incompatible shape"):
        one.adapt(ROWS[0])


def test_categories_are_marked_or_counted() -> None:
    numbers = np.array([[1, 1, 3]])
    assert layers.CategoryEncoding(4)(numbers).tolist() == [[0, 1, 0, 1]]
    assert layers.CategoryEncoding(4, "count")(numbers).tolist() == [[0, 2, 0, 1]]
    assert layers.CategoryEncoding(3, "one_hot")(np.array([[2]])).tolist() == [[0, 0, 1]]
    weighed = layers.CategoryEncoding(4, "count")(numbers, count_weights=np.array([[0.5, 1.0, 2.0]]))
    assert weighed.tolist() == [[0, 1.5, 0, 2]]
    with pytest.raises(SettingError, match="num_tokens must be set"):
        layers.CategoryEncoding()
