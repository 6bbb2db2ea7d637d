"""`keras.preprocessing.text`: words of texts as numbers, the way of Keras 1 and 2."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError, unknown

SIGNS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""What separates words besides blanks: everything but letters, digits and the apostrophe."""
_MODES = ("binary", "count", "freq", "tfidf")


def text_to_word_sequence(input_text: str, filters: str = SIGNS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text, without the signs in `filters`."""
    text = input_text.lower() if lower else input_text
    blanks = {ord(sign): split for sign in filters}
    return [word for word in text.translate(blanks).split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = SIGNS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Each word as a number from 1 to n - 1; different words may share one.

    `hash_function` is "md5", which gives the same numbers in every process, or Python's `hash` (None), which doesn't.
    """
    number: Any = {None: hash, "md5": _md5}.get(hash_function, hash_function)  # type: ignore[arg-type]
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    return [number(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode()).hexdigest(), 16)


def one_hot(
    input_text: str,
    n: int,
    filters: str = SIGNS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Each word as a number from 1 to n - 1, by Python's `hash`. (Not one-hot rows, whatever its name.)"""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers the words of texts by how frequent they are, the most frequent first, and writes texts in numbers.

    1 is the first number, or that of `oov_token`, which stands for words never seen; 0 is nobody's. Texts are strings,
    or lists of words. With `num_words` only numbers below it are used. `char_level` takes letters for words.
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = SIGNS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Iterable[str]] | None = None,
        **keywords: Any,
    ) -> None:
        if "nb_words" in keywords:
            warnings.warn("The `nb_words` argument in `Tokenizer` has been renamed `num_words`.", stacklevel=2)
            num_words = keywords.pop("nb_words")
        self.document_count: int = keywords.pop("document_count", 0)
        if keywords:
            raise TypeError(f"Unrecognized keyword arguments: {keywords}")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: dict[str, int] = OrderedDict()
        self.word_docs: dict[str, int] = defaultdict(int)
        self.index_docs: dict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> Iterable[str]:
        if self.char_level or isinstance(text, list):
            if not self.lower:
                return text  # type: ignore[no-any-return]
            return [word.lower() for word in text] if isinstance(text, list) else text.lower()
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, and number them anew."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=lambda word: self.word_counts[word], reverse=True)
        numbered = ranked if self.oov_token is None else [self.oov_token, *ranked]
        self.word_index = {word: number for number, word in enumerate(numbered, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Any) -> None:
        """Count in how many sequences each number occurs: what "tfidf" needs, for who has numbers and no texts."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Each text as the numbers of its words; unknown ones are left out, or become that of `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """The same, one text after the other."""
        unknown_number = self._unknown_number()
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._words(text))
            kept = (number if self._is_used(number) else unknown_number for number in numbers)
            yield [number for number in kept if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Any]) -> list[str]:
        """Each sequence of numbers as words, with blanks between them."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Any]) -> Iterator[str]:
        """The same, one sequence after the other."""
        number = self._unknown_number()
        unknown_word = None if number is None else self.index_word[number]
        for sequence in sequences:
            words = (
                self.index_word[number] if number in self.index_word and self._is_used(number) else unknown_word
                for number in sequence
            )
            yield " ".join(word for word in words if word is not None)

    def _unknown_number(self) -> int | None:
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def _is_used(self, number: int | None) -> bool:
        return number is not None and not (self.num_words and number >= self.num_words)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """An array (texts, num_words): see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> np.ndarray:
        """An array (sequences, num_words) that says of each number whether it occurs ("binary"), how often ("count"),
        how often per word ("freq"), or how telling that is ("tfidf": (1 + ln count) · ln(1 + texts / (1 + texts with
        it)))."""
        size = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not size:
            raise SettingError("Tokenizer: Specify a dimension (`num_words` argument), or fit on some text data first.")
        if mode == "tfidf" and not self.document_count:
            raise DataError("Tokenizer: Fit the Tokenizer on some data before using tfidf mode.")
        if mode not in _MODES:
            raise unknown("vectorization mode", mode, _MODES)
        found = np.zeros((len(sequences), size))
        for row, sequence in zip(found, sequences, strict=True):
            for number, count in Counter(number for number in sequence if number < size).items():
                row[number] = self._told(mode, number, count, len(sequence))
        return found

    def _told(self, mode: str, number: int, count: int, words: int) -> float:
        if mode == "count":
            return count
        if mode == "freq":
            return count / words
        if mode == "binary":
            return 1
        rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
        return float((1 + np.log(count)) * rarity)

    def get_config(self) -> dict[str, Any]:
        """All that the tokenizer knows, as plain data; the tables as JSON, as Keras writes them."""
        plain = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        tables = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        return {word: getattr(self, word) for word in plain} | {
            word: json.dumps(getattr(self, word)) for word in tables
        }

    def to_json(self, **keywords: Any) -> str:
        """The tokenizer as JSON: `tokenizer_from_json` makes it again."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **keywords)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `to_json` described."""
    config = dict(json.loads(json_string)["config"])
    tables = {
        word: json.loads(config.pop(word))
        for word in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    for word, table in tables.items():
        # JSON has only text for keys.
        setattr(tokenizer, word, {int(k): v for k, v in table.items()} if word.startswith("index_") else table)
    return tokenizer
