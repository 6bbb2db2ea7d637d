"""What a layer is: weights made when the shape of the input is first known, and a `call` that writes lines."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, wraps
from math import prod
from typing import Any

import numpy as np

from pippin import constraints, initializers, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.eager import call_on_arrays
from pippin.layers.shapes import as_leaves, first_shape, shapes_of, shown
from pippin.naming import auto_name, clear_names, snake_case
from pippin.ops.tensor import KerasTensor, has_keras_tensor, infer, make_node
from pippin.program import Trace, Variable, current_trace
from pippin.program.trace import _current
from pippin.random import SeedGenerator
from pippin.saving.configured import Configured
from pippin.saving.loading import blank
from pippin.tree import flatten, map_structure

FLOAT_POLICY = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float32"},
    "registered_name": None,
}


class Layer(Configured):
    """The base of all layers, with Keras's manners.

    A subclass makes its weights in `build(input_shape)` with `add_weight`, and computes in `call(inputs)`, written in
    `pippin.ops`. Weights, seed generators and layers that are set as attributes are found and counted by themselves.
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "build" in cls.__dict__:
            cls.build = _built_once(cls.__dict__["build"])  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **shape_of_input: Any,
    ) -> None:
        self._tracked: list[Variable | Layer | SeedGenerator] = []
        self.name = auto_name(snake_case(type(self).__name__)) if name is None else str(name)
        self.built = False
        self._trainable = bool(trainable)
        self.dtype = _need_float(type(self).__name__, dtype)
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.supports_masking = False
        self.input_spec_features: int | None = None
        self.built_for: Any = None
        self._losses: list[tuple[Trace | None, Any]] = []
        self._node: Any = None
        self.compiled_calls: dict[Any, Any] = {}
        self.batch_shape = first_shape(type(self).__name__, shape_of_input)

    # Weights ---------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        tracked = self.__dict__.get("_tracked")
        if tracked is not None:
            for leaf in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(leaf, (Variable, Layer, SeedGenerator)) and not _holds(tracked, leaf):
                    tracked.append(leaf)
        object.__setattr__(self, name, value)

    def add_weight(
        self,
        shape: tuple[int, ...] | None = None,
        initializer: Any = None,
        dtype: str | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """A new variable of this layer; by default glorot_uniform floats."""
        shape = tuple(shape or ())
        if any(not isinstance(size, (int, np.integer)) or size < 0 for size in shape):
            raise ShapeError(f'{self.described()}: expected whole sizes for weight "{name}", received shape {shape}.')
        value = blank(shape, dtype, self.described())
        if value is None:
            maker = initializers.get(initializer if initializer is not None else "glorot_uniform")
            value = np.asarray(maker(shape, dtype=dtype))
        variable = Variable(value, name=name or "variable", trainable=trainable, dtype=dtype)
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        if not _holds(self._tracked, variable):
            self._tracked.append(variable)
        return variable

    def _own(self, kind: type) -> list[Any]:
        return [thing for thing in self._tracked if isinstance(thing, kind)]

    def _own_weights(self) -> list[Variable]:
        """Trainable ones first, as in Keras."""
        own = self._own(Variable)
        return [v for v in own if v.trainable] + [v for v in own if not v.trainable]

    @property
    def variables(self) -> list[Variable]:
        """All variables, seed states included: own ones first, then those of the layers inside."""
        own = self._own_weights() + [generator.state for generator in self._own(SeedGenerator)]
        return _joined(own, [layer.variables for layer in self._own(Layer)])

    @property
    def weights(self) -> list[Variable]:
        """Variables without seed states: trainable ones first within each layer, as in Keras."""
        return _joined(self._own_weights(), [layer.weights for layer in self._own(Layer)])

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        object.__setattr__(self, "_trainable", bool(value))
        for layer in self._own(Layer):
            layer.trainable = value

    @property
    def trainable_weights(self) -> list[Variable]:
        if not self.trainable:
            return []
        own = [variable for variable in self._own(Variable) if variable.trainable]
        return _joined(own, [layer.trainable_weights for layer in self._own(Layer)])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        trainable = self.trainable_weights
        return [variable for variable in self.weights if not _holds(trainable, variable)]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def switches(self) -> tuple[Any, ...]:
        """What decides how the layer computes apart from its arguments: whether it and the layers inside may learn."""
        return (self._trainable, *(layer.switches() for layer in self._own(Layer)))

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, as arrays."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Replace all weights; one array for each of `weights`, in that order."""
        own = self.weights
        if len(weights) != len(own):
            raise ShapeError(f"{self.described()}: expected {len(own)} arrays of weights, received {len(weights)}.")
        for variable, array in zip(own, weights, strict=True):
            if np.shape(array) != variable.shape:
                raise ShapeError(
                    f'{self.described()}: expected shape {variable.shape} for weight "{variable.path}", '
                    f"received {np.shape(array)}."
                )
        for variable, array in zip(own, weights, strict=True):
            variable.assign(np.asarray(array))

    def count_params(self) -> int:
        """How many numbers all weights hold."""
        return sum(prod(variable.shape) for variable in self.weights)

    # Building and calling ----------------------------------------------------------------------------------------

    def described(self) -> str:
        """How errors name the layer: Dense "head"."""
        return f'{type(self).__name__} "{self.name}"'

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape (batch first, as None)."""
        self.built, self.built_for = True, input_shape

    def call(self, *arguments: Any, **keywords: Any) -> Any:
        raise NotImplementedError(f"{self.described()}: a layer defines call(inputs).")

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Apply the layer to symbols, arrays, or the functional API's tensors."""
        arguments, keywords = self._inputs_first(arguments, keywords)
        if has_keras_tensor(list(arguments), keywords):
            self._make_ready(arguments)
            made = make_node(self, arguments, keywords)
            self._node = flatten(made)[0].node
            return made
        trace = current_trace()
        if trace is None:
            return call_on_arrays(self, arguments, keywords)
        arguments = map_structure(lambda leaf: trace.symbol(leaf) if _is_numbers(leaf) else leaf, arguments)
        self._make_ready(arguments)
        with trace.at(layer=self._place_below(trace.place[0])):
            result = self._called(arguments, keywords)
            if self.activity_regularizer is not None:
                penalties = [self.activity_regularizer(leaf) / float(leaf.shape[0]) for leaf in flatten(result)]
                self.add_loss(penalties)
        return result

    def _inputs_first(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """layer(inputs=x) means layer(x)."""
        first = next(iter(inspect.signature(self.call).parameters), "")
        if arguments or first not in keywords:
            return arguments, keywords
        return (keywords[first],), {name: value for name, value in keywords.items() if name != first}

    def _called(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        try:
            return self.call(*arguments, **self._accepted(keywords))
        except ShapeError as error:
            if '"' in str(error).split(":")[0]:
                raise
            raise type(error)(f"{self.described()}: {error}") from None

    def _place_below(self, outer: str) -> str:
        return f"{outer}/{self.name}" if outer else self.name

    def _accepted(self, keywords: dict[str, Any]) -> dict[str, Any]:
        """`training` and `mask` are handed on only to a `call` that takes them."""
        taken = parameters(type(self).call)
        return {k: v for k, v in keywords.items() if k in taken or "**" in taken or k not in ("training", "mask")}

    def _make_ready(self, arguments: tuple[Any, ...]) -> None:
        """Refuse inputs of a wrong shape, and make the weights if that isn't done."""
        shapes = shapes_of(arguments[0]) if arguments else ()
        self.check_input_shape(shapes)
        self._build_once(shapes)

    def _build_once(self, input_shape: Any) -> None:
        """Make the weights, unless that is done."""
        if not self.built:
            self.build(input_shape)

    def check_input_shape(self, shape: Any) -> None:
        """Raise if the layer can't use inputs of this shape (batch first, as None)."""
        wanted = self.input_spec_features
        if wanted is None or not isinstance(shape, tuple) or (shape and shape[-1] in (wanted, None)):
            return
        hint = " Add Flatten() before it." if len(shape) > 2 and prod(n or 0 for n in shape[1:]) == wanted else ""
        raise ShapeError(
            f"{self.described()}: expected an input with {wanted} features in its last axis, received shape "
            f"{shown(shape)}.{hint}"
        )

    # Losses, shapes, configuration ---------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add a number to what training makes smaller; called inside `call`."""
        trace = current_trace()
        # What older traces added is never asked for again.
        kept = [found for found in self._losses if found[0] is trace]
        self._losses = kept + [(trace, leaf) for leaf in flatten(loss)]

    def losses_of(self, trace: Trace) -> list[Any]:
        """The losses that were added while `trace` was written, of this layer and those inside."""
        found = [loss for where, loss in self._losses if where is trace]
        for layer in self._own(Layer):
            found += layer.losses_of(trace)
        return found

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the result for inputs of a shape, with None for the batch."""
        tensors = map_structure(lambda leaf: KerasTensor(leaf.sizes), as_leaves(input_shape))
        self._make_ready((tensors,))
        return map_structure(lambda made: made.shape, infer(self, (tensors,), {}))

    @property
    def output(self) -> Any:
        """The tensor this layer made in a functional model."""
        return self._used().outputs

    @property
    def input(self) -> Any:
        """The tensor this layer was called on in a functional model."""
        inputs = self._used().inputs
        return inputs[0] if len(inputs) == 1 else inputs

    def _used(self) -> Any:
        if self._node is None:
            raise AttributeError(f"{self.described()}: it has no input and output yet, because no model has called it.")
        return self._node

    def get_config(self) -> dict[str, Any]:
        """The layer's arguments as plain data, in Keras's words."""
        config = super().get_config()
        own = parameters(type(self).__init__)
        # Where a first layer's data comes from is written by its model, unless the layer has such an argument of its
        # own.
        for word in (
            "input_shape",
            "batch_input_shape",
            "input_dim",
            "batch_shape",
            "batch_size",
            "autocast",
        ):
            if word not in own or type(self).__init__ is Layer.__init__:
                config.pop(word, None)
        if config.get("activity_regularizer") is None:
            config.pop("activity_regularizer", None)
        return {**config, "name": self.name, "trainable": self.trainable, "dtype": FLOAT_POLICY}

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape the weights were made for: what `build_from_config` needs to make them again."""
        return None if self.built_for is None else {"input_shape": self.built_for}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights that `get_build_config` described."""
        if config and not self.built:
            self.build(map_structure(lambda leaf: leaf.sizes, as_leaves(config["input_shape"])))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _built_once(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` that runs outside of any trace (weights are arrays, made now) and remembers for which shape."""

    @wraps(build)
    def build_outside(self: Layer, *arguments: Any, **keywords: Any) -> None:
        token = _current.set(None)
        try:
            build(self, *arguments, **keywords)
        finally:
            _current.reset(token)
        self.built = True
        shapes = [*arguments, *keywords.values()]
        self.built_for = shapes[0] if shapes else None

    return build_outside


def _need_float(kind: str, dtype: Any) -> str:
    """ "float32", for all names and policies whose weights are float32."""
    named = dtype.get("config", {}).get("name") if isinstance(dtype, dict) else getattr(dtype, "name", dtype)
    if named not in (None, "float32", "mixed_float16", "mixed_bfloat16"):
        raise SettingError(f'{kind} dtype: expected "float32", the type that Pippin computes in, received {named!r}.')
    return "float32"


def _holds(things: list[Any], thing: Any) -> bool:
    return any(thing is known for known in things)


def _joined(own: list[Variable], inner: list[list[Variable]]) -> list[Variable]:
    """Each variable once, own ones first."""
    return list({id(variable): variable for found in (own, *inner) for variable in found}.values())


def _is_numbers(leaf: Any) -> bool:
    return isinstance(leaf, (np.ndarray, Variable))


@cache
def parameters(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's parameters; "**" among them if it takes any."""
    found = inspect.signature(function).parameters.values()
    return frozenset("**" if p.kind is p.VAR_KEYWORD else p.name for p in found)


__all__ = ["Layer", "auto_name", "clear_names", "snake_case"]
