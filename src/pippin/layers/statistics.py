"""Layers that bring numbers to a common scale, to bins, or to one place for each category."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.layer import Layer
from pippin.program.eager import handed_out


class Normalization(Layer):
    """(inputs - mean) / √variance, for each place along `axis` (all others share one); `invert` goes back.

    `adapt` learns mean and variance from data, unless they are given.
    """

    supports_masking = True

    def __init__(
        self, axis: Any = -1, mean: Any = None, variance: Any = None, invert: bool = False, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        if (mean is not None) != (variance is not None):
            raise SettingError(
                "Normalization: When setting values directly, both `mean` and `variance` must be set. Received: "
                f"mean={mean} and variance={variance}"
            )
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if np.shape(mean) != np.shape(variance):
            raise SettingError("Normalization: `mean` and `variance` must have the same shape.")
        self.input_mean, self.input_variance, self.invert = mean, variance, invert

    def build(self, input_shape: Any) -> None:
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise SettingError(
                f"{self.described()}: All `axis` values must be in the range [-ndim, ndim). Received inputs with "
                f"ndim={rank}, while axis={self.axis}"
            )
        self.kept = sorted(axis % rank for axis in self.axis)
        if any(input_shape[axis] is None for axis in self.kept):
            raise SettingError(
                f"{self.described()}: All `axis` values to be kept must have a known shape. Received axis={self.axis}, "
                f"inputs.shape={input_shape}"
            )
        self.reduced = tuple(axis for axis in range(rank) if axis not in self.kept)
        shape = tuple(input_shape[axis] for axis in self.kept)
        self.broadcast = tuple(input_shape[axis] if axis in self.kept else 1 for axis in range(rank))
        if self.input_mean is None:
            self.mean_weight = self.add_weight(name="mean", shape=shape, initializer="zeros", trainable=False)
            self.variance_weight = self.add_weight(name="variance", shape=shape, initializer="ones", trainable=False)
            self.count = self.add_weight(name="count", shape=(), initializer="zeros", trainable=False, dtype="int32")

    @property
    def mean(self) -> Any:
        """The mean, ready to be taken away."""
        return handed_out(self._broadcast(self.mean_weight.value if self.input_mean is None else self.input_mean))

    @property
    def variance(self) -> Any:
        """The variance, in the same shape."""
        given = self.variance_weight.value if self.input_mean is None else self.input_variance
        return handed_out(self._broadcast(given))

    def _broadcast(self, numbers: Any) -> np.ndarray:
        shape = tuple(self.broadcast[axis] for axis in self.kept)
        return np.broadcast_to(np.asarray(numbers, np.float32), shape).reshape(self.broadcast)

    def adapt(self, data: Any) -> None:
        """Learn mean and variance from an array, or from a dataset or another iterable of batches."""
        if isinstance(data, np.ndarray) or hasattr(data, "to_numpy"):
            batches: Any = [np.asarray(data)]
        else:
            batches = data
        total, mean, variance = 0, np.zeros(()), np.zeros(())
        for batch in batches:
            array = np.asarray(batch[0] if isinstance(batch, tuple) else batch)
            self._build_once(array.shape)
            fits = len(array.shape) == len(self.broadcast)
            if not fits or any(array.shape[axis] != self.broadcast[axis] for axis in self.kept):
                raise SettingError(
                    f"{self.described()}: The layer was built with input_shape={self.built_for}, but adapt() is being "
                    f"called with data with an incompatible shape, data.shape={array.shape}"
                )
            count = prod(array.shape[axis] for axis in self.reduced)
            total += count
            share = count / total
            here, spread = array.mean(self.reduced), array.var(self.reduced)
            middle = mean * (1 - share) + here * share
            variance = (variance + (mean - middle) ** 2) * (1 - share) + (spread + (here - middle) ** 2) * share
            mean = middle
        if not total:
            raise SettingError(f"{self.described()}: adapt() received an empty iterable (no batches).")
        if self.input_mean is None:
            self.mean_weight.assign(np.asarray(mean, np.float32))
            self.variance_weight.assign(np.asarray(variance, np.float32))

    def call(self, inputs: Any) -> Any:
        x = ops.cast(inputs, "float32")
        if self.input_mean is None:
            mean = ops.reshape(self.mean_weight, self.broadcast)
            spread = ops.sqrt(ops.reshape(self.variance_weight, self.broadcast))
        else:
            mean, spread = self.mean, np.sqrt(self.variance)
        spread = ops.maximum(spread, 1e-7)
        return x * spread + mean if self.invert else (x - mean) / spread

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        told = {"axis": list(self.axis), "invert": self.invert}
        return (
            config
            | told
            | {
                word: None if value is None else np.asarray(value).tolist()
                for word, value in (("mean", self.input_mean), ("variance", self.input_variance))
            }
        )


def encoded(numbers: Any, mode: str, depth: int) -> Any:
    """Whole numbers as one place each ("one_hot"), or which occur in an example, or how often: along axis 1, or 0 of a
    single example."""
    if mode == "one_hot":
        if len(numbers.shape) > 1 and numbers.shape[-1] == 1:
            numbers = ops.squeeze(numbers, -1)
        return ops.one_hot(numbers, depth)
    hot, axis = ops.one_hot(numbers, depth), min(1, len(numbers.shape) - 1)
    return ops.max(hot, axis) if mode == "multi_hot" else ops.sum(hot, axis)


class CategoryEncoding(Layer):
    """Whole numbers below `num_tokens` as ones and zeros ("one_hot", "multi_hot") or counts ("count")."""

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        mode = "multi_hot" if output_mode == "binary" else output_mode
        if mode not in ("count", "one_hot", "multi_hot"):
            raise SettingError(f"CategoryEncoding: Unknown arg for output_mode: {output_mode}")
        if num_tokens is None:
            raise SettingError(
                "CategoryEncoding: num_tokens must be set to use this layer. If the number of tokens is not known "
                "beforehand, use the IntegerLookup layer instead."
            )
        if num_tokens < 1:
            raise SettingError(f"CategoryEncoding: `num_tokens` must be >= 1. Received: num_tokens={num_tokens}.")
        self.num_tokens, self.output_mode, self.sparse = num_tokens, mode, sparse

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        if count_weights is not None and self.output_mode != "count":
            raise SettingError(
                f"CategoryEncoding: `count_weights` is not used when `output_mode` is not `'count'`. Received "
                f"`count_weights={count_weights}`."
            )
        numbers = ops.cast(inputs, "int32")
        if count_weights is None:
            return encoded(numbers, self.output_mode, self.num_tokens)
        weights = ops.expand_dims(ops.cast(count_weights, "float32"), -1)
        return ops.sum(ops.one_hot(numbers, self.num_tokens) * weights, -2)
