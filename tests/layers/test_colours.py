"""Colours that change in training: what becomes of a pixel is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers
from pippin.errors import SettingError

PICTURES = np.random.RandomState(0).randint(0, 256, (6, 4, 5, 3)).astype(np.float32)
GREY = (PICTURES @ np.array([0.2989, 0.5870, 0.1140]))[..., None] * np.ones(3)


def test_some_pictures_become_grey_and_the_others_stay() -> None:
    found = layers.RandomGrayscale(0.5, seed=2)(PICTURES, training=True)
    # Three products of numbers up to 255 in float32.
    grey = np.abs(found - GREY).max((1, 2, 3)) < 1e-3
    same = (found == PICTURES).all((1, 2, 3))
    assert (grey ^ same).all() and grey.any() and same.any()


def test_degeneration_goes_part_of_the_way_to_grey() -> None:
    found = layers.RandomColorDegeneration((0.25, 0.25))(PICTURES, training=True)
    np.testing.assert_allclose(found, PICTURES + 0.25 * (GREY - PICTURES), atol=1e-3)


def test_inverted_pictures_are_negatives() -> None:
    np.testing.assert_array_equal(layers.RandomInvert((1, 1))(PICTURES, training=True), 255 - PICTURES)
    small = layers.RandomInvert((1, 1), value_range=(0, 1))(PICTURES / 255, training=True)
    np.testing.assert_allclose(small, 1 - PICTURES / 255, atol=1e-6)


def test_posterized_pictures_have_so_many_bits() -> None:
    found = layers.RandomPosterization((3, 3))(PICTURES, training=True)
    np.testing.assert_array_equal(found, PICTURES.astype(np.uint8) >> 5 << 5)
    some = layers.RandomPosterization((1, 8), seed=1)(PICTURES, training=True)
    counts = {len(np.unique(picture)) for picture in some}
    assert len(counts) > 1


def test_what_is_lighter_than_the_threshold_is_solarized() -> None:
    np.testing.assert_array_equal(layers.Solarization()(PICTURES, training=True), 255 - PICTURES)
    found = layers.Solarization(threshold_factor=(1.0, 1.0), seed=1)(PICTURES, training=True)
    kept = found == PICTURES
    assert ((found == 255 - PICTURES) | kept).all() and kept.any()


def test_contrast_fills_the_range_and_flat_channels_stay() -> None:
    dim = PICTURES / 4 + 20
    dim[..., 2] = 7
    found = layers.AutoContrast()(dim, training=False)
    np.testing.assert_allclose(found[..., :2].min((1, 2)), 0, atol=1e-3)
    np.testing.assert_allclose(found[..., :2].max((1, 2)), 255, atol=1e-3)
    np.testing.assert_array_equal(found[..., 2], dim[..., 2])


def test_channels_may_stand_in_front() -> None:
    front = np.moveaxis(PICTURES, -1, 1)
    for make in (layers.RandomGrayscale, layers.RandomFlip, layers.RandomTranslation):
        settings = {"height_factor": 0.5, "width_factor": 0.5} if make is layers.RandomTranslation else {}
        last = make(seed=3, **settings)(PICTURES, training=True)
        found = make(seed=3, data_format="channels_first", **settings)(front, training=True)
        np.testing.assert_array_equal(np.moveaxis(found, 1, -1), last)


def test_factors_outside_their_range_are_refused() -> None:
    with pytest.raises(SettingError, match="between 0 and 1"):
        layers.RandomGrayscale(2)
    with pytest.raises(SettingError, match="threshold_factor: expected a number or a pair from 0 to 1"):
        layers.Solarization(threshold_factor=(0, 2))
    with pytest.raises(SettingError, match="RandomPosterization factor"):
        layers.RandomPosterization((9, 12))
