"""Attention: every position looks at all others and takes from those that fit its question."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from pippin import constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.einsum_dense import EinsumDense
from pippin.layers.layer import Layer
from pippin.layers.regularization import Dropout
from pippin.ops.masks import mask_of, set_mask
from pippin.saving.serialize import serialize

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
            shown = _both(shown, np.tri(scores.shape[-2], scores.shape[-1], dtype=bool)[None])
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


def _both(one: Any, other: Any) -> Any:
    return other if one is None else ops.logical_and(one, other)


class _HeadedAttention(Layer):
    """What attention with several heads shares: query, value and key as arguments of their own, and their masks."""

    supports_masking = True
    sliding: int | None
    _dropout_layer: Dropout

    def set_weights_of_parts(self, kernel: Any, bias: Any, **others: Any) -> None:
        """Remember how the layers inside make their weights."""
        self.kernel_initializer, self.bias_initializer = initializers.get(kernel), initializers.get(bias)
        self._of_parts = others

    def part(self, equation: str, shape: list[int | None], bias_axes: str | None, name: str, **more: Any) -> Any:
        """A layer inside, with initializers of its own: two that share one would begin with the same numbers."""
        fresh = {
            f"{word}_initializer": type(one).from_config(one.get_config())
            for word, one in (("kernel", self.kernel_initializer), ("bias", self.bias_initializer))
        }
        return EinsumDense(equation, shape, bias_axes=bias_axes, name=name, **fresh, **self._of_parts, **more)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        named = [word for word in ("query", "value", "key")[len(arguments) :] if word in keywords]
        return super().__call__(*arguments, *(keywords.pop(word) for word in named), **keywords)

    def _make_ready(self, arguments: tuple[Any, ...]) -> None:
        if len(arguments) < 2:
            raise SettingError(f"{self.described()}: expected a query and a value, received {len(arguments)} inputs.")
        if not self.built:
            shapes = [None if x is None else (None, *x.shape[1:]) for x in (*arguments, None)[:3]]
            self.build(*shapes)

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:  # type: ignore[override]
        """The shape of the result: that of the query, with the features that were asked for."""
        raise NotImplementedError

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes the weights were made for."""
        return None if not self.built else {"shapes_dict": dict(self._shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the weights that `get_build_config` described."""
        shapes = config.get("shapes_dict") or {}
        if shapes and not self.built:
            self.build(*(tuple(shapes[f"{w}_shape"]) for w in ("query", "value", "key") if shapes.get(f"{w}_shape")))

    def get_config(self) -> dict[str, Any]:
        # What the layers inside were given is not this layer's own.
        given = {word: serialize(value) for word, value in self._of_parts.items()}
        config = {**super().get_config(), **given}
        return {word: value for word, value in config.items() if word != "flash_attention"}

    def need_shapes(self, query_shape: Any, value_shape: Any, key_shape: Any) -> None:
        """Raise unless value and key have the same positions; and remember all shapes."""
        self._shapes = [("query_shape", query_shape), ("value_shape", value_shape)]
        if key_shape is not None:
            self._shapes.append(("key_shape", key_shape))
        if key_shape is not None and value_shape[1:-1] != key_shape[1:-1]:
            raise ShapeError(
                f"{self.described()}: All dimensions of `value` and `key`, except the last one, must be equal. "
                f"Received: value_shape={value_shape} and key_shape={key_shape}"
            )

    def mask_of_scores(
        self, query: Any, value: Any, query_mask: Any, value_mask: Any, key_mask: Any, given: Any, causal: bool
    ) -> Any:
        """Which keys each query may see, (batch, queries, keys), or None for all."""
        shown = None
        if query_mask is not None:
            shown = ops.expand_dims(ops.cast(query_mask, "bool"), -1)
        for mask in (value_mask, key_mask):
            if mask is not None:
                shown = _both(shown, ops.expand_dims(ops.cast(mask, "bool"), -2))
        rows, columns = query.shape[1], value.shape[1]
        if causal:
            shown = _both(shown, np.tri(rows, columns, dtype=bool)[None])
        if self.sliding is not None:
            apart = np.abs(np.arange(rows)[:, None] - np.arange(columns)[None])
            shown = _both(shown, (apart < self.sliding)[None])
        return shown if given is None else _both(shown, ops.cast(given, "bool"))

    def attend(
        self, query: Any, key: Any, value: Any, equations: tuple[str, str], size: int, mask: Any, axes: int,
        training: bool | None,
    ) -> tuple[Any, Any]:  # fmt: skip
        """What each query takes from the values, and the weights it takes them by; the last `axes` are the keys'."""
        scores = ops.einsum(equations[0], key, ops.multiply(query, 1.0 / sqrt(size)))
        if mask is not None:
            # All heads see the same.
            place = len(mask.shape) - 2 * axes
            shape = (*mask.shape[:place], *[1] * (len(scores.shape) - len(mask.shape)), *mask.shape[place:])
            scores = ops.where(ops.reshape(mask, shape), scores, HIDDEN)
        weights = ops.softmax(scores, tuple(range(len(scores.shape) - axes, len(scores.shape))))
        used = self._dropout_layer(weights, training=training)
        return ops.einsum(equations[1], used, value), weights

    def unmasked(self, *tensors: Any) -> list[tuple[Any, Any]]:
        """Take the masks off, which the layers inside have no use for; what was taken is given back."""
        found = [(x, mask_of(x)) for x in tensors if x is not None]
        for x, _ in found:
            set_mask(x, None)
        return found


def _number(kind: str, argument: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise SettingError(
            f"{kind}: Received an invalid value for argument `{argument}`, expected a positive integer. "
            f"Received: {argument}={value}"
        )
    return value


def _check_window(kind: str, sliding_window: Any, flash_attention: Any, dropout: float) -> None:
    if sliding_window is not None and (not isinstance(sliding_window, int) or sliding_window <= 0):
        raise SettingError(
            f"{kind}: `sliding_window` must be `None` or a positive integer. Received: sliding_window={sliding_window}"
        )
    if flash_attention and dropout > 0:
        raise SettingError(
            f"{kind}: Dropout is not supported when flash attention is enabled. Please set dropout to 0.0 to use flash "
            "attention."
        )


class MultiHeadAttention(_HeadedAttention):
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
        _check_window(kind, sliding_window, flash_attention, dropout)
        self.dropout, self.use_bias, self.use_gate, self.seed = dropout, use_bias, use_gate, seed
        if output_shape is not None and not isinstance(output_shape, (int, list, tuple)):
            raise SettingError(
                f"{kind}: Invalid `output_shape`: {output_shape}. When specified, the `output_shape` should be of type "
                "tuple, list, or int."
            )
        self._result = (output_shape,) if isinstance(output_shape, int) else output_shape and tuple(output_shape)
        self.attention_axes = (attention_axes,) if isinstance(attention_axes, int) else attention_axes
        self.sliding = self.sliding_window = sliding_window
        self._flash_attention = bool(flash_attention)
        self.set_weights_of_parts(
            kernel_initializer, bias_initializer, kernel_regularizer=regularizers.get(kernel_regularizer),
            bias_regularizer=regularizers.get(bias_regularizer), kernel_constraint=constraints.get(kernel_constraint),
            bias_constraint=constraints.get(bias_constraint),
            activity_regularizer=regularizers.get(activity_regularizer),
        )  # fmt: skip

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        key_shape = value_shape if key_shape is None else key_shape

        def projection(shape: Any, size: int, name: str, **more: Any) -> Any:
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
        self._equations = _attention_equations(rank, self.attention_axes)
        free = "abcdefghij"[: rank - 1]
        last = list(self._result or [query_shape[-1]])
        own = "uvwst"[: len(last)]
        self.output_dense = self.part(
            f"{free}yz,yz{own}->{free}{own}", [*[None] * (rank - 2), *last], own if self.use_bias else None,
            "attention_output",
        )  # fmt: skip
        self.output_dense.build((*query_shape[:-1], self.num_heads, self.value_dim))

    def call(
        self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None,
        key_mask: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
        training: bool | None = None, use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        if self._flash_attention and return_attention_scores:
            raise SettingError(
                f"{self.described()}: Returning attention scores is not supported when flash attention is enabled. "
                "Please disable flash attention to access attention scores."
            )
        taken = self.unmasked(query, value, key)
        key = value if key is None else key
        mask = self.mask_of_scores(query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        result, weights = self.attend(
            self.query_dense(query), self.key_dense(key), self.value_dense(value), self._equations, self.key_dim,
            mask, len(self.attention_axes), training,
        )  # fmt: skip
        if self.use_gate:
            result = ops.multiply(result, self._gate_dense(query))
        for x, own in taken:
            set_mask(x, own)
        result = self.output_dense(result)
        return (result, weights) if return_attention_scores else result

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        return (*query_shape[:-1], *(self._result or query_shape[-1:]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_shape": self._result and list(self._result)}


def _attention_equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """How keys and queries (…, heads, size) make scores (…, heads, queries, keys), and these and the values the result:
    letters for einsum."""
    queries = "abcdefghij"[: rank - 1] + "yz"
    keys = "".join("klmnopqrst"[place] if place in axes else letter for place, letter in enumerate(queries))
    batch = [letter for place, letter in enumerate(queries[:-1]) if place not in axes]
    scores = "".join([*batch, *(queries[axis] for axis in axes), *(keys[axis] for axis in axes)])
    return f"{keys},{queries}->{scores}", f"{scores},{keys}->{queries}"


class GroupedQueryAttention(_HeadedAttention):
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
        _check_window("GroupedQueryAttention", sliding_window, flash_attention, dropout)
        self.head_dim, self.num_query_heads, self.num_key_value_heads = head_dim, num_query_heads, num_key_value_heads
        self.dropout, self.use_bias, self.use_gate, self.seed = dropout, use_bias, use_gate, seed
        self.sliding = self.sliding_window = sliding_window
        self._flash_attention = bool(flash_attention)
        self.set_weights_of_parts(
            kernel_initializer, bias_initializer, kernel_regularizer=regularizers.get(kernel_regularizer),
            bias_regularizer=regularizers.get(bias_regularizer), kernel_constraint=constraints.get(kernel_constraint),
            bias_constraint=constraints.get(bias_constraint),
            activity_regularizer=regularizers.get(activity_regularizer),
        )  # fmt: skip

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        key_shape = value_shape if key_shape is None else key_shape

        def projection(shape: Any, heads: int, name: str, **more: Any) -> Any:
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

    def call(
        self, query: Any, value: Any, key: Any = None, query_mask: Any = None, value_mask: Any = None,
        key_mask: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
        training: bool | None = None, use_causal_mask: bool = False,
    ) -> Any:  # fmt: skip
        if self._flash_attention and return_attention_scores:
            raise SettingError(
                f"{self.described()}: Returning attention scores is not supported when flash attention is enabled. "
                "Please disable flash attention to access attention scores."
            )
        taken = self.unmasked(query, value, key)
        key = value if key is None else key
        mask = self.mask_of_scores(query, value, query_mask, value_mask, key_mask, attention_mask, use_causal_mask)
        times = self.num_query_heads // self.num_key_value_heads
        result, weights = self.attend(
            self._query_dense(query), ops.repeat(self._key_dense(key), times, axis=2),
            ops.repeat(self._value_dense(value), times, axis=2), _attention_equations(3, (1,)), self.head_dim,
            mask, 1, training,
        )  # fmt: skip
        if self.use_gate:
            result = ops.multiply(result, self._gate_dense(query))
        for x, own in taken:
            set_mask(x, own)
        result = self._output_dense(result)
        return (result, weights) if return_attention_scores else result

    def compute_output_shape(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> Any:  # type: ignore[override]
        self.need_shapes(query_shape, value_shape, key_shape)
        return query_shape
