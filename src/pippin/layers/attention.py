"""Attention: every position looks at all others and takes from those that fit its question."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.layer import Layer
from pippin.layers.regularization import Dropout
from pippin.ops.masks import both

HIDDEN = -1e9
"""What a score falls by where a mask hides a position: e to its power is 0."""


class Attention(Layer):
    """softmax(query · keyᵀ) · value, for [query, value] or [query, value, key], each (batch, positions, features).

    `score_mode="concat"` scores by Σ tanh(query + key) instead; `use_scale` learns a factor.
    Source: Luong et al., "Effective Approaches to Attention-based Neural Machine Translation" (2015), section 3.1.
    """

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(**keywords)
        if score_mode not in ("dot", "concat"):
            raise SettingError(
                "Attention: Invalid value for argument score_mode. Expected one of {'dot', 'concat'}. "
                f"Received: score_mode={score_mode}"
            )
        self.use_scale, self.score_mode = use_scale, score_mode
        self.dropout, self.seed = dropout, seed
        if dropout > 0:
            self._dropping = Dropout(dropout, seed=seed)

    def check_input_shape(self, shape: Any) -> None:
        kind = type(self).__name__
        if not isinstance(shape, list) or not all(isinstance(part, (list, tuple)) for part in shape):
            raise SettingError(
                f"{self.described()}: {kind} layer must be called on a list of inputs, namely [query, value] or "
                f"[query, value, key]. Received: {shape}."
            )
        if len(shape) not in (2, 3):
            raise SettingError(
                f"{self.described()}: {kind} layer accepts inputs list of length 2 or 3, namely [query, value] or "
                f"[query, value, key]. Received length: {len(shape)}."
            )

    def build(self, input_shape: Any) -> None:
        self.check_input_shape(list(input_shape))
        self.scale = self.add_weight((), "ones", name="scale") if self.use_scale else None
        self.concat_score_weight = None
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight")

    def scores(self, query: Any, key: Any) -> Any:
        """How well each key answers each query: (batch, queries, keys)."""
        if self.score_mode == "dot":
            found = ops.matmul(query, ops.swapaxes(key, -2, -1))
            return found if self.scale is None else ops.multiply(found, self.scale)
        both = ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
        scaled = both if self.scale is None else ops.multiply(self.scale, both)
        return ops.multiply(self.concat_score_weight, ops.sum(ops.tanh(scaled), -1))

    def call(
        self, inputs: Any, mask: Any = None, training: bool = False, return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        query, value = inputs[0], inputs[1]
        key = inputs[2] if len(inputs) > 2 else value
        query_mask, value_mask = self._masks(mask)
        scores = self.scores(query, key)
        shown = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
        if use_causal_mask:
            shown = both(shown, np.tri(scores.shape[-2], scores.shape[-1], dtype=bool)[None])
        if shown is not None:
            scores = ops.where(shown, scores, ops.subtract(scores, -HIDDEN))
        weights = ops.softmax(scores)
        used = self._dropping(weights, training=training) if self.dropout > 0 else weights
        result = ops.matmul(used, value)
        if query_mask is not None:
            result = ops.where(ops.expand_dims(ops.cast(query_mask, "bool"), -1), result, 0.0)
        return (result, weights) if return_attention_scores else result

    def _masks(self, mask: Any) -> tuple[Any, Any]:
        if mask is None:
            return None, None
        kind = type(self).__name__
        if not isinstance(mask, list):
            raise SettingError(
                f"{self.described()}: {kind} layer mask must be a list, namely [query_mask, value_mask]. "
                f"Received: mask={mask}."
            )
        if len(mask) not in (2, 3):
            raise SettingError(
                f"{self.described()}: {kind} layer accepts mask list of length 2 or 3. Received length: {len(mask)}."
            )
        return mask[0], mask[1]

    supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the query."""
        return None if mask is None else self._masks(mask)[0]


class AdditiveAttention(Attention):
    """softmax(Σ scale · tanh(query + key)) · value, with a learned factor for each feature.

    Source: Bahdanau et al., "Neural Machine Translation by Jointly Learning to Align and Translate" (2015), A.1.2.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **keywords: Any) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, **keywords)

    def build(self, input_shape: Any) -> None:
        self.check_input_shape(list(input_shape))
        self.scale, self.concat_score_weight = None, None
        if self.use_scale:
            self.scale = self.add_weight((input_shape[0][-1],), "glorot_uniform", name="scale")

    def scores(self, query: Any, key: Any) -> Any:
        both = ops.tanh(ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3)))
        return ops.sum(both if self.scale is None else ops.multiply(self.scale, both), -1)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "seed": self.seed}
        return {word: value for word, value in config.items() if word != "score_mode"}
