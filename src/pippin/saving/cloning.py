"""`clone_model`: a model of the same layers, made anew, with weights of their own."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from pippin.errors import SettingError
from pippin.layers.core import Input
from pippin.layers.layer import Layer
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential
from pippin.ops.tensor import KerasTensor
from pippin.saving.places import places
from pippin.saving.revive import Reviver
from pippin.saving.serialize import serialize, serialize_whole
from pippin.tree import assert_same_structure, flatten, map_structure


def clone_model(
    model: Any, input_tensors: Any = None, clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Callable[..., Any] | None = None, recursive: bool = False, **keywords: Any,
) -> Any:  # fmt: skip
    """A model like this one with weights of its own, compiled in the same way.

    It begins at `input_tensors`, or at inputs of its own. `clone_function(layer)` gives the layer that takes a layer's
    place, `call_function(layer, *arguments)` what it makes of its inputs (in functional models). With `recursive`
    models inside are gone through in the same way, instead of being one layer.
    """
    if keywords:
        raise SettingError(f"clone_model: expected no argument called {', '.join(keywords)}.")
    if isinstance(model, Sequential) and call_function is not None:
        raise SettingError("clone_model: expected call_function only for functional models, received a Sequential.")
    if isinstance(model, (Sequential, Functional)):
        return _Cloning(clone_function, call_function, recursive).model(model, input_tensors)
    if clone_function is not None or call_function is not None or input_tensors is not None:
        raise SettingError(
            "clone_model: expected clone_function, call_function and input_tensors only for Sequential and functional "
            f"models, received a {type(model).__name__}, whose layers only its own code knows."
        )
    return _again(model)


class _Cloning:
    """One call of `clone_model`. A layer that is used twice is made once."""

    def __init__(self, clone_function: Any, call_function: Any, recursive: bool) -> None:
        self.clone = clone_function or _again
        self.call = call_function or (lambda operation, *arguments, **keywords: operation(*arguments, **keywords))
        self.recursive = recursive
        self.made: dict[int, Any] = {}

    def layer(self, layer: Layer) -> Any:
        """What takes a layer's place."""
        if id(layer) not in self.made:
            is_gone_through = self.recursive and isinstance(layer, (Sequential, Functional))
            self.made[id(layer)] = self.model(layer) if is_gone_through else self.clone(layer)
        return self.made[id(layer)]

    def model(self, model: Any, input_tensors: Any = None) -> Model:
        made = (self._stack if isinstance(model, Sequential) else self._graph)(model, input_tensors)
        if model.compilation is not None:
            Reviver(own_things(model), "clone_model", False).compile(made, serialize(model.get_compile_config()))
        return made

    def _stack(self, model: Sequential, input_tensors: Any) -> Sequential:
        start = model.inputs if model._input is not None else []
        if input_tensors is not None:
            start = _tensors(input_tensors)
            if len(start) != 1:
                raise SettingError(
                    f"clone_model input_tensors: expected one tensor for a Sequential, received {len(start)}."
                )
        inputs = [Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in start]
        return Sequential([*inputs, *map(self.layer, model.layers)], model.trainable, model.name)

    def _graph(self, model: Functional, input_tensors: Any) -> Functional:
        if input_tensors is None:
            input_tensors = map_structure(lambda t: Input(batch_shape=t.shape, dtype=t.dtype, name=t.name), model.input)
        try:
            assert_same_structure(input_tensors, model.input)
        except ValueError:
            raise SettingError(
                f"`input_tensors` must have the same structure as model.input: clone_model expected {model.input}, "
                f"received {input_tensors}."
            ) from None
        known = dict(zip(map(id, model.inputs), _tensors(input_tensors), strict=True))

        def now(structure: Any) -> Any:
            return map_structure(lambda leaf: known[id(leaf)] if isinstance(leaf, KerasTensor) else leaf, structure)

        for node in model.nodes:
            operation: Any = node.operation
            operation = self.layer(operation) if isinstance(operation, Layer) else operation
            results = self.call(operation, *now(list(node.arguments)), **now(node.keywords))
            known.update(zip(map(id, flatten(node.outputs)), flatten(results), strict=True))
        is_plain = type(model).__init__ in (Model.__init__, Functional.__init__)
        cls = type(model) if is_plain else Functional
        return cls(inputs=input_tensors, outputs=now(model.output), name=model.name)


def _tensors(structure: Any) -> list[KerasTensor]:
    tensors = flatten(structure)
    for tensor in tensors:
        if not isinstance(tensor, KerasTensor):
            raise SettingError(f"clone_model input_tensors: expected tensors of Input, received {tensor!r}.")
    return tensors


def _again(layer: Layer) -> Any:
    """The layer that a layer's configuration describes."""
    described = serialize_whole(layer)
    described.pop("build_config", None)  # its new inputs say for which shape it is built
    return Reviver(own_things(layer), "clone_model", False).revive(described)


def own_things(layer: Layer) -> dict[str, Any]:
    """The caller's own classes and functions, by the names they are described by."""
    found: dict[str, Any] = {}
    for _, inside in places(layer):
        goal = inside.get_compile_config() if isinstance(inside, Model) else None
        for thing in (inside, *vars(inside).values(), *flatten(list((goal or {}).values()))):
            named = thing if isinstance(thing, FunctionType) else type(thing)
            is_ours = named.__module__.split(".")[0] == "pippin"
            if not is_ours and (named is thing or hasattr(named, "get_config")):
                found[named.__name__] = named
    return found
