"""Functional models: any graph of layers, from the tensors that go in to those that come out."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError
from pippin.layers.core import InputLayer
from pippin.layers.layer import Layer
from pippin.models.front import Front, before_step, in_ranks, joined
from pippin.models.model import Model
from pippin.models.order import keras_order
from pippin.ops.masks import give_masks
from pippin.ops.tensor import KerasTensor, Node, in_rank
from pippin.program import Symbol
from pippin.training.hints import hint
from pippin.tree import flatten, map_structure, pack_sequence_as


class Functional(Model):
    """A model from symbolic tensors: replays, on real symbols, the operations that made `outputs` from `inputs`."""

    def __init__(
        self, inputs: Any, outputs: Any, name: str | None = None, trainable: bool = True, **keywords: Any
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._input_structure, self._output_structure = inputs, outputs
        for tensor in [*flatten(inputs), *flatten(outputs)]:
            if not isinstance(tensor, KerasTensor):
                raise SettingError(
                    f"{self.described()}: All `inputs` values must be KerasTensors, and all outputs: symbolic tensors "
                    f"from Input(...) and layers. Received: {tensor!r}"
                )
        reached = {id(node) for node in sorted_nodes(flatten(inputs), flatten(outputs), self.described())}
        self.order = keras_order(flatten(inputs), flatten(outputs))
        # Farthest from the outputs first: a layer used twice that keeps running figures meets its inputs in Keras's
        # order.
        self.nodes = [node for level in self.order.nodes_by_depth for node in level if id(node) in reached]
        self.front = Front(flatten(inputs), flatten(outputs), self.nodes)
        self._program_nodes = [node for node in self.nodes if node not in self.front.nodes]
        self._layers_in_order = [op for op in self.order.operations if isinstance(op, Layer)]
        names = [layer.name for layer in self._layers_in_order]
        for name_ in names:
            if names.count(name_) > 1:
                raise SettingError(
                    f'{self.described()}: expected each layer to have a name of its own, received "{name_}" twice.'
                )
        self.built = True

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers_in_order)

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError("`Model.layers` attribute is reserved: make a new model from other tensors.")

    @property
    def inputs(self) -> list[KerasTensor]:
        return flatten(self._input_structure)

    @property
    def outputs(self) -> list[KerasTensor]:
        return flatten(self._output_structure)

    @property
    def input(self) -> Any:
        return self._input_structure

    @property
    def output(self) -> Any:
        return self._output_structure

    @property
    def input_shape(self) -> Any:
        return self.inputs[0].shape if len(self.inputs) == 1 else [tensor.shape for tensor in self.inputs]

    @property
    def output_shape(self) -> Any:
        return self.outputs[0].shape if len(self.outputs) == 1 else [tensor.shape for tensor in self.outputs]

    @property
    def entering(self) -> list[KerasTensor]:
        return self.front.entering

    def input_names_and_types(self) -> list[tuple[str, str]]:
        if len(self.entering) == 1:
            return [("x", self.entering[0].dtype)]
        return [(tensor.name, tensor.dtype) for tensor in self.entering]

    def before_step(self, x: Any) -> Any:
        """The data behind the layers of strings that the model begins with, in the ranks of its inputs."""
        if x is None:
            return x
        if self.front:
            return before_step(self.front, x)
        return in_ranks(self.inputs, x)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        if self.front and arguments:
            given = flatten(arguments[0])
            if any(isinstance(leaf, Symbol) for leaf in given):  # its own step, behind the front
                return super().__call__(*arguments, **keywords)
            if any(isinstance(leaf, KerasTensor) for leaf in given):
                raise SettingError(
                    f"{self.described()}: it begins with layers of strings, so it can't be part of another model. Use "
                    "the part behind them: a model that begins with what they give."
                )
            arguments = (self.before_step(arguments[0]), *arguments[1:])
            if self.front.is_all:
                return pack_sequence_as(self._output_structure, flatten(arguments[0]))
        return super().__call__(*arguments, **keywords)

    def predict(self, x: Any, *arguments: Any, **keywords: Any) -> Any:
        if self.front.is_all:
            return pack_sequence_as(self._output_structure, flatten(joined(self.before_step(x))))
        return super().predict(x, *arguments, **keywords)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        given = [
            one if one is None else in_rank(tensor, one)
            for tensor, one in zip(self.entering, self._given(inputs), strict=True)
        ]
        known: dict[int, Any] = {id(tensor): one for tensor, one in zip(self.entering, given, strict=True)}
        give_masks(given, mask)
        for node in self._program_nodes:
            arguments = map_structure(
                lambda leaf: known[id(leaf)] if isinstance(leaf, KerasTensor) else leaf, list(node.arguments)
            )
            keywords = map_structure(
                lambda leaf: known[id(leaf)] if isinstance(leaf, KerasTensor) else leaf, node.keywords
            )
            if isinstance(node.operation, Layer):
                # As in Keras: what the run is stands above what the layer was called with when the model was made.
                keywords["training"] = keywords.get("training") if training is None else training
            results = node.operation(*arguments, **keywords)
            for tensor, symbol in zip(flatten(node.outputs), flatten(results), strict=True):
                known[id(tensor)] = symbol
        return map_structure(lambda tensor: known[id(tensor)], self._output_structure)

    def build(self, input_shape: Any = None) -> None:
        """Nothing: the weights were made with the model."""

    def get_build_config(self) -> dict[str, Any] | None:
        """Nothing: the layers know for which shapes they were made."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The layers, what each is called on, and where the model begins and ends, as plain data."""
        from pippin.saving.graph import functional_config

        return functional_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described, with fresh weights."""
        from pippin.saving.graph import functional_from_config
        from pippin.saving.revive import Reviver

        return functional_from_config(cls, config, Reviver(custom_objects or {}, "from_config"))

    def _given(self, inputs: Any) -> list[Any]:
        """One symbol for each input: from a single tensor, a list, a dict by input name, or the structure of `inputs`
        that the model was made from."""
        wanted = self._input_structure
        if isinstance(inputs, dict) and (self.front or not isinstance(wanted, dict)):
            self._taken({tensor.name: tensor for tensor in self.inputs}, inputs)  # refuses what is missing
            return [inputs[tensor.name] for tensor in self.inputs]
        given = self._taken(wanted, inputs)
        if len(given) != len(self.entering):
            raise SettingError(
                f"{self.described()}: expected {len(self.entering)} inputs "
                f"({', '.join(tensor.name for tensor in self.entering)}), received {len(given)}."
            )
        return given

    def _taken(self, wanted: Any, given: Any) -> list[Any]:
        """What stands in `given` where `wanted` has its inputs, in their order."""
        if isinstance(wanted, dict) and isinstance(given, dict):
            missing = [str(key) for key in wanted if key not in given]
            if missing:
                raise SettingError(
                    f"{self.described()}: expected an entry for each input, missing {', '.join(missing)}; received "
                    f"{', '.join(map(str, given))}."
                )
            if len(given) > len(wanted):
                self._doubt_structure(wanted, given)
            return [leaf for key in sorted(wanted) for leaf in self._taken(wanted[key], given[key])]
        if isinstance(wanted, (list, tuple)) and isinstance(given, (list, tuple)) and len(wanted) == len(given):
            return [leaf for one, other in zip(wanted, given, strict=True) for leaf in self._taken(one, other)]
        if isinstance(wanted, dict) and isinstance(given, (list, tuple)):
            self._doubt_structure(wanted, given)
        return flatten(given)

    def _doubt_structure(self, wanted: Any, given: Any) -> None:
        expected, received = (map_structure(lambda _: "*", some) for some in (wanted, given))
        hint(
            "The structure of `inputs` doesn't match the expected structure: "
            f"{self.described()} takes {expected}, received {received}. Inputs are taken in the order of the keys."
        )


def sorted_nodes(inputs: list[KerasTensor], outputs: list[KerasTensor], described: str) -> list[Node]:
    """The nodes between inputs and outputs, each after those it needs; in the order they were made where free."""
    given = {id(tensor) for tensor in inputs}
    found: list[Node] = []
    seen: set[int] = set()

    def visit(tensor: KerasTensor) -> None:
        stack: list[tuple[KerasTensor, bool]] = [(tensor, False)]
        while stack:
            now, ready = stack.pop()
            node = now.node
            if id(now) in given or node is None or (id(node) in seen and not ready):
                continue
            if ready:
                if not any(node is known for known in found):
                    found.append(node)
                continue
            if isinstance(node.operation, InputLayer):
                raise SettingError(
                    f'{described}: the outputs depend on the input "{now.name}", which is not connected to the '
                    "model: it is not among its inputs."
                )
            seen.add(id(node))
            stack.append((now, True))
            stack += [(source, False) for source in reversed(node.inputs)]

    for tensor in outputs:
        visit(tensor)
    return found
