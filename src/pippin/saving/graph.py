"""Models as plain data, in Keras's form, and back: Sequential as a list of layers, functional ones as nodes between
layers."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import FileError
from pippin.layers.core import InputLayer
from pippin.layers.layer import Layer
from pippin.models.functional import Functional
from pippin.models.order import operation_of
from pippin.models.sequential import Sequential
from pippin.ops.tensor import KerasTensor, Node
from pippin.saving.operations import is_operation, read_operation, written_operation
from pippin.saving.serialize import serialize
from pippin.tree import flatten, map_structure

if TYPE_CHECKING:
    from pippin.saving.revive import Reviver

TENSOR = "__keras_tensor__"
MOST_LAYERS = 10_000


# Writing -------------------------------------------------------------------------------------------------------------


def functional_config(model: Functional) -> dict[str, Any]:
    """The layers of a functional model, what each is called on, and where the model begins and ends."""
    return _Writer(model).config()


class _Writer:
    """Gives every operation a name and every tensor its history: (name of its maker, number of the use, place in its
    results)."""

    def __init__(self, model: Functional) -> None:
        self.model = model
        self.nodes: dict[int, list[Node]] = {}
        for node in sorted(model.nodes, key=lambda node: node.number):
            self.nodes.setdefault(id(operation_of(node)), []).append(node)
        self.histories: dict[int, list[Any]] = {}
        self.names: dict[int, str] = {}
        taken = Counter(operation.name for operation in model.order.operations if isinstance(operation, Layer))
        for tensor in model.inputs:
            self.histories[id(tensor)] = [self._input_name(tensor, taken), 0, 0]
        for operation in model.order.operations:
            self._name(operation, taken)
        for nodes in self.nodes.values():
            for number, node in enumerate(nodes):
                for place, tensor in enumerate(flatten(node.outputs)):
                    self.histories[id(tensor)] = [self.names[id(operation_of(node))], number, place]

    def _input_name(self, tensor: KerasTensor, taken: Counter[str]) -> str:
        """The input layer's name; a tensor from the middle of another model enters through a new input layer."""
        is_input = tensor.node is not None and isinstance(tensor.node.operation, InputLayer)
        return tensor.node.operation.name if is_input else _free(f"{tensor.name}_input", taken)  # type: ignore[union-attr]

    def _name(self, operation: Any, taken: Counter[str]) -> None:
        if isinstance(operation, Layer):
            self.names[id(operation)] = operation.name
        elif id(operation) in self.nodes:
            self.names[id(operation)] = _free(written_operation(operation)[0], taken)

    def config(self) -> dict[str, Any]:
        model = self.model
        entries = [self._entering(tensor) for tensor in model.inputs if not _enters(tensor)]
        entries += [self._entry(operation) for operation in model.order.operations if id(operation) in self.names]
        return {
            "name": model.name,
            "trainable": model.trainable,
            "layers": entries,
            "input_layers": map_structure(lambda tensor: list(self.histories[id(tensor)]), model.input),
            "output_layers": map_structure(self._output, model.output),
        }

    def _entering(self, tensor: KerasTensor) -> dict[str, Any]:
        name = self.histories[id(tensor)][0]
        config = {
            "batch_shape": list(tensor.shape),
            "dtype": tensor.dtype,
            "sparse": False,
            "ragged": False,
            "name": name,
        }
        return {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "config": config,
            "registered_name": None,
            "name": name,
            "inbound_nodes": [],
        }

    def _entry(self, operation: Any) -> dict[str, Any]:
        name = self.names[id(operation)]
        if isinstance(operation, Layer):
            uses = [self._use(list(node.arguments), node.keywords) for node in self.nodes.get(id(operation), [])]
            return {**serialize(operation), "name": name, "inbound_nodes": uses}
        _, described, called_on = written_operation(operation)
        config = {"name": name, **serialize(described["config"])}
        return {**described, "config": config, "name": name, "inbound_nodes": [self._use(called_on, {})]}

    def _use(self, arguments: list[Any], keywords: dict[str, Any]) -> dict[str, Any]:
        return {"args": self._plain(arguments), "kwargs": self._plain(keywords)}

    def _plain(self, thing: Any) -> Any:
        if isinstance(thing, KerasTensor):
            config = {
                "shape": list(thing.shape),
                "dtype": thing.dtype,
                "keras_history": list(self.histories[id(thing)]),
            }
            return {"class_name": TENSOR, "config": config}
        if isinstance(thing, (list, tuple)):
            return [self._plain(part) for part in thing]
        if isinstance(thing, dict):
            return {key: self._plain(part) for key, part in thing.items()}
        if isinstance(thing, np.ndarray) and thing.ndim:
            return {"class_name": "__numpy__", "config": {"value": thing.tolist(), "dtype": thing.dtype.name}}
        return serialize(thing)

    def _output(self, tensor: KerasTensor) -> list[Any]:
        name, number, place = self.histories[id(tensor)]
        # Keras counts the use that made a functional model itself, though only here.
        is_functional = tensor.node is not None and isinstance(tensor.node.operation, Functional)
        return [name, number + is_functional, place]


def _enters(tensor: KerasTensor) -> bool:
    return tensor.node is not None and isinstance(tensor.node.operation, InputLayer)


def _free(name: str, taken: Counter[str]) -> str:
    """The name, or with a number behind it if that is taken."""
    free, number = name, 0
    while taken[free]:
        number += 1
        free = f"{name}_{number}"
    taken[free] += 1
    return free


# Reading -------------------------------------------------------------------------------------------------------------


