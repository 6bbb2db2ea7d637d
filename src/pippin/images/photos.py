"""A folder of photos, read and divided: those to learn from, those that choose the best epoch, those that
only judge."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin import data
from pippin.data import Decoding, Folder, Pictures, Skipped, printable
from pippin.errors import DataError
from pippin.images.settings import SMALLEST_SIZE, Settings, choose_size

Pixels = npt.NDArray[np.uint8]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Part:
    """Photos with the numbers of their classes, and what to call each when it is named."""

    pixels: Pixels
    """(photos, height, width, channels), 0..255."""
    labels: npt.NDArray[np.int32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: npt.NDArray[np.intp]) -> Part:
        """The photos at some positions."""
        return Part(self.pixels[rows], self.labels[rows], tuple(self.names[row] for row in rows))

    def counts(self, classes: int) -> list[int]:
        """How many photos each class has."""
        return [int(count) for count in np.bincount(self.labels, minlength=classes)]


@dataclass(frozen=True)
class Photos:
    """All that a classifier is made from and judged by."""

    class_names: tuple[str, ...]
    how: Decoding
    learn: Part
    validation: Part
    test: Part | None
    skipped: tuple[Skipped, ...]
    warnings: tuple[tuple[str, str], ...]
    """(code, sentence) of each; the codes are those of the `warning` event."""
    notes: Mapping[str, int]
    """What had to be done to photos while reading ("turned upright by EXIF"), and to how many."""

    @property
    def size(self) -> int:
        return self.how.height

    def fingerprint(self) -> str:
        """A hash of every pixel and label to learn from or choose by: equal only for the same photos in the
        same order."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.learn, self.validation):
            digest.update(repr(part.pixels.shape).encode())
            digest.update(np.ascontiguousarray(part.pixels).data)
            digest.update(np.ascontiguousarray(part.labels).data)
        return digest.hexdigest()


def read(found: Folder, settings: Settings, progress: Progress | None = None) -> Photos:
    """Read a folder that `pippin.data.scan` has found. Unreadable files are listed, not fatal; a class
    without any is."""
    files = [file for part in found.parts.values() for file in part]
    size = choose_size(settings, files)
    how = Decoding(size, size, 1 if settings.grayscale else 3)
    done = 0

    def told(part_done: int, _: int) -> None:
        if progress is not None:
            progress(done + part_done, len(files))

    parts: dict[str, Pictures] = {}
    for word, of_part in found.parts.items():
        parts[word] = data.load(of_part, how, progress=told)
        done += len(of_part)
    main = parts.get("train", parts.get("all"))
    assert main is not None
    data.require_pictures_in_every_class(main, found.class_names)
    if settings.grayscale is None and all(_is_gray(pictures.pixels) for pictures in parts.values()):
        how = replace(how, channels=1)
        parts = {word: replace(pictures, pixels=pictures.pixels[..., :1]) for word, pictures in parts.items()}
        main = parts.get("train", parts.get("all"))
        assert main is not None
    named = {word: _part(pictures, found.path) for word, pictures in parts.items()}
    learn, validation = _divided(named, main.groups(), settings)
    skipped = (*found.skipped, *(lost for pictures in parts.values() for lost in pictures.skipped))
    test = named.get("test")
    photos = Photos(
        found.class_names, how, learn, validation, test if test is not None and len(test) else None, skipped,
        (), _summed(pictures.notes for pictures in parts.values()),
    )  # fmt: skip
    warnings = [("folder", warning) for warning in found.warnings]
    warnings += _about_skipped(skipped) + _about_duplicates(parts) + list(_about_counts(photos))
    return replace(photos, warnings=tuple(warnings))


def from_arrays(pixels: npt.ArrayLike, labels: npt.ArrayLike, settings: Settings) -> Photos:
    """Divide photos that are in memory: (n, height, width) or (n, height, width, channels), bytes or numbers
    0..255.

    `labels` are class names or numbers, one for each. Pictures are taken in the size they have.
    """
    array = as_pixels(pixels)
    class_names, numbers = np.unique(np.asarray(labels).reshape(-1), return_inverse=True)
    if len(numbers) != len(array):
        raise DataError(f"fit: expected a label for each of the {len(array)} pictures, received {len(numbers)}.")
    if len(class_names) < 2:
        raise DataError(
            f"fit: expected labels of at least 2 classes, received {len(class_names)}: {class_names.tolist()}."
        )
    _, height, width, channels = array.shape
    if height != width or (settings.size not in (None, height)):
        wanted = settings.size or min(height, width)
        raise DataError(
            f"fit: expected square pictures of {wanted} × {wanted} pixels, received {height} × {width}. Cut "
            "or resize them first, "
            "or give a folder of photos, which are cut and resized by themselves."
        )
    if height < SMALLEST_SIZE:
        raise DataError(f"fit: expected pictures of at least {SMALLEST_SIZE} pixels a side, received {height}.")
    if settings.grayscale and channels == 3:
        raise DataError("fit: grayscale is for photos in folders; received arrays with 3 channels. Average them first.")
    whole = Part(array, numbers.reshape(-1).astype(np.int32), tuple(f"picture {row}" for row in range(len(array))))
    learn, validation = _divided({"all": whole}, np.arange(len(array)), settings)
    names = tuple(str(name) for name in class_names)
    photos = Photos(names, Decoding(height, width, channels), learn, validation, None, (), (), {})
    return replace(photos, warnings=tuple(_about_counts(photos)))


