"""Windows over pictures, one-hot rows, normalizing and cross-entropies."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import ops


def test_same_padding_puts_an_odd_zero_to_the_bottom_and_right() -> None:
    x = np.arange(1.0, 5.0, dtype=np.float32).reshape(1, 2, 2, 1)
    kernel = np.ones((2, 2, 1, 1), np.float32)
    np.testing.assert_array_equal(ops.conv(x, kernel, padding="same")[0, :, :, 0], [[10, 6], [7, 4]])


def test_one_hot_rows_stand_along_any_axis() -> None:
    np.testing.assert_array_equal(ops.one_hot(np.array([0, 2]), 3), [[1, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(ops.one_hot(np.array([0, 2]), 3, axis=0), [[1, 0], [0, 0], [0, 1]])
    # A number outside the classes belongs to none.
    np.testing.assert_array_equal(ops.one_hot(np.array([-1, 3]), 3), np.zeros((2, 3)))
    assert ops.one_hot(np.array([1]), 2, dtype="int32").dtype == np.int32


def test_normalized_rows_have_length_one_and_zeros_stay() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)
    np.testing.assert_allclose(ops.normalize(x), [[0.6, 0.8], [0, 0]], rtol=1e-6)
    np.testing.assert_allclose(ops.normalize(x, order=1), [[3 / 7, 4 / 7], [0, 0]], rtol=1e-6)


def test_certain_and_wrong_costs_much_but_not_infinity() -> None:
    assert ops.sparse_categorical_crossentropy(np.array([0]), np.array([[0.0, 1.0]])) == pytest.approx(16.118, rel=1e-3)
    assert ops.binary_crossentropy(np.array([1.0]), np.array([0.0])) == pytest.approx(16.118, rel=1e-3)
    assert np.isfinite(ops.binary_crossentropy(np.array([1.0, 0.0]), np.array([-1e4, 1e4]), from_logits=True)).all()
    logits = np.array([[1e4, -1e4]], np.float32)
    assert np.isfinite(ops.categorical_crossentropy(np.array([[0.0, 1.0]]), logits, from_logits=True)).all()


def test_labels_of_another_kind_are_sent_to_their_loss() -> None:
    probabilities = np.full((4, 3), 1 / 3, np.float32)
    with pytest.raises(
        ValueError, match=r"expected labels of shape \(4, 3\).*received \(4,\).*for sparse_categorical_crossentropy"
    ):
        ops.categorical_crossentropy(np.zeros(4, np.int32), probabilities)
    with pytest.raises(
        ValueError, match=r"expected labels of shape \(4,\).*received \(4, 3\).*for categorical_crossentropy"
    ):
        ops.sparse_categorical_crossentropy(np.eye(4, 3), probabilities)


def test_windows_refuse_what_has_no_places() -> None:
    x = np.zeros((1, 3, 4, 4), np.float32)
    with pytest.raises(ValueError, match='data_format: expected "channels_last" or "channels_first"'):
        ops.max_pool(x, 2, data_format="last")
    with pytest.raises(ValueError, match=r"pool: expected sequences.*pictures.*received shape \(1, 3\)"):
        ops.max_pool(x[..., 0, 0], 2)
    with pytest.raises(ValueError, match='padding: expected "valid" or "same", received \'full\''):
        ops.average_pool(x, 2, padding="full")


def test_a_convolution_of_volumes_is_the_sum_over_its_windows() -> None:
    stream = np.random.RandomState(0)
    x, kernel = stream.normal(size=(1, 4, 5, 6, 2)), stream.normal(size=(2, 2, 3, 2, 3))
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2, 3), axis=(1, 2, 3))
    expected = np.einsum("bdhwcuvt,uvtcf->bdhwf", windows, kernel)
    np.testing.assert_allclose(ops.conv(x.astype(np.float32), kernel.astype(np.float32)), expected, atol=1e-4)


def test_moments_are_the_mean_and_the_variance() -> None:
    x = np.random.RandomState(0).normal(3, 2, (4, 5, 6)).astype(np.float32)
    mean, variance = ops.moments(x, (0, 1))
    np.testing.assert_allclose(mean, x.mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(variance, x.var((0, 1)), rtol=1e-5)
    assert ops.moments(x, 2, keepdims=True)[0].shape == (4, 5, 1)
