"""What picture layers make of pictures for given numbers, and spectra of sounds, are what real Keras 3.15 made of them:
written down by tests/goldens/make_picture_goldens.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldens.recipes import numbers
from pippin import layers

KERAS = json.loads((Path(__file__).parents[1] / "goldens" / "pictures.json").read_text(encoding="utf-8"))
# float32 over a few sums; colours go up to 255, whose last digit is 1.5e-5; recorded are seven digits.
NEAR = {"rtol": 1e-4, "atol": 2e-4}


def close(found: Any, wanted: list[float]) -> None:
    np.testing.assert_allclose(np.asarray(found, np.float64).reshape(-1), wanted, **NEAR)


@pytest.mark.parametrize("number", range(len(KERAS["cases"])), ids=lambda n: f"{n}-{KERAS['cases'][n]['layer']}")
def test_pictures_come_out_as_kerass_do(number: int) -> None:
    case = KERAS["cases"][number]
    layer = getattr(layers, case["layer"])(**case["settings"])
    if case["drawn"] is None:
        close(layer(numbers(300, (2, 100, 2) if case["layer"] == "STFTSpectrogram" else (2, 100))), case["y"])
        return
    layer.bounding_box_format = "xyxy"
    pictures = np.float32(np.abs(numbers(300, tuple(KERAS["shape"]))) * 100 % 255)
    drawn = {word: part if word == "input_shape" else np.asarray(part) for word, part in case["drawn"].items()}
    close(layer.transform_images(pictures, drawn), case["y"])
    if "boxes" in case:
        boxes = {word: np.asarray(part, np.float32) for word, part in KERAS["boxes"].items()}
        moved = layer.transform_bounding_boxes(boxes, drawn)
        close(moved["boxes"], case["boxes"]["boxes"])
        close(moved["labels"], case["boxes"]["labels"])
        close(layer.transform_segmentation_masks(pictures, drawn), case["masks"])
