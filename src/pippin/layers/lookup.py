"""Keras's StringLookup and IntegerLookup: tokens as numbers by a vocabulary, or back, or counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from pippin.errors import DataError, FileError, SettingError, unknown
from pippin.layers.outside import OutsideLayer, as_text

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_SPELLINGS = {"binary": "multi_hot", "tf-idf": "tf_idf"}


class IndexLookup(OutsideLayer):
    """What both share. Numbers begin with 0 for `mask_token` (in mode "int"), then `num_oov_indices` for unknown
    tokens, then the vocabulary, the most frequent token first (of equally frequent ones the last in order)."""

    is_text: bool

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        sparse: bool,
        pad_to_max_tokens: bool,
        **keywords: Any,
    ) -> None:
        vocabulary_size = keywords.pop("vocabulary_size")
        super().__init__(**keywords)
        output_mode = _SPELLINGS.get(output_mode, output_mode)
        self._refuse(max_tokens, num_oov_indices, invert, output_mode, sparse, pad_to_max_tokens, idf_weights)
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token, self.invert = mask_token, oov_token, invert
        self.output_mode, self.sparse, self.pad_to_max_tokens = output_mode, sparse, pad_to_max_tokens
        self.vocabulary_size_given = vocabulary_size
        self.has_own_vocabulary = vocabulary is not None
        self.tokens: list[Any] = []
        self.idf_weights: Any = None
        self.reset_state()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def _refuse(
        self, max_tokens: Any, oov: int, invert: bool, mode: str, sparse: bool, pad: bool, idf_weights: Any
    ) -> None:
        kind = type(self).__name__
        if max_tokens is not None and max_tokens <= 1:
            raise SettingError(f"{kind}: If set, `max_tokens` must be greater than 1. Received: {max_tokens}")
        if pad and max_tokens is None:
            raise SettingError(f"{kind}: If pad_to_max_tokens is True, must set `max_tokens`. Received: None")
        if oov < 0:
            raise SettingError(f"{kind}: `num_oov_indices` must be greater than or equal to 0. Received: {oov}")
        if oov > 1 and self.is_text:
            raise SettingError(f"{kind}: expected num_oov_indices of 0 or 1, received {oov} (it needs a hash of text).")
        if mode not in _MODES:
            raise unknown(f"value of {kind} for `output_mode`", mode, _MODES)
        if invert and mode != "int":
            raise SettingError(f"{kind}: `output_mode` must be `'int'` when `invert` is true. Received: {mode}")
        if sparse:
            raise SettingError(f"{kind}: `sparse=True` can only be used with the TensorFlow backend.")
        if idf_weights is not None and mode != "tf_idf":
            raise SettingError(f"{kind}: `idf_weights` should only be set if `output_mode` is 'tf_idf', not {mode}.")

    def _typed(self, data: Any) -> np.ndarray:
        return as_text(data) if self.is_text else np.asarray(data).astype(np.int64)

    # The vocabulary --------------------------------------------------------------------------------------------------

    def _oov_start(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _token_start(self) -> int:
        return self._oov_start() + self.num_oov_indices

    def _special(self) -> list[Any]:
        return [self.mask_token] * self._oov_start() + [self.oov_token] * self.num_oov_indices

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens in the order of their numbers."""
        return (self._special() if include_special_tokens else []) + list(self.tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, the special ones included."""
        return len(self.tokens) + self._token_start()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Use these tokens: a list, with or without the special ones in front, or a file with one on each line."""
        if self.output_mode == "tf_idf" and idf_weights is None:
            raise SettingError(f"{self.described()}: `idf_weights` must be set if output_mode is 'tf_idf'.")
        if isinstance(vocabulary, str):
            if not Path(vocabulary).is_file():
                raise FileError(f"{self.described()}: Vocabulary file {vocabulary} does not exist.")
            vocabulary = Path(vocabulary).read_text(encoding="utf-8").splitlines()
        given = self._typed(vocabulary).tolist()
        if not given:
            raise DataError(f"{self.described()}: Cannot set an empty vocabulary. Received: vocabulary={vocabulary}")
        start = self._token_start()
        has_special = given[:start] == self._special()
        tokens = given[start:] if has_special else given
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        if repeated:
            raise DataError(
                f"{self.described()}: The passed vocabulary has at least one repeated term. The repeated terms are: "
                f"{repeated}"
            )
        for word, token, matters in (("mask", self.mask_token, True), ("OOV", self.oov_token, self.invert)):
            if token is not None and matters and token in tokens:
                raise DataError(
                    f"{self.described()}: Found reserved {word} token at unexpected location in `vocabulary`: "
                    f"{token!r}. Leave the special tokens out, or put them in front: {self._special()}."
                )
        if self.max_tokens is not None and start + len(tokens) > self.max_tokens:
            raise DataError(
                f"{self.described()}: Attempted to set a vocabulary larger than the maximum vocab size. Received "
                f"vocabulary size is {start + len(tokens)}; `max_tokens` is {self.max_tokens}."
            )
        self._take(tokens)
        if self.output_mode == "tf_idf":
            weights = np.asarray(idf_weights, np.float32)
            if len(weights) != len(given):
                raise DataError(f"{self.described()}: `idf_weights` must be the same length as vocabulary.")
            self._weigh(weights if has_special else np.concatenate([np.full(start, weights.mean()), weights]))

    def _take(self, tokens: list[Any]) -> None:
        self.tokens = tokens
        self._numbers = {token: number for number, token in enumerate(tokens, self._token_start())}

    def _weigh(self, weights: np.ndarray) -> None:
        depth = self.max_tokens if self.pad_to_max_tokens and self.max_tokens else len(weights)
        self.idf_weights = np.pad(weights, (0, depth - len(weights))).astype(np.float32)

    # Learning --------------------------------------------------------------------------------------------------------

    def reset_state(self) -> None:
        self._counts: Counter[Any] = Counter()
        self._documents: Counter[Any] = Counter()
        self._document_count = 0

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch; each row is a document."""
        array = self._typed(data)
        rows = [[array.item()]] if array.ndim == 0 else array.reshape(len(array), -1) if array.ndim > 1 else [array]
        self.count_rows([list(row) for row in rows])

    def count_rows(self, rows: list[list[Any]]) -> None:
        """Count the tokens of documents."""
        if self.has_own_vocabulary:
            raise SettingError(
                f"Cannot adapt layer '{self.name}' after setting a static vocabulary via `vocabulary` argument or "
                "`set_vocabulary()` method."
            )
        for row in rows:
            self._counts.update(row)
            self._documents.update(set(row))
        self._document_count += len(rows)

    def finalize_state(self) -> None:
        for token in (self.mask_token, self.oov_token):
            self._counts.pop(token, None)
        if not self._counts:
            return

        def order(token: Any) -> Any:
            return self._counts[token], token.encode() if isinstance(token, str) else token

        ranked = sorted(self._counts, key=order, reverse=True)
        self._take(ranked[: self.max_tokens - self._token_start()] if self.max_tokens else ranked)
        if self.output_mode == "tf_idf":
            counts = np.array([self._documents[token] for token in self.tokens])
            weights = np.log(1 + self._document_count / (1 + counts))
            self._weigh(np.concatenate([np.full(self._token_start(), weights.mean()), weights]))
        self.reset_state()

    # Looking up ------------------------------------------------------------------------------------------------------

    def foretold(self, shape: Any) -> tuple[Any, str]:
        if self.output_mode == "int":
            return shape, "string" if self.invert and self.is_text else "int32"
        depth = self._depth()
        if self.output_mode == "one_hot":
            return ((*shape[:-1], depth) if len(shape) > 1 and shape[-1] == 1 else (*shape, depth)), "float32"
        return (*shape[:-1], depth), "float32"

    def _depth(self) -> int:
        if self.pad_to_max_tokens and self.max_tokens:
            return self.max_tokens
        if not self.tokens and self.vocabulary_size_given:
            return int(self.vocabulary_size_given)
        if not self.tokens:
            raise RuntimeError(
                f"When using `output_mode={self.output_mode}` and `pad_to_max_tokens=False`, you must set the layer's "
                "vocabulary before calling it. Either pass a `vocabulary` argument to the layer, or call `adapt` with "
                "some sample data."
            )
        return self.vocabulary_size()

    def call(self, inputs: Any) -> np.ndarray:
        if self.invert:
            words = dict(enumerate(self.get_vocabulary()))
            numbers = np.asarray(inputs)
            found = np.array([words.get(n, self.oov_token) for n in numbers.reshape(-1).tolist()], object)
            return (found.astype(str) if self.is_text else found.astype(np.int64)).reshape(numbers.shape)
        array = self._typed(inputs)
        numbers = np.array(self.numbers_of(array.reshape(-1).tolist()), np.int64).reshape(array.shape)
        return numbers if self.output_mode == "int" else self.encoded(numbers)

    def numbers_of(self, tokens: list[Any]) -> list[int]:
        """The number of each token; -1 for a mask that isn't counted."""
        known, masked = self._numbers_table(), self._oov_start() - 1
        found = [masked if token == self.mask_token and self.mask_token is not None else known.get(token, -2)
                 for token in tokens]  # fmt: skip
        if self.num_oov_indices == 0 and -2 in found:
            raise DataError(
                f"{self.described()}: When `num_oov_indices=0` all inputs should be in vocabulary, found OOV values "
                f"{tokens[found.index(-2)]!r}, consider setting `num_oov_indices=1`."
            )
        if -2 not in found:
            return found
        return [self._unknown(token) if number == -2 else number for number, token in zip(found, tokens, strict=True)]

    def _numbers_table(self) -> dict[Any, int]:
        return self._numbers if self.tokens else {}

    def _unknown(self, token: Any) -> int:
        return self._oov_start() + (int(token) % self.num_oov_indices if self.num_oov_indices > 1 else 0)

    def encoded(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers (..., tokens) as an array (..., vocabulary): which occur, or how often; -1 is left out."""
        depth = self._depth()
        if numbers.ndim == 0:
            numbers = numbers[None]
        if self.output_mode == "one_hot" and numbers.ndim > 1 and numbers.shape[-1] == 1:
            numbers = numbers[..., 0]
        hot: np.ndarray = numbers[..., None] == np.arange(depth)
        if self.output_mode == "one_hot":
            return hot.astype(np.float32)
        if self.output_mode == "multi_hot":
            return np.asarray(hot.any(-2), np.float32)
        counts: np.ndarray = np.asarray(hot.sum(-2, dtype=np.float32))
        return np.multiply(counts, self.idf_weights) if self.output_mode == "tf_idf" else counts

    def get_config(self) -> dict[str, Any]:
        """The arguments, with the vocabulary that was learned: so a file needs nothing beside it."""
        config = super().get_config()
        config["vocabulary"] = list(self.tokens) or None
        config["vocabulary_size"] = self.vocabulary_size() if self.tokens else self.vocabulary_size_given
        weights = self.idf_weights
        config["idf_weights"] = None if weights is None else weights[self._token_start() :][: len(self.tokens)].tolist()
        return config


class StringLookup(IndexLookup):
    """Strings as numbers by a vocabulary (`adapt` learns one), or numbers as strings with `invert`."""

    is_text = True

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        vocabulary_size: int | None = None,
        oov_method: str = "floormod",
        **keywords: Any,
    ) -> None:
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode, sparse,
            pad_to_max_tokens, vocabulary_size=vocabulary_size, **keywords,
        )  # fmt: skip
        self.encoding = encoding


class IntegerLookup(IndexLookup):
    """Whole numbers as places in a vocabulary, or back with `invert`."""

    is_text = False

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        vocabulary_size: int | None = None,
        **keywords: Any,
    ) -> None:
        if oov_method != "floormod":
            raise SettingError(f"IntegerLookup oov_method: expected 'floormod', received {oov_method!r}.")
        if vocabulary_dtype != "int64":
            raise SettingError(
                f"IntegerLookup: Only `vocabulary_dtype='int64'` is supported. Received: {vocabulary_dtype}"
            )
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode, sparse,
            pad_to_max_tokens, vocabulary_size=vocabulary_size, **keywords,
        )  # fmt: skip
        self.vocabulary_dtype = vocabulary_dtype
