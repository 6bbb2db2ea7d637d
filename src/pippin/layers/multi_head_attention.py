"""Attention with several heads, each with projections of its own."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError
from pippin.layers.einsum_dense import EinsumDense
from pippin.layers.headed_attention import HeadedAttention
from pippin.layers.regularization import Dropout


class MultiHeadAttention(HeadedAttention):
    """Attention several times side by side, each head with projections of its own, and a projection of all results.

    call(query, value, key=value), each (batch, positions, features); the result has the query's shape, or
    `output_shape` as its last axes. Inside are the layers query, key, value (features, heads, size) and
    attention_output. `attention_axes` are the positions that attention runs over where there are several axes of them.
    Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
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
        kind = "MultiHeadAttention"
        super().__init__(**keywords)
        self.num_heads, self.key_dim = _number(kind, "num_heads", num_heads), _number(kind, "key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else _number(kind, "value_dim", value_dim)
        if output_shape is not None and not isinstance(output_shape, (int, list, tuple)):
            raise SettingError(
                f"{kind}: Invalid `output_shape`: {output_shape}. When specified, the `output_shape` should be of type "
                "tuple, list, or int."
            )
        self._result = (output_shape,) if isinstance(output_shape, int) else output_shape and tuple(output_shape)
        self.attention_axes = (attention_axes,) if isinstance(attention_axes, int) else attention_axes
        self.keep(
            dropout, use_bias, use_gate, seed, sliding_window, flash_attention, kernel_initializer, bias_initializer,
            kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )  # fmt: skip

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        key_shape = value_shape if key_shape is None else key_shape

        def projection(shape: Any, size: int, name: str, **more: Any) -> EinsumDense:
            free = "abcdefghij"[: len(shape) - 1]
            part = self.part(
                f"{free}x,xyz->{free}yz", [*[None] * (len(shape) - 2), self.num_heads, size],
                "yz" if self.use_bias else None, name, **more,
            )  # fmt: skip
            part.build(shape)
            return part

        self.query_dense = projection(query_shape, self.key_dim, "query")
        self.key_dense = projection(key_shape, self.key_dim, "key")
        if self.use_gate:
            self._gate_dense = projection(query_shape, self.value_dim, "gate", activation="sigmoid")
        self.value_dense = projection(value_shape, self.value_dim, "value")
        self._dropout_layer = Dropout(self.dropout, seed=self.seed)
        rank = len(query_shape)
        if self.attention_axes is None:
            self.attention_axes = tuple(range(1, rank - 1))
        else:
            self.attention_axes = tuple(axis % rank for axis in self.attention_axes)
        free = "abcdefghij"[: rank - 1]
        last = list(self._result or [query_shape[-1]])
        own = "uvwst"[: len(last)]
        self.output_dense = self.part(
            f"{free}yz,yz{own}->{free}{own}", [*[None] * (rank - 2), *last], own if self.use_bias else None,
            "attention_output",
        )  # fmt: skip
        self.output_dense.build((*query_shape[:-1], self.num_heads, self.value_dim))

    def projections(self, query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
        return self.query_dense(query), self.key_dense(key), self.value_dense(value)

    @property
    def result_layer(self) -> EinsumDense:
        return self.output_dense

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        return (*query_shape[:-1], *(self._result or query_shape[-1:]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_shape": self._result and list(self._result)}


def _number(kind: str, argument: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise SettingError(
            f"{kind}: Received an invalid value for argument `{argument}`, expected a positive integer. "
            f"Received: {argument}={value}"
        )
    return value
