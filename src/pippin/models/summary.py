"""`model.summary()`: what the rows of the table say. How a table is drawn stands in table.py."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

from pippin.models.functional import Functional
from pippin.models.order import Order, operation_of
from pippin.models.table import BOLD, Column, Painting, console_width, cut, draw, paint, wants_colour, wrap
from pippin.ops.tensor import KerasTensor, Node, operation_name
from pippin.tree import flatten, map_structure

_NUMBER, _NONE, _KIND = "38;5;34", "38;5;45", "38;5;33"
_OF_NAME: Painting = ((r"(?<=\()\w+(?=\))", _KIND),)
_OF_SHAPE: Painting = ((r"\d+", _NUMBER), ("None", _NONE))
_OF_COUNT: Painting = ((r"^[\d,]+", _NUMBER),)
_OF_SOURCES: Painting = ((r"(?<=\[)\d+(?=\])", _NUMBER),)
_OF_TRAINABLE: Painting = (("Y", f"{BOLD};{_NUMBER}"), ("N", f"{BOLD};91"), ("-", BOLD))
_OF_TOTAL: Painting = (("^[^:]+: ", BOLD), (r"(?<=0m)[\d,]+", _NUMBER))
_PLAIN_SIGNS = str.maketrans("━─┃│┏┳┓┡╇┩├┼┤└┴┘…", "--||++++++++++++.")


def print_summary(
    model: Any, line_length: int | None = None, positions: Any = None, print_fn: Any = None,
    expand_nested: bool = False, show_trainable: bool = False, layer_range: Any = None,
) -> None:  # fmt: skip
    """Write the summary to standard output, or hand the whole text to `print_fn` in one call."""
    colour = print_fn is None and wants_colour()
    text = summary_text(model, line_length, positions, expand_nested, show_trainable, layer_range, colour)
    if print_fn is not None:
        print_fn(text)
        return
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        sys.stdout.write(text.translate(_PLAIN_SIGNS))
    sys.stdout.flush()


def summary_text(
    model: Any,
    line_length: int | None,
    positions: Any,
    expand_nested: bool,
    show_trainable: bool,
    layer_range: Any,
    colour: bool,
) -> str:
    """The whole summary, with colours or without."""
    graph = _Graph(model) if isinstance(model, Functional) else None
    branched = graph is not None and not graph.is_chain()
    rows = _Rows(graph if branched else None, expand_nested, show_trainable)
    things = graph.order.operations if graph is not None else list(model.layers)
    length, columns = _columns(branched, line_length, positions, show_trainable)
    for thing in _within(things, layer_range):
        rows.add(thing)
    screen = console_width()
    title = [
        paint(line, ((".+", BOLD),)) if colour else line for line in wrap(f'Model: "{model.name}"', screen, fold=True)
    ]
    # What is wider than the screen is cut off, as in Keras; such a table has no colours.
    table = [
        cut(line, screen) if length > screen else line
        for line in draw(columns, rows.found, length, colour and length <= screen)
    ]
    totals = [paint(line, _OF_TOTAL) if colour else line for line in _totals(model)]
    return "\n".join([*title, *table, *totals, ""])


def _columns(branched: bool, line_length: int | None, positions: Any, show_trainable: bool) -> tuple[int, list[Column]]:
    """The length of a line and the columns, whose ends `positions` gives as shares of the line."""
    ends = positions or ([0.3, 0.56, 0.74, 1.0] if branched else [0.45, 0.80, 1.0])
    headings = [
        ("Layer (type)", "left", _OF_NAME),
        ("Output Shape", "left", _OF_SHAPE),
        ("Param #", "right", _OF_COUNT),
    ]
    if branched:
        headings.append(("Connected to", "left", _OF_SOURCES))
    default = 108 if branched else 88
    if show_trainable:
        default, ends = default + 12, [end * 0.9 for end in ends] + [1.0]
        headings.append(("Trainable", "center", _OF_TRAINABLE))
    length = line_length or min(default, shutil.get_terminal_size().columns - 4)
    columns, used = [], 0
    for (heading, side, painting), end in zip(headings, ends, strict=True):
        width = int(end * length) - used
        if width < 4:
            raise ValueError(
                f"summary: expected room for 4 characters in each column, but line_length={length} gives "
                f"{heading!r} {width}."
            )
        columns.append(Column(heading, side, width, painting))
        used += width
    return length, columns


def _within(things: Sequence[Any], layer_range: Any) -> Sequence[Any]:
    """The rows from the first name that matches one pattern to the last that matches the other."""
    if layer_range is None:
        return things
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ValueError(f"summary layer_range: expected two names of layers, received {layer_range!r}.")
    names = [getattr(thing, "name", "") for thing in things]
    first, last = ([number for number, name in enumerate(names) if re.match(pattern, name)] for pattern in layer_range)
    if not first or not last:
        raise ValueError(
            f"summary layer_range: expected names of layers, received {layer_range!r}. Layers: {', '.join(names)}."
        )
    if min(first) > max(last):
        return things[min(last) : max(first) + 1]
    return things[min(first) : max(last) + 1]


class _Graph:
    """A functional model as its summary sees it: operations in order, a name for each, and who feeds whom."""

    def __init__(self, model: Functional) -> None:
        self.order: Order = model.order
        self.uses: dict[int, list[Node]] = {}
        self.names: dict[int, str] = {}
        counts: Counter[str] = Counter()
        starts = [tensor.node for tensor in model.inputs if tensor.node is not None]
        for node in [*starts, *model.nodes]:
            operation = operation_of(node)
            self.uses.setdefault(id(operation), []).append(node)
            if operation is node:
                word = operation_name(node.operation)
                self.names[id(node)] = f"{word}_{counts[word]}" if counts[word] else word
                counts[word] += 1
            else:
                self.names[id(operation)] = operation.name

    def is_chain(self) -> bool:
        """Whether the layers stand in one row, each fed by the one before, none used twice."""
        nodes = [node for level in self.order.nodes_by_depth for node in level]
        one_by_one = all(len(level) == 1 and len(level[0].inputs) <= 1 for level in self.order.nodes_by_depth)
        return one_by_one and len({id(operation_of(node)) for node in nodes}) == len(nodes)

    def sources(self, operation: Any) -> str:
        """Where an operation's inputs come from: the name, which use of it, and which of its results."""
        tensors = [tensor for node in self.uses.get(id(operation), ()) for tensor in node.inputs]
        return ", ".join(map(self._source, tensors)) or "-"

    def _source(self, tensor: KerasTensor) -> str:
        assert tensor.node is not None
        source = operation_of(tensor.node)
        use = next((number for number, node in enumerate(self.uses.get(id(source), ())) if node is tensor.node), 0)
        return f"{self.names.get(id(source), tensor.name)}[{use}][{tensor.index}]"


