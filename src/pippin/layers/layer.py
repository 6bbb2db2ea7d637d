"""What a layer is: weights made when the shape of the input is first known, and a `call` that writes lines."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import initializers, regularizers
from pippin.engines import current_engine
from pippin.errors import SettingError, ShapeError
from pippin.ops.operation import KerasTensor, has_keras_tensor, make_node
from pippin.primitives import Spec, spec_of
from pippin.program import Symbol, Trace, Variable, current_trace
from pippin.random import SeedGenerator
from pippin.saving.configured import Configured
from pippin.transforms import simplify
from pippin.tree import flatten, map_structure

_counts: defaultdict[str, int] = defaultdict(int)


def auto_name(prefix: str) -> str:
    """ "dense", "dense_1", "dense_2", ...: the names of a process, in the order layers are made."""
    _counts[prefix] += 1
    return prefix if _counts[prefix] == 1 else f"{prefix}_{_counts[prefix] - 1}"


def snake_case(word: str) -> str:
    """ "MaxPooling2D" → "max_pooling2d", as Keras names its layers."""
    word = re.sub(r"\W+", "", word)
    word = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", word)
    return re.sub("([a-z])([A-Z])", r"\1_\2", word).lower()


def clear_names() -> None:
    """Start counting names afresh."""
    _counts.clear()


class Layer(Configured):
    """The base of all layers, with Keras's manners.

    A subclass makes its weights in `build(input_shape)` with `add_weight`, and computes in `call(inputs)`, written in
    `pippin.ops`. Weights, seed generators and layers that are set as attributes are found and counted by themselves.
    """

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
        self._trainable = trainable
        self.dtype = "float32"
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.supports_masking = False
        self.input_spec_features: int | None = None
        self._losses: list[Any] = []
        self._node: Any = None
        self._eager: dict[Any, Any] = {}
        self.batch_shape = _batch_shape(type(self).__name__, shape_of_input)

    # Weights ---------------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        tracked = self.__dict__.get("_tracked")
        if tracked is not None:
            for leaf in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(leaf, (Variable, Layer, SeedGenerator)) and not any(leaf is known for known in tracked):
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
        maker = initializers.get(initializer if initializer is not None else "glorot_uniform")
        variable = Variable(np.asarray(maker(shape, dtype=dtype)), name=name or "variable", trainable=trainable, dtype=dtype)
        variable.path = f"{self.name}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraint
        if not any(variable is known for known in self._tracked):
            self._tracked.append(variable)
        return variable

    def _own(self, kind: type) -> list[Any]:
        return [thing for thing in self._tracked if isinstance(thing, kind)]

    @property
    def variables(self) -> list[Variable]:
        """All variables, seed states included: own ones first, then those of the layers inside."""
        found = self._own(Variable) + [generator.state for generator in self._own(SeedGenerator)]
        for layer in self._own(Layer):
            found += [variable for variable in layer.variables if not any(variable is known for known in found)]
        return found

    @property
    def weights(self) -> list[Variable]:
        """Variables without seed states: trainable ones first within each layer, as in Keras."""
        found: list[Variable] = self._own(Variable)
        for layer in self._own(Layer):
            found += [variable for variable in layer.weights if not any(variable is known for known in found)]
        return found

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
        found = [variable for variable in self._own(Variable) if variable.trainable]
        for layer in self._own(Layer):
            found += [variable for variable in layer.trainable_weights if not any(variable is known for known in found)]
        return found

    @property
    def non_trainable_weights(self) -> list[Variable]:
        trainable = self.trainable_weights
        return [variable for variable in self.weights if not any(variable is known for known in trainable)]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

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
                raise ShapeError(f'{self.described()}: expected shape {variable.shape} for weight "{variable.path}", received {np.shape(array)}.')
        for variable, array in zip(own, weights, strict=True):
            variable.assign(np.asarray(array))

    def count_params(self) -> int:
        return sum(int(np.prod(variable.shape)) for variable in self.weights)

    # Building and calling ----------------------------------------------------------------------------------------

    def described(self) -> str:
        """How errors name the layer: Dense "head"."""
        return f'{type(self).__name__} "{self.name}"'

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape (batch first, as None)."""
        self.built = True

    def call(self, *arguments: Any, **keywords: Any) -> Any:
        raise NotImplementedError(f"{self.described()}: a layer defines call(inputs).")

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Apply the layer to symbols, arrays, or the functional API's tensors."""
        if has_keras_tensor(list(arguments), keywords):
            self._ensure_built(arguments)
            made = make_node(self, arguments, keywords)
            self._node = flatten(made)[0].node
            return made
        trace = current_trace()
        if trace is None:
            return self._call_now(arguments, keywords)
        arguments = tuple(map_structure(lambda leaf: trace.symbol(leaf) if isinstance(leaf, (np.ndarray, Variable)) else leaf, a) for a in arguments)
        self._ensure_built(arguments)
        outer = trace.place[0]
        with trace.at(layer=self._place_below(outer)):
            self._check_input(arguments)
            result = self._called(arguments, keywords)
            if self.activity_regularizer is not None:
                self.add_loss(sum(self.activity_regularizer(leaf) / float(leaf.shape[0]) for leaf in flatten(result)))
        return result

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
        taken = _parameters(type(self).call)
        return {key: value for key, value in keywords.items() if key in taken or "**" in taken or key not in ("training", "mask")}

    def _check_input(self, arguments: tuple[Any, ...]) -> None:
        """Raise if the last axis differs from what the layer was built for."""
        wanted = self.input_spec_features
        if wanted is None or not arguments or not isinstance(arguments[0], Symbol):
            return
        shape = arguments[0].shape
        if not shape or shape[-1] != wanted:
            hint = ""
            if len(shape) > 2 and int(np.prod(shape[1:])) == wanted:
                hint = " Add Flatten() before it."
            raise ShapeError(f"{self.described()}: expected an input with {wanted} features in its last axis, received shape {_shown(shape)}.{hint}")

    def _ensure_built(self, arguments: tuple[Any, ...]) -> None:
        if self.built:
            return
        shapes = map_structure(lambda leaf: _Shape((None, *leaf.shape[1:])) if hasattr(leaf, "shape") else leaf, arguments[0])
        shapes = map_structure(lambda leaf: leaf.sizes if isinstance(leaf, _Shape) else leaf, shapes)
        self._build_once(shapes)

    def _build_once(self, input_shape: Any) -> None:
        """Build outside of any trace: weights are arrays, made now."""
        from pippin.program.trace import _current

        token = _current.set(None)
        try:
            self.build(input_shape)
        finally:
            _current.reset(token)
        self.built = True

    def _call_now(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Compute on arrays: the call is traced once for these shapes, and its program kept."""
        leaves = [np.asarray(leaf) if not isinstance(leaf, np.ndarray) else leaf for leaf in flatten(list(arguments)) if leaf is not None]
        arrays = {f"x{n}": np.ascontiguousarray(a, spec_of(a).dtype).reshape(a.shape) for n, a in enumerate(leaves)}
        specs = tuple(spec_of(a) for a in arrays.values())
        self._ensure_built(map_structure(lambda leaf: None if leaf is None else np.asarray(leaf), tuple(arguments)))
        key = (specs, repr(map_structure(lambda leaf: leaf is None, list(arguments))), repr(sorted(keywords.items())), current_engine().name)
        if key not in self._eager:
            self._eager[key] = self._compile_call(arguments, keywords, specs)
        runner, variables, packed = self._eager[key]
        outputs = runner(arrays, {name: variable.value for name, variable in variables.items()})
        return map_structure(lambda number: outputs[f"y{number}"], packed)

    def _compile_call(self, arguments: tuple[Any, ...], keywords: dict[str, Any], specs: tuple[Spec, ...]) -> Any:
        trace = Trace(self.name)
        supply = iter(enumerate(specs))

        def make(leaf: Any) -> Any:
            if leaf is None:
                return None
            number, spec = next(supply)
            return trace.input(f"x{number}", spec)

        with trace.active():
            result = self(*[map_structure(make, a) for a in arguments], **keywords)
            leaves = flatten(result)
            for number, leaf in enumerate(leaves):
                trace.output(f"y{number}", trace.symbol(leaf))
        numbers = iter(range(len(leaves)))
        return current_engine().compile(simplify(trace.program())), dict(trace.variables), map_structure(lambda _: next(numbers), result)

    # Losses, shapes, configuration ---------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add a number to what training makes smaller; called inside `call`."""
        trace = current_trace()
        for leaf in flatten(loss):
            self._losses.append((trace, leaf))

    def losses_of(self, trace: Trace) -> list[Any]:
        """The losses that were added while `trace` was written, of this layer and those inside."""
        found = [loss for where, loss in self._losses if where is trace]
        for layer in self._own(Layer):
            found += layer.losses_of(trace)
        return found

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the result for inputs of a shape, with None for the batch."""
        tensors = map_structure(lambda shape: KerasTensor(shape.sizes), _shapes_as_leaves(input_shape))
        self._ensure_built((tensors,))
        from pippin.ops.operation import infer

        return map_structure(lambda made: made.shape, infer(self, (tensors,), {}))

    @property
    def output(self) -> Any:
        """The tensor this layer made in a functional model."""
        if self._node is None:
            raise AttributeError(f"{self.described()} has never been called on a symbolic tensor, so it has no output yet.")
        return self._node.outputs

    @property
    def input(self) -> Any:
        """The tensor this layer was called on in a functional model."""
        if self._node is None:
            raise AttributeError(f"{self.described()} has never been called on a symbolic tensor, so it has no input yet.")
        inputs = self._node.inputs
        return inputs[0] if len(inputs) == 1 else inputs

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if type(self).__init__ is not Layer.__init__:
            for name in ("input_shape", "batch_input_shape", "input_dim", "batch_shape", "batch_size", "autocast"):
                config.pop(name, None)
        return {"name": self.name, "trainable": self.trainable, "dtype": "float32", **{k: v for k, v in config.items() if k not in ("name", "trainable", "dtype")}}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


class _Shape:
    """A shape as a leaf of a structure."""

    def __init__(self, sizes: tuple[Any, ...]) -> None:
        self.sizes = sizes


def _shapes_as_leaves(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {key: _shapes_as_leaves(value) for key, value in shape.items()}
    if isinstance(shape, (list, tuple)) and all(size is None or isinstance(size, (int, np.integer)) for size in shape):
        return _Shape(tuple(shape))
    return [_shapes_as_leaves(part) for part in shape]


def _shown(shape: tuple[Any, ...]) -> str:
    return f"(batch, {', '.join(map(str, shape[1:]))})" if len(shape) > 1 else str(shape)


_parameter_names: dict[Callable[..., Any], frozenset[str]] = {}


def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's parameters; "**" among them if it takes any."""
    if function not in _parameter_names:
        parameters = inspect.signature(function).parameters.values()
        _parameter_names[function] = frozenset("**" if p.kind is p.VAR_KEYWORD else p.name for p in parameters)
    return _parameter_names[function]


def _batch_shape(kind: str, given: dict[str, Any]) -> tuple[Any, ...] | None:
    """The shape that `input_shape=`, `input_dim=` or `batch_input_shape=` gives a first layer, batch first."""
    shape: tuple[Any, ...] | None = None
    for word in ("batch_shape", "batch_input_shape"):
        if given.get(word) is not None:
            shape = tuple(given[word])
    if given.get("input_shape") is not None:
        wanted = given["input_shape"]
        shape = (given.get("batch_size"), *(wanted if isinstance(wanted, (list, tuple)) else (wanted,)))
    if given.get("input_dim") is not None:
        shape = (given.get("batch_size"), given["input_dim"])
    strange = set(given) - {"batch_shape", "batch_input_shape", "input_shape", "input_dim", "batch_size", "input_length", "weights"}
    if strange:
        raise SettingError(f"{kind}: expected only Keras's arguments, received {', '.join(sorted(strange))}.")
    return shape
