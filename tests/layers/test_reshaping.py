"""Layers that lay the same numbers out differently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers


def test_single_numbers_are_flattened_to_one_column() -> None:
    assert layers.Flatten()(np.ones(3)).shape == (3, 1)
    assert layers.Flatten()(np.ones((3, 2, 2), np.uint8)).dtype == np.uint8


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.Reshape((-1, -1)), "Reshape target_shape: expected whole sizes, at most one of them -1"),
        (lambda: layers.Reshape((2.5,)), "Reshape target_shape"),
        (lambda: layers.Reshape((5, 5), name="r")(np.ones((2, 4, 6))),
         r'Reshape "r": expected a target of 24 .* of shape \(batch, 4, 6\), received \(5, 5\)'),
        (lambda: layers.Reshape((-1, 5))(np.ones((2, 4, 6))), "expected a target of 24 numbers"),
        (lambda: layers.Flatten(data_format="rows"), "Flatten data_format"),
    ],
)  # fmt: skip
def test_shapes_that_do_not_fit_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()
