"""What attention with several heads shares: query, value and key as arguments of their own, and their masks."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

import numpy as np

from pippin import constraints, initializers, ops, regularizers
from pippin.errors import SettingError, ShapeError
from pippin.layers.attention import HIDDEN
from pippin.layers.einsum_dense import EinsumDense
from pippin.layers.layer import Layer
from pippin.layers.regularization import Dropout
from pippin.ops.masks import both, mask_of, set_mask
from pippin.saving.serialize import serialize


class HeadedAttention(Layer):
    """The base of attention with several heads. A kind of its own says how heads are projected and joined."""

    supports_masking = True
    attention_axes: tuple[int, ...]
    _dropout_layer: Dropout
    _gate_dense: EinsumDense

    def keep(
        self, dropout: float, use_bias: bool, use_gate: bool, seed: int | None, sliding_window: int | None,
        flash_attention: bool | None, kernel_initializer: Any, bias_initializer: Any, **of_parts: Any,
    ) -> None:  # fmt: skip
        """Check and remember the settings that all kinds have; `of_parts` are for the layers inside."""
        kind = type(self).__name__
        if sliding_window is not None and (not isinstance(sliding_window, int) or sliding_window <= 0):
            raise SettingError(
                f"{kind}: `sliding_window` must be `None` or a positive integer. "
                f"Received: sliding_window={sliding_window}"
            )
        if flash_attention and dropout > 0:
            raise SettingError(
                f"{kind}: Dropout is not supported when flash attention is enabled. Please set dropout to 0.0 to use "
                "flash attention."
            )
        self.dropout, self.use_bias, self.use_gate, self.seed = dropout, use_bias, use_gate, seed
        self.sliding_window, self._flash_attention = sliding_window, bool(flash_attention)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        homes = {"regularizer": regularizers, "constraint": constraints}
        self._of_parts = {word: homes[word.rpartition("_")[2]].get(one) for word, one in of_parts.items()}

    def part(
        self, equation: str, shape: list[int | None], bias_axes: str | None, name: str, **more: Any
    ) -> EinsumDense:
        """A layer inside, with initializers of its own: two that share one would begin with the same numbers."""
        fresh = {
            f"{word}_initializer": type(one).from_config(one.get_config())
            for word, one in (("kernel", self.kernel_initializer), ("bias", self.bias_initializer))
        }
        return EinsumDense(equation, shape, bias_axes=bias_axes, name=name, **fresh, **self._of_parts, **more)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        named = [word for word in ("query", "value", "key")[len(arguments) :] if word in keywords]
        return super().__call__(*arguments, *(keywords.pop(word) for word in named), **keywords)

    def _make_ready(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any] | None = None) -> None:
        if len(arguments) < 2:
            raise SettingError(f"{self.described()}: expected a query and a value, received {len(arguments)} inputs.")
        super()._make_ready(arguments, keywords)

    def projections(self, query: Any, key: Any, value: Any) -> tuple[Any, Any, Any]:
        """Queries, keys and values of every head, (…, heads, size)."""
        raise NotImplementedError

    @property
    def result_layer(self) -> EinsumDense:
        """The layer that joins the heads' results."""
        raise NotImplementedError

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
        result, weights = self.attend(*self.projections(query, key, value), mask, training)
        if self.use_gate:
            result = ops.multiply(result, self._gate_dense(query))
        for x, own in taken:
            set_mask(x, own)
        result = self.result_layer(result)
        return (result, weights) if return_attention_scores else result

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
                shown = both(shown, ops.expand_dims(ops.cast(mask, "bool"), -2))
        rows, columns = query.shape[1], value.shape[1]
        if causal:
            shown = both(shown, np.tri(rows, columns, dtype=bool)[None])
        if self.sliding_window is not None:
            apart = np.abs(np.arange(rows)[:, None] - np.arange(columns)[None])
            shown = both(shown, (apart < self.sliding_window)[None])
        return shown if given is None else both(shown, ops.cast(given, "bool"))

    def attend(self, query: Any, key: Any, value: Any, mask: Any, training: bool | None) -> tuple[Any, Any]:
        """What each query takes from the values, and the weights it takes them by, whose last axes are the keys'."""
        to_scores, to_result = attention_equations(len(query.shape) - 1, self.attention_axes)
        axes = len(self.attention_axes)
        scores = ops.einsum(to_scores, key, ops.multiply(query, 1.0 / sqrt(query.shape[-1])))
        if mask is not None:
            # All heads see the same.
            place = len(mask.shape) - 2 * axes
            shape = (*mask.shape[:place], *[1] * (len(scores.shape) - len(mask.shape)), *mask.shape[place:])
            scores = ops.where(ops.reshape(mask, shape), scores, HIDDEN)
        weights = ops.softmax(scores, tuple(range(len(scores.shape) - axes, len(scores.shape))))
        used = self._dropout_layer(weights, training=training)
        return ops.einsum(to_result, used, value), weights

    def unmasked(self, *tensors: Any) -> list[tuple[Any, Any]]:
        """Take the masks off, which the layers inside have no use for; what was taken is given back."""
        found = [(x, mask_of(x)) for x in tensors if x is not None]
        for x, _ in found:
            set_mask(x, None)
        return found


def attention_equations(rank: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """How keys and queries (…, heads, size) make scores (…, heads, queries, keys), and these and the values the result:
    letters for einsum."""
    queries = "abcdefghij"[: rank - 1] + "yz"
    keys = "".join("klmnopqrst"[place] if place in axes else letter for place, letter in enumerate(queries))
    batch = [letter for place, letter in enumerate(queries[:-1]) if place not in axes]
    scores = "".join([*batch, *(queries[axis] for axis in axes), *(keys[axis] for axis in axes)])
    return f"{keys},{queries}->{scores}", f"{scores},{keys}->{queries}"
