"""Keras's `text_dataset_from_directory`: a folder of .txt files as batches, with Keras's arguments and order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pippin.data.dataset import Dataset, random_of_pass, seed_or_drawn
from pippin.data.walk import PictureFile
from pippin.errors import DataError, SettingError
from pippin.utils.labelled_files import (
    Kind,
    Place,
    check_labels,
    check_split,
    encoded,
    labelled_files,
    split,
)

_TEXTS = Kind("text files", (".txt",))


def text_dataset_from_directory(
    directory: Place, labels: Any = "inferred", label_mode: str | None = "int",
    class_names: Sequence[str] | None = None, batch_size: int | None = 32, max_length: int | None = None,
    shuffle: bool = True, seed: int | None = None, validation_split: float | None = None, subset: str | None = None,
    follow_links: bool = False, format: str = "tf", verbose: bool = True,
) -> Any:  # fmt: skip
    """Return a Dataset of batches (texts, labels) from DIRECTORY/class/text.txt; two of them for `subset="both"`.

    Texts are an array of str (batch,), read as UTF-8 when their batch is asked for, cut after `max_length` characters
    (in Keras's tensors they are bytes). Labels and classes are as in `image_dataset_from_directory`. The dataset has
    `class_names` and `file_paths`.
    """
    check_labels(labels, label_mode, class_names, format)
    check_split(validation_split, subset, shuffle, seed)
    if max_length is not None and max_length < 1:
        raise SettingError(f"max_length: expected a number of characters, received {max_length!r}.")
    if labels is None or label_mode is None:
        labels = label_mode = None
    seed = seed_or_drawn(seed)
    files, names = labelled_files(directory, _TEXTS, labels, label_mode, class_names, follow_links, verbose)
    if shuffle:
        np.random.RandomState(seed).shuffle(files)  # type: ignore[arg-type]  # Keras's own order, and so its own split
    parts = split(files, validation_split, subset, directory)

    def dataset(part: list[PictureFile], is_mixed: bool) -> Dataset:
        return _dataset(part, names, label_mode, batch_size, max_length, seed if is_mixed else None)

    if subset == "both":
        return [dataset(part, shuffle and number == 0) for number, part in enumerate(parts)]
    return dataset(parts[0], shuffle)


def _dataset(
    files: list[PictureFile], names: list[str] | None, label_mode: str | None, batch_size: int | None,
    max_length: int | None, seed: int | None,
) -> Dataset:  # fmt: skip
    labels = encoded([file.label for file in files], label_mode, len(names or ()))
    size = batch_size or 32

    def one_pass(number: int) -> Iterator[Any]:
        order = np.arange(len(files)) if seed is None else random_of_pass(seed, number).permutation(len(files))
        for first in range(0, len(files), size):
            chosen = order[first : first + size]
            texts = np.array([_text(files[place].path)[:max_length] for place in chosen])
            yield texts if label_mode is None else (texts, labels[chosen])

    dataset = Dataset(one_pass, -(-len(files) // size))
    if batch_size is None:
        dataset = dataset.unbatch().counted(len(files))
    dataset.class_names = names
    dataset.file_paths = [file.path for file in files]
    return dataset


def _text(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: expected a text in UTF-8, received {error.reason} at byte {error.start}.") from None
