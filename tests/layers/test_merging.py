"""Layers where branches meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers

A, B = np.ones((2, 3), np.float32), np.full((2, 3), 2.0, np.float32)


def test_the_short_words_apply_the_layer_at_once() -> None:
    assert layers.add([A, B]).tolist() == (A + B).tolist()
    assert layers.subtract([A, B]).tolist() == (A - B).tolist()
    assert layers.multiply([A, B, B]).tolist() == (A * B * B).tolist()
    assert layers.average([A, B]).tolist() == ((A + B) / 2).tolist()
    assert layers.maximum([A, B]).tolist() == B.tolist()
    assert layers.minimum([A, B]).tolist() == A.tolist()
    assert layers.concatenate([A, B], axis=1).shape == (2, 6)
    assert layers.Add()((A, B)).tolist() == (A + B).tolist()  # a tuple is a list


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.Add(name="sum")(A),
         r'Add "sum": expected a list of inputs, received a single one. Write layer\(\[a, b\]\)'),
        (lambda: layers.Add(name="sum")([A, B[:, :2]]),
         r'Add "sum": expected inputs whose shapes fit together, received \(batch, 3\) and \(batch, 2\)'),
        (lambda: layers.Subtract()([A, B, A]), "exactly 2 inputs, received 3"),
        (lambda: layers.Concatenate(axis=1)([np.ones((2, 3, 4)), np.ones((2, 1, 5))]),
         "expected shapes that differ only along axis 1"),
        (lambda: layers.Concatenate(axis=5)([A, B]), "expected inputs with an axis 5"),
    ],
)  # fmt: skip
def test_branches_that_do_not_fit_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()


def test_what_a_mask_leaves_out_is_not_chosen_nor_multiplied() -> None:
    mask = layers.Masking()
    a, b = np.array([[[0.0], [-1.0], [0.0], [-3.0]]]), np.array([[[0.0], [0.0], [-1.0], [-3.0]]])
    np.testing.assert_array_equal(layers.Maximum()([mask(a), b]), [[[0], [0], [-1], [-3]]])
    np.testing.assert_array_equal(layers.Maximum()([mask(a), mask(b)]), [[[0], [-1], [-1], [-3]]])
    np.testing.assert_array_equal(layers.Minimum()([mask(-a), mask(-b)]), [[[0], [1], [1], [3]]])
    np.testing.assert_array_equal(layers.Multiply()([mask(a), mask(b)]), [[[0], [-1], [-1], [9]]])


def test_whole_numbers_are_joined_with_floats() -> None:
    found = layers.Concatenate()([np.array([[1.5]]), np.array([[2]])])
    np.testing.assert_array_equal(found, [[1.5, 2]])
