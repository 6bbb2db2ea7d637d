"""Keep decoded pictures on disk, so that a second run decodes nothing. Never fails: without a cache, it is
only slower.

A cache file is: 8 bytes of magic, the lengths of both parts and a CRC-32 of each; the pixels; a JSON text. It
is named by a hash of everything that the pixels depend on, so a stale one is simply never found. Writing goes
to a temporary file in the same folder, which is then renamed. Nobody waits until it has reached the disk: what a
power cut leaves of it is found damaged, and made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from pippin.data.images import Decoding, Pixels
from pippin.data.walk import PictureFile

_VERSION = 1
"""Goes up with every change of how pixels are made or stored."""

_MAGIC = b"PIPPINc1"
_HEADER = struct.Struct("<8sQQII")  # magic, bytes of pixels, bytes of JSON, CRC of each
_LIMIT = 4 << 30
"""Bytes of all cache files together; the ones used longest ago are removed first."""

_SUFFIX, _UNFINISHED = ".pictures", ".unfinished"


def cache_folder() -> Path | None:
    """Return the folder for decoded pictures in the user's cache directory; None where there is none."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # The XDG standard says to ignore a relative path.
        try:
            base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
        except RuntimeError:
            return None
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA", base))
    return base / "pippin" / "pictures"


def cache_key(files: list[PictureFile], how: Decoding) -> str:
    """Return a hash of all that decoded pictures depend on: files, their sizes and times, how, by what."""
    import PIL

    digest = hashlib.sha256(repr((_VERSION, PIL.__version__, astuple(how))).encode())
    for file in files:
        digest.update(os.fsencode(file.path) + f"\0{file.size} {file.modified}\n".encode())
    return digest.hexdigest()[:40]


def read_cache(key: str) -> tuple[npt.NDArray[np.uint8], dict[str, Any]] | None:
    """Return the pixels (one long row) and the details stored under a key; None if absent or damaged."""
    folder = cache_folder()
    if folder is None:
        return None
    path = folder / (key + _SUFFIX)
    try:
        with path.open("rb") as file:
            magic, pixel_bytes, text_bytes, pixel_crc, text_crc = _HEADER.unpack(file.read(_HEADER.size))
            if magic != _MAGIC or os.fstat(file.fileno()).st_size != _HEADER.size + pixel_bytes + text_bytes:
                return None
            pixels = np.empty(pixel_bytes, np.uint8)
            if file.readinto(pixels.data) != pixel_bytes or zlib.crc32(pixels.data) != pixel_crc:
                return None
            text = file.read(text_bytes)
        if zlib.crc32(text) != text_crc:
            return None
        details = json.loads(text)
        with contextlib.suppress(OSError):
            os.utime(path)  # Marks it as used, for _make_room.
        return pixels, details
    except (OSError, struct.error, ValueError, MemoryError):
        return None


def write_cache(key: str, pixels: Pixels, details: dict[str, Any]) -> bool:
    """Store pixels and details under a key; False when the disk does not let us, which is no error."""
    folder = cache_folder()
    if folder is None or pixels.nbytes > _LIMIT:
        return False
    flat = np.ascontiguousarray(pixels).reshape(-1)
    text = json.dumps(details).encode()
    header = _HEADER.pack(_MAGIC, flat.nbytes, len(text), zlib.crc32(flat.data), zlib.crc32(text))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _whole_or_none(folder / (key + _SUFFIX)) as file:
            for part in (header, flat.data, text):
                file.write(part)
        _make_room(folder, keep=key + _SUFFIX)
        return True
    except OSError:
        return False


@contextlib.contextmanager
def _whole_or_none(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that appears under its name only when it is complete."""
    handle, name = tempfile.mkstemp(_UNFINISHED, dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _make_room(folder: Path, keep: str) -> None:
    """Remove what was used longest ago, down to the limit, and what a killed process left a day ago."""
    found = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir() if path.is_file())
    total = sum(size for _, size, _ in found)
    for modified, size, path in found:
        is_abandoned = path.suffix == _UNFINISHED and modified < time.time() - 86_400
        if is_abandoned or (total > _LIMIT and path.suffix == _SUFFIX and path.name != keep):
            path.unlink(missing_ok=True)
            total -= size
