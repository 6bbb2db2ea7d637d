"""What a classifier says of one photo: the class, how sure, whether it has seen anything like it, and which photos it
is most like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.images.familiar import features_of
from pippin.images.network import probabilities
from pippin.images.report import percent
from pippin.images.trust import Trust

SHOWN = 5
"""Photos that it is most like."""


@dataclass(frozen=True)
class Near:
    """A photo that was learned from, and how far it is: 0 the same to the network, 2 the opposite."""

    photo: str
    label: Any
    distance: float


@dataclass(frozen=True)
class Answer:
    """`probabilities` are in the order of `classes`. `possible`: the classes that can't be ruled out; None where there
    were too few validation photos to know. `is_unfamiliar` is None for the same reason."""

    classes: tuple[Any, ...]
    probabilities: npt.NDArray[np.float32]
    possible: tuple[Any, ...] | None
    is_unfamiliar: bool | None
    nearest: tuple[Near, ...]
    promises: tuple[str, ...] = ()
    """What that is worth."""

    @property
    def label(self) -> Any:
        """The most probable class."""
        return self.classes[int(self.probabilities.argmax())]

    @property
    def probability(self) -> float:
        """That of `label`."""
        return float(self.probabilities.max())

    @property
    def is_sure(self) -> bool | None:
        """Whether `label` is the only possible class, and the photo is like those it was shown."""
        return None if self.possible is None else len(self.possible) == 1 and not self.is_unfamiliar

    def verdict(self) -> str:
        """In few words, what is to be said beside the probabilities; nothing if it is sure."""
        if self.is_unfamiliar:
            return "unlike anything it was shown"
        return "not sure" if self.is_sure is False else ""

    def sentences(self) -> list[str]:
        """The answer for people, and what it is worth."""
        likely = f"{self.label}, {percent(self.probability)}."
        if self.possible is None:
            return [likely, *self.promises]
        found = [likely if self.is_sure else f"Not sure. Most likely {likely}"]
        if self.is_unfamiliar:
            found = [f"Unlike anything it was shown. If it is one of its classes at all, most likely {likely}"]
        elif len(self.possible) > 1:
            found.append(f"It could be: {', '.join(map(str, self.possible))}.")
        return [*found, *self.promises]


def answers(model: Any, classes: list[Any], trust: Trust | None, pixels: np.ndarray) -> list[Answer]:
    """What is said of each picture; of a model without measured trust, the probabilities alone."""
    chances = probabilities(model, pixels)
    if trust is None or not len(pixels):
        return [Answer(tuple(classes), row, None, None, ()) for row in chances]
    features = features_of(model, pixels)
    distances, order = trust.familiar.nearest(features, SHOWN)
    strange = trust.familiar.strangeness(features)
    found = []
    for row, how_far, which, far in zip(chances, distances, order, strange, strict=True):
        could_be = trust.could_be(row)
        near = tuple(
            Near(trust.familiar.names[at], classes[trust.familiar.labels[at]], float(distance))
            for at, distance in zip(which, how_far, strict=True)
        )
        found.append(
            Answer(
                tuple(classes), row, None if could_be is None else tuple(classes[number] for number in could_be),
                None if trust.strange is None else bool(far > trust.strange), near, (trust.promise(),),
            )
        )  # fmt: skip
    return found
