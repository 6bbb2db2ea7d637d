"""A recorded step as the page draws it: the network with a number for every neuron in each phase, and what is told of
the step, of a layer, of a neuron, of a weight. All numbers and sentences are the glass box's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.glass.figures import figure
from pippin.studio import examples

if TYPE_CHECKING:
    from pippin.glass.layer import LayerView
    from pippin.glass.one_step import Step

MOST_UNITS = 2048
"""Neurons of a layer with a number each; of a larger layer the ones that matter most."""
STANDING_OUT = 12
MOST_EDGES = 24 * 40
MAP_SIDE, MOST_MAPS = 24, 12


def network(step: Step, example: int, classes: list[str] | None) -> dict[str, Any]:
    """The whole step for one example."""
    losses = step.example_losses[0] if len(step.example_losses) == 1 else None
    predictions = step.predictions[0] if len(step.predictions) == 1 else None
    return {
        "model": step.model.name, "examples": step.batch, "example": example, "loss": step.loss_value,
        "shows": examples.shown(step.inputs),
        "guesses": examples.guesses(predictions, step.inputs.get("y"), losses, classes),
        "layers": [layer(view, example) for view in step.layers],
        "weights": [_weight(step, name) for name in step.weights],
    }  # fmt: skip


def _weight(step: Step, name: str) -> dict[str, Any]:
    view = step.weight(name)
    return {"name": name, "shape": list(view.old.shape), "learns": view.gradient is not None}


def layer(view: LayerView, example: int) -> dict[str, Any]:
    """A layer with its neurons: what each sends on, the blame it gets, how far its weights move."""
    values = {"forward": _strongest(view.output, example), "backward": None, "update": _changes(view)}
    if view.output_gradient is not None:
        values["backward"] = _strongest(view.output_gradient, example)
    units = values["forward"].size  # type: ignore[union-attr]
    weight = np.abs(values["forward"])  # type: ignore[arg-type]
    if values["backward"] is not None:
        weight = weight * np.abs(values["backward"])
    order = np.argsort(-weight, kind="stable")
    shown = np.sort(order[:MOST_UNITS])
    return {
        "name": view.name, "call": view.call_number, "kind": view.kind, "units": units,
        "shape": list(view.output.shape[1:]),
        "has_neurons": view.output.ndim >= 2,
        "indexes": None if units <= MOST_UNITS else shown.tolist(),
        "values": {phase: _plain(array, shown) for phase, array in values.items()},
        "scales": {phase: _scale(array) for phase, array in values.items()},
        "standing_out": order[:STANDING_OUT].tolist(),
        "edges": _edges(view),
        "weights": [{"short": short, "name": view._path(view.variables[short]), "shape": list(array.shape)}
                    for short, array in view.weights.items()],
    }  # fmt: skip


def _strongest(array: np.ndarray, example: int) -> np.ndarray:
    """One number for each entry of the last axis: of a picture or a sequence, the largest in size along the others."""
    row = np.asarray(array[example] if array.ndim > 1 else array[example : example + 1], np.float64)
    flat = np.nan_to_num(row.reshape(-1, row.shape[-1]))
    if len(flat) == 1:
        return np.asarray(flat[0])
    places = np.abs(flat).argmax(axis=0)
    return np.asarray(flat[places, np.arange(flat.shape[1])])


def _changes(view: LayerView) -> np.ndarray | None:
    """The mean size by which each neuron's own weights change; None for a layer whose weights don't belong to
    neurons."""
    units = view.output.shape[-1] if view.output.ndim > 1 else 0
    found = [
        np.abs(weight.change).reshape(-1, units).mean(axis=0)
        for weight in view.updates.values()
        if weight.gradient is not None and weight.old.ndim and weight.old.shape[-1] == units
    ]
    return np.asarray(found[0], np.float64) if found else None


def _plain(array: np.ndarray | None, shown: np.ndarray) -> list[float] | None:
    return None if array is None else [float(f"{number:.4g}") for number in array[shown]]


def _scale(array: np.ndarray | None) -> float | None:
    """The size that is drawn in full colour."""
    return None if array is None or not array.size else float(f"{np.abs(array).max():.4g}")


def _edges(view: LayerView) -> list[list[float]] | None:
    """[from, to, weight] of a small dense layer, all of them; None otherwise."""
    for array in view.weights.values():
        if array.size <= MOST_EDGES and array.shape == (view.input.shape[-1], view.output.shape[-1]):
            return [[i, j, float(f"{array[i, j]:.3g}")] for i, j in np.ndindex(*array.shape)]
    return None


def maps(view: LayerView, example: int, phase: str) -> list[dict[str, Any]]:
    """What the filters of a layer make of a picture: a small map for each that stands out."""
    array = {"forward": view.output, "backward": view.output_gradient}.get(phase)
    if array is None or array.ndim != 4:
        return []
    found = []
    for unit in layer(view, example)["standing_out"][:MOST_MAPS]:
        small = _smaller(array[example, ..., unit])
        top = float(np.abs(small).max()) or 1.0
        found.append({
            "unit": int(unit), "rows": small.shape[0], "columns": small.shape[1], "scale": float(f"{top:.4g}"),
            "values": np.round(small / top * 127).astype(int).reshape(-1).tolist(),
        })  # fmt: skip
    return found


def _smaller(table: np.ndarray) -> np.ndarray:
    """A map of at most MAP_SIDE rows and columns: means over patches."""
    table = np.nan_to_num(table.astype(np.float64))
    for axis in (0, 1):
        edges = np.linspace(0, table.shape[axis], min(MAP_SIDE, table.shape[axis]) + 1).astype(int)
        sizes = np.diff(edges)
        table = np.add.reduceat(table, edges[:-1], axis=axis) / (sizes[:, None] if axis == 0 else sizes)
    return table


# What is told ---------------------------------------------------------------------------------------------------------


def told_of_step(step: Step, depth: int) -> dict[str, Any]:
    return {"place": "step", **step.telling(depth).to_dict()}


def told_of_layer(view: LayerView, depth: int, example: int, phase: str) -> dict[str, Any]:
    return {
        "place": "layer", "kind": view.kind, **view.telling(depth, example).to_dict(),
        "maps": maps(view, example, phase),
    }  # fmt: skip


def told_of_neuron(view: LayerView, unit: int, depth: int, example: int) -> dict[str, Any]:
    """A neuron: the words, and its products for the picture of who speaks loudest."""
    neuron = view.neuron(unit, example)
    kernel = neuron.kernel
    order = sorted(neuron.products, key=lambda product: -abs(product.product))
    return {
        "place": "neuron", **neuron.telling(depth).to_dict(),
        "kernel": None if kernel is None else kernel.name,
        "products": [
            {
                "from": list(product.input_place[1:]), "number": figure(product.input),
                "weight": figure(product.weight), "product": float(f"{product.product:.4g}"),
                "at": list(product.weight_place),
            }
            for product in order[:STANDING_OUT]
        ],
        "others": max(0, len(order) - STANDING_OUT),
        "position": list(neuron.position),
    }  # fmt: skip


def told_of_weight(step: Step, name: str, place: tuple[int, ...] | None, depth: int) -> dict[str, Any]:
    view = step.weight(name)
    spot = view.place(place)
    told = {"place": "weight", **view.telling(depth, spot).to_dict(), "name": name, "at": list(spot),
            "shape": list(view.old.shape), "was": float(view.old[spot]), "becomes": float(view.new[spot]),
            "gradient": None if view.gradient is None else float(view.gradient[spot])}  # fmt: skip
    if view.gradient is not None:
        shares = view.pushes(spot).shares
        told["pushes"] = [float(f"{share:.4g}") for share in shares]
    return told
