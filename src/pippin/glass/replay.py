"""A recorded moment, opened again: the step that training would have done there, as glass.step opens one.

A recording keeps, once, the step's program as text with the examples of the probe, and with its looks the variables as
they were. Together they are a step; the model isn't needed, so any model will do, with layers of anyone's own. Layers
and optimizer are there by what is told of them: their name, their kind, the first words of their documentation.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from pippin.glass.opened import Opened
from pippin.program import Program, Variable, read, write
from pippin.program.trace import Call, Notes

FILE = "step.safetensors"


def written(model: Any, opened: Opened, inputs: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """All of a step but the numbers of its variables, as plain data and arrays."""
    notes, names = opened.notes, _names(opened.program)
    layers: list[Any] = []
    for call in notes.calls:
        if not any(call.layer is layer for layer in layers):
            layers.append(call.layer)
    return {
        "program": write(opened.program),
        "inputs": dict(inputs),
        "model": model.name,
        "optimizer": {**_kind(model.optimizer), "name": model.optimizer.name},
        "own": [name for name, one in opened.variables.items() if any(one is mine for mine in model.variables)],
        "layers": [_layer(layer, opened) for layer in layers],
        "calls": [
            {
                "place": call.place, "layer": next(n for n, layer in enumerate(layers) if layer is call.layer),
                "inputs": [names[value] for value in call.inputs], "outputs": [names[value] for value in call.outputs],
            }
            for call in notes.calls
        ],
        "predictions": [names[value] for value in notes.predictions],
        "losses": [names[value] for value in notes.losses],
        "loss": None if notes.loss is None else names[notes.loss],
        "gradients": [[names[value], names[slope]] for value, slope in notes.gradients.items()],
        "sums": [[number, names[value]] for number, value in opened.sums.items()],
    }  # fmt: skip


def _names(program: Program) -> dict[int, str]:
    """What values are called in the text, apart from each other: a state and an input may share a name."""
    found = {value: f"%{value}" for value in range(len(program.specs))}
    found |= {value: f"input {name}" for name, value in program.inputs.items()}
    return found | {value: f"state {name}" for name, value in program.states.items()}


def _kind(thing: Any) -> dict[str, str]:
    told = re.split(r"(?<=[.])\s", " ".join((inspect.getdoc(type(thing)) or "").split()))
    return {"kind": type(thing).__name__, "module": type(thing).__module__, "says": told[0]}


def _layer(layer: Any, opened: Opened) -> dict[str, Any]:
    gate = getattr(layer, "activation", None)
    return {
        **_kind(layer), "name": layer.name,
        "activation": getattr(gate, "__name__", None) or getattr(gate, "name", None),
        "variables": [[path, v.path] for v in layer.variables if (path := opened.name_of(v)) is not None],
        "weights": [path for v in layer.weights if (path := opened.name_of(v)) is not None],
    }  # fmt: skip


class _Told:
    """A layer, an optimizer or a model as a recording tells of it."""

    def __init__(self, **facts: Any) -> None:
        vars(self).update(facts)


def _told(kind: Mapping[str, str], **facts: Any) -> _Told:
    """One whose class has the name, the home and the words of the real one."""
    made: _Told = type(kind["kind"], (_Told,), {"__module__": kind["module"], "__doc__": kind["says"]})(**facts)
    return made


def read_back(kept: Mapping[str, Any]) -> tuple[Any, Opened, dict[str, np.ndarray]]:
    """What `written` wrote: something that stands for the model, the opened step, and the examples."""
    program = read(kept["program"])
    values = {f"input {name}": value for name, value in program.inputs.items()}
    values |= {f"state {name}": value for name, value in program.states.items()}

    def number(name: str) -> int:
        return int(name[1:]) if name.startswith("%") else values[name]

    variables = {name: Variable(np.zeros(0, np.float32), name=name) for name in program.states}
    layers = [_layer_told(layer, variables) for layer in kept["layers"]]
    calls = [
        Call(c["place"], layers[c["layer"]], tuple(map(number, c["inputs"])), tuple(map(number, c["outputs"])))
        for c in kept["calls"]
    ]
    notes = Notes(
        calls, [number(name) for name in kept["predictions"]], [number(name) for name in kept["losses"]],
        None if kept["loss"] is None else number(kept["loss"]),
        {number(value): number(slope) for value, slope in kept["gradients"]},
    )  # fmt: skip
    sums = {int(place): number(value) for place, value in kept["sums"]}
    model = _Told(
        name=kept["model"], variables=[variables[name] for name in kept["own"]],
        optimizer=_told(kept["optimizer"], name=kept["optimizer"]["name"]),
    )  # fmt: skip
    return model, Opened(program, variables, notes, sums), dict(kept["inputs"])


def _layer_told(layer: Mapping[str, Any], variables: Mapping[str, Variable]) -> _Told:
    for name, path in layer["variables"]:
        variables[name].path = path
    gate = None if layer["activation"] is None else _Told(name=layer["activation"])
    return _told(
        layer, name=layer["name"], activation=gate, variables=[variables[name] for name, _ in layer["variables"]],
        weights=[variables[name] for name in layer["weights"]],
    )  # fmt: skip
