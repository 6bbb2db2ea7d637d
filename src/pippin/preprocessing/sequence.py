"""`keras.preprocessing.sequence`: series cut into windows, and pairs of words for word2vec."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError
from pippin.utils.py_dataset import PyDataset
from pippin.utils.sequences import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]


class TimeseriesGenerator(PyDataset):
    """Batches of windows (batch, length / sampling_rate, ...) of a series, each with the target that follows it.

    The window that ends before row i (rows i - length, i - length + sampling_rate, ...) belongs to targets[i]; i goes
    from start_index + length to end_index in steps of `stride`, or is drawn at random with `shuffle`.
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if len(data) != len(targets):
            raise DataError(
                f"TimeseriesGenerator: Data and targets have to be of same length. Data length is {len(data)} while "
                f"target length is {len(targets)}."
            )
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride = sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise SettingError(
                f"TimeseriesGenerator: `start_index+length={self.start_index} > end_index={self.end_index}` is "
                "disallowed, as no part of the sequence would be left to be used as current step."
            )

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return (self.end_index - self.start_index + span) // span

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            first = self.start_index + self.batch_size * self.stride * index
            rows = np.arange(first, min(first + self.batch_size * self.stride, self.end_index + 1), self.stride)
        windows = np.array([self.data[row - self.length : row : self.sampling_rate] for row in rows])
        targets = np.array([self.targets[row] for row in rows])
        return (windows[:, ::-1] if self.reverse else windows), targets

    def get_config(self) -> dict[str, Any]:
        """The series and how it is cut, as plain data; the series as JSON, as Keras writes it."""
        words = ["length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size"]
        return {
            "data": json.dumps(np.asarray(self.data).tolist()),
            "targets": json.dumps(np.asarray(self.targets).tolist()),
        } | {word: getattr(self, word) for word in words}

    def to_json(self, **keywords: Any) -> str:
        """The same as JSON."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **keywords)


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """With which probability the word of each rank is kept: frequent ones seldom.

    min(1, √(factor / frequency)) as in word2vec, with Zipf's frequency of a rank: 1 / (rank · (ln rank + γ) + 1/2 -
    1 / (12 · rank)).
    """
    rank = np.arange(size)
    rank[0] = 1
    rarity = rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)
    share = sampling_factor * rarity
    kept: np.ndarray = np.minimum(1.0, share / np.sqrt(share))
    return kept


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Pairs of words and labels: 1 for two that stand within `window_size` of each other in `sequence`, 0 for a word
    and one drawn at random (`negative_samples` times as many). 0 is no word. `categorical` gives labels as [0, 1]."""
    near, far = ([0, 1], [1, 0]) if categorical else (1, 0)
    couples: list[list[int]] = []
    for place, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        around = range(max(0, place - window_size), min(len(sequence), place + window_size + 1))
        couples += [[word, sequence[other]] for other in around if other != place and sequence[other]]
    labels: list[Any] = [near] * len(couples)
    if negative_samples > 0:
        count = int(len(labels) * negative_samples)
        words = [word for word, _ in couples]
        random.shuffle(words)
        couples += [[words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)]
        labels += [far] * count
    if shuffle:
        seed = random.randint(0, 10**7) if seed is None else seed
        for things in (couples, labels):
            random.seed(seed)  # one order for both
            random.shuffle(things)
    return couples, labels
