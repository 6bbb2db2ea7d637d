"""Layers that change pictures by several others, or spread their shades: what holds whatever chance decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers
from pippin.engines import engine

PICTURES = np.random.RandomState(0).uniform(0, 255, (4, 12, 10, 3)).astype(np.float32)
MAKERS: dict[str, Any] = {
    "AugMix": lambda **more: layers.AugMix(num_chains=2, chain_depth=2, seed=3, **more),
    "ContrastLimitedAdaptiveHistogramEqualization":
        lambda **more: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2), **more),
    "Equalization": layers.Equalization,
    "RandAugment": lambda **more: layers.RandAugment(seed=3, **more),
    "RandomColorJitter":
        lambda **more: layers.RandomColorJitter((0, 255), 0.1, 0.2, 0.6, 0.3, seed=3, **more),
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_channels_in_front_give_the_same_pictures(name: str) -> None:
    last = MAKERS[name](data_format="channels_last")(PICTURES, training=True)
    first = MAKERS[name](data_format="channels_first")(np.moveaxis(PICTURES, -1, 1), training=True)
    np.testing.assert_allclose(np.moveaxis(first, 1, -1), last, rtol=1e-5, atol=1e-3)
    assert last.shape == PICTURES.shape and np.isfinite(last).all()
    assert not np.allclose(last, PICTURES, atol=1.0)


@pytest.mark.parametrize("name", MAKERS)
def test_a_layer_is_made_again_and_does_the_same_on_the_reference(name: str) -> None:
    layer = MAKERS[name]()
    again = type(layer).from_config(layer.get_config())
    found = layer(PICTURES, training=True)
    with engine("reference"):
        np.testing.assert_allclose(again(PICTURES, training=True), found, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("name", ["AugMix", "RandAugment"])
def test_other_layers_are_drawn_at_every_step(name: str) -> None:
    layer = MAKERS[name]()
    seen = [layer(PICTURES, training=True) for _ in range(4)]
    assert all(not np.array_equal(seen[0], later) for later in seen[1:])
    np.testing.assert_array_equal(layer(PICTURES, training=False), PICTURES)


def test_masks_and_boxes_are_augmented_with_their_pictures() -> None:
    boxes = {"boxes": np.tile([[[2.0, 3, 6, 8]]], (4, 1, 1)), "labels": np.ones((4, 1), np.int32)}
    data = {"images": PICTURES, "segmentation_masks": PICTURES[..., :1] > 128, "bounding_boxes": boxes}
    made = layers.RandAugment(num_ops=3, seed=1, bounding_box_format="xyxy")(data)
    assert made["bounding_boxes"]["boxes"].shape == (4, 1, 4)
    assert set(np.unique(made["segmentation_masks"])) <= {0.0, 1.0}


def test_pictures_always_have_as_many_boxes_as_wanted() -> None:
    data = {"images": PICTURES[0], "bounding_boxes": {"boxes": np.ones((2, 4)), "labels": np.array([1, 2])}}
    for most, labels in ((1, [1]), (3, [1, 2, -1])):
        made = layers.MaxNumBoundingBoxes(most, bounding_box_format="xyxy")(data)["bounding_boxes"]
        assert made["boxes"].shape == (most, 4)
        np.testing.assert_array_equal(made["labels"], labels)


def test_equalized_shades_are_equally_frequent_and_one_shade_stays() -> None:
    skewed = (np.random.RandomState(1).uniform(0.2, 1, (1, 64, 64, 1)) ** 3 * 255).astype(np.float32)
    before, after = (np.histogram(x, 8, (0, 256))[0] for x in (skewed, layers.Equalization()(skewed)))
    assert before.max() > 2.5 * 64 * 64 / 8 and after.max() < 1.3 * 64 * 64 / 8
    flat = np.full((1, 4, 4, 3), 17.0, np.float32)
    np.testing.assert_array_equal(layers.Equalization()(flat), flat)


def test_mixed_labels_keep_their_sum_and_cut_ones_their_area() -> None:
    labels = np.eye(4, dtype=np.float32)
    colours = np.broadcast_to(np.arange(4, dtype=np.float32)[:, None, None, None], (4, 20, 20, 1))
    for layer in (layers.MixUp(1.0, seed=2), layers.CutMix(1.0, seed=2)):
        made = layer({"images": colours, "labels": labels})
        np.testing.assert_allclose(made["labels"].sum(1), 1.0, rtol=1e-6)
        # A picture is full of its number: its mean and its label say the same. A cut edge lies between pixels.
        np.testing.assert_allclose(made["images"].mean((1, 2, 3)), made["labels"] @ np.arange(4), atol=0.3)
    assert layers.CutMix()(PICTURES[0]).shape == PICTURES[0].shape


def test_erased_parts_are_filled_and_no_larger_than_they_may_be() -> None:
    erased = layers.RandomErasing((1.0, 1.0), scale=(0.1, 0.3), fill_value=0, seed=1)(np.ones((200, 20, 20, 3)))
    shares = 1 - erased[..., 0].mean((1, 2))
    assert shares.min() > 0.04 and shares.max() < 0.36
    noise = layers.RandomErasing((1.0, 1.0), (0.9, 1.0), value_range=(0, 1), seed=1)(np.full((2, 20, 20, 3), 0.5))
    assert not np.allclose(noise[..., 0], noise[..., 1])


def test_rubber_without_strength_does_nothing_and_with_it_keeps_the_middle_of_mass() -> None:
    assert np.array_equal(layers.RandomElasticTransform(scale=0)(PICTURES), PICTURES)
    spot = np.zeros((1, 40, 40, 1), np.float32)
    spot[:, 15:25, 15:25] = 100.0
    bent = layers.RandomElasticTransform((1.0, 1.0), 1.0, fill_mode="constant", seed=3)(spot)
    assert not np.allclose(bent, spot, atol=1.0)
    assert abs((bent[0, :, :, 0].sum(1) * np.arange(40)).sum() / bent.sum() - 19.5) < 2


def test_a_pipeline_is_its_layers_one_after_the_other() -> None:
    parts = [layers.Rescaling(1 / 255), layers.CenterCrop(4, 6), layers.Normalization(mean=0.5, variance=4.0)]
    pipeline = layers.Pipeline(parts)
    expected = PICTURES
    for part in parts:
        expected = part(expected)
    np.testing.assert_allclose(pipeline(PICTURES), expected, rtol=1e-6)
    again = layers.Pipeline.from_config(pipeline.get_config())
    np.testing.assert_allclose(again(PICTURES), expected, rtol=1e-6)
    assert [type(layer) for layer in again.layers] == [type(layer) for layer in parts]
    with pytest.raises(ValueError, match="list of `layers`"):
        layers.Pipeline.from_config({"name": "empty"})
    model = pippin.Sequential([layers.Input((12, 10, 3)), pipeline])
    np.testing.assert_allclose(model.predict(PICTURES, verbose=0), expected, rtol=1e-5)
