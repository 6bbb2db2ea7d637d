"""Layers for sequences that begin a network: numbers of words become vectors, and padding is marked."""

from __future__ import annotations

import warnings
from typing import Any

from pippin import constraints, initializers, ops, regularizers
from pippin.errors import SettingError
from pippin.layers.arguments import refuse
from pippin.layers.layer import Layer
from pippin.ops.masks import set_mask


class Embedding(Layer):
    """Looks up a vector for each whole number: (batch, ...) → (batch, ..., output_dim); embeddings (input_dim,
    output_dim).

    With mask_zero, 0 is no word but padding, and the layers behind skip it.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **keywords: Any,
    ) -> None:
        for word, value in (("input_dim", input_dim), ("output_dim", output_dim)):
            if isinstance(value, bool) or not hasattr(value, "__index__") or value <= 0:
                raise SettingError(
                    f"`{word}` must be a positive integer. Received: {word}={value} (of type {type(value).__name__})."
                )
        length = keywords.pop("input_length", None)
        if length is not None:
            warnings.warn("Argument `input_length` is deprecated. Just remove it.", stacklevel=2)
        super().__init__(**keywords)
        for word, given in {"rank": lora_rank, "alpha": lora_alpha}.items():
            refuse(f"Embedding lora_{word}", given, None, "Pippin trains the whole matrix, in float32.")
        refuse("Embedding quantization_config", quantization_config, None, "Pippin trains in float32.")
        self.input_dim, self.output_dim = int(input_dim), int(output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) and len(weights) == 1 else [weights])

    def build(self, input_shape: Any = None) -> None:
        if self.built:
            return
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim), self.embeddings_initializer, name="embeddings",
            regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint,
        )  # fmt: skip

    def call(self, inputs: Any) -> Any:
        return ops.take(self.embeddings, ops.cast(inputs, "int32"), axis=0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {word: value for word, value in config.items() if word not in ("weights", "lora_rank", "lora_alpha")}


class Masking(Layer):
    """Marks the time steps of (batch, time, features) whose numbers are all `mask_value`: the layers behind skip
    them."""

    ready_when_made = True

    def __init__(self, mask_value: float = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        counts = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = ops.where(counts, inputs, 0.0)
        set_mask(outputs, ops.squeeze(counts, -1))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
