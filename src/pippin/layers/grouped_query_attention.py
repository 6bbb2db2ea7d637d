"""Attention whose heads of queries share heads of keys and values."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.einsum_dense import EinsumDense
from pippin.layers.headed_attention import HeadedAttention
from pippin.layers.regularization import Dropout


class GroupedQueryAttention(HeadedAttention):
    """Attention whose heads of queries share heads of keys and values, so many to one.

    Source: Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models" (2023), section 2.2.
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if num_query_heads % num_key_value_heads:
            raise SettingError(
                "GroupedQueryAttention: `num_query_heads` must be divisible by `num_key_value_heads`, received "
                f"{num_query_heads} and {num_key_value_heads}."
            )
        self.head_dim, self.num_query_heads, self.num_key_value_heads = head_dim, num_query_heads, num_key_value_heads
        self.attention_axes = (1,)
        self.keep(
            dropout, use_bias, use_gate, seed, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )  # fmt: skip

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        key_shape = value_shape if key_shape is None else key_shape

        def projection(shape: Any, heads: int, name: str, **more: Any) -> EinsumDense:
            bias = "yz" if self.use_bias else None
            part = self.part("abx,xyz->abyz", [None, heads, self.head_dim], bias, name, **more)
            part.build(shape)
            return part

        self._query_dense = projection(query_shape, self.num_query_heads, "query")
        self._key_dense = projection(key_shape, self.num_key_value_heads, "key")
        if self.use_gate:
            self._gate_dense = projection(query_shape, self.num_query_heads, "gate", activation="sigmoid")
        self._value_dense = projection(value_shape, self.num_key_value_heads, "value")
        self._dropout_layer = Dropout(self.dropout, seed=self.seed)
        self._output_dense = self.part(
            "abyz,yzu->abu", [None, query_shape[-1]], "u" if self.use_bias else None, "attention_output"
        )
        self._output_dense.build((None, None, self.num_query_heads, self.head_dim))

    def projections(self, query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
        times = self.num_query_heads // self.num_key_value_heads
        keys, values = (ops.repeat(x, times, axis=2) for x in (self._key_dense(key), self._value_dense(value)))
        return self._query_dense(query), keys, values

    @property
    def result_layer(self) -> EinsumDense:
        return self._output_dense

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        return query_shape