def sequential_from_config(cls: Any, config: dict[str, Any], reviver: Reviver) -> Sequential:
    """A Sequential from the list of its layers."""
    if "name" not in config:
        raise FileError(
            f"{reviver.where}: A Sequential model configuration must be a dictionary containing the 'name' and "
            f"'layers' keys, received {', '.join(config)}."
        )
    model: Sequential = cls(name=config.get("name"), trainable=bool(config.get("trainable", True)))
    described = config["layers"]
    if not isinstance(described, list):
        raise FileError(f"{reviver.where}: expected a list of layers, received {type(described).__name__}.")
    for layer in described:
        model._append(reviver.revive(layer))
    shape = config.get("build_input_shape")
    model._build_if_known()
    if not model.built and isinstance(shape, list) and model.layers:
        model.build(tuple(shape))
    return model


def functional_from_config(cls: Any, config: dict[str, Any], reviver: Reviver) -> Functional:
    """A functional model: its layers are made, then called on each other's tensors, as soon as these are there."""
    return _Reader(config, reviver).model(cls)


class _Reader:
    """Calls layers in the order the graph allows. A use waits until all tensors it needs were made."""

    def __init__(self, config: dict[str, Any], reviver: Reviver) -> None:
        self.config = config
        self.reviver = reviver
        self.operations: dict[str, Any] = {}
        self.uses: dict[str, deque[Any]] = {}
        self.made: dict[str, list[list[KerasTensor]]] = {}

    def _damaged(self, why: str) -> FileError:
        return FileError(f'{self.reviver.where}: model "{self.config.get("name")}": {why}')

    def model(self, cls: Any) -> Functional:
        described = self.config["layers"]
        if not isinstance(described, list) or len(described) > MOST_LAYERS:
            raise self._damaged(f"expected a list of at most {MOST_LAYERS} layers.")
        for layer in described:
            name = layer["name"]
            if name in self.operations:
                raise self._damaged(f'the layer "{name}" is there twice.')
            self.operations[name] = self._operation(layer)
            self.uses[name] = deque(layer["inbound_nodes"])
            is_input = isinstance(self.operations[name], InputLayer)
            self.made[name] = [[self.operations[name].output]] if is_input else []
        self._call_all()
        keywords = {word: self.config[word] for word in ("name", "trainable") if self.config.get(word) is not None}
        inputs, outputs = (
            self._tensors(self.config["input_layers"], False),
            self._tensors(self.config["output_layers"], True),
        )
        return cls(inputs=inputs, outputs=outputs, **keywords)  # type: ignore[no-any-return]

    def _operation(self, described: dict[str, Any]) -> Any:
        if is_operation(described):
            return read_operation(
                {**described, "config": self.reviver.revive(described.get("config"))}, self.reviver.where
            )
        operation = self.reviver.revive(described)
        if not isinstance(operation, Layer):
            raise self._damaged(f'expected a layer in "{described["name"]}", received {type(operation).__name__}.')
        return operation

    def _call_all(self) -> None:
        """Make every use, each layer's in their order."""
        waiting: dict[tuple[str, int], list[str]] = {}
        ready = deque(self.operations)
        while ready:
            name = ready.popleft()
            while self.uses[name]:
                lacking = next(
                    (
                        (maker, n)
                        for maker, n, _ in _histories(self.uses[name][0])
                        if n >= len(self.made.get(maker, []))
                    ),
                    None,
                )
                if lacking is not None:
                    waiting.setdefault(lacking, []).append(name)
                    break
                self._call(name, self.uses[name].popleft())
                ready += waiting.pop((name, len(self.made[name]) - 1), [])
        left = [name for name, uses in self.uses.items() if uses]
        if left:
            raise self._damaged(f'the layer "{left[0]}" needs tensors that no other layer makes.')

    def _call(self, name: str, use: Any) -> None:
        operation = self.operations[name]
        arguments, keywords = self._given(use.get("args", [])), self._given(use.get("kwargs", {}))
        if keywords.get("mask", 0) is None:
            del keywords["mask"]
        self.made[name].append(flatten(operation(*arguments, **keywords)))

    def _given(self, data: Any) -> Any:
        """Arguments of a call, with the tensors in their places."""
        if isinstance(data, dict) and data.get("class_name") == TENSOR:
            return self._tensor(*data["config"]["keras_history"])
        if isinstance(data, list):
            return [self._given(part) for part in data]
        if isinstance(data, dict) and "class_name" not in data:
            return {key: self._given(part) for key, part in data.items()}
        return self.reviver.revive(data)

    def _tensor(self, name: str, number: int, place: int) -> KerasTensor:
        uses = self.made.get(name, [])
        if not (0 <= number < len(uses) and 0 <= place < len(uses[number])):
            raise self._damaged(f'a tensor is said to come from use {number} of "{name}", which is not there.')
        return uses[number][place]

    def _tensors(self, data: Any, is_output: bool) -> Any:
        if isinstance(data, list) and len(data) == 3 and isinstance(data[0], str):
            shift = is_output and isinstance(self.operations.get(data[0]), Functional)
            return self._tensor(data[0], data[1] - shift, data[2])
        if isinstance(data, dict):
            return {key: self._tensors(part, is_output) for key, part in data.items()}
        if isinstance(data, list):
            return [self._tensors(part, is_output) for part in data]
        raise self._damaged(f"expected where the model begins and ends, received {data!r}.")


def _histories(data: Any) -> list[tuple[str, int, int]]:
    """Where all tensors in a description come from."""
    if isinstance(data, dict):
        if data.get("class_name") == TENSOR:
            name, number, place = data["config"]["keras_history"]
            return [(name, number, place)]
        return [history for part in data.values() for history in _histories(part)]
    return [history for part in data for history in _histories(part)] if isinstance(data, list) else []
