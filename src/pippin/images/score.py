"""How good a classifier is, honestly: right answers with their likely range, beside what no learning at all
would reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.errors import DataError

Z_95 = 1.959963984540054
"""Standard deviations to either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class Mistake:
    """A photo that was called something else than it is."""

    photo: str
    label: str
    """What it is."""
    said: str
    probability: float
    """How sure the classifier was of the wrong class, 0..1."""


@dataclass(frozen=True)
class Score:
    """How a classifier did on photos whose classes are known. Shares are fractions, 0..1."""

    class_names: tuple[str, ...]
    confusion: npt.NDArray[np.int64]
    """(really, said): how many photos of each class were called what."""
    mistakes: tuple[Mistake, ...]
    """The one it was most sure of first."""

    @property
    def of(self) -> int:
        """How many photos were judged."""
        return int(self.confusion.sum())

    @property
    def right(self) -> int:
        """How many of them were called what they are."""
        return int(np.trace(self.confusion))

    @property
    def accuracy(self) -> float:
        return self.right / self.of

    @property
    def low(self) -> float:
        """The lower end of the 95 % range of the accuracy."""
        return likely_range(self.right, self.of)[0]

    @property
    def high(self) -> float:
        """The upper end of the 95 % range of the accuracy."""
        return likely_range(self.right, self.of)[1]

    @property
    def balanced_accuracy(self) -> float:
        """The mean over the classes of the share of their photos that was found: a rare class counts as much
        as a common one."""
        photos = self.confusion.sum(axis=1)
        present = photos > 0
        return float(np.mean(np.diag(self.confusion)[present] / photos[present]))

    @property
    def baseline_label(self) -> str:
        """The class with the most photos."""
        return self.class_names[int(self.confusion.sum(axis=1).argmax())]

    @property
    def baseline(self) -> float:
        """The accuracy of always saying `baseline_label`: what can be had without looking at a photo."""
        return float(self.confusion.sum(axis=1).max()) / self.of

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, named as in the `result` event."""
        return {
            "right": self.right,
            "of": self.of,
            "accuracy": self.accuracy,
            "low": self.low,
            "high": self.high,
            "balanced_accuracy": self.balanced_accuracy,
            "baseline": {"label": self.baseline_label, "accuracy": self.baseline},
            "classes": list(self.class_names),
            "confusion": self.confusion.tolist(),
            "mistakes": [vars(mistake) for mistake in self.mistakes],
        }

    def __str__(self) -> str:
        from pippin.images.report import tell_score

        return tell_score(self)


def likely_range(right: int, of: int) -> tuple[float, float]:
    """The 95 % range of a share of which `right` of `of` cases were seen.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927). Unlike the
    schoolbook range it stays within 0..1 and says something sensible for 0 or all right of a few.
    """
    share, spread = right / of, Z_95**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(share * (1 - share) * spread + (spread / 2) ** 2) / (1 + spread)
    return (0.0 if right == 0 else middle - half, 1.0 if right == of else middle + half)


def judge(
    probabilities: npt.NDArray[Any],
    labels: npt.ArrayLike,
    class_names: Sequence[str],
    photos: Sequence[str] | None = None,
) -> Score:
    """Judge `probabilities` (photos, classes) by the class numbers in `labels`. `photos` names each, for the
    mistakes."""
    truth = np.asarray(labels, np.int64)
    if len(truth) == 0:
        raise DataError("judge: expected at least one photo whose class is known, received none.")
    said = probabilities.argmax(axis=1)
    confusion = np.zeros((len(class_names), len(class_names)), np.int64)
    np.add.at(confusion, (truth, said), 1)
    wrong = np.flatnonzero(said != truth)
    surest = wrong[np.argsort(-probabilities[wrong, said[wrong]], kind="stable")]
    mistakes = tuple(
        Mistake(
            photos[row] if photos is not None else str(row), class_names[truth[row]], class_names[said[row]],
            float(probabilities[row, said[row]]),
        )
        for row in surest
    )  # fmt: skip
    return Score(tuple(class_names), confusion, mistakes)
