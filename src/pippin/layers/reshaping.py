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


class Permute(Layer):
    """The axes behind the batch in another order: Permute((2, 1)) swaps the first two, which are counted from 1."""

    def __init__(self, dims: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise SettingError(
                f"Permute: Invalid permutation argument `dims`. The set of indices in `dims` must be consecutive and "
                f"start from 1. Received dims={dims}"
            )

    def check_input_shape(self, shape: Any) -> None:
        if isinstance(shape, tuple) and len(shape) != len(self.dims) + 1:
            raise ShapeError(
                f"{self.described()}: expected an input with {len(self.dims)} axes behind the batch, "
                f"received shape {shown(shape)}."
            )

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))


class RepeatVector(Layer):
    """(batch, features) → (batch, n, features): the same at each of n steps."""

    def __init__(self, n: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(n, int) or isinstance(n, bool):
            raise TypeError(f"RepeatVector: Expected an integer value for `n`, got {type(n)}.")
        if n <= 0:
            raise SettingError(f"RepeatVector: Argument `n` should be a positive integer. Received: n={n}")
        self.n = n

    def check_input_shape(self, shape: Any) -> None:
        if isinstance(shape, tuple) and len(shape) != 2:
            raise ShapeError(
                f"{self.described()}: expected an input of shape (batch, features), received shape {shown(shape)}."
            )

    def call(self, inputs: Any) -> Any:
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)
