"""What trains, but probably not as meant: warned of once for each compiled model. Refuses nothing."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from pippin.layers.layer import Layer
from pippin.training.labels import BINARY, SPARSE, Goal
from pippin.tree import flatten

_ROWS_LOOKED_AT = 32
_SCALES = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "Embedding")


def hint(message: str) -> None:
    """Warn at the line outside of Pippin that led here."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("pippin."):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def hint_once(model: Any, message: str) -> None:
    """Warn, unless this compiled model was warned of the same."""
    given = model.compilation.hints_given
    if message not in given:
        given.add(message)
        hint(message)


def give_hints(model: Any, goals: list[Goal], x: Any, y: Any) -> None:
    """Look at the first rows of the inputs and at the labels."""
    if model.compilation.hints_looked:
        return
    model.compilation.hints_looked = True
    for leaf in flatten(x):
        if _is_raw_picture(leaf) and not any(type(layer).__name__ in _SCALES for layer in _all_layers(model)):
            hint_once(
                model,
                f"x: expected numbers around 0 to 1, received whole numbers up to {int(leaf[:_ROWS_LOOKED_AT].max())}, "
                "as pixels are. "
                "Networks learn slowly or not at all from such: add layers.Rescaling(1 / 255) as the first layer, or "
                "divide x by 255.",
            )
    labels = [leaf for leaf in flatten(y) if leaf is not None]
    if (
        len(labels) == len(goals) == 1
        and goals[0].kind in (SPARSE, BINARY)
        and len(labels[0]) >= 10
        and _is_all_one(labels[0])
    ):
        hint_once(
            model,
            f"y: expected labels of several classes, received {labels[0].reshape(-1)[0]:g} in all {len(labels[0])} "
            "rows: "
            "a model that always gives this answer is perfect. Look at how the labels were made, or shuffle before "
            "splitting.",
        )


def _is_raw_picture(leaf: np.ndarray) -> bool:
    """Bytes, or whole numbers of pictures, well above 1."""
    if not leaf.size or (leaf.dtype != np.uint8 and leaf.ndim < 3):
        return False
    few = leaf[:_ROWS_LOOKED_AT]
    if leaf.dtype.kind == "f" and not (few == np.rint(few)).all():
        return False
    return leaf.dtype.kind in "fu" and 32 < few.max() <= 255 and few.min() >= 0


def _is_all_one(labels: np.ndarray) -> bool:
    return labels.size == len(labels) and bool((labels == labels.reshape(-1)[0]).all())


def _all_layers(layer: Layer) -> Iterator[Layer]:
    yield layer
    for inner in layer._own(Layer):
        yield from _all_layers(inner)
