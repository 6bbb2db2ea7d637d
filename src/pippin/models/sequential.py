"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError
from pippin.layers.core import InputLayer
from pippin.layers.layer import Layer
from pippin.layers.outside import outside_front
from pippin.models.front import before_step, in_ranks, joined
from pippin.models.model import Model
from pippin.ops.masks import give_masks
from pippin.ops.tensor import KerasTensor, in_rank
from pippin.program import Symbol


class Sequential(Model):
    """A stack of layers; each gets what the one before gives."""

    def __init__(self, layers: Sequence[Any] | None = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        self._stack: list[Layer] = []
        self._input: InputLayer | None = None
        self._outer: InputLayer | None = None  # where strings enter, in front of layers outside of the program
        self._output: Any = None
        for layer in layers or ():
            self._append(layer)
        self._build_if_known()

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer on top."""
        self._append(layer)
        self._build_if_known()

    def _append(self, layer: Any) -> None:
        if isinstance(layer, KerasTensor) and layer.node is not None and isinstance(layer.node.operation, InputLayer):
            layer = layer.node.operation
        if isinstance(layer, InputLayer):
            if self._stack or self._input is not None:
                raise SettingError(
                    f"{self.described()}: it has already been configured to use inputs of its own: expected Input only "
                    "as its first layer, received a second start."
                )
            self._input = layer
            return
        if not isinstance(layer, Layer):
            raise SettingError(
                f"{self.described()}: Only instances of `keras.Layer` can be added to a Sequential model. Received: "
                f"{layer!r}"
            )
        if any(layer.name == known.name for known in self._stack):
            raise SettingError(
                f'{self.described()}: layers should have unique names, each one of its own: received a second '
                f'"{layer.name}".'
            )
        if not self._stack and self._input is None and layer.batch_shape is not None:
            self._input = InputLayer(batch_shape=layer.batch_shape, name=None)
        self._stack = [*self._stack, layer]

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the top layer off."""
        top = self._stack[-1]
        self._stack = self._stack[:-1]
        self._tracked = [thing for thing in self._tracked if thing is not top]
        self._forget_programs()
        self._build_if_known()
        return top

    def _build_if_known(self) -> None:
        if self._input is None and len(self._stack) > 1 and isinstance(self._stack[0], Model):
            inner = self._stack[0]
            if inner.built and hasattr(inner, "inputs") and len(inner.inputs) == 1:
                self._input = InputLayer(batch_shape=inner.inputs[0].shape, dtype=inner.inputs[0].dtype)
        if self._input is not None and self._stack:
            if outside_front(self._stack):
                self._outer = self._outer or self._input
                self._input = self._behind_the_front(self._outer)
            self._build_from(self._input)

    def _behind_the_front(self, outer: InputLayer) -> InputLayer:
        """Where what the outside layers make enters the program."""
        tensor = outer.output
        for layer in outside_front(self._stack):
            tensor = layer(tensor)
        return InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype)

    def before_step(self, x: Any) -> Any:
        """The data behind the leading outside layers; the model is built by the shape of the first array."""
        front = outside_front(self._stack)
        if x is None or not (front or self.built):
            return x
        if not front:
            return in_ranks(self.entering, x)

        def through(data: Any) -> Any:
            array = np.asarray(data)
            if not self.built:
                self._outer = InputLayer(batch_shape=(None, *array.shape[1:]), dtype="string")
                self._input = self._outer
                self._build_if_known()
            for layer in front:
                array = layer(array)
            return array

        return before_step(through, x)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        front = outside_front(self._stack)
        if front and arguments and not isinstance(arguments[0], (KerasTensor, Symbol)):
            arguments = (self.before_step(arguments[0]), *arguments[1:])
            if len(front) == len(self._stack):
                return arguments[0]
        return super().__call__(*arguments, **keywords)

    def predict(self, x: Any, *arguments: Any, **keywords: Any) -> Any:
        if self._stack and len(outside_front(self._stack)) == len(self._stack):
            return joined(self.before_step(x))
        return super().predict(x, *arguments, **keywords)

    def get_build_config(self) -> dict[str, Any] | None:
        """Nothing: the layers know for which shapes they were made."""
        return None

    def build(self, input_shape: Any = None) -> None:
        """Make all weights for inputs of this shape (batch first, as None)."""
        if input_shape is None:
            raise ShapeError(
                f"{self.described()}: expected an input shape, for example build((None, 784)), received none."
            )
        if not isinstance(input_shape, (list, tuple)):
            raise ShapeError(f"{self.described()}: expected an input shape, received {input_shape!r}.")
        if self._input is None:
            self._input = InputLayer(batch_shape=tuple(input_shape))
        self._build_from(self._input)

    def _build_from(self, start: InputLayer) -> None:
        tensor = start.output
        for layer in self._stack[len(outside_front(self._stack)) :]:
            tensor = layer(tensor)
        self._output = tensor
        self._forget_programs()
        self.built = True

    @property
    def layers(self) -> list[Layer]:
        return list(self._stack)

    @layers.setter
    def layers(self, _: Any) -> None:
        raise AttributeError("`Sequential.layers` attribute is reserved. Use `add()` and `pop()` to change the layers.")

    @property
    def inputs(self) -> list[KerasTensor]:
        if self._input is None:
            raise AttributeError(f"{self.described()} has no inputs yet: add an Input or build it.")
        return [self._input.output]

    @property
    def outputs(self) -> list[KerasTensor]:
        return [self._output]

    @property
    def input_shape(self) -> Any:
        return self.inputs[0].shape

    @property
    def output_shape(self) -> Any:
        return self._output.shape

    @property
    def input(self) -> Any:
        return self.inputs[0]

    @property
    def output(self) -> Any:
        return self._output

    def parts(self) -> list[Any] | None:
        if type(self) is not Sequential or self._output is None or "call" in vars(self) or self._outer is not None:
            return None
        return [self._stack, self._tracked, self._trainable, self.activity_regularizer]

    def input_names_and_types(self) -> list[tuple[str, str]]:
        return [("x", self._input.dtype if self._input is not None else "float32")]

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        x = inputs
        if self._input is not None and not isinstance(x, (list, tuple, dict)):
            x = in_rank(self._input.output, x)
        give_masks([x], mask)
        for layer in self._stack[len(outside_front(self._stack)) :]:
            x = layer(x, training=training)
        return x

    def get_config(self) -> dict[str, Any]:
        from pippin.saving.serialize import serialize

        start = self._outer or self._input
        layers = ([start] if start is not None else []) + self._stack
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": "float32",
            "layers": [serialize(layer) for layer in layers],
        }
        if start is not None:
            config["build_input_shape"] = list(start.batch_shape or ())
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described, with fresh weights."""
        from pippin.saving.graph import sequential_from_config
        from pippin.saving.revive import Reviver

        return sequential_from_config(cls, config, Reviver(custom_objects or {}, "from_config"))
