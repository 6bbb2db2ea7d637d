"""Elements in other groups: as tf.data gives them (the figures are TensorFlow 2.21's)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin.data import Dataset
from pippin.data.sources import from_range, from_tensors
from pippin.errors import DataError, SettingError


def numbers(dataset: Any) -> list[Any]:
    return [np.asarray(element).tolist() for element in dataset]


def test_windows_are_datasets_that_slide_along() -> None:
    windows = from_range(7).window(3, shift=2, drop_remainder=True)
    assert numbers(windows.flat_map(lambda window: window.batch(3))) == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]
    cut = from_range(5).window(3, shift=1, stride=2)
    assert [numbers(window) for window in cut] == [[0, 2, 4], [1, 3], [2, 4], [3], [4]]
    apart = from_range(5).window(1, shift=3)
    assert [numbers(window) for window in apart] == [[0], [3]]
    pairs = Dataset.from_tensor_slices((np.arange(4), np.arange(4) * 10)).window(2)
    assert [(numbers(first), numbers(second)) for first, second in pairs] == [([0, 1], [0, 10]), ([2, 3], [20, 30])]


def test_a_series_becomes_rows_and_targets_as_tutorials_write_it() -> None:
    data = from_range(10).window(4, shift=1, drop_remainder=True).flat_map(lambda window: window.batch(4))
    data = data.map(lambda window: (window[:-1], window[-1])).batch(3)
    x, y = next(iter(data))
    np.testing.assert_array_equal(x, [[0, 1, 2], [1, 2, 3], [2, 3, 4]])
    np.testing.assert_array_equal(y, [3, 4, 5])


def test_datasets_take_turns() -> None:
    twice = from_range(3).interleave(lambda x: from_tensors(x).repeat(2), cycle_length=2)
    assert numbers(twice) == [0, 1, 0, 1, 2, 2]
    blocks = from_range(2).interleave(lambda x: from_tensors(x).repeat(3), cycle_length=2, block_length=2)
    assert numbers(blocks) == [0, 0, 1, 1, 0, 1]


def test_rows_of_different_lengths_are_filled_up() -> None:
    rows = from_range(4).skip(1).map(lambda x: np.full(int(x), int(x)))
    assert numbers(rows.padded_batch(3)) == [[[1, 0, 0], [2, 2, 0], [3, 3, 3]]]
    assert numbers(rows.padded_batch(2, padded_shapes=[4], padding_values=-1)) == [
        [[1, -1, -1, -1], [2, 2, -1, -1]], [[3, 3, 3, -1]],
    ]  # fmt: skip
    named = rows.map(lambda row: {"row": row, "length": np.asarray(len(row))})
    assert {key: part.tolist() for key, part in next(iter(named.padded_batch(2))).items()} == {
        "row": [[1, 0], [2, 2]], "length": [1, 2],
    }  # fmt: skip
    with pytest.raises(DataError, match=r"fit into \(2,\), received \(3,\)"):
        numbers(rows.padded_batch(3, padded_shapes=[2]))


def test_rows_of_like_lengths_come_together() -> None:
    rows = from_range(5).map(lambda x: np.full(int(x) % 3 + 1, int(x)))
    data = rows.bucket_by_sequence_length(lambda row: row.shape[0], [2], [2, 2])
    assert numbers(data) == [[[1, 1, 0], [2, 2, 2]], [[0], [3]], [[4, 4]]]


def test_the_rest_in_a_line_each() -> None:
    data = from_range(7)
    assert numbers(data.take_while(lambda x: x < 3)) == [0, 1, 2]
    assert numbers(data.shard(3, 1)) == [1, 4] and len(data.shard(3, 1)) == 2
    assert numbers(data.batch(2).rebatch(3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert numbers(data.scan(np.int64(0), lambda total, x: (total + x, total + x))) == [0, 1, 3, 6, 10, 15, 21]
    assert numbers(data.apply(lambda dataset: dataset.take(2)).with_options(None)) == [0, 1]
    assert int(from_range(1).get_single_element()) == 0
    with pytest.raises(DataError, match="received several"):
        data.get_single_element()
    with pytest.raises(SettingError, match="shift"):
        data.window(2, shift=0)
