"""What is said of a layer in a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.glass.figures import figure, place, summary
from pippin.glass.telling import Part, Telling
from pippin.glass.words import (
    CODE,
    FORMULAS,
    MOST_OWN,
    NOT_ASKED,
    depth_of,
    each,
    its,
    size_of,
    what_it_does,
)

if TYPE_CHECKING:
    from pippin.glass.layer import LayerView


def of_layer(view: LayerView, depth: int, example: int = 0) -> Telling:
    """A layer: what it does, what came in and went out, the blame, the update."""
    depth_of(depth)
    title = f"{view.name}: a {view.kind} layer, {each(view.input)} in, {each(view.output)} out"
    first = Part("", what_it_does(view))
    spot = _telling_place(view, example)
    forward = Part(
        "FORWARD", _forward_sentences(view), _arrays(view),
        view.equations(spot) if depth >= FORMULAS and spot is not None else (),
        view.lines[:MOST_OWN] if depth == CODE or view.is_own else (),
    )  # fmt: skip
    backward = Part(
        "BACKWARD", _backward_sentences(view), _gradients(view), lines=view.backward_lines if depth == CODE else ()
    )
    return Telling(title, [first, forward, backward, *([_layer_update(view, depth)] if view.updates else [])])


def _telling_place(view: LayerView, example: int) -> Any:
    """The strongest number that went out for an example: one to show formulas with."""
    out = view.output
    if not out.size or out.ndim < 1 or not 0 <= example < len(out):
        return None
    spot = np.unravel_index(int(out[example].argmax()), out.shape[1:])
    return (example, *map(int, spot))


def _forward_sentences(view: LayerView) -> list[str]:
    found = []
    if view.has_activation and view.pre_activation is not None:
        stopped = float((view.output == 0).mean())
        if stopped > 0:
            found.append(
                f"{its('gate', view)} stopped {100 * stopped:.0f} % of the signals at 0 and let the others through."
            )
        else:
            found.append(f"{its('activation', view)} lies between the weighted sums and what goes out.")
    if view.number_of_calls > 1:
        found.append(
            f"The layer is used {view.number_of_calls} times in this step; this is use {view.call_number + 1}."
        )
    return found


def _arrays(view: LayerView) -> list[list[str]]:
    table = [["", "numbers"]]
    several = len(view.inputs) > 1
    table += [[f"input {n + 1}" if several else "input", summary(array)] for n, array in enumerate(view.inputs)]
    table += [[short, summary(array)] for short, array in view.weights.items()]
    if view.has_activation and view.pre_activation is not None:
        table.append(["sum, before the activation", summary(view.pre_activation)])
    return [*table, *(["output", summary(array)] for array in view.outputs)]


def _backward_sentences(view: LayerView) -> list[str]:
    arrives, leaves = view.output_gradient, view.input_gradient
    if arrives is None:
        return ["No blame arrives: no weight that learns lies here or before, so nobody asked."]
    found = [f"Blame of mean size {figure(size_of(arrives))} arrives from what comes after."]
    if leaves is None:
        return [*found, "None is passed on: nothing before it learns."]
    return [*found, f"Blame of mean size {figure(size_of(leaves))} is passed on to what comes before."]


def _gradients(view: LayerView) -> list[list[str]]:
    table = [["gradient of", "numbers"]]
    told = [("output", view.output_gradient)]
    if view.has_activation:
        told.append(("sum, before the activation", view.pre_activation_gradient))
    told += [*view.gradients.items(), ("input", view.input_gradient)]
    return [*table, *([name, NOT_ASKED if array is None else summary(array)] for name, array in told)]


def _layer_update(view: LayerView, depth: int) -> Part:
    optimizer = type(view.step.model.optimizer).__name__
    table = [["weight", "mean change", "largest change", "where", "was", "becomes"]]
    equations: list[Any] = []
    for short, weight in view.updates.items():
        spot = weight.place()
        largest = np.abs(weight.change).max(initial=0.0)
        table.append([
            short, figure(np.abs(weight.change).mean()), figure(largest), place(spot), figure(weight.old[spot]),
            figure(weight.new[spot]),
        ])  # fmt: skip
        equations += weight.equations(spot) if depth >= FORMULAS else []
    learns = any(weight.gradient is not None for weight in view.updates.values())
    sentence = f"{optimizer} moves the weights; where: the number with the largest gradient." if learns else ""
    lines = [line for weight in view.updates.values() for line in weight.lines] if depth == CODE else []
    return Part("UPDATE", [sentence] if sentence else [], table, _once(equations), lines)


def _once(equations: list[Any]) -> list[Any]:
    """Without those that were told already: what all weights share."""
    return list({str(equation): equation for equation in equations}.values())
