"""`pad_sequences`: what Keras pads and cuts, on either side, of numbers, rows and words."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.errors import DataError, SettingError
from pippin.utils import pad_sequences

LISTS = [[1], [1, 2], [1, 2, 3]]


def test_by_default_the_front_is_filled_up_to_the_longest() -> None:
    found = pad_sequences(LISTS)
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, [[0, 0, 1], [0, 1, 2], [1, 2, 3]])


def test_the_end_is_filled_and_cut_when_asked() -> None:
    found = pad_sequences(LISTS, 2, padding="post", truncating="post", value=9)
    np.testing.assert_array_equal(found, [[1, 9], [1, 2], [1, 2]])
    np.testing.assert_array_equal(pad_sequences(LISTS, 2), [[0, 1], [1, 2], [2, 3]])


def test_rows_of_several_numbers_and_empty_sequences_are_padded() -> None:
    found = pad_sequences([[[1, 2]], [], [[3, 4], [5, 6]]], dtype="float32")
    assert found.shape == (3, 2, 2)
    np.testing.assert_array_equal(found[0], [[0, 0], [1, 2]])
    np.testing.assert_array_equal(found[1], np.zeros((2, 2)))


def test_words_are_padded_as_objects() -> None:
    found = pad_sequences([["a"], ["long word", "b"]], dtype=object, value="pad")
    assert found.tolist() == [["pad", "a"], ["long word", "b"]]
    with pytest.raises(SettingError, match="`dtype` int32 is not compatible with `value`'s type"):
        pad_sequences([["a"]], value="pad")


def test_what_is_no_list_of_lists_is_refused() -> None:
    with pytest.raises(DataError, match="must be a list of iterables"):
        pad_sequences([1, 2])
    with pytest.raises(DataError, match="position 1 is different from expected shape"):
        pad_sequences([[[1, 2]], [[1, 2, 3]]])
    with pytest.raises(SettingError, match='Padding type "front" not understood'):
        pad_sequences(LISTS, padding="front")
