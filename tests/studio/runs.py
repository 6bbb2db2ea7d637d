"""Runs to look at, as small as they can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import pippin
from pippin import layers, models
from pippin.naming import clear_names
from pippin.studio.closely import WatchClosely


def article_run(
    folder: Path, epochs: int = 12, widths: tuple[int, ...] = (32, 16)
) -> tuple[Any, np.ndarray, np.ndarray]:
    """The article's network on 16 numbers, recorded closely; the model and its data."""
    clear_names()
    pippin.random.set_random_seed(3)
    stack = [layers.Dense(width, activation="relu") for width in widths]
    model = models.Sequential([layers.Input((16,)), *stack, layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.random.RandomState(0).rand(120, 16).astype(np.float32)
    y = (x[:, 0] > x[:, 1]).astype(np.int32)
    model.fit(x, y, epochs=epochs, validation_split=0.2, verbose=0, callbacks=[WatchClosely(folder)])
    return model, x, y
