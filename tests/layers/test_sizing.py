"""Pictures of one size: cut out at random in training. (Stretching and the middle: tests/conformance, beside Keras.)"""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers, ops
from pippin.errors import SettingError, ShapeError

PICTURES = np.arange(2 * 6 * 7 * 1, dtype=np.float32).reshape(2, 6, 7, 1)


def test_a_random_crop_is_a_part_of_the_pictures_and_the_same_for_all() -> None:
    crop = layers.RandomCrop(3, 4, seed=1)
    corners = set()
    for _ in range(30):
        found = crop(PICTURES, training=True)
        row, column = divmod(int(found[0, 0, 0, 0]), 7)
        np.testing.assert_array_equal(found, PICTURES[:, row : row + 3, column : column + 4])
        corners.add((row, column))
    assert {row for row, _ in corners} == {0, 1, 2, 3}
    assert {column for _, column in corners} == {0, 1, 2, 3}


def test_a_random_crop_rests_outside_of_training_and_stretches_what_is_smaller() -> None:
    np.testing.assert_array_equal(layers.RandomCrop(3, 4)(PICTURES, training=False), PICTURES)
    assert layers.RandomCrop(9, 4)(PICTURES, training=True).shape == (2, 9, 4, 1)
    assert layers.RandomCrop(9, 4).compute_output_shape((None, 6, 7, 1)) == (None, 9, 4, 1)
    single = layers.RandomCrop(2, 3, data_format="channels_first")(PICTURES[..., 0], training=True)
    assert single.shape == (2, 2, 3)


def test_whole_numbers_stay_whole() -> None:
    found = layers.Resizing(3, 3)(PICTURES.astype(np.uint8))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.round(layers.Resizing(3, 3)(PICTURES)))


def test_sizes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(SettingError, match="Resizing height: expected a positive integer"):
        layers.Resizing(0, 3)
    with pytest.raises(SettingError, match="interpolation.*'cubic'"):
        layers.Resizing(3, 3, interpolation="cubic")
    with pytest.raises(SettingError, match="Only one of"):
        ops.image.resize(PICTURES, (3, 3), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)
    with pytest.raises(ShapeError, match="rank 3"):
        ops.image.resize(PICTURES[0, 0], (3, 3))
