"""What the sets of texts share: reviews and news as lists of word numbers, the most frequent words first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pippin.datasets.files import reading

Labelled = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Wording:
    """How texts are told in numbers: which words are kept, the signs of the start and of words left out."""

    num_words: int | None
    skip_top: int
    maxlen: int | None
    start_char: int | None
    oov_char: int | None
    index_from: int


def shuffled(texts: np.ndarray, labels: np.ndarray, chance: np.random.RandomState) -> Labelled:
    """Texts and labels in a random order, the same for both."""
    order = np.arange(len(texts))
    chance.shuffle(order)
    return texts[order], labels[order]


def begun(labelled: Labelled, wording: Wording) -> tuple[list[list[int]], np.ndarray]:
    """Numbers moved up by `index_from`, behind the sign of the start; only texts shorter than `maxlen`."""
    texts, labels = labelled
    start = [] if wording.start_char is None else [wording.start_char]
    moved = [start + [word + wording.index_from for word in text] for text in texts]
    if not wording.maxlen:
        return moved, labels
    kept = [number for number, text in enumerate(moved) if len(text) < wording.maxlen]
    return [moved[number] for number in kept], labels[kept]


def known_words(texts: list[list[int]], wording: Wording) -> np.ndarray:
    """Words that are too frequent or too rare become `oov_char`, or are left out if that is None."""
    limit = wording.num_words or max(max(text) for text in texts)
    lowest, unknown = wording.skip_top, wording.oov_char
    found = np.empty(len(texts), object)
    for number, text in enumerate(texts):
        if unknown is None:
            found[number] = [word for word in text if lowest <= word < limit]
        else:
            found[number] = [word if lowest <= word < limit else unknown for word in text]
    return found


def read_word_index(path: Path) -> dict[str, int]:
    """The number of each word."""
    with reading(path), path.open(encoding="utf-8") as file:
        index: dict[str, int] = json.load(file)
        return index
