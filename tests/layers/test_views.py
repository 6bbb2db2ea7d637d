"""Random views of pictures: what they may do, how often, and when they rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models

BATCH = np.random.RandomState(0).uniform(0.2, 0.8, (200, 5, 4, 2)).astype(np.float32)
MAKERS: dict[str, Any] = {
    "RandomFlip": lambda: layers.RandomFlip(seed=1), "RandomRotation": lambda: layers.RandomRotation(0.2, seed=1),
    "RandomZoom": lambda: layers.RandomZoom(0.3, seed=1),
    "RandomTranslation": lambda: layers.RandomTranslation(0.3, 0.3, seed=1),
    "RandomContrast": lambda: layers.RandomContrast((0.2, 0.6), (0, 1), seed=1),
    "RandomBrightness": lambda: layers.RandomBrightness(0.2, (0, 1), seed=1),
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_every_picture_gets_numbers_of_its_own_and_every_step_new_ones(name: str) -> None:
    layer = MAKERS[name]()
    same = np.repeat(BATCH[:1], 20, axis=0)
    first, second = layer(same, training=True), layer(same, training=True)
    assert len(np.unique(first.round(5), axis=0)) > 1
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(MAKERS[name]()(same, training=True), first)


@pytest.mark.parametrize("name", MAKERS)
def test_views_rest_in_use_and_wake_without_a_word_as_in_keras(name: str) -> None:
    layer = MAKERS[name]()
    np.testing.assert_array_equal(layer(BATCH, training=False), BATCH)
    model = models.Sequential([layers.Input((5, 4, 2)), layer])
    np.testing.assert_array_equal(model.predict(BATCH, verbose=0), BATCH)
    assert not np.array_equal(layer(BATCH), BATCH)


@pytest.mark.parametrize("name", MAKERS)
def test_a_single_picture_needs_no_batch(name: str) -> None:
    assert MAKERS[name]()(BATCH[0], training=True).shape == BATCH[0].shape
    assert MAKERS[name]()((BATCH * 255).astype(np.uint8), training=True).dtype == np.float32


@pytest.mark.parametrize(("mode", "axes"), [("horizontal", 2), ("vertical", 1), ("horizontal_and_vertical", (1, 2))])
def test_about_half_of_the_pictures_are_flipped(mode: str, axes: Any) -> None:
    flipped = layers.RandomFlip(mode, seed=4)(BATCH, training=True)
    turned = (flipped == np.flip(BATCH, axes)).all((1, 2, 3))
    kept = (flipped == BATCH).all((1, 2, 3))
    assert (turned | kept).all()
    assert 70 < turned.sum() < 130


def test_pictures_move_no_further_than_they_may() -> None:
    spot = np.zeros((300, 21, 21, 1), np.float32)
    spot[:, 10, 10] = 1.0
    moved = layers.RandomTranslation(0.2, (0.1, 0.3), fill_mode="constant", seed=1)(spot, training=True)[..., 0]
    rows = (moved.sum(2) * np.arange(21)).sum(1) / moved.sum((1, 2)) - 10
    columns = (moved.sum(1) * np.arange(21)).sum(1) / moved.sum((1, 2)) - 10
    assert -4.2 <= rows.min() < -3 and 3 < rows.max() <= 4.2
    assert 2.1 <= columns.min() < 3 and 5 < columns.max() <= 6.3  # to the right


def test_a_full_turn_in_quarters_brings_the_picture_back() -> None:
    square = np.random.RandomState(1).uniform(size=(1, 6, 6, 1)).astype(np.float32)
    turned = layers.RandomRotation((0.25, 0.25))(square, training=True)
    np.testing.assert_allclose(turned[0, :, :, 0], np.rot90(square[0, :, :, 0]), atol=1e-5)


def test_zooming_in_shows_the_middle() -> None:
    picture = np.zeros((1, 9, 9, 1), np.float32)
    picture[0, 4, 4] = 1.0
    closer = layers.RandomZoom((-0.5, -0.5), fill_mode="constant")(picture, training=True)
    assert closer.sum() == pytest.approx(4.0) and closer[0, 4, 4] == 1.0


def test_brightness_and_contrast_stay_in_the_range_of_values() -> None:
    for layer in (layers.RandomBrightness(1.0, (0, 1), seed=1), layers.RandomContrast((1.0, 1.0), (0, 1), seed=1)):
        result = layer(BATCH, training=True)
        assert result.min() >= 0 and result.max() <= 1 and result.std() > 0.05


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.RandomFlip("sideways"), "RandomFlip mode: expected 'horizontal' or 'vertical'"),
        (lambda: layers.RandomRotation(1.5),
         "RandomRotation factor: expected a number or a pair of numbers from -1.0 to 1.0, received 1.5"),
        (lambda: layers.RandomRotation((0.1, 0.2, 0.3)), "RandomRotation factor"),
        (lambda: layers.RandomRotation(0.1, fill_mode="mirror"), "RandomRotation fill_mode: expected 'reflect' or"),
        (lambda: layers.RandomRotation(0.1, interpolation="cubic"), "RandomRotation interpolation"),
        (lambda: layers.RandomZoom(-1.0), "RandomZoom height_factor: expected numbers above -1"),
        (lambda: layers.RandomZoom((0.1, 3.0)), "RandomZoom height_factor"),
        (lambda: layers.RandomTranslation(0.1, 2.0), "RandomTranslation width_factor"),
        (lambda: layers.RandomContrast(-0.1),
         "RandomContrast factor: expected a number or a pair of numbers from 0 to 1"),
        (lambda: layers.RandomBrightness(0.1, value_range=1),
         "RandomBrightness value_range: expected a pair of numbers"),
        (lambda: layers.RandomFlip(data_format="channels_sideways"), "channels_last"),
        (lambda: layers.RandomFlip(name="f")(np.ones((2, 3))),
         r'RandomFlip "f": expected pictures .*received shape \(batch, 3\)'),
    ],
)  # fmt: skip
def test_impossible_views_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()
