"""Windows of a series as a dataset."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.errors import SettingError
from pippin.utils import timeseries_dataset_from_array


def test_windows_and_targets_go_together() -> None:
    data = np.arange(100)
    batches = list(timeseries_dataset_from_array(data, data * 2, 9, batch_size=5))
    assert len(batches) == 19
    windows, targets = batches[-1]
    assert windows.shape == (2, 9)
    np.testing.assert_array_equal(windows[:, 0] * 2, targets)


def test_strides_rates_and_bounds_are_kept() -> None:
    data = np.arange(100)
    dataset = timeseries_dataset_from_array(
        data, None, 4, sequence_stride=10, sampling_rate=3, start_index=20, end_index=60, batch_size=None
    )
    found = [window.tolist() for window in dataset]
    assert found[0] == [20, 23, 26, 29]
    assert found[1] == [30, 33, 36, 39]
    assert len(found) == len(dataset) == 4


def test_shuffled_windows_are_the_same_windows_for_the_same_seed() -> None:
    data = np.arange(40)

    def first_rows(seed: int) -> list[int]:
        batches = timeseries_dataset_from_array(data, None, 3, shuffle=True, seed=seed, batch_size=7)
        return [int(window[0]) for batch in batches for window in batch]

    assert first_rows(3) == first_rows(3) != first_rows(4)
    assert sorted(first_rows(3)) == list(range(38))


def test_what_can_not_be_cut_is_refused() -> None:
    for settings, told in (
        ({"start_index": -1}, "`start_index` must be "),
        ({"end_index": 11}, "`end_index` must be "),
        ({"sampling_rate": 0}, "`sampling_rate` must be "),
        ({"sequence_stride": 10}, "`sequence_stride` must be "),
        ({"format": "rows"}, "`format` should be"),
    ):
        with pytest.raises(SettingError, match=told):
            timeseries_dataset_from_array(np.arange(10), None, 3, **settings)  # type: ignore[arg-type]
