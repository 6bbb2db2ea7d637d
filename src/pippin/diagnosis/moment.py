"""One moment of training as the rules look at it: what every layer took in and gave, how much of the blame its gate let
through, and the gradients of the weights. Read off a step's own lines; nothing is computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pippin.glass.opened import Opened

GATES = ("pippin.layers.activation",)
"""Where layers stand that are nothing but a gate."""


@dataclass(frozen=True)
class LayerAt:
    """A layer at a moment. Arrays have the examples first; what was not looked at is None.

    `slope`: by how much the blame that arrived was multiplied on its way through the gate, NaN where none arrived.
    """

    name: str
    kind: str
    gate: str
    input: np.ndarray | None
    output: np.ndarray | None
    slope: np.ndarray | None
    is_answer: bool
    weights: tuple[str, ...]


@dataclass(frozen=True)
class Moment:
    """The network after `step` steps, on some examples. `weights` and `gradients` are by path."""

    step: int
    loss: float
    examples: int
    layers: tuple[LayerAt, ...]
    weights: Mapping[str, np.ndarray]
    gradients: Mapping[str, np.ndarray]
    answers: tuple[np.ndarray, ...]

    def sizes(self) -> list[tuple[str, float, float]]:
        """(path, rms, rms of its gradient) of every kernel that learns, in the order of the layers."""
        listed = dict.fromkeys(path for layer in self.layers for path in layer.weights)
        return [
            (path, rms(self.weights[path]), rms(self.gradients[path]))
            for path in listed if path in self.gradients and self.weights[path].ndim > 1
        ]  # fmt: skip


def rms(array: np.ndarray) -> float:
    """The root of the mean square; infinite or NaN where the numbers are."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(array.astype(np.float64))))) if array.size else 0.0


def values_of(opened: Opened) -> set[int]:
    """The values of a step that a moment is made of."""
    notes, program = opened.notes, opened.program
    found = {value for call in notes.calls for value in (*call.inputs[:1], *call.outputs[:1])}
    for number, call in enumerate(notes.calls):
        ends = _gate_ends(opened, number)
        found |= {notes.gradients[end] for end in ends if end in notes.gradients}
        found |= set(call.outputs[:1])
    found |= {notes.gradients[state] for state in program.states.values() if state in notes.gradients}
    found |= set(notes.predictions) | ({notes.loss} if notes.loss is not None else set())
    return found


def moment_of(opened: Opened, step: int, values: Mapping[int, np.ndarray], states: Mapping[str, np.ndarray]) -> Moment:
    """Put together what the lines computed."""
    notes, program = opened.notes, opened.program
    answers = set(notes.predictions)
    layers = []
    for number, call in enumerate(notes.calls):
        names = (opened.name_of(variable) for variable in call.layer.weights)
        layers.append(LayerAt(
            call.place, type(call.layer).__name__, _gate_name(call.layer),
            values.get(call.inputs[0]) if call.inputs else None, values.get(call.outputs[0]),
            _slope(opened, number, values), bool(answers & set(call.outputs)),
            tuple(name for name in names if name is not None),
        ))  # fmt: skip
    gradients = {
        name: values[notes.gradients[state]]
        for name, state in program.states.items() if notes.gradients.get(state) in values
    }  # fmt: skip
    return Moment(
        step, float("nan") if notes.loss is None else float(values[notes.loss]),
        len(values[notes.predictions[0]]) if notes.predictions else 0, tuple(layers),
        {name: states[name] for name in gradients}, gradients, tuple(values[value] for value in notes.predictions),
    )  # fmt: skip


def _gate_name(layer: Any) -> str:
    gate = getattr(layer, "activation", None)
    name = getattr(gate, "__name__", None) or getattr(gate, "name", None)
    if name is None and type(layer).__module__ in GATES:
        name = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "leaky_relu", "ELU": "elu"}.get(
            type(layer).__name__
        )
    return str(name or "")


def _gate_ends(opened: Opened, number: int) -> tuple[int, ...]:
    """The values before and after a layer's gate; nothing for a layer without one."""
    call = opened.notes.calls[number]
    if len(call.outputs) != 1:
        return ()
    before = opened.sums.get(number)
    if before is None and len(call.inputs) == 1 and _gate_name(call.layer) and not list(call.layer.weights):
        before = call.inputs[0]
    return () if before is None or before == call.outputs[0] else (before, call.outputs[0])


def _slope(opened: Opened, number: int, values: Mapping[int, np.ndarray]) -> np.ndarray | None:
    ends = _gate_ends(opened, number)
    if not ends:
        return None
    before, after = (values.get(opened.notes.gradients.get(end, -1)) for end in ends)
    if before is None or after is None or before.shape != after.shape:
        return None
    with np.errstate(all="ignore"):
        return np.asarray(np.where(after != 0, before / after, np.nan))
