"""Activation functions that are layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers


def test_a_masked_softmax_shares_all_among_what_is_left() -> None:
    x = np.array([[1.0, 2.0, 3.0]], np.float32)
    found = layers.Softmax()(x, mask=np.array([[True, True, False]]))
    np.testing.assert_allclose(found, [[1 / (1 + np.e), np.e / (1 + np.e), 0]], rtol=1e-6)


def test_masks_are_told_apart_by_all_their_numbers() -> None:
    x, layer = np.zeros((1, 3000), np.float32), layers.Softmax()
    first, second = np.ones((1, 3000), bool), np.ones((1, 3000), bool)
    second[0, 1500] = False  # where printed arrays are cut short
    assert layer(x, mask=first)[0, 1500] > 0 and layer(x, mask=second)[0, 1500] == 0


def test_a_learned_slope_may_be_shared_along_axes() -> None:
    layer = layers.PReLU(shared_axes=[1, 2])
    layer.build((None, 28, 28, 3))
    assert layer.alpha.shape == (1, 1, 3)


def test_what_keras_2_called_alpha_is_the_negative_slope() -> None:
    assert layers.LeakyReLU(alpha=0.2).negative_slope == 0.2
    assert "alpha" not in layers.LeakyReLU(alpha=0.2).get_config()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.ReLU(max_value=-1), "max_value of a ReLU layer cannot be a negative value"),
        (lambda: layers.ReLU(negative_slope=None), "negative_slope of a ReLU layer"),
        (lambda: layers.ReLU(threshold=-0.5), "threshold of a ReLU layer"),
        (lambda: layers.LeakyReLU(-0.1), "negative_slope of a LeakyReLU layer"),
        (lambda: layers.PReLU()(layers.Input((None, 3))), "Name the others in shared_axes"),
    ],
)
def test_impossible_settings_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()
