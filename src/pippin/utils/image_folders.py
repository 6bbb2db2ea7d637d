"""Keras's `image_dataset_from_directory`: a folder of pictures as batches, with Keras's arguments, order and
messages.

Where it differs from Keras: a picture that can't be read is skipped and named, not fatal; pictures are turned
upright by their EXIF orientation and see-through parts are laid on white; hidden files and links out of the
folder are left out; they are decoded once, into memory and a cache on disk, unless there are too many. Same
seed, same files: same split and same `file_paths` as Keras gives.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.data.ahead import ahead
from pippin.data.dataset import Dataset, random_of_pass, seed_or_drawn
from pippin.data.files import Skipped
from pippin.data.images import Decoding, Pixels
from pippin.data.pictures import decode_files, load
from pippin.data.resample import INTERPOLATIONS
from pippin.data.walk import PictureFile
from pippin.errors import DataError, SettingError, unknown
from pippin.utils.labelled_files import (
    Kind,
    check_labels,
    check_split,
    encoded,
    labelled_files,
    split,
    warn_of,
)

_PICTURES = Kind(
    "images",
    (".bmp", ".gif", ".jpeg", ".jpg", ".png"),
    others=(".webp", ".tif", ".tiff", ".heic", ".avif", ".jp2"),
)
_CHANNELS = {"rgb": 3, "rgba": 4, "grayscale": 1}
_IN_MEMORY = 2 << 30
"""Bytes. More pictures than this are decoded anew for each batch, as Keras always does: the next ones while the last
are learned from."""

Positions = npt.NDArray[np.intp]
Rows = Callable[[Positions], tuple[Positions, Pixels]]
"""Given positions among the files: those that could be read, and their pixels."""


def image_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Return a Dataset of batches (images, labels) from DIRECTORY/class/picture; two of them for
    `subset="both"`.

    Images are float32 (batch, height, width, channels) from 0 to 255. Labels are int32 (batch,) for
    `label_mode` "int", float32 (batch, 1) for "binary", float32 (batch, classes) for "categorical", and left
    out for None. `labels` may be a list, one for each file in alphabetical order, or None. Classes are
    numbered in alphabetical order ("10" before "2") as in Keras, or in the order of `class_names`. The
    dataset has `class_names`, `file_paths` and `skipped`.
    """
    check_labels(labels, label_mode, class_names, format)
    if color_mode not in _CHANNELS:
        raise unknown("color_mode", color_mode, _CHANNELS)
    if interpolation.lower() not in INTERPOLATIONS:
        raise unknown("interpolation", interpolation, INTERPOLATIONS)
    check_split(validation_split, subset, shuffle, seed)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise SettingError("Expected one of crop_to_aspect_ratio and pad_to_aspect_ratio at most; both are True.")
    if labels is None or label_mode is None:
        labels = label_mode = None
    height, width = _height_and_width(image_size)
    how = Decoding(
        height,
        width,
        _CHANNELS[color_mode],
        "crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "stretch",
        interpolation.lower(),
    )
    seed = seed_or_drawn(seed)
    files, names = labelled_files(directory, _PICTURES, labels, label_mode, class_names, follow_links, verbose)
    if shuffle:
        np.random.RandomState(seed).shuffle(files)  # type: ignore[arg-type]  # Keras's own order, and so its own split

    def dataset(part: list[PictureFile]) -> Dataset:
        return _dataset(part, names, label_mode, how, batch_size, seed if shuffle else None, data_format)

    parts = split(files, validation_split, subset, directory)
    return [dataset(part) for part in parts] if subset == "both" else dataset(parts[0])


def _dataset(
    files: list[PictureFile],
    names: list[str] | None,
    label_mode: str | None,
    how: Decoding,
    batch_size: int | None,
    seed: int | None,
    data_format: str | None,
) -> Dataset:
    if data_format not in (None, "channels_last", "channels_first"):
        raise SettingError(f'data_format: expected "channels_last" or "channels_first", received {data_format!r}.')
    axes = (0, 3, 1, 2) if data_format == "channels_first" else (0, 1, 2, 3)
    skipped: tuple[Skipped, ...] = ()
    taken: Callable[[Iterator[Any]], Iterator[Any]] = iter
    if len(files) * how.height * how.width * how.channels <= _IN_MEMORY:
        pictures = load(files, how)
        skipped = pictures.skipped
        warn_of(skipped, "can't be read and were skipped")
        lost = {one.path for one in skipped}
        files = [file for file in files if file.path not in lost]
        rows = _rows_of(pictures.pixels)
    else:
        rows, taken = _decoder(files, how), ahead
    if not files:
        raise DataError("None of the pictures can be read: see the warning above for the reasons.")
    labels = encoded([file.label for file in files], label_mode, len(names or ()))
    size = batch_size or 32

    def one_pass(number: int) -> Iterator[Any]:
        order = np.arange(len(files)) if seed is None else random_of_pass(seed, number).permutation(len(files))
        batches = (rows(order[first : first + size]) for first in range(0, len(files), size))
        for chosen, pixels in taken(batches):
            if len(chosen):
                images = np.ascontiguousarray(pixels.transpose(axes), np.float32)
                yield images if label_mode is None else (images, labels[chosen])

    dataset = Dataset(one_pass, -(-len(files) // size))
    if batch_size is None:
        dataset = dataset.unbatch().counted(len(files))
    dataset.class_names = names
    dataset.file_paths = [file.path for file in files]
    dataset.skipped = skipped
    return dataset


def _rows_of(pixels: Pixels) -> Rows:
    return lambda chosen: (chosen, pixels[chosen])


def _decoder(files: list[PictureFile], how: Decoding) -> Rows:
    """Return a function from positions to those that could be read and their pixels, decoded when it is
    called.

    It warns once about each picture that can't be read.
    """
    told: set[str] = set()

    def rows(chosen: Positions) -> tuple[Positions, Pixels]:
        pixels, outcomes = decode_files([files[i] for i in chosen], how)
        lost = [outcome for outcome in outcomes if isinstance(outcome, Skipped)]
        warn_of([skipped for skipped in lost if skipped.path not in told], "can't be read and are skipped")
        told.update(skipped.path for skipped in lost)
        kept = [not isinstance(outcome, Skipped) for outcome in outcomes]
        return chosen[kept], pixels[kept]

    return rows


def _height_and_width(image_size: Any) -> tuple[int, int]:
    if isinstance(image_size, (int, np.integer)):
        return int(image_size), int(image_size)
    if not isinstance(image_size, (tuple, list)) or len(image_size) != 2:
        raise SettingError(f"image_size: expected (height, width), received {image_size!r}.")
    return image_size[0], image_size[1]
