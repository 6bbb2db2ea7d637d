"""An embedding that also leads back: from vectors to a number for each word."""

from __future__ import annotations

from typing import Any

from pippin import dtype_policies, ops
from pippin.layers.embedding import Embedding
from pippin.ops.masks import set_mask


class ReversibleEmbedding(Embedding):
    """As Embedding; with `reverse=True` in the call, vectors (..., output_dim) → logits (..., input_dim): the product
    with the embeddings, or, with tie_weights=False, with a matrix of its own.

    `logit_soft_cap` keeps the logits between -cap and cap: cap · tanh(logit / cap).
    Source: Press and Wolf, Using the output embedding to improve language models (2016), arXiv:1608.05859.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: Any = None,
        logit_soft_cap: float | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            input_dim, output_dim, embeddings_initializer, embeddings_regularizer, embeddings_constraint, mask_zero,
            **keywords,
        )  # fmt: skip
        self.tie_weights, self.logit_soft_cap = tie_weights, logit_soft_cap
        if reverse_dtype is not None:
            dtype_policies.get(reverse_dtype)  # Pippin computes in float32: a type that it doesn't know is refused
        self.reverse_dtype = reverse_dtype

    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                (self.output_dim, self.input_dim), self.embeddings_initializer, name="reverse_embeddings"
            )

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        if not reverse:
            result = super().call(inputs)
            mask = super().compute_mask(inputs)
            if mask is not None:
                set_mask(result, mask)
            return result
        logits = ops.matmul(inputs, ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings)
        cap = self.logit_soft_cap
        return logits if cap is None else ops.tanh(logits / float(cap)) * float(cap)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None  # `call` sets it, which knows which way it goes

    def compute_output_shape(self, input_shape: Any, reverse: bool = False) -> Any:
        return (*input_shape[:-1], self.input_dim) if reverse else super().compute_output_shape(input_shape)
