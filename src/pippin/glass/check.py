"""Is a gradient right? Nudge one weight up and down by a little and see by how much the loss really changes.

Both sides are computed in float64 on the reference engine, from the step's own lines: the forward pass and the loss for
the nudged weights, all of the step for the gradient that is checked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.engines.reference import ReferenceRunner, run_lines
from pippin.errors import SettingError
from pippin.glass.ran import Place
from pippin.program import Program
from pippin.transforms.simplify import without_unused_lines

if TYPE_CHECKING:
    from pippin.glass.weight import WeightView

NUDGE = 1e-5
"""Of a weight of size 1. The error of a central difference is about nudge² + 1e-16 · loss / nudge: 1e-10 and 1e-11."""
TOLERANCE = 1e-6
"""Relative to the gradient (or to 0.001, where it is smaller). What a program computes ahead (1 / batch) is rounded to
float32, by up to 6e-8; the error of the difference is far below that. A wrong sign makes 2."""


@dataclass(frozen=True)
class GradientCheck:
    """The gradient of one number of a weight (`analytic`, in float64; `shown`, as training computes it in float32),
    and the slope that two nudges found (`numeric`; `left` and `right` are the slopes on either side)."""

    weight: str
    place: Place
    nudge: float
    shown: float
    analytic: float
    numeric: float
    left: float
    right: float

    @property
    def difference(self) -> float:
        """Relative, as TOLERANCE is."""
        return abs(self.analytic - self.numeric) / max(abs(self.analytic), 1e-3)

    @property
    def agrees(self) -> bool:
        return self.difference <= TOLERANCE

    @property
    def is_at_kink(self) -> bool:
        """Whether the loss has a bend within the nudge (a ReLU that switches): there the two sides have slopes of
        their own, and a difference of them says little."""
        return abs(self.left - self.right) > 0.01 * max(abs(self.left), abs(self.right), 1e-3)

    def tell(self) -> str:
        """The check in words."""
        from pippin.glass.weight_words import check_sentences

        return " ".join(check_sentences(self))

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "place": list(self.place), "agrees": self.agrees, "says": self.tell()}


def check_gradient(weight: WeightView, place: Place) -> GradientCheck:
    """Check the gradient of one number of a weight."""
    if weight.gradient is None:
        raise SettingError(
            f"check_gradient: {weight.name} has no gradient, because it doesn't learn. Set trainable=True on its layer."
        )
    opened, states = weight.step.opened, weight.step.states
    loss, slope = opened.notes.loss, weight.gradient_value
    assert loss is not None and slope is not None
    whole = _only(opened.program, {"loss": loss, "gradient": slope})
    short = _only(opened.program, {"loss": loss})
    nudge = NUDGE * max(1.0, abs(float(weight.old[place])))

    def loss_at(distance: float) -> float:
        moved = {name: array.astype(np.float64) if name == weight.name else array for name, array in states.items()}
        moved[weight.name][place] += distance
        return float(_run(short, weight.step.inputs, moved)["loss"])

    analytic = float(_run(whole, weight.step.inputs, states)["gradient"][place])
    below, here, above = loss_at(-nudge), loss_at(0.0), loss_at(nudge)
    return GradientCheck(
        weight.name, place, nudge, float(weight.gradient[place]), analytic, (above - below) / (2 * nudge),
        (here - below) / nudge, (above - here) / nudge,
    )  # fmt: skip


def _only(program: Program, outputs: dict[str, int]) -> Program:
    """The lines that some values need."""
    return without_unused_lines(replace(program, outputs=outputs, updates={}, guard=None))


def _run(program: Program, inputs: Any, states: Any) -> dict[str, np.ndarray]:
    values = ReferenceRunner(program, np.float64).start(inputs, states)
    run_lines(program, values, np.float64)
    return {name: values[value] for name, value in program.outputs.items()}
