"""Asks real Keras what its picture layers make of pictures for given numbers, and what spectra it makes of sounds, and
writes its answers to pictures.json.

    KERAS_BACKEND=jax python tests/goldens/make_picture_goldens.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from goldens.recipes import numbers

CORNERS = [[[0, 0], [4, 0], [0, 5], [4, 5]]] * 2
MOVED = [[[0, 0], [5, 0], [0, 4], [3, 6]], [[0, 0], [3, 0], [0, 5.7], [5, 5]]]
BOXES = {"boxes": [[[1, 0, 3, 2], [2, 1, 5, 5]]] * 2, "labels": [[4, 7]] * 2}
MASK = [[[i % 3 == 1] for i in range(5)]] * 6
SHAPE = [2, 6, 5, 3]
CASES: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("RandomHue", {"factor": 0.5}, {"factor": [0.3, -0.2]}),
    ("RandomSaturation", {"factor": 0.5}, {"factor": [0.4, 2.5]}),
    ("RandomSharpness", {"factor": 0.5}, {"factor": [0.1, 0.9]}),
    ("RandomGaussianBlur", {"kernel_size": [3, 5]}, {"should_apply_blur": [True, False], "blur_factor": [0.4, 1.1]}),
    ("RandomColorDegeneration", {"factor": 0.5}, {"factor": [[[[0.2]]], [[[0.9]]]]}),
    ("RandomInvert", {"factor": 0.5}, {"apply_inversion": [True, False]}),
    ("RandomErasing", {"fill_value": 7}, {"apply_erasing": [True, False], "batch_masks": [MASK] * 2, "fill_value": 7}),
    ("MixUp", {}, {"mix_weight": [0.3, 0.8], "permutation_order": [1, 0]}),
    ("CutMix", {}, {"batch_masks": [MASK] * 2, "mix_weight": [0.3, 0.8], "permutation_order": [1, 0]}),
    ("RandomShear", {"x_factor": 0.3, "y_factor": 0.3},
     {"shear_factor": [[0.3, -0.1], [0.1, 0.2]], "input_shape": SHAPE}),
    ("RandomPerspective", {"fill_value": 9.0},
     {"apply_perspective": [True, True], "start_points": CORNERS, "end_points": MOVED, "input_shape": SHAPE}),
    ("RandomPerspective", {"interpolation": "nearest"},
     {"apply_perspective": [True, False], "start_points": CORNERS, "end_points": MOVED, "input_shape": SHAPE}),
    ("Equalization", {}, {}),
    ("Equalization", {"value_range": [0, 510], "bins": 16}, {}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": [2, 3]}, {}),
    ("MelSpectrogram", {"num_mel_bins": 5, "fft_length": 32, "sequence_stride": 20}, None),
    ("MelSpectrogram", {"num_mel_bins": 4, "fft_length": 32, "sequence_length": 20, "sequence_stride": 20,
                        "window": "hamming", "power_to_db": False, "mag_exp": 1.5}, None),
    ("STFTSpectrogram", {"mode": "log", "frame_length": 16}, None),
    ("STFTSpectrogram", {"mode": "stft", "frame_length": 16, "padding": "same", "scaling": "spectrum"}, None),
    ("STFTSpectrogram", {"mode": "psd", "frame_length": 10, "fft_length": 16, "window": "blackman", "periodic": True,
                         "expand_dims": True}, None),
]  # fmt: skip


def plain(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {word: plain(part) for word, part in thing.items()}
    return [float(f"{number:.7g}") for number in np.asarray(thing, np.float64).reshape(-1)]


def answer(kind: str, settings: dict[str, Any], drawn: dict[str, Any] | None) -> dict[str, Any]:
    layer = getattr(keras.layers, kind)(**settings)
    case: dict[str, Any] = {"layer": kind, "settings": settings, "drawn": drawn}
    if drawn is None:
        sounds = numbers(300, (2, 100, 2) if kind == "STFTSpectrogram" else (2, 100))
        return case | {"y": plain(layer(sounds))}
    layer.bounding_box_format = "xyxy"
    pictures = np.float32(np.abs(numbers(300, tuple(SHAPE))) * 100 % 255)
    given = {word: part if word == "input_shape" else jnp.asarray(part) for word, part in drawn.items()}
    case["y"] = plain(layer.transform_images(pictures, given))
    if kind in ("RandomShear", "RandomPerspective"):
        boxes = {word: jnp.asarray(part, "float32") for word, part in BOXES.items()}
        case["boxes"] = plain(layer.transform_bounding_boxes(boxes, given))
        case["masks"] = plain(layer.transform_segmentation_masks(pictures, given))
    return case


if __name__ == "__main__":
    found = {"boxes": BOXES, "shape": SHAPE, "cases": [answer(*case) for case in CASES]}
    Path(__file__).with_name("pictures.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
