"""What `image_dataset_from_directory` and `text_dataset_from_directory` share: files with labels, in Keras's order, and
their split. Same seed, same files: the same split and order as Keras gives."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.data.files import Skipped, printable
from pippin.data.folders import picture_files, sub_folders
from pippin.data.pictures import tell_skipped
from pippin.data.walk import PictureFile
from pippin.errors import DataError, SettingError, nearest, unknown

Place = str | os.PathLike[str]


@dataclass(frozen=True)
class Kind:
    """Which files are looked for, by their endings, and those that are left out with a warning."""

    what: str
    formats: tuple[str, ...]
    others: tuple[str, ...] = ()


def labelled_files(
    directory: Place, kind: Kind, labels: Any, label_mode: str | None, class_names: Sequence[str] | None,
    follow_links: bool, verbose: bool,
) -> tuple[list[PictureFile], list[str] | None]:  # fmt: skip
    """The files in alphabetical order, labelled, and the class names (None without labels)."""
    names: list[str] | None = None
    if labels == "inferred":
        names = _class_folders(directory, class_names, follow_links)
    labels_of = None if names is None else {name: label for label, name in enumerate(names)}
    everything, skipped = picture_files(directory, labels_of, order=str, follow_links=follow_links)
    files = [file for file in everything if file.path.lower().endswith(kind.formats)]
    others = [file for file in everything if kind.others and file.path.lower().endswith(kind.others)]
    reason = f"not one of Keras's formats ({' '.join(kind.formats)})"
    warn_of([*skipped, *(Skipped(file.path, reason) for file in others)], "left out of the dataset")
    if not files:
        raise DataError(
            f"No {kind.what} found in directory {printable(os.fspath(directory))}. Expected a folder for each "
            f"class with files in it; formats: {' '.join(kind.formats)}."
        )
    if labels is not None and labels != "inferred":
        if len(labels) != len(files):
            raise DataError(
                f"labels: Expected the length of `labels` to match the number of files, {len(files)}, received "
                f"{len(labels)}."
            )
        numbers = [int(label) for label in labels]
        files = [replace(file, label=label) for file, label in zip(files, numbers, strict=True)]
        names = [str(label) for label in sorted(set(numbers))]
    elif names is not None:
        for name in [name for label, name in enumerate(names) if all(file.label != label for file in files)]:
            warnings.warn(f"Class {name!r} has no {kind.what}: nothing can be learned about it.", stacklevel=3)
    if label_mode == "binary" and len(names or ()) != 2:
        raise DataError(f'label_mode="binary" needs exactly 2 classes; {directory} has {len(names or ())}: {names}.')
    if verbose:
        belonging = f" belonging to {len(names)} classes" if names is not None else ""
        print(f"Found {len(files)} files{belonging}.")
    return files, names


def _class_folders(directory: Place, class_names: Sequence[str] | None, follow_links: bool) -> list[str]:
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


def split(
    files: list[PictureFile], fraction: float | None, subset: str | None, directory: Place
) -> list[list[PictureFile]]:
    """Return the parts asked for: the last `fraction` of the files is for validation."""
    if not fraction:
        return [files]
    held_out = int(fraction * len(files))
    if held_out == 0:
        raise DataError(
            f"validation_split={fraction} of the {len(files)} files in {directory} is less than one file. "
            "Give a larger fraction, or more files."
        )
    parts = []
    if subset in ("training", "both"):
        print(f"Using {len(files) - held_out} files for training.")
        parts.append(files[:-held_out])
    if subset in ("validation", "both"):
        print(f"Using {held_out} files for validation.")
        parts.append(files[-held_out:])
    return parts


def encoded(labels: Sequence[int], label_mode: str | None, classes: int) -> npt.NDArray[Any]:
    """Labels as int32 (files,), float32 (files, 1) for "binary", float32 (files, classes) for "categorical"."""
    if label_mode == "binary":
        return np.array(labels, np.float32)[:, None]
    if label_mode == "categorical":
        one_hot: npt.NDArray[np.float32] = np.eye(classes, dtype=np.float32)[np.array(labels)]
        return one_hot
    return np.array(labels, np.int32)


def check_labels(labels: Any, label_mode: str | None, class_names: Any, format: str) -> None:
    if not (labels is None or labels == "inferred" or isinstance(labels, (list, tuple))):
        raise SettingError(
            '`labels` argument should be "inferred", None, or a list or tuple with a label for each file; received '
            f"{labels!r}."
        )
    if class_names is not None and labels != "inferred":
        raise SettingError('class_names: they are the names of the sub-folders, so they need labels="inferred".')
    if label_mode not in ("int", "categorical", "binary", None):
        raise unknown("label_mode", label_mode, ("int", "categorical", "binary", "None"))
    if format not in ("tf", "grain"):
        raise SettingError(f'format: expected "tf" or "grain" (both give Pippin\'s Dataset), received {format!r}.')


def check_split(fraction: float | None, subset: str | None, shuffle: bool, seed: int | None) -> None:
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


def warn_of(skipped: Sequence[Skipped], what: str) -> None:
    """One warning for files that are left out, with the reasons for the first of them."""
    if skipped:
        warnings.warn(f"{len(skipped)} files {what}:\n{tell_skipped(skipped, lines=5)}", stacklevel=4)
