"""A look at a model in the middle of training: the same few examples each time, what they do in every layer, and what
the loss would have every weight do. Runs on the engine that trains, on copies, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pippin.engines import current_engine
from pippin.glass.opened import Opened, open_step
from pippin.glass.reduce import reduced
from pippin.training.work import inputs_of_batch, specs_of_batch
from pippin.transforms.simplify import without_unused_lines
from pippin.tree import flatten, map_structure

EXAMPLES = 8


def evenly(structures: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Eight rows of (x, y, sample_weight), spread evenly, so that data in the order of its classes shows several."""
    rows = len(flatten(structures[0])[0])
    taken = np.unique(np.linspace(0, rows - 1, min(EXAMPLES, rows)).astype(int))
    x, y, weight = (map_structure(lambda leaf: None if leaf is None else leaf[taken], part) for part in structures)
    return x, y, weight


class Sight:
    """Some values of an opened step, computed by the engine that trains, for any numbers of its variables."""

    def __init__(self, opened: Opened, values: set[int]) -> None:
        self._outputs = {value: f"y{number}" for number, value in enumerate(sorted(values))}
        outputs = {name: value for value, name in self._outputs.items()}
        short = without_unused_lines(replace(opened.program, outputs=outputs, updates={}, guard=None))
        self._runner = current_engine().compile(short)

    def see(self, inputs: Mapping[str, np.ndarray], states: Mapping[str, np.ndarray]) -> dict[int, np.ndarray]:
        """The values; `states` stays as it is."""
        with np.errstate(all="ignore"):
            found = self._runner(dict(inputs), {name: array.copy() for name, array in states.items()})
        return {value: found[name] for value, name in self._outputs.items()}


class Probe:
    """A model's step on a few examples, ready to be run again and again. `also` says which further values are seen
    with each look, though not recorded."""

    def __init__(
        self, model: Any, x: Any, y: Any, weight: Any, also: Callable[[Opened], set[int]] | None = None
    ) -> None:
        opened = open_step(model, specs_of_batch(model, x, y, weight))
        notes, program = opened.notes, opened.program
        self.opened, self.variables = opened, opened.variables
        self.inputs = inputs_of_batch(program, x, y, weight)
        wanted: dict[str, int] = {"loss": notes.loss or 0}
        self.layers: list[dict[str, Any]] = []
        for call in notes.calls:
            name = _free(call.place, {layer["name"] for layer in self.layers})  # a layer may be used twice
            self.layers.append(_described(name, call, opened))
            for word, value in (("output", call.outputs[0]), ("output gradient", notes.gradients.get(call.outputs[0]))):
                if value is not None and program.specs[value].dtype == "float32":
                    wanted[f"{name} {word}"] = value
        own = {id(variable) for variable in model.variables}
        self.weights = [n for n, v in opened.variables.items() if id(v) in own and v.dtype == "float32"]
        for name in self.weights:
            slope = notes.gradients.get(program.states[name])
            if slope is not None:
                wanted[f"{name} gradient"] = slope
        self._wanted = wanted
        self._sight = Sight(opened, set(wanted.values()) | (also(opened) if also else set()))
        self.seen: dict[int, np.ndarray] = {}
        """All values of the last look."""

    def states(self) -> dict[str, np.ndarray]:
        """Copies of the variables as they are now."""
        return {name: variable.numpy() for name, variable in self.variables.items()}

    def look(self, states: Mapping[str, np.ndarray]) -> tuple[float, dict[str, Any]]:
        """The loss of the examples, and what is recorded: for each layer its output and the gradient that arrives, for
        each weight its numbers and their gradient; large ones reduced."""
        self.seen = self._sight.see(self.inputs, states)
        arrays = {name: self.seen[value] for name, value in self._wanted.items()}
        loss = float(arrays.pop("loss"))
        arrays |= {name: states[name] for name in self.weights}
        return loss, {name: reduced(array) for name, array in sorted(arrays.items())}


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number, found = number + 1, f"{name} ({number + 1})"
    return found


def _described(name: str, call: Any, opened: Any) -> dict[str, Any]:
    """A layer for the beginning of a recording."""
    specs = opened.program.specs
    weights = [opened.name_of(variable) for variable in call.layer.weights]
    return {
        "name": name, "kind": type(call.layer).__name__,
        "input": list(specs[call.inputs[0]].shape[1:]) if call.inputs else [],
        "output": list(specs[call.outputs[0]].shape[1:]), "weights": [path for path in weights if path is not None],
    }  # fmt: skip
