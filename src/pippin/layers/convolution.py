"""Convolution: a small window of weights slides over sequences, pictures or volumes and answers, spot by spot, how much
each looks like its pattern."""

from __future__ import annotations

from typing import Any

from pippin import activations, constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.arguments import default_for_each_axis, need_axes, one_of, positive, whole_sizes
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown
from pippin.ops.windows import data_format_of


class Windowed(Layer):
    """What all convolutions share: the window's settings, the activation, and an input of `rank` axes and channels."""

    rank: int
    paddings: tuple[str, ...] = ("valid", "same")
    use_bias: bool
    bias_initializer: Any
    bias_regularizer: Any
    bias_constraint: Any

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls.__dict__.get("rank", 1) > 1:
            default_for_each_axis(cls, cls.rank, ("strides", "dilation_rate"))

    def set_window(
        self, kernel_size: Any, strides: Any, padding: Any, data_format: Any, dilation_rate: Any, activation: Any
    ) -> None:
        """Check and keep the arguments that every convolution has."""
        kind = type(self).__name__
        self.kernel_size = whole_sizes(kind, "kernel_size", kernel_size, self.rank)
        self.strides = whole_sizes(kind, "strides", strides, self.rank)
        self.padding = one_of(f"{kind} padding", str(padding).lower(), self.paddings)
        self.data_format = data_format_of(data_format)
        self.dilation_rate = whole_sizes(kind, "dilation_rate", dilation_rate, self.rank)
        self.activation = activations.get(activation)
        self.channels: int | None = None

    def refuse_strides_with_dilation(self) -> None:
        """Raise where Keras has no meaning for both."""
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise SettingError(
                f"{type(self).__name__}: `strides > 1` not supported in conjunction with `dilation_rate > 1`. "
                f"Received: strides={self.strides} and dilation_rate={self.dilation_rate}"
            )

    @property
    def channel_axis(self) -> int:
        return -1 if self.data_format == "channels_last" else 1

    def check_input_shape(self, shape: Any) -> None:
        need_axes(self.described(), shape, self.rank, self.data_format)
        if self.built and isinstance(shape, tuple) and shape[self.channel_axis] not in (self.channels, None):
            raise ShapeError(
                f"{self.described()}: expected data with {self.channels} channels in axis {self.channel_axis}, "
                f"received shape {shown(shape)}."
            )

    def channels_of(self, input_shape: Any) -> int:
        """How many channels inputs of this shape have; remembered."""
        channels = input_shape[self.channel_axis]
        if channels is None:
            raise ShapeError(f"{self.described()}: expected a known number of channels, received shape {input_shape}.")
        self.channels = channels
        return channels  # type: ignore[no-any-return]

    def add_bias(self, count: int) -> None:
        """One number for each channel of the result, if there is a bias."""
        self.bias: Any = None
        if self.use_bias:
            self.bias = self.add_weight(
                (count,), self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, name="bias",
            )  # fmt: skip

    def finished(self, x: Any) -> Any:
        """With bias and activation."""
        if self.bias is not None:
            last = self.data_format == "channels_last"
            x = ops.add(x, self.bias if last else ops.reshape(self.bias, (1, -1, *[1] * self.rank)))
        return self.activation(x)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "strides": self.strides, "padding": self.padding, "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
        }  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        # Keras writes this one even when there is none.
        return {"activity_regularizer": None, **super().get_config()}


