"""Why a photo is called what it is called: what each part of it did for the probability of a class, in numbers and in
words, beside a network that has learned nothing. The mathematics is that of `glass.explain`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pippin.errors import SettingError, nearest
from pippin.glass.explanation import INTEGRATED, OCCLUSION, Explanation, explain
from pippin.glass.explanation_words import adding_up, how, twin_sentences
from pippin.glass.telling import Part, Telling
from pippin.images.report import percent

CELLS = 12
"""Along each side of the map: what single pixels do is too fine to be read."""
REGIONS = tuple(
    f"{up} {side}".strip() if (up, side) != ("middle", "middle") else "the middle"
    for up in ("top", "middle", "bottom")
    for side in ("left", "middle", "right")
)
SHOWN = 3
LEAST_POINTS = 0.5
"""Percentage points. Less isn't worth a word."""


@dataclass(frozen=True)
class PhotoExplanation:
    """An explanation of one photo. `pixels`: what the network saw, (height, width, channels), 0..255."""

    why: Explanation
    pixels: np.ndarray
    label: str

    @property
    def cells(self) -> np.ndarray:
        """The map, (cells, cells): what each part did for the probability, in percentage points."""
        return self._in_cells(self.why.contributions)

    @property
    def twin_cells(self) -> np.ndarray:
        """The same map of a network with shuffled weights."""
        return self._in_cells(self.why.twin)

    def _in_cells(self, credits: np.ndarray, cells: int = CELLS) -> np.ndarray:
        """Credits of pixels add up to that of a cell; those of covers are the same all over a part, so they average."""
        if self.why.method == OCCLUSION:
            return 100 * pooled(credits.mean(axis=-1), cells, np.mean)
        return 100 * pooled(credits.sum(axis=-1), cells, np.sum)

    def regions(self) -> list[tuple[str, float]]:
        """The nine parts of the photo with what each did, in percentage points; the strongest first."""
        sums = self._in_cells(self.why.contributions, 3).reshape(-1)
        return sorted(zip(REGIONS, map(float, sums), strict=True), key=lambda one: -abs(one[1]))

    def telling(self) -> Telling:
        """What is said of it, in a terminal and on the page."""
        return Telling(
            f"Why {self.label}, {percent(self.why.value)}",
            [
                Part("WHERE", self.where_sentences()),
                Part("HOW", [how(self.why, "a photo of nothing but its mean colour", "pixel"), *adding_up(self.why)]),
                Part("IS IT LEARNED?", twin_sentences(self.why)),
            ],
        )

    def where_sentences(self) -> list[str]:
        """Which parts speak for the class, and which against."""
        strong = [(name, points) for name, points in self.regions() if abs(points) >= LEAST_POINTS]
        found = []
        for sign, word in ((1, "for"), (-1, "against")):
            parts = [f"{name} ({sign * points:.0f})" for name, points in strong if points * sign > 0][:SHOWN]
            if parts:
                found.append(f"Speaks {word} {self.label}, in percentage points: {', '.join(parts)}.")
        return found or [f"No part of the photo changes the probability of {self.label} by half a percentage point."]

    def __str__(self) -> str:
        return str(self.telling())


def explain_photo(classifier: Any, pixels: np.ndarray, label: Any = None, method: str = INTEGRATED) -> PhotoExplanation:
    """Explain the probability of a class (None: the one that is said) for a picture as the classifier reads it.

    What is compared with is a picture in the photo's mean colour: it has the light, but shows nothing.
    """
    classes = classifier.classes_.tolist()
    if label is not None and label not in classes:
        names = [str(name) for name in classes]
        raise SettingError(
            f"expected a class among {', '.join(names)}, received {label!r}.{nearest(str(label), names)}"
        )
    photo = pixels[None].astype(np.float32)
    plain = np.broadcast_to(photo.mean(axis=(1, 2), keepdims=True), photo.shape)
    number = None if label is None else classes.index(label)
    why = explain(classifier.model_, photo, number, method=method, baseline=plain)
    return PhotoExplanation(why, pixels, str(classes[why.place[0]]))


def pooled(picture: np.ndarray, cells: int, of: Any) -> np.ndarray:
    """A picture in (cells, cells) parts of almost the same size, each by `of` its numbers (np.sum or np.mean)."""
    rows, columns = (np.linspace(0, size, min(cells, size) + 1).round().astype(int) for size in picture.shape)
    return np.array([
        [of(picture[top:bottom, left:right]) for left, right in pairwise(columns)]
        for top, bottom in pairwise(rows)
    ])  # fmt: skip
