"""Walks the lines of a program and writes an ONNX graph: one emitter for each primitive, found by its name.

Lines have fixed shapes; a graph should take batches of any size. So the program is traced for two batch sizes, and what
differs between the two is what follows the batch: written as a · batch + b, computed in the graph from its input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pippin.errors import PippinError, SettingError
from pippin.export.protobuf import Graph, Node
from pippin.primitives import Spec
from pippin.program.program import Line, Program

Emitter = Callable[["Pair", "Writer"], "str | Sequence[str]"]
EMITTERS: dict[str, Emitter] = {}
BATCH = "batch"


def emits(*names: str) -> Callable[[Emitter], Emitter]:
    """A decorator for the function that writes the lines of these primitives."""

    def enter(emitter: Emitter) -> Emitter:
        EMITTERS.update(dict.fromkeys(names, emitter))
        return emitter

    return enter


class ExportError(PippinError, ValueError):
    """A model, or a layer of it, that a file for other programs can't hold."""


@dataclass
class Pair:
    """A line as it is for one batch size and for another, with the names of its operands in the graph."""

    line: Line
    other: Line
    program: Program
    other_program: Program
    inputs: list[str]

    @property
    def name(self) -> str:
        return self.line.primitive.name

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.line.settings

    def spec(self, operand: int) -> Spec:
        """The spec of an operand."""
        return self.program.specs[self.line.inputs[operand]]

    def shapes(self, operand: int | None = None) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The shapes of an operand, or of the result, for both batch sizes."""
        if operand is None:
            return self.program.specs[self.line.outputs[0]].shape, self.other_program.specs[self.other.outputs[0]].shape
        return self.spec(operand).shape, self.other_program.specs[self.other.inputs[operand]].shape

    @property
    def result(self) -> Spec:
        return self.program.specs[self.line.outputs[0]]

    def fixed(self, word: str) -> Any:
        """A setting that must not follow the batch."""
        if self.settings[word] != self.other.settings[word]:
            raise follows_the_batch(self)
        return self.settings[word]


def follows_the_batch(pair: Pair) -> ExportError:
    return ExportError(
        f'the layer "{pair.line.layer}" computes something else for each size of batch ({pair.name}), which a graph '
        "for batches of any size can't hold. Give an input_signature whose first size is the size of your batches."
    )


class Writer:
    """A graph while it is written. The bodies of loops have writers of their own, inside the outermost one."""

    def __init__(self, name: str, batches: tuple[int, int], outermost: Writer | None = None) -> None:
        self.graph = Graph(name)
        self.batches = batches
        self.outermost: Writer = outermost or self
        self.batch_size = ""
        self._count = 0
        self._layer = ""
        self._kept: dict[Any, str] = {}

    # Names, numbers, operations --------------------------------------------------------------------------------------

    def free(self, word: str) -> str:
        """A name nobody has."""
        root = self.outermost
        root._count += 1
        return f"{word}_{root._count}"

    def node(self, kind: str, *inputs: str, results: int = 1, **settings: Any) -> Any:
        """Write an operation; the name of its result, or of all of them."""
        outputs = [self.free(kind.lower()) for _ in range(results)]
        place = self.outermost._layer
        self.graph.nodes.append(Node(kind, inputs, outputs, settings, f"{place}/{outputs[0]}" if place else outputs[0]))
        return outputs[0] if results == 1 else outputs

    def number(self, value: Any, dtype: str = "float32") -> str:
        """Numbers that never change."""
        array = np.asarray(value, dtype)
        root = self.outermost
        key = (dtype, array.shape, array.tobytes())
        if key not in root._kept:
            root._kept[key] = self.free("number")
            root.graph.numbers[root._kept[key]] = array
        return root._kept[key]

    def whole(self, *numbers: int) -> str:
        """A list of whole numbers, as ONNX wants axes and sizes."""
        return self.number(numbers, "int64")

    def cast(self, name: str, dtype: str) -> str:
        from pippin.export.protobuf import TYPES

        return str(self.node("Cast", name, to=TYPES[dtype]))

    # What follows the batch ------------------------------------------------------------------------------------------

    def sizes(self, pair: Pair, first: Sequence[int], second: Sequence[int]) -> str:
        """A list of sizes, given for both batch sizes."""
        if tuple(first) == tuple(second):
            return self.whole(*first)
        root = self.outermost
        key = ("sizes", tuple(first), tuple(second))
        if key not in root._kept:
            parts = [root._size(pair, a, b) for a, b in zip(first, second, strict=True)]
            root._kept[key] = root.node("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]
        return root._kept[key]

    def _size(self, pair: Pair, first: int, second: int) -> str:
        """One size, as a list: a · batch + b."""
        if first == second:
            return self.whole(first)
        step = self.batches[1] - self.batches[0]
        if (second - first) % step or not self.batch_size:
            raise follows_the_batch(pair)
        times = (second - first) // step
        plus = first - times * self.batches[0]
        found = self.batch_size if times == 1 else self.node("Mul", self.batch_size, self.whole(times))
        return found if plus == 0 else str(self.node("Add", found, self.whole(plus)))

    # Lines -----------------------------------------------------------------------------------------------------------

    def lines(self, program: Program, other: Program, names: dict[int, str]) -> None:
        """Write all lines of a program. `names` holds what its values are called, and gets the new ones."""
        if len(program.lines) != len(other.lines):
            raise SettingError(
                "export: the model takes other steps for each size of batch, which a graph for batches of any size "
                "can't hold. Give an input_signature whose first size is the size of your batches."
            )
        for line, twin in zip(program.lines, other.lines, strict=True):
            pair = Pair(line, twin, program, other, [names[value] for value in line.inputs])
            self.outermost._layer = line.layer
            emitter = EMITTERS.get(line.primitive.name)
            if line.primitive is not twin.primitive:
                raise follows_the_batch(pair)
            if emitter is None:
                raise ExportError(
                    f'the layer "{line.layer}" can\'t be exported: ONNX has no word for {line.primitive.name} '
                    f"({line.primitive.says.rstrip('.').lower()})."
                )
            made = emitter(pair, self)
            names.update(zip(line.outputs, [made] if isinstance(made, str) else made, strict=True))
