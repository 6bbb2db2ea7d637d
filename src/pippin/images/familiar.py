"""Whether a new photo is like those that were learned from, and which of them it is most like: measured between what
the network makes of photos just before it names a class.

Source: Sun, Ming, Zhu and Li, "Out-of-Distribution Detection with Deep Nearest Neighbors" (2022): features of length 1,
and the distance to the k-th nearest one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.images.network import EVALUATION_BATCH

MOST_KEPT = 1000
"""Photos of which the features travel in the model file: some 200 kB."""
NEIGHBOURS = 5


def features_of(model: Any, pixels: np.ndarray) -> npt.NDArray[np.float32]:
    """What the last layer is given for each picture, at length 1, (pictures, features)."""
    from pippin import models

    last = model.layers[-1].input
    if not len(pixels):
        return np.zeros((0, last.shape[-1]), np.float32)
    found = models.Model(model.inputs, last).predict(pixels, batch_size=EVALUATION_BATCH, verbose=0)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(length, 1e-12), np.float32)


@dataclass(frozen=True)
class Familiar:
    """Photos that were learned from: their features, (photos, features), the numbers of their classes, their names."""

    features: npt.NDArray[np.float16]
    labels: npt.NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, model: Any, part: Any) -> Familiar:
        """What is kept of a part: all of it, or as many photos as travel in a file, evenly spread."""
        count = min(len(part), MOST_KEPT)
        kept = part.take(np.arange(count) * len(part) // max(1, count))
        return cls(features_of(model, kept.pixels).astype(np.float16), kept.labels, kept.names)

    def nearest(self, features: npt.NDArray[np.float32], count: int) -> tuple[np.ndarray, np.ndarray]:
        """The distances to the nearest photos, (given, count), nearest first, and their positions."""
        known = self.features.astype(np.float32)
        squares = (features**2).sum(1)[:, None] + (known**2).sum(1) - 2 * features @ known.T
        order = np.argsort(squares, axis=1, kind="stable")[:, :count]
        return np.sqrt(np.maximum(np.take_along_axis(squares, order, axis=1), 0)), order

    def strangeness(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """How far each given photo is from those learned from: the distance to the fifth nearest, 0 to 2."""
        return self.nearest(features, NEIGHBOURS)[0][:, -1].astype(np.float64)

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "features": base64.b64encode(self.features.astype("<f2").tobytes()).decode(),
            "width": self.features.shape[1], "labels": self.labels.tolist(), "names": list(self.names),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Familiar:
        """What `to_dict` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        raw = base64.b64decode(told["features"], validate=True)
        features = np.frombuffer(raw, "<f2").reshape(len(told["names"]), int(told["width"]))
        if len(told["labels"]) != len(features) or not np.isfinite(features).all():
            raise ValueError("features, labels and names don't fit each other")
        return cls(features.astype(np.float16), np.array(told["labels"], np.int32), tuple(map(str, told["names"])))
