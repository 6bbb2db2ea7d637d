"""The network that classifies photos, in Keras's layers. What a photo goes through travels inside it, from
bytes to classes."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_FILTERS = 128
LEAST_ALTERING = 0.1
"""Less than this is not worth its time; photos are only mirrored."""
SMALLEST_MAP = 6
"""Pixels. A map with shorter sides is not halved again."""
EVALUATION_BATCH = 128


def network(size: int, channels: int, classes: int, *, alter: float, dropout: float, filters: int) -> Any:
    """A Sequential from pixels 0..255, (batch, size, size, channels), to the probability of each class.

    Each block looks at 3 × 3 neighbours, keeps what is above 0 after normalising over the batch, and halves the map by
    taking the strongest of 2 × 2; the first has `filters`, each next one twice as many. The mean over the last map says
    how much of each thing there is, wherever it is. `alter`, 0 to 1, says how much the layers in front change each
    photo while learning, and only then: mirrored, turned, zoomed, moved, in another light.
    """
    from pippin import layers, models

    stack: list[Any] = [layers.Input((size, size, channels), name="pixels")]
    if alter > 0:
        stack.append(layers.RandomFlip("horizontal", name="flip"))
    if alter >= LEAST_ALTERING:
        stack += [
            layers.RandomRotation(0.08 * alter, fill_mode="reflect", name="turn"),
            layers.RandomZoom(0.25 * alter, fill_mode="reflect", name="zoom"),
            layers.RandomTranslation(0.1 * alter, 0.1 * alter, fill_mode="reflect", name="move"),
            layers.RandomContrast(0.3 * alter, name="contrast"),
            layers.RandomBrightness(0.15 * alter, name="light"),
        ]
    stack.append(layers.Rescaling(1 / 127.5, offset=-1, name="scale"))
    block = 1
    while size >= SMALLEST_MAP:
        stack += [
            layers.Conv2D(
                filters,
                3,
                padding="same",
                use_bias=False,
                kernel_initializer="he_normal",
                name=f"look_{block}",
            ),
            layers.BatchNormalization(momentum=0.9, name=f"normalize_{block}"),
            layers.ReLU(name=f"relu_{block}"),
            layers.MaxPooling2D(2, name=f"shrink_{block}"),
        ]
        size, filters, block = size // 2, min(filters * 2, MOST_FILTERS), block + 1
    stack += [
        layers.GlobalAveragePooling2D(name="mean"),
        layers.Dropout(dropout, name="dropout"),
        layers.Dense(classes, activation="softmax", name="classes"),
    ]
    return models.Sequential(stack, name="photo_classifier")


def probabilities(model: Any, pixels: np.ndarray) -> np.ndarray:
    """The probability of each class for each picture, (pictures, classes)."""
    if not len(pixels):
        return np.zeros((0, model.output_shape[-1]), np.float32)
    found: np.ndarray = model.predict(pixels, batch_size=EVALUATION_BATCH, verbose=0)
    return found
