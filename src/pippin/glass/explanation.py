"""Why does a model answer this? Each input number is credited with its share of the answer, in one of three ways, and
beside the answer's credits stand those of a twin whose weights are shuffled.

    why = glass.explain(model, x[:1])
    why.contributions        # a number for each input number
    print(why.tell())        # what was done, whether it adds up, whether it depends on what was learned

Sources: gradient × input: Shrikumar, Greenside, Shcherbina and Kundaje, "Not Just a Black Box" (2016). Integrated
gradients: Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017). Occlusion: Zeiler and Fergus,
"Visualizing and Understanding Convolutional Networks" (2014). The twin: Adebayo and others, "Sanity Checks for Saliency
Maps" (2018).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import DataError, SettingError, unknown
from pippin.glass.asked import Arrays, Asked, States
from pippin.glass.occlusion import occlusion
from pippin.tree import flatten, pack_sequence_as

if TYPE_CHECKING:
    from pippin.glass.telling import Telling

INTEGRATED, GRADIENT, OCCLUSION = "integrated_gradients", "gradient_x_input", "occlusion"
METHODS = (INTEGRATED, GRADIENT, OCCLUSION)
STEPS = (32, 128, 512)
"""Of the way from the baseline: more where fewer don't add up."""
TOLERANCE = 0.01
"""Of the change of the answer (or of a tenth of the answer, where it hardly changes). A sum that is further off than
this is asked for in smaller steps."""
TWINS = 3
"""One alone may look like its sister by chance."""
PARTLY, ALIKE = 0.3, 0.6
"""From these correlations of ranks on, two maps are called partly alike, and alike."""


