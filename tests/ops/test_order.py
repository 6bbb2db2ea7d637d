"""Which numbers are the largest."""

from __future__ import annotations

import numpy as np

from pippin import ops


def test_the_largest_come_first_and_of_equal_ones_the_first() -> None:
    values, places = ops.top_k(np.array([[1.0, 7.0, 3.0, 7.0], [-1.0, -5.0, -2.0, -9.0]]), 3)
    np.testing.assert_array_equal(values, [[7, 7, 3], [-1, -2, -5]])
    np.testing.assert_array_equal(places, [[1, 3, 2], [0, 2, 1]])


def test_whole_numbers_stay_whole() -> None:
    values, places = ops.top_k(np.array([3, 9, 4]), 2)
    assert values.tolist() == [9, 4] and places.tolist() == [1, 2]
    assert values.dtype == np.int32


def test_a_target_is_in_the_top_when_fewer_than_k_are_larger() -> None:
    predictions = np.array([[0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.3, 0.3, 0.4]])
    np.testing.assert_array_equal(ops.in_top_k(np.array([2, 0, 1]), predictions, 1), [False, False, False])
    # Two that are equal share their place.
    np.testing.assert_array_equal(ops.in_top_k(np.array([2, 0, 1]), predictions, 2), [True, True, True])


def test_logsumexp_does_not_overflow() -> None:
    x = np.array([[1000.0, 1000.0], [-1000.0, -1000.0]], np.float32)
    np.testing.assert_allclose(ops.logsumexp(x, axis=1), x[:, 0] + np.log(2), rtol=1e-6)
    assert ops.logsumexp(x, axis=(0, 1), keepdims=True).shape == (1, 1)
