"""`plot_model`: what the boxes and arrows of a model say, in a file.

Every use of a layer is a box. How boxes are placed and drawn, `drawing.py` says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pippin.errors import FileError, SettingError
from pippin.layers.core import InputLayer
from pippin.layers.layer import Layer
from pippin.models.functional import Functional
from pippin.models.sequential import Sequential
from pippin.ops.tensor import KerasTensor, operation_name
from pippin.saving.atomic import write_bytes
from pippin.tree import flatten, map_structure
from pippin.utils.drawing import Box, Drawing


def model_to_dot(
    model: Any, show_shapes: bool = False, show_dtype: bool = False, show_layer_names: bool = True,
    rankdir: str = "TB", expand_nested: bool = False, dpi: int = 200, subgraph: bool = False,
    show_layer_activations: bool = False, show_trainable: bool = False, splines: str = "ortho", **kwargs: Any,
) -> Drawing:  # fmt: skip
    """A model as boxes and arrows: `to_string()` is graphviz's text, `svg()` and `png()` draw it. Arrows are
    straight; `splines` is accepted as in Keras and changes nothing."""
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments: {', '.join(kwargs)}.")
    if not model.built:
        raise ValueError(
            f"{model.described()}: expected a model that is built, because its shapes and connections are drawn. Call "
            "build(input_shape) or fit first."
        )
    if rankdir not in ("TB", "LR"):
        raise SettingError(f'rankdir: expected "TB" (downwards) or "LR" (to the right), received {rankdir!r}.')
    told = _Told(show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable, expand_nested)
    boxes: list[Box] = []
    told.model(model, boxes, [], "")
    return Drawing(boxes, rankdir, dpi)


@dataclass
class _Told:
    """What a box says of its layer."""

    shapes: bool
    dtype: bool
    names: bool
    activations: bool
    trainable: bool
    expands: bool

    def model(self, model: Any, boxes: list[Box], start: list[Box], place: str) -> list[Box]:
        """Add the boxes of a model that begins behind `start`; those it ends with."""
        if isinstance(model, Functional):
            return self._graph(model, boxes, start, place)
        before = list(start)
        if isinstance(model, Sequential):
            if not start and model._input is not None:
                before = [self._box(model._input, boxes, [], place)]
            for layer in model.layers:
                before = self._step(layer, boxes, before, place, None)
            return before
        return [self._box(model, boxes, before, place)]

    def _graph(self, model: Functional, boxes: list[Box], start: list[Box], place: str) -> list[Box]:
        made: dict[int, list[Box]] = {}
        for number, tensor in enumerate(model.inputs):
            if start:
                made[id(tensor)] = [start[min(number, len(start) - 1)]]
            else:
                operation = tensor.node.operation if tensor.node is not None else tensor
                made[id(tensor)] = [self._box(operation, boxes, [], place)]
        for node in model.nodes:
            before = _once([box for tensor in node.inputs for box in made.get(id(tensor), [])])
            after = self._step(node.operation, boxes, before, place, node)
            made.update((id(tensor), after) for tensor in flatten(node.outputs))
        return _once([box for tensor in model.outputs for box in made[id(tensor)]])

    def _step(self, operation: Any, boxes: list[Box], before: list[Box], place: str, node: Any) -> list[Box]:
        if self.expands and isinstance(operation, (Functional, Sequential)):
            return self.model(operation, boxes, before, f"{place}{operation.name}/")
        return [self._box(operation, boxes, before, place, node)]

    def _box(self, operation: Any, boxes: list[Box], before: list[Box], place: str, node: Any = None) -> Box:
        is_layer = isinstance(operation, Layer)
        kind = type(operation).__name__ if is_layer else operation_name(operation) if callable(operation) else "Input"
        title = f"{place}{operation.name} ({kind})" if self.names and is_layer else kind
        lines = [title]
        activation = getattr(operation, "activation", None)
        if self.activations and activation is not None:
            lines.append(f"Activation: {getattr(activation, '__name__', type(activation).__name__)}")
        if self.shapes:
            given, result = _shapes(operation, node)
            lines += [f"Input shape: {given}", f"Output shape: {result}"]
        if self.dtype:
            lines.append(f"Output dtype: {_dtype(operation, node)}")
        if self.trainable and is_layer:
            lines.append(f"Trainable: {operation.trainable}")
        boxes.append(Box(lines, before))
        return boxes[-1]


def _once(boxes: list[Box]) -> list[Box]:
    return list({id(box): box for box in boxes}.values())


def _shapes(operation: Any, node: Any) -> tuple[str, str]:
    """What goes in and comes out, "?" for what is not known."""
    if node is not None:
        inputs = [tensor.shape for tensor in node.inputs]
        return _shape(inputs[0] if len(inputs) == 1 else inputs), _shape(_result(node))
    if isinstance(operation, InputLayer):
        return (_shape(operation.batch_shape),) * 2
    given = getattr(operation, "built_for", None)
    try:
        return (_shape(given) if given is not None else "?"), _shape(operation.output.shape)
    except (AttributeError, ValueError):
        return _shape(given) if given is not None else "?", "?"


def _result(node: Any) -> Any:
    return map_structure(lambda tensor: tensor.shape, node.outputs) if isinstance(node.outputs, KerasTensor) else [
        tensor.shape for tensor in flatten(node.outputs)
    ]  # fmt: skip


def _shape(shape: Any) -> str:
    return str(tuple(shape)) if isinstance(shape, (list, tuple)) and not any(isinstance(s, tuple) for s in shape) else (
        ", ".join(map(str, shape))
    )  # fmt: skip


def _dtype(operation: Any, node: Any) -> str:
    if node is not None:
        return ", ".join(sorted({tensor.dtype for tensor in flatten(node.outputs)}))
    return str(getattr(operation, "dtype", "float32"))


def plot_model(
    model: Any, to_file: Any = "model.png", show_shapes: bool = False, show_dtype: bool = False,
    show_layer_names: bool = False, rankdir: str = "TB", expand_nested: bool = False, dpi: int = 200,
    show_layer_activations: bool = False, show_trainable: bool = False, splines: str = "ortho", **kwargs: Any,
) -> Any:  # fmt: skip
    """Draw a model into a file: .svg, .png, or .dot for graphviz. In a notebook the drawing is shown too.

    Arrows are straight; `splines` is accepted as in Keras and changes nothing.
    """
    drawing = model_to_dot(
        model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi,
        show_layer_activations=show_layer_activations, show_trainable=show_trainable, **kwargs,
    )  # fmt: skip
    path = os.fspath(to_file)
    ending = Path(path).suffix.lower()
    if ending not in (".svg", ".png", ".dot"):
        raise FileError(f"plot_model: expected a name that ends in .svg, .png or .dot, received {path}.")
    if ending == ".png":
        write_bytes(path, drawing.png())
    else:
        write_bytes(path, (drawing.svg() if ending == ".svg" else drawing.to_string()).encode())
    return _shown(path, ending)


def _shown(path: str, ending: str) -> Any:
    """What a notebook shows; None elsewhere."""
    import sys

    notebook = sys.modules.get("IPython")
    if notebook is None or notebook.get_ipython() is None or ending == ".dot":
        return None
    from IPython import display

    return display.SVG(filename=path) if ending == ".svg" else display.Image(filename=path)
