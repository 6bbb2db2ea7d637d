"""What a functional model does before its program begins: layers of strings, applied to the data. See decision 0012."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from pippin.layers.core import InputLayer
from pippin.layers.outside import OutsideLayer
from pippin.ops.tensor import KerasTensor, Node, in_rank
from pippin.tree import flatten, map_structure


class Front:
    """The uses of layers outside of the program that stand between a model's inputs and its program, if any.

    `entering` are the tensors that the program begins with: inputs that it takes itself, and what the front makes.
    """

    def __init__(self, inputs: list[KerasTensor], outputs: list[KerasTensor], nodes: list[Node]) -> None:
        self.inputs = inputs
        known = {id(tensor) for tensor in inputs}
        self.nodes: list[Node] = []
        for node in sorted(nodes, key=lambda node: node.number):
            if isinstance(node.operation, OutsideLayer) and all(id(tensor) in known for tensor in node.inputs):
                self.nodes.append(node)
                known |= {id(tensor) for tensor in flatten(node.outputs)}
        own = {id(node) for node in self.nodes}
        behind = [node for node in nodes if id(node) not in own and not isinstance(node.operation, InputLayer)]
        asked = {id(tensor) for node in behind for tensor in node.inputs} | {id(tensor) for tensor in outputs}
        made = [tensor for node in self.nodes for tensor in flatten(node.outputs)]
        self.entering = [tensor for tensor in [*inputs, *made] if id(tensor) in asked] if self.nodes else inputs
        self.is_all = bool(self.nodes) and not behind

    def __bool__(self) -> bool:
        return bool(self.nodes)

    def __call__(self, given: Any) -> Any:
        """What enters the program, for the model's inputs as arrays (or lists of strings)."""
        leaves = map(in_rank, self.inputs, self._by_input(given))
        known = {id(tensor): leaf for tensor, leaf in zip(self.inputs, leaves, strict=True)}
        for node in self.nodes:
            arguments, keywords = map_structure(partial(_known, known), [list(node.arguments), node.keywords])
            result = node.operation(*arguments, **keywords)
            known |= {id(tensor): leaf for tensor, leaf in zip(flatten(node.outputs), flatten(result), strict=True)}
        found = [known[id(tensor)] for tensor in self.entering]
        return found[0] if len(found) == 1 else found

    def _by_input(self, given: Any) -> list[Any]:
        if isinstance(given, dict):
            return [np.asarray(given[tensor.name]) for tensor in self.inputs]
        if len(self.inputs) > 1:
            return [np.asarray(leaf) for leaf in given]
        is_wrapped = isinstance(given, (list, tuple)) and len(given) == 1 and np.ndim(given[0])
        return [np.asarray(given[0] if is_wrapped else given)]


def in_ranks(tensors: list[KerasTensor], x: Any) -> Any:
    """Arrays for these inputs, in their ranks; anything else as it is."""
    if isinstance(x, dict):
        by_name = {tensor.name: tensor for tensor in tensors}
        return {name: in_rank(by_name[name], _array(a)) if name in by_name else a for name, a in x.items()}
    if isinstance(x, (list, tuple)) and len(x) == len(tensors) > 1:
        return [in_rank(tensor, _array(array)) for tensor, array in zip(tensors, x, strict=True)]
    if hasattr(x, "to_numpy") and getattr(x, "ndim", 2) == 1:  # a column of a table
        x = x.to_numpy()
    return in_rank(tensors[0], x) if len(tensors) == 1 and isinstance(x, np.ndarray) else x


def _array(leaf: Any) -> Any:
    return leaf if leaf is None else np.asarray(leaf)


def before_step(apply: Callable[[Any], Any], x: Any) -> Any:
    """`apply` to arrays, or to the inputs of each batch of a dataset or another iterable."""
    if hasattr(x, "to_numpy"):
        return apply(x.to_numpy())
    if isinstance(x, (np.ndarray, list, tuple, dict)):
        return apply(x)
    from pippin.data.dataset import UNKNOWN, Dataset

    count = len(x) if hasattr(x, "__len__") and not isinstance(x, Dataset) else UNKNOWN
    batches = x if isinstance(x, Dataset) else Dataset(lambda _: iter(x), count)

    def through(first: Any, *others: Any) -> Any:
        found = apply(first)
        return (tuple(found) if isinstance(found, list) else found, *others)

    return batches.map(through)


def joined(found: Any) -> Any:
    """What the front made of data, as arrays: batches of a dataset one after the other."""
    if isinstance(found, (np.ndarray, list)):
        return found
    batches = [batch[0] if isinstance(batch, tuple) else batch for batch in found]
    return map_structure(lambda *parts: np.concatenate(parts), *batches)


def _known(known: dict[int, Any], leaf: Any) -> Any:
    return known[id(leaf)] if isinstance(leaf, KerasTensor) else leaf
