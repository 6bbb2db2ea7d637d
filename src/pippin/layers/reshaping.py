"""Layers that lay the same numbers out differently."""

from __future__ import annotations

from math import prod
from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown


class Flatten(Layer):
    """(batch, any, shape) → (batch, all of them in a row)."""

    def __init__(self, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        if data_format not in (None, "channels_last", "channels_first"):
            raise SettingError(
                f'Flatten data_format: expected "channels_last" or "channels_first", received {data_format!r}.'
            )
        self.data_format = data_format or "channels_last"

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        return ops.reshape(inputs, (inputs.shape[0], prod(inputs.shape[1:])))


class Reshape(Layer):
    """(batch, any, shape) → (batch, *target_shape); one size of the target may be -1."""

    def __init__(self, target_shape: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.target_shape = tuple(target_shape)
        if any(not isinstance(size, int) or size < -1 for size in self.target_shape) or self.target_shape.count(-1) > 1:
            raise SettingError(
                f"Reshape target_shape: expected whole sizes, at most one of them -1, received {target_shape}."
            )

    def call(self, inputs: Any) -> Any:
        size = prod(inputs.shape[1:])
        known = prod(length for length in self.target_shape if length != -1)
        fits = known > 0 and size % known == 0 if -1 in self.target_shape else size == known
        if not fits:
            raise ShapeError(
                f"{self.described()}: expected a target of {size} numbers for each example of shape "
                f"{shown(inputs.shape)}, received {self.target_shape}."
            )
        shape = [size // known if length == -1 else length for length in self.target_shape]
        return ops.reshape(inputs, (inputs.shape[0], *shape))
