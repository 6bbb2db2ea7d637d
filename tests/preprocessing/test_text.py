"""Keras 1's texts as numbers. Expected values were made with keras 3.15.1's legacy module."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.errors import DataError, SettingError
from pippin.preprocessing.text import (
    Tokenizer,
    hashing_trick,
    one_hot,
    text_to_word_sequence,
    tokenizer_from_json,
)

TEXTS = ["The cat sat on the mat.", "The dog sat on the log.", "Dogs and cats living together."]


def fitted(**settings: object) -> Tokenizer:
    tokenizer = Tokenizer(**settings)  # type: ignore[arg-type]
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


def test_words_are_numbered_by_how_frequent_they_are_then_by_when_they_came() -> None:
    tokenizer = fitted()
    assert list(tokenizer.word_index)[:5] == ["the", "sat", "on", "cat", "mat"]
    assert tokenizer.texts_to_sequences(TEXTS[:2]) == [[1, 4, 2, 3, 1, 5], [1, 6, 2, 3, 1, 7]]
    assert tokenizer.word_docs["the"] == 2
    assert tokenizer.document_count == 3


def test_unknown_words_are_left_out_or_become_the_token_for_them() -> None:
    assert fitted().texts_to_sequences(["the bird sat"]) == [[1, 2]]
    tokenizer = fitted(oov_token="<OOV>")
    assert tokenizer.word_index["<OOV>"] == 1
    assert tokenizer.texts_to_sequences(["the bird sat"]) == [[2, 1, 3]]
    assert tokenizer.sequences_to_texts([[2, 1, 3]]) == ["the <OOV> sat"]


def test_only_numbers_below_num_words_are_used() -> None:
    assert fitted(num_words=3).texts_to_sequences(TEXTS[:1]) == [[1, 2, 1]]
    assert fitted(num_words=3, oov_token="?").texts_to_sequences(TEXTS[:1]) == [[2, 1, 1, 1, 2, 1]]
    assert fitted(num_words=3).sequences_to_texts([[1, 2, 5]]) == ["the sat"]


def test_letters_and_lists_of_words_are_taken_as_they_are() -> None:
    tokenizer = Tokenizer(char_level=True)
    tokenizer.fit_on_texts(["aab"])
    assert tokenizer.word_index == {"a": 1, "b": 2}
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts([["New York", "is"], ["is"]])
    assert tokenizer.word_index == {"is": 1, "new york": 2}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("binary", [0, 1, 1, 1]),
        ("count", [0, 2, 1, 1]),
        ("freq", [0, 0.5, 0.25, 0.25]),
        ("tfidf", [0, (1 + np.log(2)) * np.log(1 + 3 / 3), np.log(2), np.log(2)]),
    ],
)
def test_a_matrix_says_what_occurs(mode: str, expected: list[float]) -> None:
    found = fitted(num_words=4).texts_to_matrix(TEXTS[:1], mode)
    assert found.shape == (1, 4)
    np.testing.assert_allclose(found[0], expected)


def test_a_matrix_needs_a_size_and_a_known_mode() -> None:
    with pytest.raises(SettingError, match="Specify a dimension"):
        Tokenizer().sequences_to_matrix([[1]])
    with pytest.raises(DataError, match="before using tfidf"):
        Tokenizer(num_words=3).sequences_to_matrix([[1]], "tfidf")
    with pytest.raises(SettingError, match="Unknown vectorization mode"):
        fitted().texts_to_matrix(TEXTS, "often")


def test_json_keeps_everything() -> None:
    tokenizer = fitted(num_words=5, oov_token="?")
    again = tokenizer_from_json(tokenizer.to_json())
    assert again.get_config() == tokenizer.get_config()
    assert again.texts_to_sequences(TEXTS) == tokenizer.texts_to_sequences(TEXTS)
    assert again.index_word[1] == "?"


def test_hashes_are_numbers_from_one() -> None:
    assert text_to_word_sequence("Hello, World! it's") == ["hello", "world", "it's"]
    assert hashing_trick("the cat sat on the mat", 10, "md5") == [6, 3, 1, 1, 6, 8]
    found = one_hot("the cat sat on the mat", 10)
    assert found[0] == found[4]
    assert all(1 <= number < 10 for number in found)