@dataclass(frozen=True)
class Explanation:
    """What each input number did for one number of an answer.

    `contributions` have the shape of the input (one example without its batch axis; of several inputs, in their
    structure). `value` is the number that is explained, `before` the same for the `baseline`. `place` is its position
    in the answer. `twin` are the contributions that a model with shuffled weights gives, and `likeness` is how far its
    map is this one (rank correlation of sizes, mean of three twins: 1 the same order, 0 none).
    """

    method: str
    contributions: Any
    value: float
    before: float
    place: tuple[int, ...]
    steps: int
    twin: Any
    likeness: float
    baseline: Any = field(repr=False)

    @property
    def total(self) -> float:
        """All contributions added up."""
        return float(sum(leaf.sum() for leaf in flatten(self.contributions)))

    @property
    def gap(self) -> float:
        """By how much the sum misses the change of the answer from the baseline: 0 where it is complete."""
        return self.total - (self.value - self.before)

    @property
    def is_complete(self) -> bool:
        """Whether the contributions add up to the change of the answer."""
        return abs(self.gap) <= _allowed(self.value, self.before)

    @property
    def depends_on_learning(self) -> bool:
        """Whether a network that has learned nothing gives another map."""
        return self.likeness < ALIKE

    def tell(self) -> str:
        """The explanation in words."""
        return str(self.telling())

    def telling(self) -> Telling:
        """The same, not drawn yet."""
        from pippin.glass.explanation_words import of_explanation

        return of_explanation(self)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, with the sentences."""
        arrays = {"contributions": self.contributions, "twin": self.twin}
        listed = {
            name: pack_sequence_as(found, [leaf.tolist() for leaf in flatten(found)]) for name, found in arrays.items()
        }
        return {
            "method": self.method, "value": self.value, "before": self.before, "place": list(self.place),
            "total": self.total, "gap": self.gap, "is_complete": self.is_complete, "steps": self.steps,
            "likeness": self.likeness, "depends_on_learning": self.depends_on_learning, **listed,
            **self.telling().to_dict(),
        }  # fmt: skip


def explain(
    model: Any,
    x: Any,
    output: int | tuple[int, ...] | None = None,
    *,
    method: str = INTEGRATED,
    baseline: Any = None,
) -> Explanation:
    """Say what each number of one example did for one number of the model's answer.

    `x`: the example, with its batch axis of length 1. `output`: which number of the answer (None: the largest).
    `method`: "integrated_gradients" (credits add up to the change of the answer between `baseline` and `x`),
    "gradient_x_input" (the slope at `x` alone, times the distance from `baseline`), or "occlusion" (by how much the
    number falls when a part is replaced by the baseline's). `baseline`: an input that says nothing, shaped like `x`;
    zeros if None. Raises SettingError for inputs that are no real numbers (word numbers have no slope; they can be
    occluded) and for models with several outputs. Nothing in the model changes.
    """
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    asked = Asked(model, x, output)
    if method != OCCLUSION and not asked.has_slopes:
        raise SettingError(
            f'explain: expected inputs of float numbers for method="{method}": whole numbers, such as those of words, '
            'can\'t change by a little. Use method="occlusion".'
        )
    empty = _baseline(asked, baseline)
    value, before = asked.values([np.concatenate(pair) for pair in zip(asked.x, empty, strict=True)])
    found, steps = _credits(asked, empty, method, None, float(value), float(before))
    twins = []
    for number in range(TWINS):
        states = asked.shuffled(np.random.default_rng([2018, number]))
        twins.append(_credits(asked, empty, method, states, float(value), float(before), steps)[0])
    return Explanation(
        method, pack_sequence_as(asked.structure, found), float(value), float(before), asked.place, steps,
        pack_sequence_as(asked.structure, twins[0]), float(np.mean([likeness(found, twin) for twin in twins])),
        pack_sequence_as(asked.structure, [leaf[0] for leaf in empty]),
    )  # fmt: skip


def _credits(
    asked: Asked, empty: Arrays, method: str, states: States | None, value: float, before: float, steps: int = 0
) -> tuple[list[np.ndarray], int]:
    """The contributions by a method, and in how many steps; `steps` of 0: as many as are needed."""
    if method == OCCLUSION:
        return occlusion(asked, empty, states), 1
    if method == GRADIENT:
        slopes = asked.slopes(asked.x, states)
        return [((x - e) * slope)[0] for x, e, slope in zip(_floats(asked.x), _floats(empty), slopes, strict=True)], 1
    found: list[np.ndarray] = []
    for count in (steps,) if steps else STEPS:
        steps, found = count, integrated(asked, empty, count, states)
        if abs(sum(leaf.sum() for leaf in found) - (value - before)) <= _allowed(value, before):
            break
    return found, steps


def integrated(asked: Asked, empty: Arrays, steps: int, states: States | None = None) -> list[np.ndarray]:
    """Integrated gradients: the distance from the baseline times the mean slope on the straight way from there.

    The mean is taken at the middles of so many equal steps, whose error falls with the square of their number.
    """
    shares = (np.arange(steps) + 0.5) / steps
    ways = [
        e + shares.reshape(-1, *[1] * (x.ndim - 1)) * (x - e)
        for x, e in zip(_floats(asked.x), _floats(empty), strict=True)
    ]
    slopes = asked.slopes([way.astype(np.float32) for way in ways], states)
    return [
        (x - e)[0] * slope.mean(axis=0) for x, e, slope in zip(_floats(asked.x), _floats(empty), slopes, strict=True)
    ]


def likeness(one: Arrays, other: Arrays) -> float:
    """How alike two maps are: the rank correlation (Spearman) of the sizes of their numbers; 0 if one is flat."""
    sizes = [np.concatenate([np.abs(leaf).reshape(-1) for leaf in found]) for found in (one, other)]
    ranks = [_ranks(size) for size in sizes]
    if len(ranks[0]) < 2 or any(rank.std() == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(numbers: np.ndarray) -> np.ndarray:
    """The place of each number in their order; equal ones share the mean of theirs."""
    _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    last: np.ndarray = np.cumsum(counts)
    ranks: np.ndarray = (last - (counts - 1) / 2)[which.reshape(-1)]
    return ranks


def _allowed(value: float, before: float) -> float:
    """How far a sum may miss the change of the answer and still count as complete."""
    return TOLERANCE * max(abs(value - before), 0.1 * abs(value), 1e-6)


def _baseline(asked: Asked, baseline: Any) -> list[np.ndarray]:
    """An input that says nothing, with its batch axis."""
    if baseline is None:
        return [np.zeros_like(leaf) for leaf in asked.x]
    given = [np.asarray(leaf) for leaf in flatten(baseline)]
    if len(given) != len(asked.x) or any(g.shape != x.shape for g, x in zip(given, asked.x, strict=False)):
        raise DataError(
            f"explain: expected a baseline of shape {', '.join(str(leaf.shape) for leaf in asked.x)}, as x has, "
            f"received {', '.join(str(leaf.shape) for leaf in given)}."
        )
    return given


def _floats(arrays: Arrays) -> list[np.ndarray]:
    return [leaf.astype(np.float64) for leaf in arrays]