class _Conv(Windowed):
    """Kernel (*window, channels / groups, filters), bias (filters,)."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        kind = type(self).__name__
        self.filters = positive(kind, "filters", filters)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self.refuse_strides_with_dilation()
        if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1:
            raise SettingError(f"{kind}: The number of groups must be a positive integer. Received: groups={groups!r}.")
        if filters % groups:
            raise SettingError(
                f"{kind}: The number of filters must be evenly divisible by the number of groups. "
                f"Received: groups={groups}, filters={filters}."
            )
        self.groups = groups
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        channels = self.channels_of(input_shape)
        if channels % self.groups:
            raise ShapeError(
                f"{self.described()}: expected a number of channels that {self.groups} groups divide, "
                f"received shape {input_shape}."
            )
        self.kernel = self.add_weight(
            (*self.kernel_size, channels // self.groups, self.filters), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        return self.finished(ops.conv(inputs, self.kernel, **self.settings))


class Conv1D(_Conv):
    """Each filter looks for its pattern at every step of a sequence: (batch, steps, channels) → (…, steps', filters).

    With "causal" padding a step sees only itself and those before it.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(_Conv):
    """Each filter looks for its pattern at every spot of a picture: activation(pictures ∗ kernel + bias).

    Input (batch, height, width, channels), output (batch, height', width', filters).
    """

    rank = 2


class Conv3D(_Conv):
    """Each filter looks for its pattern at every spot of a volume: (batch, depth, height, width, channels)."""

    rank = 3


class _ConvTranspose(Windowed):
    """Kernel (*window, filters, channels), bias (filters,)."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        kind = type(self).__name__
        self.filters = positive(kind, "filters", filters)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = whole_sizes(kind, "output_padding", output_padding, self.rank, least=0)
            if any(more >= step for more, step in zip(self.output_padding, self.strides, strict=True)):
                raise SettingError(
                    f"{kind}: `output_padding` must be strictly less than `strides` for all dimensions. "
                    f"Received: output_padding={self.output_padding}, strides={self.strides}"
                )
        self.refuse_strides_with_dilation()
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(
            (*self.kernel_size, self.filters, self.channels_of(input_shape)), self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        return self.finished(
            ops.conv_transpose(inputs, self.kernel, output_padding=self.output_padding, **self.settings)
        )


class Conv1DTranspose(_ConvTranspose):
    """The way back of a convolution: every step is spread over its window, sequences get longer by the stride."""

    rank = 1


class Conv2DTranspose(_ConvTranspose):
    """The way back of a convolution: every spot is spread over its window, pictures get larger by the strides."""

    rank = 2


class Conv3DTranspose(_ConvTranspose):
    """The way back of a convolution: every spot is spread over its window, volumes get larger by the strides."""

    rank = 3


class _DepthwiseConv(Windowed):
    """Kernel (*window, channels, depth_multiplier), bias (channels · depth_multiplier,)."""

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.depth_multiplier = positive(type(self).__name__, "depth_multiplier", depth_multiplier)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self.use_bias = use_bias
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        channels = self.channels_of(input_shape)
        self.kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier), self.depthwise_initializer,
            regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint, name="kernel",
        )  # fmt: skip
        self.add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any) -> Any:
        return self.finished(ops.depthwise_conv(inputs, self.kernel, **self.settings))


class DepthwiseConv1D(_DepthwiseConv):
    """Every channel of a sequence has windows of its own, and meets no other channel."""

    rank = 1


class DepthwiseConv2D(_DepthwiseConv):
    """Every channel of a picture has windows of its own, and meets no other channel."""

    rank = 2


class _SeparableConv(Windowed):
    """Kernels (*window, channels, depth_multiplier) and (1, …, channels · depth_multiplier, filters), bias
    (filters,)."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        kind = type(self).__name__
        self.depth_multiplier = positive(kind, "depth_multiplier", depth_multiplier)
        self.filters = positive(kind, "filters", filters)
        self.set_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self.use_bias = use_bias
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: Any) -> None:
        channels = self.channels_of(input_shape)
        self.depthwise_kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier), self.depthwise_initializer,
            regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint, name="depthwise_kernel",
        )  # fmt: skip
        self.pointwise_kernel = self.add_weight(
            (*[1] * self.rank, channels * self.depth_multiplier, self.filters), self.pointwise_initializer,
            regularizer=self.pointwise_regularizer, constraint=self.pointwise_constraint, name="pointwise_kernel",
        )  # fmt: skip
        self.add_bias(self.filters)

    def call(self, inputs: Any) -> Any:
        return self.finished(ops.separable_conv(inputs, self.depthwise_kernel, self.pointwise_kernel, **self.settings))


class SeparableConv1D(_SeparableConv):
    """A convolution in two steps: first every channel on its own, then all channels at every step of the sequence."""

    rank = 1


class SeparableConv2D(_SeparableConv):
    """A convolution in two steps: first every channel on its own, then all channels at every spot of the picture.

    Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions" (2017), section 2.
    """

    rank = 2
