"""Data sets as real Keras read them from small files made up here, by functions that both libraries have."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def make_files(folder: Path) -> None:
    """Files of the form that Keras's data sets have, with a few rows each."""
    chance = np.random.RandomState(0)

    def texts(count: int) -> np.ndarray:
        found = np.empty(count, object)
        for number in range(count):
            found[number] = chance.randint(1, 40, chance.randint(3, 12)).tolist()
        return found

    np.savez(
        folder / "imdb.npz",
        x_train=texts(9),
        y_train=np.arange(9) % 2,
        x_test=texts(7),
        y_test=np.arange(7) % 2,
    )
    np.savez(folder / "reuters.npz", x=texts(15), y=chance.randint(0, 46, 15))
    for name, figures, rows in (("boston", 13, 10), ("california", 8, 700)):
        np.savez(folder / f"{name}_housing.npz", x=chance.rand(rows, figures), y=chance.rand(rows))


def told(splits: Any) -> str:
    """Both splits: small ones as text, large ones by their digest."""
    lines = []
    for array in (part for split in splits for part in split):
        whole = repr([array.tolist(), array.dtype.kind])
        lines.append(
            whole if len(whole) < 2000 else f"{array.shape} {hashlib.sha256(whole.encode()).hexdigest()}"
        )
    return "\n".join(lines)


Scenario = Callable[[Any], str]

SCENARIOS: dict[str, Scenario] = {
    "imdb": lambda datasets: told(datasets.imdb.load_data()),
    "imdb_of_few_words": lambda datasets: told(
        datasets.imdb.load_data(num_words=20, skip_top=2, maxlen=9, seed=4)
    ),
    "imdb_without_signs": lambda datasets: told(
        datasets.imdb.load_data(num_words=20, start_char=None, oov_char=None, index_from=0)
    ),
    "reuters": lambda datasets: told(datasets.reuters.load_data(test_split=0.3, num_words=30)),
    "reuters_topics": lambda datasets: str(datasets.reuters.get_label_names()),
    "boston_housing": lambda datasets: told(datasets.boston_housing.load_data()),
    "california_housing": lambda datasets: told(
        datasets.california_housing.load_data(test_split=0.25, seed=7)
    ),
    "california_housing_small": lambda datasets: told(datasets.california_housing.load_data("small")),
}


def let_keras_read(folder: Path) -> None:
    """Make real Keras take its files from a folder, whatever their checksums. For capture.py alone."""
    from keras.src.datasets import boston_housing, california_housing, imdb, reuters

    for module in (boston_housing, california_housing, imdb, reuters):
        module.get_file = lambda fname, **unused: os.fspath(folder / fname)
