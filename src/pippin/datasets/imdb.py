"""IMDB: film reviews as lists of word numbers, with 1 for praise and 0 for blame."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.datasets.files import STORE, dataset_file, read_lists
from pippin.datasets.sequences import Wording, begun, known_words, read_word_index, shuffled
from pippin.errors import SettingError

Split = tuple[np.ndarray, np.ndarray]
_SHA256 = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"


def load_data(
    path: str = "imdb.npz", num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None,
    seed: int = 113, start_char: int | None = 1, oov_char: int | None = 2, index_from: int = 3, **unused: Any,
) -> tuple[Split, Split]:  # fmt: skip
    """(x_train, y_train), (x_test, y_test): 25000 lists of word numbers each, and 1 or 0 for each.

    A review begins with `start_char`; words follow from `index_from` on, the most frequent first. Those
    beyond `num_words`, and the `skip_top` most frequent, become `oov_char`. Reviews of `maxlen` words or more
    are left out.
    """
    file = dataset_file(path, f"{STORE}imdb.npz", _SHA256)
    wording = Wording(num_words, skip_top, maxlen, start_char, oov_char, index_from or 0)
    x_train, y_train, x_test, y_test = read_lists(file, "x_train", "y_train", "x_test", "y_test")
    chance = np.random.RandomState(seed)
    train, y_train = begun(shuffled(x_train, y_train, chance), wording)
    test, y_test = begun(shuffled(x_test, y_test, chance), wording)
    if not train or not test:
        raise SettingError(f"imdb maxlen: expected more than the length of the shortest review, received {maxlen}.")
    texts = known_words(train + test, wording)
    return (texts[: len(train)], y_train), (texts[len(train) :], y_test)


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, from 1 for the most frequent; in `load_data` they begin at 1 + index_from."""
    return read_word_index(dataset_file(path, f"{STORE}imdb_word_index.json"))
