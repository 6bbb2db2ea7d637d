"""Keras's StringLookup and IntegerLookup: tokens as numbers by a vocabulary, or back, or counted."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError, unknown
from pippin.layers.fingerprint import fingerprint, keyed
from pippin.layers.vocabulary import Vocabulary

_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_SPELLINGS = {"binary": "multi_hot", "tf-idf": "tf_idf"}


class IndexLookup(Vocabulary):
    """What both share: looking tokens up, back, or counting them."""

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
        vocabulary_size, oov_method, salt = (keywords.pop(word) for word in ("vocabulary_size", "oov_method", "salt"))
        super().__init__(**keywords)
        self.oov_method, self.salt = oov_method, _checked_salt(type(self).__name__, oov_method, salt)
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
        if mode not in _MODES:
            raise unknown(f"value of {kind} for `output_mode`", mode, _MODES)
        if invert and mode != "int":
            raise SettingError(f"{kind}: `output_mode` must be `'int'` when `invert` is true. Received: {mode}")
        if sparse:
            raise SettingError(f"{kind}: `sparse=True` can only be used with the TensorFlow backend.")
        if idf_weights is not None and mode != "tf_idf":
            raise SettingError(f"{kind}: `idf_weights` should only be set if `output_mode` is 'tf_idf', not {mode}.")

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
        if self.num_oov_indices <= 1:
            return self._oov_start()
        number = int(token) if self.oov_method == "floormod" else self._hashed(str(token).encode())
        return self._oov_start() + number % self.num_oov_indices

    def _hashed(self, data: bytes) -> int:
        return fingerprint(data) if self.salt is None else keyed(data, self.salt)

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


def _checked_salt(kind: str, oov_method: str, salt: Any) -> list[int] | None:
    if oov_method not in ("floormod", "farmhash"):
        raise unknown(f"value of {kind} for `oov_method`", oov_method, ("floormod", "farmhash"))
    if salt is None:
        return None
    if oov_method != "farmhash":
        raise SettingError(
            f"{kind}: `salt` can only be used when `oov_method='farmhash'`. Received: oov_method={oov_method}"
        )
    pair = [salt, salt] if isinstance(salt, int) else list(salt) if isinstance(salt, (list, tuple)) else []
    if len(pair) != 2:
        raise SettingError(
            f"The `salt` argument for `{kind}` can only be a tuple of size 2 integers, or a single integer. Received: "
            f"salt={salt}."
        )
    return pair


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
        name: str | None = None,
        salt: Any = None,
        vocabulary_size: int | None = None,
        oov_method: str = "farmhash",
        **keywords: Any,
    ) -> None:
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode, sparse,
            pad_to_max_tokens, vocabulary_size=vocabulary_size, oov_method="farmhash", salt=salt, name=name, **keywords,
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
        salt: Any = None,
        name: str | None = None,
        vocabulary_size: int | None = None,
        **keywords: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise SettingError(
                f"IntegerLookup: Only `vocabulary_dtype='int64'` is supported. Received: {vocabulary_dtype}"
            )
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, idf_weights, invert, output_mode, sparse,
            pad_to_max_tokens, vocabulary_size=vocabulary_size, oov_method=oov_method, salt=salt, name=name, **keywords,
        )  # fmt: skip
        self.vocabulary_dtype = vocabulary_dtype
