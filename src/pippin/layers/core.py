"""The layers every network has: the input, dense layers, activations as layers of their own."""

from __future__ import annotations

from typing import Any

from pippin import activations, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer, auto_name
from pippin.ops.operation import KerasTensor, Node


class InputLayer(Layer):
    """Where data enters a model: only a shape, a type and a name."""

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: str | None = None,
        sparse: bool | None = None,
        batch_shape: Any = None,
        input_tensor: Any = None,
        optional: bool = False,
        name: str | None = None,
        **unused: Any,
    ) -> None:
        super().__init__(name=name)
        if shape is None and batch_shape is None:
            raise SettingError("Input: expected a shape, for example Input(shape=(784,)), received none.")
        sizes = tuple(batch_shape) if batch_shape is not None else (batch_size, *((shape,) if isinstance(shape, int) else shape))
        for size in sizes:
            if size is not None and (not isinstance(size, int) or size < 0):
                raise SettingError(f"Input: expected whole sizes (None where unknown), received shape {sizes[1:]}.")
        self.batch_shape = sizes
        self.dtype = dtype or "float32"
        self.built = True
        node = Node(self, (), {})
        node.outputs = KerasTensor(sizes, self.dtype, self.name, node)
        self._node = node

    def call(self) -> Any:
        raise AssertionError("an input layer is never called: its tensor is handed in")

    def get_config(self) -> dict[str, Any]:
        return {"batch_shape": list(self.batch_shape or ()), "dtype": self.dtype, "sparse": False, "ragged": False, "name": self.name}


def Input(  # noqa: N802  Keras's word
    shape: Any = None,
    batch_size: int | None = None,
    dtype: str | None = None,
    sparse: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: Any = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic tensor to start a functional model from. `shape` leaves the batch out."""
    layer = InputLayer(shape, batch_size, dtype, sparse, batch_shape, name=name or auto_name("input_layer"))
    return layer.output


def whole(word: str, value: Any, least: int = 1) -> int:
    """`value` if it is a whole number of at least `least`; otherwise the error that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise SettingError(f"{word}: expected a whole number of {least} or more, received {value!r}.")
    return int(value)


class Dense(Layer):
    """Every output is a weighted sum of every input, plus a bias, through an activation: activation(x · kernel + bias).

    Input (batch, ..., features), output (batch, ..., units); kernel (features, units), bias (units,).
    """

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
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint

    def build(self, input_shape: Any) -> None:
        features = input_shape[-1]
        if features is None:
            raise ShapeError(f"{self.described()}: expected a known number of features in the last axis, received shape {input_shape}.")
        self.kernel = self.add_weight(
            (features, self.units), self.kernel_initializer, regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel"
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,), self.bias_initializer, regularizer=self.bias_regularizer, constraint=self.bias_constraint, name="bias"
            )
        self.input_spec_features = features

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        x = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            x = ops.add(x, self.bias)
        return self.activation(x)


class Activation(Layer):
    """An activation function as a layer."""

    def __init__(self, activation: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)
