"""Reuters: news as lists of word numbers, of 46 topics."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.datasets.files import STORE, dataset_file, read_lists
from pippin.datasets.sequences import Wording, begun, known_words, read_word_index, shuffled

Split = tuple[np.ndarray, np.ndarray]
_SHA256 = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton
    carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock
    retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead
"""


def load_data(
    path: str = "reuters.npz", num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None,
    test_split: float = 0.2, seed: int = 113, start_char: int | None = 1, oov_char: int | None = 2,
    index_from: int = 3, **unused: Any,
) -> tuple[Split, Split]:  # fmt: skip
    """(x_train, y_train), (x_test, y_test): lists of word numbers as in imdb, a topic 0 to 45 for each."""
    file = dataset_file(path, f"{STORE}reuters.npz", _SHA256)
    wording = Wording(num_words, skip_top, maxlen, start_char, oov_char, index_from or 0)
    texts, labels = read_lists(file, "x", "y")
    texts, labels = begun(shuffled(texts, labels, np.random.RandomState(seed)), wording)
    cut = int(len(texts) * (1 - test_split))
    known = known_words(texts, wording)
    return (known[:cut], labels[:cut]), (known[cut:], labels[cut:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, from 1 for the most frequent; in `load_data` they begin at 1 + index_from."""
    return read_word_index(dataset_file(path, f"{STORE}reuters_word_index.json"))


def get_label_names() -> tuple[str, ...]:
    """The topics by their numbers."""
    return tuple(_TOPICS.split())
