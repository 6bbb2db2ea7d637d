"""Pooling: sequences, pictures and volumes made smaller, by the largest or the mean number of windows, or of all."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.layers.arguments import default_for_each_axis, need_axes, one_of, whole_sizes
from pippin.layers.layer import Layer
from pippin.ops.windows import data_format_of


class _AlongAxes(Layer):
    """Input (batch, *sizes, channels), with `rank` sizes; or the channels behind the batch."""

    rank: int
    data_format: str
    ready_when_made = True

    def check_input_shape(self, shape: Any) -> None:
        need_axes(self.described(), shape, self.rank, self.data_format)


class _Pooling(_AlongAxes):
    """Input (batch, *sizes, channels), output the same with smaller sizes."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if cls.__dict__.get("rank", 1) > 1:
            default_for_each_axis(cls, cls.rank, ("pool_size",))

    def __init__(
        self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, **keywords)
        kind = type(self).__name__
        self.pool_size = whole_sizes(kind, "pool_size", pool_size, self.rank)
        self.strides = whole_sizes(kind, "strides", self.pool_size if strides is None else strides, self.rank)
        self.padding = one_of(f"{kind} padding", str(padding).lower(), ("valid", "same"))
        self.data_format = data_format_of(data_format)


class _MaxPooling(_Pooling):
    """Keeps the largest number of each window, channel by channel."""

    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class _AveragePooling(_Pooling):
    """Keeps the mean of each window, channel by channel; the border that "same" adds is not counted."""

    def __init__(
        self, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(pool_size, strides, padding, data_format, name, **keywords)

    def call(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)


class MaxPooling1D(_MaxPooling):
    """Keeps the largest number of each window of steps, channel by channel."""

    rank = 1


class MaxPooling2D(_MaxPooling):
    """Keeps the largest number of each window of a picture, channel by channel."""

    rank = 2


class MaxPooling3D(_MaxPooling):
    """Keeps the largest number of each window of a volume, channel by channel."""

    rank = 3


class AveragePooling1D(_AveragePooling):
    """Keeps the mean of each window of steps, channel by channel; the border that "same" adds is not counted."""

    rank = 1


class AveragePooling2D(_AveragePooling):
    """Keeps the mean of each window of a picture, channel by channel; the border that "same" adds is not counted."""

    rank = 2


class AveragePooling3D(_AveragePooling):
    """Keeps the mean of each window of a volume, channel by channel; the border that "same" adds is not counted."""

    rank = 3


class _GlobalPooling(_AlongAxes):
    """Input (batch, *sizes, channels), output (batch, channels), or with sizes of 1 with keepdims."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.keepdims = keepdims

    @property
    def axes(self) -> tuple[int, ...]:
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + self.rank))


class _GlobalAveragePooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, self.axes, self.keepdims)


class _GlobalMaxPooling(_GlobalPooling):
    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, self.axes, self.keepdims)


class GlobalAveragePooling1D(_GlobalAveragePooling):
    """The mean of each channel over all steps, or over those that the mask counts."""

    rank = 1
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return super().call(inputs)
        counted = ops.cast(ops.expand_dims(mask, 2 if self.data_format == "channels_last" else 1), "float32")
        total = ops.sum(ops.where(ops.greater(counted, 0.0), inputs, 0.0), self.axes, self.keepdims)
        return ops.divide(total, ops.sum(counted, self.axes, self.keepdims))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: there are no steps left."""
        return None


class GlobalAveragePooling2D(_GlobalAveragePooling):
    """The mean of each channel over the whole picture."""

    rank = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    """The mean of each channel over the whole volume."""

    rank = 3


class GlobalMaxPooling1D(_GlobalMaxPooling):
    """The largest number of each channel over all steps."""

    rank = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    """The largest number of each channel in the whole picture."""

    rank = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    """The largest number of each channel in the whole volume."""

    rank = 3


class _AdaptivePooling(_AlongAxes):
    """Input (batch, *sizes, channels), output (batch, *output_size, channels)."""

    def __init__(self, output_size: Any, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.output_size = whole_sizes(type(self).__name__, "output_size", output_size, self.rank)
        self.data_format = data_format_of(data_format)


class _AdaptiveAveragePooling(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        return ops.adaptive_average_pool(inputs, self.output_size, self.data_format)


class _AdaptiveMaxPooling(_AdaptivePooling):
    def call(self, inputs: Any) -> Any:
        return ops.adaptive_max_pool(inputs, self.output_size, self.data_format)


class AdaptiveAveragePooling1D(_AdaptiveAveragePooling):
    """The means of `output_size` windows that cover the steps as evenly as can be."""

    rank = 1


class AdaptiveAveragePooling2D(_AdaptiveAveragePooling):
    """The means of `output_size` windows that cover the picture as evenly as can be."""

    rank = 2


class AdaptiveAveragePooling3D(_AdaptiveAveragePooling):
    """The means of `output_size` windows that cover the volume as evenly as can be."""

    rank = 3


class AdaptiveMaxPooling1D(_AdaptiveMaxPooling):
    """The largest numbers of `output_size` windows that cover the steps as evenly as can be."""

    rank = 1


class AdaptiveMaxPooling2D(_AdaptiveMaxPooling):
    """The largest numbers of `output_size` windows that cover the picture as evenly as can be."""

    rank = 2


class AdaptiveMaxPooling3D(_AdaptiveMaxPooling):
    """The largest numbers of `output_size` windows that cover the volume as evenly as can be."""

    rank = 3
