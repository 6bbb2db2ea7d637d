"""Keras's TextVectorization: texts as numbers of words, cut or padded to one length, or as counts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, unknown
from pippin.layers.lookup import _MODES, _SPELLINGS, StringLookup
from pippin.layers.outside import OutsideLayer, as_text

_SIGNS = re.compile(r'[!"#$%&()*+,\-./:;<=>?@\[\\\]^_`{|}~\']')
_STANDARDS = ("lower_and_strip_punctuation", "lower", "strip_punctuation")


class TextVectorization(OutsideLayer):
    """Texts (batch,) or (batch, 1) → numbers (batch, length), 0 for padding and 1 for unknown words; or (batch,
    vocabulary) in the other modes. Standardized, split, joined to n-grams, looked up; `adapt` learns the vocabulary."""

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable[..., Any] | None = "lower_and_strip_punctuation",
        split: str | Callable[..., Any] | None = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        vocabulary_size: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name=name, **keywords)
        mode = _SPELLINGS.get(output_mode, output_mode)
        if not callable(standardize) and standardize not in (*_STANDARDS, None):
            raise unknown("value of TextVectorization for `standardize`", standardize, _STANDARDS)
        if not callable(split) and split not in ("whitespace", "character", None):
            raise unknown("value of TextVectorization for `split`", split, ("whitespace", "character"))
        if mode not in _MODES:
            raise unknown("value of TextVectorization for `output_mode`", output_mode, _MODES)
        is_counts = isinstance(ngrams, (tuple, list)) and all(isinstance(n, int) for n in ngrams)
        if not (ngrams is None or isinstance(ngrams, int) or is_counts):
            raise SettingError(f"`ngrams` must be None, an integer, or a tuple of integers. Received: ngrams={ngrams}")
        if mode != "int" and output_sequence_length is not None:
            raise SettingError(
                "`output_sequence_length` must not be set if `output_mode` is not 'int'. Received "
                f"output_sequence_length={output_sequence_length}."
            )
        if ragged:
            raise SettingError("`ragged=True` can only be used with the TensorFlow backend.")
        self.max_tokens, self.standardize, self.split, self.ngrams = max_tokens, standardize, split, ngrams
        self.output_mode, self.output_sequence_length, self.encoding = mode, output_sequence_length, encoding
        self._widths = range(1, ngrams + 1) if isinstance(ngrams, int) else ngrams
        self._lookup_layer = StringLookup(
            max_tokens, mask_token="", vocabulary=vocabulary, idf_weights=idf_weights, output_mode=mode,
            pad_to_max_tokens=pad_to_max_tokens, sparse=sparse, vocabulary_size=vocabulary_size,
        )  # fmt: skip

    @property
    def lookup(self) -> StringLookup:
        """The table of words."""
        return self._lookup_layer

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words in the order of their numbers."""
        return self.lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """How many numbers there are, those for padding and unknown words included."""
        return self.lookup.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Use these words."""
        self.lookup.set_vocabulary(vocabulary, idf_weights)

    def reset_state(self) -> None:
        self.lookup.reset_state()

    def update_state(self, data: Any) -> None:
        """Count the words of texts."""
        self.lookup.count_rows(self._words(data))

    def finalize_state(self) -> None:
        self.lookup.finalize_state()

    def foretold(self, shape: Any) -> tuple[Any, str]:
        if self.output_mode == "int":
            return (shape[0], self.output_sequence_length), "int32"
        return (shape[0], self.lookup.foretold((shape[0], None))[0][-1]), "float32"

    def _words(self, data: Any) -> list[list[str]]:
        """The words of each text."""
        texts = as_text(data, self.encoding)
        if callable(self.standardize):
            texts = as_text(self.standardize(texts.astype(str)))
        if self.split is not None:
            if texts.ndim > 1 and texts.shape[-1] != 1:
                raise ShapeError(
                    "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape "
                    f"dimension must be 1. Received: inputs.shape={texts.shape} with rank={texts.ndim}"
                )
            texts = texts.reshape(-1)
            if callable(self.split):
                rows = [[str(word) for word in row] for row in self.split(self._plain(texts).astype(str))]
            else:
                rows = [list(text) if self.split == "character" else text.split() for text in self._plain(texts)]
        else:
            whole = self._plain(texts)
            rows = [list(row) for row in (whole.reshape(len(whole), -1) if whole.ndim else whole.reshape(1, 1))]
        if self._widths is None:
            return rows
        return [[" ".join(row[i : i + n]) for n in self._widths for i in range(len(row) - n + 1)] for row in rows]

    def _plain(self, texts: np.ndarray) -> np.ndarray:
        how = self.standardize
        flat = texts.reshape(-1).tolist()
        if how in ("lower", "lower_and_strip_punctuation"):
            flat = [text.lower() for text in flat]
        if how in ("strip_punctuation", "lower_and_strip_punctuation"):
            flat = [_SIGNS.sub("", text) for text in flat]
        found = np.empty(len(flat), object)
        found[:] = flat
        return found.reshape(texts.shape)

    def call(self, inputs: Any) -> np.ndarray:
        is_single = np.ndim(inputs) == 0
        rows = [self.lookup.numbers_of(row) for row in self._words(inputs)]
        length = self.output_sequence_length
        if length is None or self.output_mode != "int":
            length = max(map(len, rows), default=0)
        numbers = np.full((len(rows), length), 0 if self.output_mode == "int" else -1, np.int64)
        for place, row in zip(numbers, rows, strict=True):
            place[: len(row)] = row[:length]
        found = numbers if self.output_mode == "int" else self.lookup.encoded(numbers)
        return found[0] if is_single else found

    def get_config(self) -> dict[str, Any]:
        """The arguments, with the vocabulary that was learned."""
        lookup = self.lookup.get_config()
        return super().get_config() | {word: lookup[word] for word in ("vocabulary", "idf_weights", "vocabulary_size")}