class _Rows:
    """The rows of the table, one for each layer, and for those inside it where they are wanted."""

    def __init__(self, graph: _Graph | None, expand_nested: bool, show_trainable: bool) -> None:
        self.graph, self.expand_nested, self.show_trainable = graph, expand_nested, show_trainable
        self.found: list[list[str]] = []

    def add(self, thing: Any, level: int = 0) -> None:
        prefix = "   " * level + "└ " if level else ""
        self.found.append(self._function(thing) if isinstance(thing, Node) else self._layer(thing, prefix))
        if self.expand_nested:
            for inner in getattr(thing, "layers", ()):
                self.add(inner, level + 1)

    def _layer(self, layer: Any, prefix: str) -> list[str]:
        count = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
        row = [f"{prefix}{layer.name} ({type(layer).__name__})", _output_shape(layer), count]
        return row + self._more(layer, ("Y" if layer.trainable else "N") if layer.weights else "-")

    def _function(self, node: Node) -> list[str]:
        name = self.graph.names[id(node)] if self.graph is not None else operation_name(node.operation)
        kind = operation_name(node.operation).title().replace("_", "")
        return [f"{name} ({kind})", _shapes(node.outputs), "0"] + self._more(node, "-")

    def _more(self, operation: Any, trainable: str) -> list[str]:
        sources = [self.graph.sources(operation)] if self.graph is not None else []
        return sources + ([trainable] if self.show_trainable else [])


def _output_shape(layer: Any) -> str:
    """The shape of what the layer made last, "?" if it was never used on a tensor whose shape is known."""
    try:
        return _shapes(layer.output)
    except AttributeError:
        return "?"


def _shapes(outputs: Any) -> str:
    """(None, 32), or for several results their structure."""
    shown = map_structure(lambda tensor: f"({', '.join(map(str, tensor.shape))})", outputs)
    leaves = flatten(shown)
    return leaves[0] if len(leaves) == 1 else str(shown).replace("'", "")


def _totals(model: Any) -> list[str]:
    """Numbers of weights and the memory they take; those of the optimizer once it has some."""
    trainable, rest = list(model.trainable_weights), list(model.non_trainable_weights)
    optimizer = model.optimizer
    memory = list(optimizer.variables) if optimizer is not None and optimizer.built else []
    lines = [
        _total("Total", [*trainable, *rest, *memory]),
        _total("Trainable", trainable),
        _total("Non-trainable", rest),
    ]
    return lines + ([_total("Optimizer", memory)] if memory else [])


def _total(word: str, variables: Iterable[Any]) -> str:
    unique = {id(variable): variable for variable in variables}.values()
    size = sum(prod(variable.shape) * variable.value.itemsize for variable in unique)
    return f" {word} params: {sum(prod(variable.shape) for variable in unique):,} ({readable_size(size)})"


def readable_size(size: float) -> str:
    """4432 → "4.33 KB", in steps of 1024."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"
