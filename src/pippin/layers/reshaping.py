"""Layers that lay the same numbers out differently."""

from __future__ import annotations

from math import prod
from typing import Any

from pippin import ops
from pippin.errors import ShapeError
from pippin.layers.layer import Layer


class Flatten(Layer):
    """(batch, any, shape) → (batch, all of them in a row)."""

    def __init__(self, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format or "channels_last"

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (inputs.shape[0], prod(inputs.shape[1:])))


class Reshape(Layer):
    """(batch, any, shape) → (batch, *target_shape); one size of the target may be -1."""

    def __init__(self, target_shape: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.target_shape = tuple(target_shape)

    def call(self, inputs: Any) -> Any:
        size, target = prod(inputs.shape[1:]), list(self.target_shape)
        known = prod(length for length in target if length != -1)
        if target.count(-1) > 1 or (size % known if -1 in target and known else size != known):
            raise ShapeError(f"{self.described()}: expected a target of {size} numbers for each example, received {self.target_shape}.")
        shape = [size // known if length == -1 else length for length in target]
        return ops.reshape(inputs, (inputs.shape[0], *shape))
