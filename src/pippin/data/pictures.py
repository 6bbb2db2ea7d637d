"""Turn picture files into one uint8 array: decoded once, in threads, and cached. Finds no files itself."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.data.cache import cache_key, read_cache, write_cache
from pippin.data.files import Skipped, printable
from pippin.data.images import Decoding, Pixels, quiet_pillow, read_picture
from pippin.data.walk import PictureFile
from pippin.errors import DataError


@dataclass(frozen=True)
class Pictures:
    """Decoded pictures in the order of their files, the unreadable ones left out and listed."""

    pixels: Pixels
    """(n, height, width, channels)"""
    labels: npt.NDArray[np.int32]
    paths: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: Mapping[str, int]
    """What had to be done to pictures ("turned upright by EXIF"), and to how many."""
    digests: tuple[str, ...]
    """A hash of each picture's decoded pixels: equal for exact duplicates."""
    from_cache: bool

    def __len__(self) -> int:
        return len(self.paths)

    def groups(self) -> npt.NDArray[np.intp]:
        """Return a number for each picture, the same for exact duplicates: `split` keeps them on one side."""
        return np.unique(np.array(self.digests, dtype="U32"), return_inverse=True)[1].reshape(-1)


def load(
    files: Sequence[PictureFile],
    how: Decoding,
    *,
    cache: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Pictures:
    """Decode files into one array. `progress(done, of)` is called in this thread after each picture.

    Nothing about a single file raises: it is listed in `skipped` with its reason. Raises DataError when the
    array would not fit in the free memory. With `cache`, a second call for unchanged files and the same `how`
    decodes nothing.
    """
    key = cache_key(list(files), how) if cache else ""
    found = _from_cache(files, how, key) if cache else None
    if found is not None:
        return found
    pixels, outcomes = decode_files(files, how, progress)
    kept = [i for i, outcome in enumerate(outcomes) if not isinstance(outcome, Skipped)]
    if len(kept) < len(files):
        pixels = pixels[kept]
    details = {
        "digests": _digests(pixels),
        "skipped": [[i, outcome.reason] for i, outcome in enumerate(outcomes) if isinstance(outcome, Skipped)],
        "notes": dict(Counter(note for outcome in outcomes if not isinstance(outcome, Skipped) for note in outcome)),
    }
    if cache and not any(isinstance(outcome, Skipped) and outcome.is_passing for outcome in outcomes):
        write_cache(key, pixels, details)
    return _pictures(files, pixels, details, from_cache=False)


def _digests(pixels: Pixels) -> list[str]:
    """A hash of each picture, in threads: it takes a good part of the time that decoding takes."""

    def digest(picture: Pixels) -> str:
        return hashlib.blake2b(picture.data, digest_size=16).hexdigest()

    with ThreadPoolExecutor(_threads()) as pool:
        return list(pool.map(digest, pixels))


def _from_cache(files: Sequence[PictureFile], how: Decoding, key: str) -> Pictures | None:
    """Return what an earlier run stored, after checking that it has the parts and sizes it must have."""
    stored = read_cache(key)
    if stored is None:
        return None
    flat, details = stored
    try:
        kept = len(files) - len(details["skipped"])
        if len(details["digests"]) != kept:
            return None
        return _pictures(files, flat.reshape(kept, *how.shape), details, from_cache=True)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return None


def _pictures(files: Sequence[PictureFile], pixels: Pixels, details: dict[str, Any], *, from_cache: bool) -> Pictures:
    reasons = {int(i): str(reason) for i, reason in details["skipped"]}
    kept = [file for i, file in enumerate(files) if i not in reasons]
    return Pictures(
        pixels=pixels,
        labels=np.array([file.label for file in kept], np.int32),
        paths=tuple(file.path for file in kept),
        skipped=tuple(Skipped(files[i].path, reason) for i, reason in reasons.items()),
        notes=dict(details["notes"]),
        digests=tuple(details["digests"]),
        from_cache=from_cache,
    )


def decode_files(
    files: Sequence[PictureFile], how: Decoding, progress: Callable[[int, int], None] | None = None
) -> tuple[Pixels, list[tuple[str, ...] | Skipped]]:
    """Return a row of pixels for each file and its notes, or why it was skipped (its row then holds nothing).

    Pillow decodes without Python's lock, so as many threads run as there are cores.
    """
    _require_memory(len(files), how)
    pixels = np.empty((len(files), *how.shape), np.uint8)

    def decode_one(row: int) -> tuple[str, ...] | Skipped:
        picture = read_picture(files[row].path, how)
        if isinstance(picture, Skipped):
            return picture
        pixels[row] = picture.pixels
        return picture.notes

    pool = ThreadPoolExecutor(_threads(), thread_name_prefix="pippin-pictures")
    try:
        with quiet_pillow():
            rows = [pool.submit(decode_one, row) for row in range(len(files))]
            if progress is not None:
                for done, _ in enumerate(as_completed(rows), start=1):
                    progress(done, len(files))
            return pixels, [row.result() for row in rows]
    finally:  # On Ctrl-C the pictures in hand are finished and the waiting ones are not begun.
        pool.shutdown(wait=True, cancel_futures=True)


def _threads() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _require_memory(count: int, how: Decoding) -> None:
    needed = count * how.height * how.width * how.channels
    free = _free_memory()
    if free is not None and needed > free:
        raise DataError(
            f"{count:,} pictures of {how.height} × {how.width} × {how.channels} take {needed / 2**30:.1f} GB "
            f"and {free / 2**30:.1f} GB of memory is free. Use a smaller picture size, or fewer pictures."
        )


def _free_memory() -> int | None:
    """Return the bytes that can be had without swapping; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return None


@dataclass(frozen=True)
class Duplicate:
    """Pictures whose decoded pixels are all the same."""

    members: tuple[tuple[str, int, str], ...]
    """(part, label, path) of each."""

    @property
    def is_across_classes(self) -> bool:
        """True where the same picture is said to be two different things."""
        return len({label for _, label, _ in self.members}) > 1

    @property
    def is_across_parts(self) -> bool:
        """True where a picture to learn from is also one to be tested on."""
        return len({part for part, _, _ in self.members}) > 1

    def __str__(self) -> str:
        kind = "under different classes" if self.is_across_classes else "more than once"
        return f"the same picture {kind}: " + ", ".join(printable(path) for _, _, path in self.members)


def duplicates(parts: Mapping[str, Pictures]) -> list[Duplicate]:
    """Return every picture that occurs more than once in the parts ("train", "test") taken together."""
    members: dict[str, list[tuple[str, int, str]]] = {}
    for part, pictures in parts.items():
        for digest, label, path in zip(pictures.digests, pictures.labels, pictures.paths, strict=True):
            members.setdefault(digest, []).append((part, int(label), path))
    return [Duplicate(tuple(found)) for found in members.values() if len(found) > 1]


def require_pictures_in_every_class(pictures: Pictures, class_names: Sequence[str]) -> None:
    """Raise DataError when a class has no readable picture, with the reason of the first skipped one."""
    counts = np.bincount(pictures.labels, minlength=len(class_names))
    for label, name in enumerate(class_names):
        if not counts[label]:
            lost = [skipped for skipped in pictures.skipped if name in Path(skipped.path).parts]
            why = f" None of its {len(lost)} files can be read; the first: {lost[0]}." if lost else ""
            raise DataError(
                f"Class {printable(name)!r} has no pictures.{why} Put pictures in its folder, or remove it."
            )


def tell_skipped(skipped: Sequence[Skipped], lines: int = 5) -> str:
    """Return at most `lines` lines that name skipped files and why; the last says how many more there are."""
    shown = skipped if len(skipped) <= lines else skipped[: lines - 1]
    rest = [f"… and {len(skipped) - len(shown):,} more"] if len(shown) < len(skipped) else []
    return "\n".join([*map(str, shown), *rest])
