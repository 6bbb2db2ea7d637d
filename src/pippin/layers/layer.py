"""What a layer is: weights made when the shape of the input is first known, and a `call` that writes lines."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import cache, wraps
from math import prod
from typing import Any

import numpy as np

from pippin import dtype_policies, regularizers
from pippin.changes import is_apart
from pippin.errors import SettingError, ShapeError
from pippin.layers.calls import ordered_parameters, parameters, shapes_to_build, training_inside, with_training
from pippin.layers.eager import call_on_arrays
from pippin.layers.holder import Holder
from pippin.layers.input_spec import check_inputs
from pippin.layers.shapes import as_leaves, first_shape, shapes_of, shown
from pippin.naming import auto_name, clear_names, snake_case
from pippin.ops.masks import any_array_has_one, is_any, mask_of, masks_of, set_mask
from pippin.ops.tensor import KerasTensor, has_keras_tensor, infer, make_node
from pippin.program import Symbol, Trace, Variable, current_trace
from pippin.program.trace import Call, _current
from pippin.random import SeedGenerator
from pippin.tree import flatten, map_structure


class Layer(Holder):
    """The base of all layers, with Keras's manners.

    A subclass makes its weights in `build(input_shape)` with `add_weight`, and computes in `call(inputs)`, written in
    `pippin.ops`. Weights, seed generators and layers that are set as attributes are found and counted by themselves.
    """

    supports_masking = False
    """Whether the mask of its input, or what `compute_mask` makes of it, is the mask of its output."""
    ready_when_made = False
    """Whether the layer has nothing to build, unless a subclass says what."""
    _says_nothing = Holder._says_nothing | {
        "_losses", "losses_on_arrays", "_node", "built", "built_for", "_direct_call", "compiled_calls",
    }  # fmt: skip

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "build" in cls.__dict__:
            cls.build = _built_once(cls.__dict__["build"])  # type: ignore[method-assign]
        if "compute_mask" in cls.__dict__ and "supports_masking" not in cls.__dict__:
            cls.supports_masking = True

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
        self._tracked: list[Variable | Holder | SeedGenerator] = []
        self.name = auto_name(snake_case(type(self).__name__)) if name is None else str(name)
        self.built = self.ready_when_made and type(self).build is Layer.build
        if not isinstance(trainable, bool):
            raise SettingError(f"{type(self).__name__} trainable: expected True or False, received {trainable!r}.")
        self._trainable = trainable
        try:
            self.dtype_policy = dtype_policies.get(dtype)
        except SettingError as error:
            raise SettingError(f"{type(self).__name__} {error}") from None
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.input_spec: Any = None
        self.input_spec_features: int | None = None
        self.built_for: Any = None
        self._losses: list[tuple[Trace | None, Any]] = []
        self.losses_on_arrays: list[Any] = []
        self._node: Any = None
        self.compiled_calls: dict[Any, Any] = {}
        self._direct_call: Any = None
        self.batch_shape = first_shape(type(self).__name__, shape_of_input)

    # Building and calling ----------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape (batch first, as None)."""
        self.built, self.built_for = True, input_shape

    def call(self, *arguments: Any, **keywords: Any) -> Any:
        raise NotImplementedError(f"{self.described()}: a layer defines call(inputs).")

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Apply the layer to symbols, arrays, or the functional API's tensors."""
        if self._direct_call is not None and not any_array_has_one() and not is_apart():
            result = self._direct_call.take(arguments, keywords)
            if result is not None:
                return result
        arguments, keywords = self._inputs_first(arguments, keywords)
        if self.input_spec is not None and arguments:
            check_inputs(self.described(), self.input_spec, arguments[0])
        if has_keras_tensor(list(arguments), keywords):
            self._make_ready(arguments, keywords)
            made = make_node(self, arguments, keywords)
            self._node = flatten(made)[0].node
            return made
        trace = current_trace()
        if trace is None:
            return call_on_arrays(self, arguments, keywords)
        arguments = map_structure(lambda leaf: trace.symbol(leaf) if _is_numbers(leaf) else leaf, arguments)
        self._make_ready(arguments, keywords)
        given = _values(arguments, keywords)
        masks = self._masks_of(arguments, keywords)
        training, keywords = with_training(type(self).call, arguments, keywords)
        with trace.at(layer=self._place_below(trace.place[0])), training_inside(training):
            result = self._called(arguments, keywords)
            self._hand_on_mask(result, arguments, masks)
            if self.activity_regularizer is not None:
                self.add_loss([self.activity_regularizer(y) / float(max(1, *y.shape[:1])) for y in flatten(result)])
            trace.notes.calls.append(Call(trace.place[0], self, given, _values(result)))
        return result

    def _inputs_first(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """layer(inputs=x) means layer(x)."""
        first = next(iter(inspect.signature(self.call).parameters), "")
        if arguments or first not in keywords:
            return arguments, keywords
        return (keywords[first],), {name: value for name, value in keywords.items() if name != first}

    def _masks_of(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """The masks of the inputs, which `call` gets as `mask` if it has such an argument and none was given."""
        taken = ordered_parameters(type(self).call)[1:]
        given = keywords.get("mask")
        if given is None and "mask" in taken and taken.index("mask") < len(arguments):
            given = arguments[taken.index("mask")]
        if given is not None:
            return given
        masks = masks_of(arguments[0]) if arguments else None
        others = [leaf for leaf in flatten([list(arguments[1:]), keywords]) if isinstance(leaf, Symbol)]
        if "mask" in taken and not others and is_any(masks):
            keywords["mask"] = masks
        elif others:
            named = dict(zip(taken, arguments, strict=False)) | keywords
            for word, value in named.items():
                if f"{word}_mask" in taken and named.get(f"{word}_mask") is None and is_any(masks_of(value)):
                    keywords[f"{word}_mask"] = masks_of(value)
        return masks

    def _hand_on_mask(self, result: Any, arguments: tuple[Any, ...], masks: Any) -> None:
        """Let the results carry on the masks, or say that they are lost."""
        results = [leaf for leaf in flatten(result) if isinstance(leaf, Symbol)]
        if all(mask_of(leaf) is not None for leaf in results):
            return
        if self.supports_masking:
            found = self.compute_mask(arguments[0] if arguments else None, masks)
            for leaf, mask in zip(results, flatten(found) if found is not None else (), strict=False):
                if mask is not None and mask_of(leaf) is None:
                    set_mask(leaf, mask)
        elif is_any(masks):
            warnings.warn(
                f"{self.described()} was given an input with a mask, but does not support masks: the layers behind it "
                "won't see it. Set supports_masking = True on the layer if its output has the same time steps.",
                stacklevel=2,
            )

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the result for inputs with this mask: the same, unless a layer says otherwise."""
        return previous_mask

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

    def _make_ready(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any] | None = None) -> None:
        """Refuse inputs of a wrong shape, and make the weights if that isn't done."""
        self.check_input_shape(shapes_of(arguments[0]) if arguments else ())
        if not self.built:
            shapes, named = shapes_to_build(type(self).build, type(self).call, arguments, keywords or {})
            self.build(*shapes, **named)

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
            f"{self.described()}: the input is incompatible with the layer: expected {wanted} features in its last "
            f"axis, received shape {shown(shape)}.{hint}"
        )

    # Types -----------------------------------------------------------------------------------------------------------

    @property
    def compute_dtype(self) -> str:
        """The type of floats that the layer computes in."""
        return self.dtype_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The type that weights are kept in."""
        return self.dtype_policy.variable_dtype

    dtype, input_dtype = variable_dtype, compute_dtype

    # Losses, shapes, configuration ---------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add a number to what training makes smaller; called inside `call`."""
        trace = current_trace()
        around = [trace]
        while around[-1] is not None:
            around.append(getattr(around[-1], "outer", None))
        # What was added elsewhere is never asked for again.
        kept = [found for found in self._losses if any(found[0] is one for one in around)]
        self._losses = kept + [(trace, leaf) for leaf in flatten(loss)]

    def losses_of(self, trace: Trace) -> list[Any]:
        """The losses that were added while `trace` was written, of this layer and those inside."""
        each = [layer for layer in self._flatten_layers() if isinstance(layer, Layer)]
        return [loss for layer in each for where, loss in layer._losses if where is trace]

    @property
    def losses(self) -> list[Any]:
        """What was added to the loss in the last call, by this layer and those inside, and what regularizers add for
        their weights."""
        trace = current_trace()
        own = self.losses_on_arrays if trace is None else self.losses_of(trace)
        regularized = [variable for variable in self.trainable_weights if variable.regularizer is not None]
        return [*own, *(variable.regularizer(variable) for variable in regularized)]

    def compute_output_spec(self, *arguments: Any, **keywords: Any) -> Any:
        """Tensors of the shape and type that the layer makes of these."""
        self._make_ready(arguments, keywords)
        return map_structure(lambda made: KerasTensor(made.shape, made.dtype), infer(self, arguments, keywords))

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
        if _writes_itself(type(self)):
            # Its own get_config adds its own arguments to those of the layer it is made from, as in Keras.
            words = _words_of_ours(type(self))  # type: ignore[arg-type]
            config = {word: value for word, value in config.items() if word in words}
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
        policy = dtype_policies.serialize(self.dtype_policy)
        return {**config, "name": self.name, "trainable": self.trainable, "dtype": policy}

    def own_variables(self) -> list[Variable]:
        """The variables of this layer without those of layers inside, as files have them: trainable ones first."""
        own = [thing for thing in self._tracked if isinstance(thing, Variable)]
        return [v for v in own if v.trainable] + [v for v in own if not v.trainable]

    def save_own_variables(self, store: Any) -> None:
        """Put what a file is to hold of this layer itself into `store`, arrays by name."""
        for number, variable in enumerate(self.own_variables()):
            store[str(number)] = variable.value

    def load_own_variables(self, store: Any) -> None:
        """Take what `save_own_variables` put into a file."""
        own = self.own_variables()
        if len(own) != len(store):
            raise ValueError(f"{self.described()}: expected {len(own)} variables, received {len(store)} in the file.")
        for number, variable in enumerate(own):
            variable.assign(np.asarray(store[str(number)]))

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


def _values(*structures: Any) -> tuple[int, ...]:
    """The numbers of the values among the leaves."""
    return tuple(leaf.value for leaf in flatten(list(structures)) if isinstance(leaf, Symbol))


def _is_numbers(leaf: Any) -> bool:
    return isinstance(leaf, (np.ndarray, Variable))


def _writes_itself(cls: type) -> bool:
    """Whether a class outside of Pippin has a get_config of its own."""
    return not _first_with(cls, "get_config").__module__.startswith("pippin.")


@cache
def _words_of_ours(cls: type) -> frozenset[str]:
    """The arguments of the first of Pippin's classes that a class derives from."""
    ours = next(one for one in cls.__mro__ if one.__module__.startswith("pippin."))
    return parameters(ours.__init__)  # type: ignore[misc]


def _first_with(cls: type, word: str) -> type:
    return next(one for one in cls.__mro__ if word in vars(one))


__all__ = ["Layer", "auto_name", "clear_names", "ordered_parameters", "parameters", "snake_case"]
