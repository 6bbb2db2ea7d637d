"""Which parts of a photo speak for an answer: cover a part, look again, and see how far the probability falls.

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.images.network import probabilities

PARTS = 8
"""Covers along each side; each reaches half a cover further to all sides, so that nothing shows between two."""


def occlusion(classifier: Any, pixels: np.ndarray, class_number: int, parts: int = PARTS) -> np.ndarray:
    """By how much the probability of a class falls when each part of a picture is covered, (parts, parts).

    `pixels`: (height, width, channels), 0..255. A cover has the picture's mean colour. A number below 0: without that
    part, the class would be more likely.
    """
    height, width, _ = pixels.shape
    mean = pixels.reshape(-1, pixels.shape[-1]).mean(axis=0).astype(pixels.dtype)
    covered = np.repeat(pixels[None], parts * parts, axis=0)
    for row in range(parts):
        for column in range(parts):
            top, left = (row - 0.5) * height / parts, (column - 0.5) * width / parts
            bottom, right = (row + 1.5) * height / parts, (column + 1.5) * width / parts
            covered[row * parts + column, max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = mean
    whole = probabilities(classifier.model_, pixels[None])[0, class_number]
    without = probabilities(classifier.model_, covered)[:, class_number]
    return np.asarray((whole - without).reshape(parts, parts))
