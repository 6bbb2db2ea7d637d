"""What the numbers of a step are called where they are told: near a layer its own words, elsewhere full ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pippin.glass import figures
from pippin.glass.making import Name
from pippin.glass.ran import Place

if TYPE_CHECKING:
    from pippin.glass.layer import LayerView
    from pippin.glass.one_step import Step


def of_step(step: Step) -> dict[int, str]:
    """Full names of values: "dense/kernel", "new dense/kernel", "gradient of dense/kernel", "%12"."""
    program, notes = step.opened.program, step.opened.notes
    names = dict(step.ran.names)
    for name, value in program.updates.items():
        if value not in program.states.values():
            names[value] = f"new {name}"
    for value, slope in notes.gradients.items():
        if value in program.states.values():
            names[slope] = f"gradient of {step.ran.names[value]}"
    if notes.loss is not None:
        names[notes.loss] = "loss"
    return names


def of_layer(view: LayerView) -> dict[int, str]:
    """Names near a layer: "input", "kernel", "sum", "output", and their gradients."""
    step = view.step
    names, notes = of_step(step), step.opened.notes
    for number, value in enumerate(view.call.inputs):
        names[value] = "input" if len(view.call.inputs) == 1 else f"input {number + 1}"
    for short, variable in view.variables.items():
        name = step.opened.name_of(variable)
        if name is None:
            continue
        value = step.opened.program.states[name]
        names[value] = short
        if value in notes.gradients:
            names[notes.gradients[value]] = f"gradient of {short}"
        if name in step.opened.program.updates:
            names[step.opened.program.updates[name]] = f"new {short}"
    for value in view.call.outputs:
        names[value] = "output"
    if view.sum_value is not None and view.sum_value not in view.call.outputs:
        names[view.sum_value] = "sum"
    return names


def of_weight(step: Step, path: str) -> dict[int, str]:
    """Names near a weight: "kernel", "gradient", "momentum", "new momentum", "learning_rate"."""
    program, notes = step.opened.program, step.opened.notes
    names = of_step(step)
    optimizer = step.model.optimizer
    for name, value in program.states.items():
        short = name
        if name == path:
            short = path.rpartition("/")[2]
        elif name.startswith(f"{optimizer.name}/"):
            short = name.removeprefix(f"{optimizer.name}/").removeprefix(f"{path}_".replace("/", "_"))
        names[value] = short
        if name in program.updates and program.updates[name] != value:
            names[program.updates[name]] = f"new {short}"
    value = program.states[path]
    if value in notes.gradients:
        names[notes.gradients[value]] = "gradient"
    return names


def spoken(names: dict[int, str], here: Place) -> Name:
    """The name of one number: that of its value, and its place in it unless that is `here`, the place talked about."""

    def name(value: int, place: Place) -> str:
        return names[value] if place == here else names[value] + figures.place(place)

    return name
