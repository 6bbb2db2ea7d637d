"""Keras's `image_dataset_from_directory`: a folder of pictures as batches, with Keras's arguments, order and
messages.

Where it differs from Keras: a picture that can't be read is skipped and named, not fatal; pictures are turned
upright by their EXIF orientation and see-through parts are laid on white; hidden files and links out of the
folder are left out; they are decoded once, into memory and a cache on disk, unless there are too many. Same
seed, same files: same split and same `file_paths` as Keras gives.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.data.ahead import ahead
from pippin.data.dataset import Dataset, random_of_pass, seed_or_drawn
from pippin.data.files import Skipped, printable
from pippin.data.folders import picture_files, sub_folders
from pippin.data.images import Decoding, Pixels
from pippin.data.pictures import decode_files, load, tell_skipped
from pippin.data.resample import INTERPOLATIONS
from pippin.data.walk import PictureFile
from pippin.errors import DataError, SettingError, nearest, unknown

_FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_OTHER_PICTURES = (".webp", ".tif", ".tiff", ".heic", ".avif", ".jp2")
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
    _check(labels, label_mode, class_names, color_mode, interpolation, format)
    _check_split(validation_split, subset, shuffle, seed)
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise SettingError(
            "Expected one of crop_to_aspect_ratio and pad_to_aspect_ratio at most; both are True."
        )
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
    files, names = _index(directory, labels, class_names, follow_links)
    if label_mode == "binary" and len(names or ()) != 2:
        raise DataError(
            f'label_mode="binary" needs exactly 2 classes; {directory} has {len(names or ())}: {names}.'
        )
    if verbose:
        belonging = f" belonging to {len(names)} classes" if names is not None else ""
        print(f"Found {len(files)} files{belonging}.")
    if shuffle:
        np.random.RandomState(seed).shuffle(files)  # type: ignore[arg-type]  # Keras's own order, and so its own split

    def dataset(part: list[PictureFile]) -> Dataset:
        return _dataset(part, names, label_mode, how, batch_size, seed if shuffle else None, data_format)

    parts = _split(files, validation_split, subset, directory)
    return [dataset(part) for part in parts] if subset == "both" else dataset(parts[0])


def _index(
    directory: str | os.PathLike[str],
    labels: str | Sequence[int] | None,
    class_names: Sequence[str] | None,
    follow_links: bool,
) -> tuple[list[PictureFile], list[str] | None]:
    """Return the files in Keras's order, labelled, and the class names (None for pictures without labels)."""
    names: list[str] | None = None
    if labels == "inferred":
        names = _class_folders(directory, class_names, follow_links)
    labels_of = None if names is None else {name: label for label, name in enumerate(names)}
    everything, skipped = picture_files(directory, labels_of, order=str, follow_links=follow_links)
    files = [file for file in everything if file.path.lower().endswith(_FORMATS)]
    others = [file for file in everything if file.path.lower().endswith(_OTHER_PICTURES)]
    reason = f"not one of Keras's formats ({' '.join(_FORMATS)})"
    _warn([*skipped, *(Skipped(file.path, reason) for file in others)], "left out of the dataset")
    if not files:
        raise DataError(
            f"No images found in directory {printable(os.fspath(directory))}. Expected a folder for each "
            f"class with pictures in it; formats: {' '.join(_FORMATS)}."
        )
    if labels is not None and labels != "inferred":
        if len(labels) != len(files):
            raise DataError(
                f"labels: expected one for each of the {len(files)} files, received {len(labels)}."
            )
        numbers = [int(label) for label in labels]
        files = [replace(file, label=label) for file, label in zip(files, numbers, strict=True)]
        names = [str(label) for label in sorted(set(numbers))]
    elif names is not None:
        for name in [name for label, name in enumerate(names) if all(file.label != label for file in files)]:
            warnings.warn(f"Class {name!r} has no pictures: nothing can be learned about it.", stacklevel=4)
    return files, names


def _class_folders(
    directory: str | os.PathLike[str], class_names: Sequence[str] | None, follow_links: bool
) -> list[str]:
    found = sub_folders(directory, follow_links=follow_links)
    if class_names is None:
        return found
    absent = [name for name in class_names if name not in found]
    if absent:
        raise DataError(
            f"class_names: {absent[0]!r} is no folder in {printable(os.fspath(directory))}."
            f"{nearest(absent[0], found)} Folders there: {', '.join(map(printable, found))}."
        )
    return list(class_names)


