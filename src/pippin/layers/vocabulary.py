"""The vocabulary of a lookup layer: given, learned by counting, or read from a file beside a model."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from pippin.errors import DataError, FileError, SettingError
from pippin.layers.outside import OutsideLayer, as_text


class Vocabulary(OutsideLayer):
    """Tokens and their numbers, which begin with 0 for `mask_token` (in mode "int"), then `num_oov_indices` for unknown
    tokens, then the vocabulary, the most frequent token first (of equally frequent ones the last in order)."""

    is_text: bool
    max_tokens: int | None
    num_oov_indices: int
    mask_token: Any
    oov_token: Any
    invert: bool
    output_mode: str
    pad_to_max_tokens: bool
    has_own_vocabulary: bool
    tokens: list[Any]
    idf_weights: Any

    def _typed(self, data: Any) -> np.ndarray:
        return as_text(data) if self.is_text else np.asarray(data).astype(np.int64)

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
        self.count_rows([np.asarray(row).tolist() for row in rows])

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

    # Files -----------------------------------------------------------------------------------------------------------

    def save_assets(self, dir_path: Any) -> None:
        """Write a vocabulary that was not an argument into the folder, as vocabulary.txt."""
        if not self.has_own_vocabulary:
            lines = [str(token) for token in self.get_vocabulary()]
            (Path(dir_path) / "vocabulary.txt").write_text("\n".join(lines), encoding="utf-8")

    def load_assets(self, dir_path: Any) -> None:
        """Read what `save_assets` wrote."""
        if not self.has_own_vocabulary:
            text = (Path(dir_path) / "vocabulary.txt").read_text(encoding="utf-8").rstrip("\n")
            lines = text.splitlines()
            self.set_vocabulary(lines if self.is_text else [int(line) for line in lines], self.idf_weights)
