"""Keras's `timeseries_dataset_from_array`: windows of a series, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pippin.data.dataset import Dataset, random_of_pass
from pippin.errors import SettingError


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Batches of windows (batch, sequence_length, ...) of `data`, with the target of each if `targets` are given.

    A window holds rows i, i + sampling_rate, ... for i = 0, sequence_stride, ...; its target is targets[i]: to foretell
    what follows, pass data[sequence_length:]. Only rows from `start_index` up to `end_index` are used.
    """
    first, last = _bounds(len(data), start_index, end_index)
    for word, value in (("sequence_stride", sequence_stride), ("sampling_rate", sampling_rate)):
        if not 0 < value < len(data):
            raise SettingError(
                f"`{word}` must be higher than 0 and lower than the length of the data. Received: {word}={value}, for "
                f"data of length {len(data)}"
            )
    if format not in ("tf", "grain"):
        raise SettingError(f'`format` should be either "tf" or "grain". Received: format={format}')
    count = last - first - (sequence_length - 1) * sampling_rate
    if targets is not None:
        count = min(count, len(targets))
    starts = np.arange(0, max(count, 0), sequence_stride)
    if shuffle:
        seed = int(np.random.randint(1_000_000)) if seed is None else seed
        np.random.RandomState(seed).shuffle(starts)
    rows, wanted = np.asarray(data[first:last]), None if targets is None else np.asarray(targets[first:last])
    steps = np.arange(0, sequence_length * sampling_rate, sampling_rate)
    size = batch_size or 1

    def one_pass(number: int) -> Iterator[Any]:
        order = random_of_pass(seed, number).permutation(starts) if shuffle and seed is not None else starts
        for begin in range(0, len(order), size):
            chosen = order[begin : begin + size]
            windows = rows[chosen[:, None] + steps]
            yield windows if wanted is None else (windows, wanted[chosen])

    dataset = Dataset(one_pass, -(-len(starts) // size))
    return dataset if batch_size is not None else dataset.unbatch().counted(len(starts))


def _bounds(length: int, start_index: int | None, end_index: int | None) -> tuple[int, int]:
    for word, value, least in (("start_index", start_index, 0), ("end_index", end_index, 1)):
        if value is not None and not least <= value < length:
            raise SettingError(
                f"`{word}` must be {least} or higher and lower than the length of the data (None means all). Received: "
                f"{word}={value}, for data of length {length}"
            )
    first, last = start_index or 0, length if end_index is None else end_index
    if first >= last:
        raise SettingError(f"`end_index` must be higher than `start_index`. Received: {first} and {last}")
    return first, last