def _split(
    files: list[PictureFile], fraction: float | None, subset: str | None, directory: str | os.PathLike[str]
) -> list[list[PictureFile]]:
    """Return the parts asked for: the last `fraction` of the files is for validation."""
    if not fraction:
        return [files]
    held_out = int(fraction * len(files))
    if held_out == 0:
        raise DataError(
            f"validation_split={fraction} of the {len(files)} files in {directory} is less than one file. "
            "Give a larger fraction, or more pictures."
        )
    parts = []
    if subset in ("training", "both"):
        print(f"Using {len(files) - held_out} files for training.")
        parts.append(files[:-held_out])
    if subset in ("validation", "both"):
        print(f"Using {held_out} files for validation.")
        parts.append(files[-held_out:])
    return parts


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
        raise SettingError(
            f'data_format: expected "channels_last" or "channels_first", received {data_format!r}.'
        )
    axes = (0, 3, 1, 2) if data_format == "channels_first" else (0, 1, 2, 3)
    skipped: tuple[Skipped, ...] = ()
    taken: Callable[[Iterator[Any]], Iterator[Any]] = iter
    if len(files) * how.height * how.width * how.channels <= _IN_MEMORY:
        pictures = load(files, how)
        skipped = pictures.skipped
        _warn(skipped, "can't be read and were skipped")
        lost = {one.path for one in skipped}
        files = [file for file in files if file.path not in lost]
        rows = _rows_of(pictures.pixels)
    else:
        rows, taken = _decoder(files, how), ahead
    if not files:
        raise DataError("None of the pictures can be read: see the warning above for the reasons.")
    labels = _encode([file.label for file in files], label_mode, len(names or ()))
    size = batch_size or 32

    def one_pass(number: int) -> Iterator[Any]:
        order = (
            np.arange(len(files)) if seed is None else random_of_pass(seed, number).permutation(len(files))
        )
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


def _encode(labels: Sequence[int], label_mode: str | None, classes: int) -> npt.NDArray[Any]:
    if label_mode == "binary":
        return np.array(labels, np.float32)[:, None]
    if label_mode == "categorical":
        one_hot: npt.NDArray[np.float32] = np.eye(classes, dtype=np.float32)[np.array(labels)]
        return one_hot
    return np.array(labels, np.int32)


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
        _warn([skipped for skipped in lost if skipped.path not in told], "can't be read and are skipped")
        told.update(skipped.path for skipped in lost)
        kept = [not isinstance(outcome, Skipped) for outcome in outcomes]
        return chosen[kept], pixels[kept]

    return rows


def _warn(skipped: Sequence[Skipped], what: str) -> None:
    if skipped:
        warnings.warn(f"{len(skipped)} files {what}:\n{tell_skipped(skipped, lines=5)}", stacklevel=5)


def _height_and_width(image_size: Any) -> tuple[int, int]:
    if isinstance(image_size, (int, np.integer)):
        return int(image_size), int(image_size)
    if not isinstance(image_size, (tuple, list)) or len(image_size) != 2:
        raise SettingError(f"image_size: expected (height, width), received {image_size!r}.")
    return image_size[0], image_size[1]


def _check(
    labels: Any, label_mode: str | None, class_names: Any, color_mode: str, interpolation: str, format: str
) -> None:
    if not (labels is None or labels == "inferred" or isinstance(labels, (list, tuple))):
        raise SettingError(
            f'labels: expected "inferred", None, or a list with one for each file; received {labels!r}.'
        )
    if class_names is not None and labels != "inferred":
        raise SettingError(
            'class_names: they are the names of the sub-folders, so they need labels="inferred".'
        )
    if label_mode not in ("int", "categorical", "binary", None):
        raise unknown("label_mode", label_mode, ("int", "categorical", "binary", "None"))
    if color_mode not in _CHANNELS:
        raise unknown("color_mode", color_mode, _CHANNELS)
    if interpolation.lower() not in INTERPOLATIONS:
        raise unknown("interpolation", interpolation, INTERPOLATIONS)
    if format not in ("tf", "grain"):
        raise SettingError(
            f'format: expected "tf" or "grain" (both give Pippin\'s Dataset), received {format!r}.'
        )


def _check_split(fraction: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
    if fraction and not 0 < fraction < 1:
        raise SettingError(f"validation_split: expected a fraction between 0 and 1, received {fraction!r}.")
    if bool(fraction) != bool(subset):
        raise SettingError(f"validation_split and subset go together; received {fraction!r} and {subset!r}.")
    if subset not in ("training", "validation", "both", None):
        raise unknown("subset", subset, ("training", "validation", "both"))
    if fraction and shuffle and seed is None:
        raise SettingError(
            "validation_split with shuffle=True needs a seed, the same for both subsets: else they overlap."
        )
