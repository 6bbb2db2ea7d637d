"""Keras's to_categorical and normalize."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin.errors import DataError
from pippin.utils import normalize, to_categorical


def test_labels_become_one_hot_rows() -> None:
    assert to_categorical([0, 2, 1]).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert to_categorical([0, 1], num_classes=4).shape == (2, 4)
    assert to_categorical(np.array([[0], [2]])).shape == (2, 3)
    assert to_categorical(np.zeros((2, 5), int), 3).shape == (2, 5, 3)
    assert to_categorical(1, 3).tolist() == [0, 1, 0]
    assert to_categorical([1.0, 0.0]).tolist() == [[0, 1], [1, 0]]
    assert to_categorical([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "classes", "words"),
    [
        ([0, 3], 3, "expected labels from 0 to 2"),
        ([1, 2, 3], 3, "look 1-based: subtract 1"),
        ([-1, 0], None, "received -1 to 0"),
        ([0.5], None, "received fractions"),
        ([], None, "Give num_classes"),
    ],
)
def test_labels_that_fit_no_class_are_refused(labels: Any, classes: int | None, words: str) -> None:
    with pytest.raises(DataError, match=words):
        to_categorical(labels, classes)


def test_vectors_get_norm_one_and_zeros_stay() -> None:
    assert normalize(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[0.6, 0.8], [0.0, 0.0]]
    assert np.allclose(np.linalg.norm(normalize(np.arange(1, 13.0).reshape(3, 4), axis=0), axis=0), 1)
    assert normalize(np.array([[1.0, 3.0]]), order=1).tolist() == [[0.25, 0.75]]
    assert normalize(np.array([3.0, 4.0])).tolist() == [
        [0.6, 0.8]
    ]  # As in Keras, one vector comes back as a row.
