"""Convolution: a small window of weights slides over a picture and answers, spot by spot, how much it looks like its
pattern."""

from __future__ import annotations

from typing import Any

from pippin import activations, constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.arguments import need_pictures, one_of, refuse, whole, whole_pair
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown
from pippin.ops.windows import channels_last


class Conv2D(Layer):
    """Each filter looks for its pattern at every spot of a picture: activation(pictures ∗ kernel + bias).

    Input (batch, height, width, channels), output (batch, height', width', filters);
    kernel (kernel height, kernel width, channels, filters), bias (filters,).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        groups: int = 1,
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
        self.filters = whole("Conv2D filters", filters)
        self.kernel_size = whole_pair("Conv2D kernel_size", kernel_size)
        self.strides = whole_pair("Conv2D strides", strides)
        self.padding = one_of("Conv2D padding", str(padding).lower(), ("valid", "same"))
        self.data_format = channels_last(data_format)
        self.dilation_rate = whole_pair("Conv2D dilation_rate", dilation_rate)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise SettingError(
                f"Conv2D: expected strides of 1 or a dilation_rate of 1, received {self.strides} and "
                f"{self.dilation_rate}."
            )
        refuse("Conv2D groups", groups, 1, "Split the channels with ops.split and use one Conv2D for each part.")
        self.groups = groups
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def check_input_shape(self, shape: Any) -> None:
        need_pictures(self.described(), shape)
        if self.built and isinstance(shape, tuple) and shape[-1] != self.kernel.shape[2]:
            raise ShapeError(
                f"{self.described()}: expected pictures with {self.kernel.shape[2]} channels in the last axis, "
                f"received shape {shown(shape)}."
            )

    def build(self, input_shape: Any) -> None:
        channels = input_shape[-1]
        if channels is None:
            raise ShapeError(f"{self.described()}: expected a known number of channels, received shape {input_shape}.")
        self.kernel = self.add_weight(
            (*self.kernel_size, channels, self.filters), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,), self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, name="bias",
            )  # fmt: skip

    def call(self, inputs: Any) -> Any:
        x = ops.conv(inputs, self.kernel, self.strides, self.padding, self.data_format, self.dilation_rate)
        if self.bias is not None:
            x = ops.add(x, self.bias)
        return self.activation(x)

    def get_config(self) -> dict[str, Any]:
        # Keras writes this one even when there is none.
        return {"activity_regularizer": None, **super().get_config()}
