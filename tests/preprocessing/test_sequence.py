"""Windows of series, and pairs of words."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from pippin.errors import DataError, SettingError
from pippin.preprocessing.sequence import TimeseriesGenerator, make_sampling_table, skipgrams

SERIES = np.arange(50).reshape(50, 1)


def test_a_window_is_followed_by_its_target() -> None:
    batches = TimeseriesGenerator(SERIES, SERIES, length=10, sampling_rate=2, batch_size=2)
    assert len(batches) == 20
    windows, targets = batches[0]
    np.testing.assert_array_equal(windows[:, :, 0], [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]])
    np.testing.assert_array_equal(targets[:, 0], [10, 11])


def test_strides_ends_and_reversal_are_kept() -> None:
    batches = TimeseriesGenerator(SERIES, SERIES, 4, stride=3, start_index=5, end_index=20, reverse=True, batch_size=3)
    windows, targets = batches[1]
    assert len(batches) == 2
    np.testing.assert_array_equal(targets[:, 0], [18])
    np.testing.assert_array_equal(windows[0, :, 0], [17, 16, 15, 14])
    assert json.loads(batches.to_json())["config"]["stride"] == 3


def test_a_series_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="same length"):
        TimeseriesGenerator(SERIES, SERIES[1:], 3)
    with pytest.raises(SettingError, match="no part of the sequence"):
        TimeseriesGenerator(SERIES, SERIES, 60)


def test_pairs_are_near_one_another_or_drawn() -> None:
    random.seed(3)
    couples, labels = skipgrams([1, 2, 0, 3], 6, window_size=1, seed=5)
    near = sorted(couple for couple, label in zip(couples, labels, strict=True) if label)
    assert near == [[1, 2], [2, 1]]
    assert len(couples) == 4
    assert skipgrams([1, 2], 6, negative_samples=0, categorical=True)[1] == [[0, 1], [0, 1]]


def test_frequent_words_are_kept_seldom() -> None:
    table = make_sampling_table(3)
    # By keras 3.15.1.
    np.testing.assert_allclose(table, [0.00315225, 0.00315225, 0.00547597], rtol=1e-5)
