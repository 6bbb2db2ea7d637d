"""Finding and opening model files: what a path leads to, what its first bytes say it is, and zip members within limits.

Nothing is unpacked onto the disk. A file that is none of Pippin's is named for what it is.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any, NoReturn

from pippin.errors import FileError, nearest

ZIP, HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
MOST_TEXT = 16 << 20
"""Bytes of JSON. The largest models of today's libraries have a few."""
MOST_EXPANSION = 1100
MOST_NESTING = 200
_VOCABULARY = re.compile(r"assets/[\w/]+/vocabulary\.txt")
"""Where Keras keeps the words of a layer."""


def need_known_format(path: str | os.PathLike[str], endings: tuple[str, ...]) -> None:
    """Raise FileError for a file that is not there and whose name promises another kind of file."""
    if not str(path).endswith(endings) and not os.path.exists(path):
        raise FileError(f"File format not supported, and no such file: {path}. Expected one of {', '.join(endings)}.")


def read_bytes(path: str | os.PathLike[str], kind: str) -> bytes:
    """The bytes of a file, or the FileError that says what is there instead of `kind`."""
    place = Path(os.path.abspath(path))
    try:
        mode = os.stat(place).st_mode
        if not stat.S_ISREG(mode):
            raise FileError(
                f"{place}: expected {kind}, received {'a folder' if stat.S_ISDIR(mode) else 'no regular file'}."
            )
        return place.read_bytes()
    except FileNotFoundError:
        raise FileError(f"File not found: there is no file {place}.{_neighbour(place)}") from None
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{place} can't be read: {error.strerror or error}.") from error


def _neighbour(place: Path) -> str:
    """The name in the folder that comes closest, or what is wrong with the folder."""
    try:
        names = os.listdir(place.parent)
    except OSError:
        return f" There is no folder {place.parent} either."
    return nearest(place.name, names)


def seems(data: bytes) -> str:
    """What a file seems to be, by its first bytes."""
    head = data[:512]
    lower = head.lstrip().lower()
    if not data:
        return "an empty file"
    if head.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, not the file itself. Fetch it with: git lfs pull"
    if lower.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page, probably an error message of the site it came from. Download it again"
    if head.startswith(ZIP) or head.startswith(b"PK\x05\x06"):
        return _seems_zip(data)
    if head.startswith(HDF5):
        return "an HDF5 file (weights, or Keras's older .h5 format)"
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "a Python pickle, which can run any code and is never opened"
    if head.startswith(b"\x93NUMPY"):
        return "a NumPy array"
    if head.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")) or data[257:262] == b"ustar":
        return "an archive. Unpack it first"
    if head.startswith(b"GGUF"):
        return "a GGUF file"
    if head[4:8] == b"TFL3":
        return "a TensorFlow Lite model"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < len(data):
        return "a safetensors file"
    if head[:1] == b"\x08" and (b"onnx" in head.lower() or b"pytorch" in head.lower() or b"tf2onnx" in head.lower()):
        return "an ONNX model"
    if head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        return "a picture"
    if all(byte >= 32 or byte in (9, 10, 13) for byte in head):
        return "a text file"
    return "something unknown"


def _seems_zip(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OverflowError, UnicodeDecodeError):
        return f"a zip file that is cut short or damaged ({len(data)} bytes). Copy or download it again"
    if any(name.endswith("data.pkl") for name in names):
        return "a PyTorch model, a pickle that can run any code and is never opened"
    return f"a zip file with other things in it ({', '.join(names[:3])})"


class Archive:
    """A `.keras` file: a zip whose members are read in place, each checked against its size, its limit and its CRC."""

    def __init__(self, data: bytes, described: str, members: tuple[str, ...]) -> None:
        self.described = described
        self.size = len(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            listed = self._zip.infolist()
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OverflowError, UnicodeDecodeError):
            self._refuse(f"it is {seems(data)}.")
        names = [info.filename for info in listed]
        strange = [name for name in names if name not in members and not _VOCABULARY.fullmatch(name)]
        if set(names).isdisjoint(members):
            self._refuse(f"it is {seems(data)}.")
        if strange or len(set(names)) != len(names) or not data.startswith(ZIP):
            self._refuse(f"expected the members {', '.join(members)}, received {', '.join(map(repr, names[:5]))}.")
        self.members = {info.filename: info for info in listed}

    def _refuse(self, why: str) -> NoReturn:
        raise FileError(f"{self.described} is no model file that Pippin can open: {why}")

    def read(self, name: str, most: int) -> bytes:
        """A member's bytes. Its size is checked before memory is taken, its CRC afterwards."""
        info = self.members.get(name)
        if info is None:
            self._refuse(f"it has no member {name}.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
            self._refuse(f"its member {name} is encrypted or packed in a way that is never read.")
        if (
            info.file_size > most
            or info.file_size > MOST_EXPANSION * max(1, info.compress_size)
            or info.compress_size > self.size
        ):
            self._refuse(f"its member {name} claims {info.file_size} bytes, stored in {info.compress_size}.")
        try:
            found = self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            struct.error,
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            EOFError,
            OverflowError,
        ) as error:
            self._refuse(
                f"its member {name} is damaged ({error}). It was altered or cut short; use an earlier copy, or "
                "download it again."
            )
        if len(found) != info.file_size:
            self._refuse(f"its member {name} is cut short: {len(found)} of {info.file_size} bytes.")
        return found

    def read_json(self, name: str) -> dict[str, Any]:
        """A member as a JSON object."""
        return parse_json(self.read(name, MOST_TEXT), f"{self.described} ({name})")


class Folder:
    """The members of a `.keras` file as files of a folder, read as `Archive` reads them."""

    def __init__(self, folder: Path, members: tuple[str, ...]) -> None:
        self.described, self.folder = str(folder), folder
        self.members = {name: folder / name for name in members}
        self.size = sum(path.stat().st_size for path in self.members.values() if path.is_file())

    def read(self, name: str, most: int) -> bytes:
        """A member's bytes, if they are not too many."""
        data = read_bytes(self.members[name], f"the part {name} of a model")
        if len(data) > most:
            raise FileError(f"{self.members[name]}: expected at most {most} bytes, it has {len(data)}.")
        return data

    def read_json(self, name: str) -> dict[str, Any]:
        """A member as a JSON object."""
        return parse_json(self.read(name, MOST_TEXT), f"{self.described} ({name})")


def parse_json(text: bytes | str, described: str) -> dict[str, Any]:
    """A JSON object, strictly: no name twice, no NaN, not too deep."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice in one object")
        return found

    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is no JSON")

    try:
        found = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
        _need_shallow(found)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{described}: expected JSON, received something else: {error}.") from None
    if not isinstance(found, dict):
        raise FileError(f"{described}: expected a JSON object, received {type(found).__name__}.")
    return found


def _need_shallow(tree: Any) -> None:
    level = [tree]
    for _ in range(MOST_NESTING):
        level = [
            part
            for thing in level
            if isinstance(thing, (dict, list))
            for part in (thing.values() if isinstance(thing, dict) else thing)
        ]
        if not level:
            return
    raise ValueError(f"it is nested more than {MOST_NESTING} deep")
