"""Boxes around things in pictures: written in every way, and moved along by the layers that move the pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, utils
from pippin.layers.boxes import FORMATS, affine_transform, clip_to_image_size, convert_format, crop

BOXES = np.array([[[10, 20, 110, 220], [20, 30, 120, 130]]], np.float32)
WRITTEN: dict[str, Any] = {
    "yxyx": [20, 10, 220, 110], "xywh": [10, 20, 100, 200], "center_xywh": [60, 120, 100, 200],
    "center_yxhw": [120, 60, 200, 100], "rel_xyxy": [0.02, 0.02, 0.22, 0.22], "rel_xywh": [0.02, 0.02, 0.2, 0.2],
    "rel_yxyx": [0.02, 0.02, 0.22, 0.22], "rel_center_xywh": [0.12, 0.12, 0.2, 0.2], "xyxy": [10, 20, 110, 220],
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_a_box_is_written_in_every_way_and_comes_back(form: str) -> None:
    found = convert_format(BOXES, "xyxy", form, height=1000, width=500)
    np.testing.assert_allclose(found[0, 0], WRITTEN[form], rtol=1e-6)
    for other in FORMATS:
        back = convert_format(convert_format(found, form, other, 1000, 500), other, "xyxy", 1000, 500)
        np.testing.assert_allclose(back, BOXES, rtol=1e-5)


def test_what_is_outside_of_the_picture_is_cut_and_what_is_gone_loses_its_label() -> None:
    boxes = {"boxes": np.array([[[-5.0, 2, 4, 30], [12, 0, 20, 5]]], np.float32), "labels": np.array([[3, 7]])}
    cut = clip_to_image_size(boxes, height=20, width=10)
    np.testing.assert_array_equal(cut["boxes"], [[[0, 2, 4, 20], [10, 0, 10, 5]]])
    np.testing.assert_array_equal(cut["labels"], [[3, -1]])
    np.testing.assert_array_equal(crop(boxes["boxes"], 1, 2, 4, 8), [[[0, 1, 2, 4], [8, 0, 8, 4]]])


def test_a_quarter_turn_turns_the_box() -> None:
    box, quarter, none = np.array([[[1.0, 2.0, 3.0, 8.0]]], np.float32), np.array([90.0], np.float32), np.zeros(1)
    turned = affine_transform(box, quarter, none, none, np.ones(1), none, none, height=11, width=11)
    np.testing.assert_allclose(turned, [[[2, 7, 8, 9]]], atol=1e-5)


def test_relative_boxes_need_a_size_and_formats_a_name() -> None:
    with pytest.raises(ValueError, match="expected height and width to go from 'xyxy' to 'rel_xyxy'"):
        convert_format(BOXES, "xyxy", "rel_xyxy")
    with pytest.raises(ValueError, match="format of boxes"):
        convert_format(BOXES, "xyxy", "yx")
    with pytest.raises(ValueError, match="last dimension of 4"):
        convert_format(BOXES[..., :3], "xyxy", "xywh")
    with pytest.raises(ValueError, match="bounding_box_format='xyxy'"):
        layers.RandomFlip()({"images": np.zeros((1, 4, 4, 3)), "bounding_boxes": {"boxes": BOXES, "labels": [[1, 2]]}})


MOVERS: dict[str, Any] = {
    "RandomFlip": lambda **more: layers.RandomFlip(seed=2, **more),
    "RandomTranslation": lambda **more: layers.RandomTranslation(0.2, 0.3, "constant", seed=1, **more),
    "RandomZoom": lambda **more: layers.RandomZoom(0.4, 0.3, "constant", seed=1, **more),
    "RandomRotation": lambda **more: layers.RandomRotation(0.1, "constant", seed=1, **more),
    "RandomShear": lambda **more: layers.RandomShear(0.2, 0.2, fill_mode="constant", seed=1, **more),
    "RandomCrop": lambda **more: layers.RandomCrop(30, 28, seed=1, **more),
    "CenterCrop": lambda **more: layers.CenterCrop(30, 28, **more),
    "CenterCrop, larger": lambda **more: layers.CenterCrop(60, 44, **more),
    "Resizing": lambda **more: layers.Resizing(20, 60, **more),
    "Resizing, padded": lambda **more: layers.Resizing(20, 60, pad_to_aspect_ratio=True, **more),
    "Resizing, cut": lambda **more: layers.Resizing(30, 60, crop_to_aspect_ratio=True, **more),
}


@pytest.mark.parametrize("name", MOVERS)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_masks_and_boxes_go_where_the_pictures_go(name: str, data_format: str) -> None:
    top, left, bottom, right = 12, 14, 26, 22
    pictures = np.zeros((6, 40, 40, 1), np.float32)
    pictures[:, top:bottom, left:right] = 1.0
    pictures = np.moveaxis(pictures, -1, 1) if data_format == "channels_first" else pictures
    boxes = {"boxes": np.tile(np.array([[left, top, right, bottom]], np.float32), (6, 1, 1)), "labels": np.ones((6, 1))}
    layer = MOVERS[name](bounding_box_format="xyxy", data_format=data_format)
    made = layer({"images": pictures, "segmentation_masks": pictures, "bounding_boxes": boxes}, training=True)
    channel = 1 if data_format == "channels_first" else 3
    seen, mask = (np.asarray(made[word]).max(channel) > 0.5 for word in ("images", "segmentation_masks"))
    for picture, marked, (box,) in zip(seen, mask, made["bounding_boxes"]["boxes"], strict=True):
        assert np.mean(picture != marked) < 0.03
        rows, columns = np.nonzero(picture)
        # A box that is turned grows by the corners it has and the thing has not; a pixel is its middle or its corner.
        found = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        np.testing.assert_allclose(box, found, atol=3.0 if name in ("RandomRotation", "RandomShear") else 1.6)


def test_a_single_picture_brings_its_boxes_and_labels_without_a_batch() -> None:
    data = {
        "images": np.ones((8, 10, 3)), "labels": np.array([0.0, 1.0]),
        "bounding_boxes": {"boxes": np.array([[2.0, 1, 4, 3], [6, 4, 8, 6]]), "labels": np.array([1, 2])},
    }  # fmt: skip
    made = layers.RandomTranslation((0.25, 0.25), (0.1, 0.1), bounding_box_format="xyxy")(data)
    np.testing.assert_allclose(made["bounding_boxes"]["boxes"], [[3, 3, 5, 5], [7, 6, 9, 8]], atol=1e-6)
    assert made["labels"].shape == (2,) and made["images"].shape == (8, 10, 3)
    assert data["bounding_boxes"]["boxes"][0, 0] == 2.0  # what was given stays as it was


def test_overlap_is_the_shared_area_by_the_whole_one() -> None:
    mine = np.array([[0.0, 0, 4, 4], [-1, -1, -1, -1]], np.float32)
    theirs = np.array([[2.0, 2, 4, 6], [10, 10, 12, 12], [0, 0, 4, 4]], np.float32)
    found = utils.bounding_boxes.compute_iou(mine, theirs, "xyxy", use_masking=True)
    np.testing.assert_allclose(found, [[4 / 20, 0, 1], [-1, -1, -1]], rtol=1e-6)
    complete = utils.bounding_boxes.compute_ciou(theirs, theirs, "xyxy")
    np.testing.assert_allclose(complete, [1, 1, 1], rtol=1e-5)
    apart = utils.bounding_boxes.compute_ciou(theirs[:1], theirs[1:2], "xyxy")
    np.testing.assert_allclose(apart, [-(8**2 + 7**2) / (10**2 + 10**2) - 0.00133], atol=2e-3)


@pytest.mark.parametrize("encoding", ["center_xywh", "center_yxhw"])
def test_differences_from_anchors_come_back_as_the_boxes(encoding: str) -> None:
    anchors = np.array([[[0, 0, 100, 100], [50, 60, 70, 90]]], np.float32)
    told = {"variance": [0.1, 0.1, 0.2, 0.2]}
    deltas = utils.bounding_boxes.encode_box_to_deltas(anchors, BOXES, "xyxy", "xyxy", encoding, **told)
    if encoding == "center_xywh":
        np.testing.assert_allclose(deltas[0, 0], [1, 7, 0, 5 * np.log(2)], atol=1e-5)
    back = utils.bounding_boxes.decode_deltas_to_boxes(anchors, deltas, "xyxy", "xyxy", encoding, **told)
    np.testing.assert_allclose(back, BOXES, rtol=1e-5)
    levels = utils.bounding_boxes.decode_deltas_to_boxes(
        {"a": anchors}, {"a": deltas}, "xyxy", "xyxy", encoding, **told
    )
    np.testing.assert_allclose(levels["a"], back)
