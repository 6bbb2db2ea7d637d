"""The layers every network has: the input, dense layers, activations as layers of their own."""

from __future__ import annotations

import warnings
from typing import Any

from pippin import activations, constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.arguments import refuse, whole
from pippin.layers.layer import Layer, auto_name
from pippin.layers.shapes import shown
from pippin.ops.tensor import KerasTensor, Node
from pippin.ops.types import program_type


class InputLayer(Layer):
    """Where data enters a model: only a shape, a type and a name."""

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **older_words: Any,
    ) -> None:
        super().__init__(name=name)
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise SettingError(f"Argument `input_tensor` must be a KerasTensor. Received: {type(input_tensor)}")
            batch_shape, dtype = input_tensor.shape, dtype or input_tensor.dtype
        batch_shape = older_words.pop("batch_input_shape", batch_shape)
        if "input_shape" in older_words:
            warnings.warn("Argument `input_shape` is deprecated. Use `shape` instead.", stacklevel=2)
            shape = older_words.pop("input_shape")
        if older_words:
            raise SettingError(f"Input: expected only Keras's arguments, received {', '.join(sorted(older_words))}.")
        refuse("Input sparse", bool(sparse), False, "Convert the data with .toarray().")
        refuse("Input ragged", bool(ragged), False, "Pad the rows to one length.")
        if shape is None and batch_shape is None:
            raise SettingError("Input: expected a shape, for example Input(shape=(784,)), received none.")
        if shape is not None and batch_shape is not None and input_tensor is None:
            raise SettingError(f"Input: expected shape or batch_shape, received both: {shape} and {batch_shape}.")
        if batch_size is not None and batch_shape is not None and input_tensor is None:
            raise SettingError(
                f"Input: expected batch_size or batch_shape, received both: {batch_size} and {batch_shape}."
            )
        own = (shape,) if isinstance(shape, int) else shape
        sizes = tuple(batch_shape) if batch_shape is not None else (batch_size, *own)
        for size in sizes:
            if size is not None and (isinstance(size, bool) or not hasattr(size, "__index__") or size < 0):
                raise SettingError(f"Input: expected whole sizes (None where unknown), received shape {sizes[1:]}.")
        self.batch_shape = tuple(None if size is None else int(size) for size in sizes)
        self._data_type = "string" if str(dtype) == "string" else program_type(dtype or "float32")
        self.optional, self.sparse, self.ragged = optional, False, False
        self.built = True
        node = Node(self, (), {})
        node.outputs = KerasTensor(self.batch_shape, self.dtype, self.name, node)
        self._node = node

    @property
    def dtype(self) -> str:
        """The type of the data."""
        return self._data_type

    def call(self) -> Any:
        """Nothing: an input layer is never called, its tensor is handed in."""

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": list(self.batch_shape or ()), "dtype": self.dtype, "sparse": False, "ragged": False,
            "name": self.name, "optional": self.optional,
        }  # fmt: skip


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic tensor to start a functional model from. `shape` leaves the batch out."""
    named = name or auto_name("input_layer")
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, named)
    return layer.output  # type: ignore[no-any-return]


class Dense(Layer):
    """Every output is a weighted sum of every input, plus a bias, through an activation: activation(x · kernel + bias).

    Input (batch, ..., features), output (batch, ..., units); kernel (features, units), bias (units,).
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.units = whole("Dense units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        for word, value in (
            ("lora_rank", lora_rank),
            ("lora_alpha", lora_alpha),
            ("quantization_config", quantization_config),
        ):
            refuse(f"Dense {word}", value, None, "Pippin trains the whole kernel, in float32.")

    def check_input_shape(self, shape: Any) -> None:
        if isinstance(shape, tuple) and len(shape) < 2:
            raise ShapeError(
                f"{self.described()}: expected an input of shape (batch, features), received shape {shown(shape)}. "
                "Add the missing axis, for example with x.reshape(-1, 1)."
            )
        super().check_input_shape(shape)

    def build(self, input_shape: Any) -> None:
        features = input_shape[-1]
        if features is None:
            raise ShapeError(
                f"{self.described()}: expected a known number of features in the last axis, "
                f"received shape {input_shape}."
            )
        self.kernel = self.add_weight(
            (features, self.units), self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,), self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, name="bias",
            )  # fmt: skip
        self.input_spec_features = features

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            x = ops.add(x, self.bias)
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: value for name, value in config.items() if name not in ("lora_rank", "lora_alpha")}


class Activation(Layer):
    """An activation function as a layer."""

    supports_masking = True
    ready_when_made = True

    def __init__(self, activation: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)


class Identity(Layer):
    """Gives on what it gets: a place in a network that can be named."""

    supports_masking = True
    ready_when_made = True

    def call(self, inputs: Any) -> Any:
        return inputs
