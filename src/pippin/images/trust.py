"""How far to trust an answer: probabilities that mean what they say, "not sure", and "unlike anything it was shown".

All of it is measured on the validation photos, which the network did not learn from.

* Probabilities: one number, the temperature, by which the last layer's sums are divided, so that the validation photos'
  classes become as probable as can be. Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural
  Networks" (2017). It is put into the last layer's weights: the file, Keras and every export say the same.
* "Not sure": split conformal prediction. A class is possible if its probability is as high as that of the true class of
  at least 95 % of the validation photos; an answer is sure if only one class is possible. Whatever the network is like:
  of photos from where the validation photos come from, at most 5 % are called surely and wrongly, on average over
  all that could have been drawn. Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World" (2005);
  Sadinle, Lei and Wasserman, "Least Ambiguous Set-Valued Classifiers with Bounded Error Levels" (2019).
* "Unlike": the same rule on the distance to photos that were learned from (familiar.py): at most 5 % of such photos are
  called unlike.

The validation photos also chose the epoch and the temperature, one number each; what that costs is below what so few
photos can show. Photos from elsewhere (another camera, other kinds of apple) carry no promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.images.familiar import Familiar, features_of
from pippin.images.network import probabilities
from pippin.images.photos import Photos

MISSED = 0.05
"""The share that a promise may miss."""
FEWEST = ceil(1 / MISSED) - 1
"""Validation photos. With fewer, no threshold can promise so much."""
COLDEST, HOTTEST = 0.05, 20.0


@dataclass(frozen=True)
class Trust:
    """What was measured on the validation photos, `of` so many.

    `temperature` has been put into the weights. `possible` is the least probability of a possible class, `strange` the
    largest distance of a familiar photo; both None where there were too few photos to promise anything.
    """

    of: int
    temperature: float
    possible: float | None
    strange: float | None
    familiar: Familiar

    def could_be(self, row: npt.NDArray[Any]) -> list[int] | None:
        """The numbers of the classes that are possible, the most probable first; None if that isn't known."""
        if self.possible is None:
            return None
        order = (-row).argsort(kind="stable").tolist()
        return [number for number in order if row[number] >= self.possible]

    def promise(self) -> str:
        """What an answer is worth, in a sentence."""
        if self.possible is None:
            return f"{self.of} photos were held out: too few to say how sure an answer is. {FEWEST} would do."
        in_hundred = round(100 * MISSED)
        return (
            f"Of photos like the {self.of:,} held out, at most {in_hundred} in 100 are called surely and wrongly, and "
            'as many "unlike anything it was shown". Photos of another kind carry no such promise.'
        )

    def to_dict(self) -> dict[str, Any]:
        """As the model file holds it."""
        return {
            "of": self.of, "temperature": self.temperature, "possible": self.possible, "strange": self.strange,
            "familiar": self.familiar.to_dict(),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Trust:
        """What `to_dict` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        possible, strange = (None if told[name] is None else float(told[name]) for name in ("possible", "strange"))
        familiar = Familiar.from_dict(told["familiar"])
        return cls(int(told["of"]), float(told["temperature"]), possible, strange, familiar)


def settle(model: Any, photos: Photos) -> Trust:
    """Measure on the validation photos, and put the temperature into the weights of the last layer."""
    held = photos.validation
    familiar = Familiar.of(model, photos.learn)
    heat = 1.0
    if len(held) >= FEWEST:
        heat = temperature(probabilities(model, held.pixels), held.labels)
        model.layers[-1].set_weights([weight / np.float32(heat) for weight in model.layers[-1].get_weights()])
    return measure(model, familiar, held.pixels, held.labels, heat)


def measure(model: Any, familiar: Familiar, pixels: np.ndarray, labels: np.ndarray, heat: float) -> Trust:
    """The thresholds that photos with known classes, none of them learned from, give."""
    chances = probabilities(model, pixels)
    wrongness = 1 - chances[np.arange(len(labels)), labels].astype(np.float64)
    worst = quantile(wrongness)
    strange = quantile(familiar.strangeness(features_of(model, pixels)))
    # A hair lower: comparing float32 chances must not lose the very photo that set the limit.
    return Trust(len(labels), heat, None if worst is None else 1 - worst - 1e-6, strange, familiar)


def quantile(scores: npt.NDArray[np.float64], missed: float = MISSED) -> float | None:
    """A number that a new score exceeds with a probability of at most `missed`, if it comes from where these came from:
    the ceil((n + 1)(1 - missed))-th smallest of n. None if n is too small for that."""
    rank = ceil((len(scores) + 1) * (1 - missed) - 1e-9)
    return None if rank > len(scores) else float(np.sort(scores)[rank - 1])


def temperature(chances: npt.NDArray[Any], labels: npt.NDArray[Any]) -> float:
    """The number by which to divide the sums behind `chances`, (photos, classes), so that the mean of -log(chance of
    the true class) becomes smallest. That is convex in 1 / temperature; it is found by golden sections."""
    sums = np.log(np.maximum(chances.astype(np.float64), 1e-30))
    true = sums[np.arange(len(labels)), labels]

    def loss(heat: float) -> float:
        scaled = sums / heat
        top = scaled.max(axis=1)
        return float((np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top - true / heat).mean())

    low, high = np.log(COLDEST), np.log(HOTTEST)
    golden = (5**0.5 - 1) / 2
    while high - low > 1e-6:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(exp(left)) <= loss(exp(right)):
            high = right
        else:
            low = left
    return exp((low + high) / 2)
