"""In which order the layers of a functional model stand: by their distance from the outputs, as in Keras.

It decides the order of `get_weights`, of the weights in a file and of the rows of a summary. It says nothing
about the order in which a model computes, which may be any that respects the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pippin.layers.core import InputLayer
from pippin.layers.layer import Layer
from pippin.ops.tensor import KerasTensor, Node


@dataclass
class Order:
    """The operations of a model in Keras's order; the nodes by distance from the outputs, the farthest first.

    A layer is one operation however often it is used; each use of a function is one of its own: its node.
    """

    operations: list[Any]
    nodes_by_depth: list[list[Node]]


@dataclass
class _Walk:
    """A walk from the outputs to the inputs: nodes after all they need, operations in the order met."""

    given: set[int]
    nodes: list[Node] = field(default_factory=list)
    met: dict[int, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def visit(self, tensor: KerasTensor) -> None:
        stack: list[tuple[KerasTensor, bool]] = [(tensor, False)]
        while stack:
            now, ready = stack.pop()
            node = now.node
            if node is None or not _begins_or_goes_on(now, self.given):
                continue
            if ready:
                self.nodes.append(node)
            elif id(node) not in self.seen:
                self.seen.add(id(node))
                self.met.setdefault(id(operation_of(node)), len(self.met))
                stack.append((now, True))
                if id(now) not in self.given:
                    stack += [(source, False) for source in reversed(node.inputs)]


def _begins_or_goes_on(tensor: KerasTensor, given: set[int]) -> bool:
    """False for a tensor that enters from the middle of another graph: what made it is not part of this one."""
    return id(tensor) not in given or tensor.node is None or isinstance(tensor.node.operation, InputLayer)


def operation_of(node: Node) -> Any:
    """The layer that a node uses, or the node itself if it uses a function."""
    return node.operation if isinstance(node.operation, Layer) else node


def keras_order(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> Order:
    """Operations and nodes between `inputs` and `outputs`, farthest from the outputs first.

    The depth of a node is the longest way from it to an output; a layer used several times has the depth of
    its deepest use among those already counted. Keras's quirks are kept.
    """
    walk = _Walk({id(tensor) for tensor in inputs})
    for tensor in outputs:
        walk.visit(tensor)
    depth_of_node: dict[int, int] = {}
    depth_of_operation: dict[int, int] = {}
    operations: dict[int, Any] = {}
    nodes = {id(node): node for node in walk.nodes}
    for node in reversed(walk.nodes):
        operation = operation_of(node)
        depth = max(depth_of_node.get(id(node), 0), depth_of_operation.get(id(operation), 0))
        depth_of_node[id(node)] = depth_of_operation[id(operation)] = depth
        operations[id(operation)] = operation
        for source in node.inputs:
            if id(source.node) in nodes:
                depth_of_node[id(source.node)] = max(depth + 1, depth_of_node.get(id(source.node), 0))
    for tensor in inputs:
        if tensor.node is None:
            continue
        unused = tensor.node.operation
        if isinstance(unused, InputLayer) and id(unused) not in operations:
            operations[id(unused)], depth_of_operation[id(unused)] = unused, 0
            depth_of_node[id(tensor.node)], nodes[id(tensor.node)], walk.met[id(unused)] = 0, tensor.node, -1
    ordered = sorted(operations.values(), key=lambda op: (-depth_of_operation[id(op)], walk.met[id(op)]))
    levels: dict[int, list[Node]] = {}
    for key, depth in depth_of_node.items():
        levels.setdefault(depth, []).append(nodes[key])
    return Order(ordered, [levels[depth] for depth in sorted(levels, reverse=True)])
