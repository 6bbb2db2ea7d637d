"""Pooling: pictures made smaller, by the largest or the mean number of each window, or of the whole picture."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.layers.arguments import need_pictures, one_of, whole_pair
from pippin.layers.layer import Layer
from pippin.ops.windows import channels_last


class _Pooling2D(Layer):
    """Input (batch, height, width, channels), output the same with fewer rows and columns."""

    def __init__(
        self, pool_size: Any = (2, 2), strides: Any = None, padding: str = "valid", data_format: str | None = None,
        name: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(name=name, **keywords)
        kind = type(self).__name__
        self.pool_size = whole_pair(f"{kind} pool_size", pool_size)
        self.strides = whole_pair(f"{kind} strides", self.pool_size if strides is None else strides)
        self.padding = one_of(f"{kind} padding", str(padding).lower(), ("valid", "same"))
        self.data_format = channels_last(data_format)

    def check_input_shape(self, shape: Any) -> None:
        need_pictures(self.described(), shape)


class MaxPooling2D(_Pooling2D):
    """Keeps the largest number of each window, channel by channel."""

    def call(self, inputs: Any) -> Any:
        return ops.max_pool(inputs, self.pool_size, self.strides, self.padding)


class AveragePooling2D(_Pooling2D):
    """Keeps the mean of each window, channel by channel; the border that "same" adds is not counted."""

    def call(self, inputs: Any) -> Any:
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding)


class _GlobalPooling2D(Layer):
    """Input (batch, height, width, channels), output (batch, channels), or (batch, 1, 1, channels) with keepdims."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = channels_last(data_format)
        self.keepdims = keepdims

    def check_input_shape(self, shape: Any) -> None:
        need_pictures(self.described(), shape)


class GlobalAveragePooling2D(_GlobalPooling2D):
    """The mean of each channel over the whole picture."""

    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, (1, 2), self.keepdims)


class GlobalMaxPooling2D(_GlobalPooling2D):
    """The largest number of each channel in the whole picture."""

    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, (1, 2), self.keepdims)