def as_pixels(pixels: npt.ArrayLike) -> Pixels:
    """Bytes (n, height, width, channels) from an array of pictures; refuses what would be misread."""
    array = np.asarray(pixels)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3):
        raise DataError(
            "expected pictures as (n, height, width), or with 1 or 3 channels at the end, "
            f"received shape {np.shape(pixels)}. A single picture needs an axis in front: pixels[None]."
        )
    if array.dtype == np.uint8:
        return array
    if (
        array.dtype.kind not in "fiub"
        or not array.size
        or not np.isfinite(array).all()
        or array.min() < 0
        or array.max() > 255
    ):
        raise DataError(f"expected pixels from 0 to 255, received {array.dtype} from {_ends(array)}.")
    if array.max() <= 1:
        raise DataError(
            f"expected pixels from 0 to 255, received {array.dtype} from {_ends(array)}. Multiply them by 255."
        )
    whole: Pixels = np.rint(array).astype(np.uint8)
    return whole


def _ends(array: npt.NDArray[Any]) -> str:
    return (
        f"{array.min()} to {array.max()}"
        if array.size and array.dtype.kind in "fiub"
        else "nothing that can be counted"
    )


def _is_gray(pixels: Pixels) -> bool:
    return pixels.shape[-1] == 3 and bool((pixels[..., :1] == pixels).all())


def _part(pictures: Pictures, root: str) -> Part:
    names = tuple(os.path.relpath(path, root) for path in pictures.paths)
    return Part(pictures.pixels, pictures.labels, names)


def _divided(parts: Mapping[str, Part], groups: npt.NDArray[Any], settings: Settings) -> tuple[Part, Part]:
    """The photos to learn from and those that choose: a folder of its own, or a fraction held out."""
    main = parts.get("train", parts.get("all"))
    assert main is not None
    given = parts.get("validation")
    if given is not None and len(given):
        return main, given
    kept, held = data.split(main.labels, settings.validation, settings.seed, groups)
    if not len(held):
        raise DataError(
            "expected at least 2 photos of one class, so that some can be held out to choose the best "
            f"epoch, received {len(main)} "
            "in all. Add photos."
        )
    return main.take(kept), main.take(held)


def _summed(counts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for note, count in part.items():
            total[note] = total.get(note, 0) + count
    return total


def _about_skipped(skipped: tuple[Skipped, ...]) -> list[tuple[str, str]]:
    if not skipped:
        return []
    files = "file was" if len(skipped) == 1 else "files were"
    return [("skipped", f"{len(skipped):,} {files} left out:\n{data.tell_skipped(skipped)}")]


def _about_duplicates(parts: Mapping[str, Pictures]) -> list[tuple[str, str]]:
    found = data.duplicates(parts)
    across_parts = [same for same in found if same.is_across_parts]
    across_classes = [same for same in found if same.is_across_classes]
    warnings = []
    if across_parts:
        warnings.append(
            (
                "leak",
                f"{len(across_parts):,} photos to learn from are also among those that judge, which "
                f"flatters the score; {across_parts[0]}",
            )
        )
    if across_classes:
        warnings.append(
            ("duplicates", f"{len(across_classes):,} photos are in two classes at once; {across_classes[0]}")
        )
    return warnings


def _about_counts(photos: Photos) -> Iterator[tuple[str, str]]:
    """What the numbers of photos make doubtful."""
    counts = photos.learn.counts(len(photos.class_names))
    names = [printable(name) for name in photos.class_names]
    most, least = int(np.argmax(counts)), int(np.argmin(counts))
    if counts[least] < 10:
        yield (
            "few-photos",
            f'Class "{names[least]}" has {counts[least]} to learn from. From about 50 on, a class is '
            "learned with some trust.",
        )
    if counts[most] > 0.8 * sum(counts):
        share = round(100 * counts[most] / sum(counts))
        yield (
            "imbalance",
            f'{share} % of the photos are "{names[most]}": calling everything so is nearly right. Look at '
            "the balanced figure.",
        )
