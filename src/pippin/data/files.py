"""Read a file's bytes without being trapped by it, and say what a file seems to be that is no picture."""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

LARGEST_FILE = 1 << 30
"""Bytes. A picture within the megapixel limit is smaller even when it is not compressed."""


class Skipped(NamedTuple):
    """A file that was left out, and why, in words for the person whose file it is."""

    path: str
    reason: str
    is_passing: bool = False
    """The moment's fault, not the file's (permissions, memory): worth another try though it is unchanged."""

    def __str__(self) -> str:
        return f"{printable(self.path)}: {self.reason}"


class Unreadable(Exception):
    """Says why one file can't be used. Stays inside `pippin.data`, whose loops turn it into a Skipped."""

    def __init__(self, reason: str, *, is_passing: bool = False) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


def printable(text: str) -> str:
    """Return a file name that is safe to print: newlines, control characters, odd bytes are escaped."""
    decoded = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in decoded)


def error_words(error: OSError) -> str:
    """Return "Permission denied (EACCES)" for an error of the operating system."""
    if error.errno is None:
        return str(error)
    return f"{os.strerror(error.errno)} ({errno.errorcode.get(error.errno, error.errno)})"


def read_file(path: str) -> bytes:
    """Return the bytes of a regular file. A pipe, socket or device is never opened: it could wait forever."""
    place = Path(path)
    try:
        _require_regular(place.stat())
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(place, flags)
        try:
            # The name may have come to mean something else since the first look.
            size = _require_regular(os.fstat(handle))
            if size > LARGEST_FILE:
                raise Unreadable(f"{size / 2**30:.1f} GB; the limit for a picture file is {LARGEST_FILE >> 30} GB")
            return _read_all(handle, size)
        finally:
            os.close(handle)
    except OSError as error:
        if place.is_symlink() and error.errno in (errno.ENOENT, errno.ELOOP):
            where = "back to itself" if error.errno == errno.ELOOP else "to a file that does not exist"
            raise Unreadable(f"a link that leads {where}, by way of {printable(str(place.readlink()))}") from error
        raise Unreadable(error_words(error), is_passing=True) from error


def _read_all(handle: int, size: int) -> bytes:
    """Return the bytes of an open file that says it has `size` of them, or fewer if it ends before."""
    parts = [os.read(handle, size)]  # All, but for a signal in between, or more than 2 GB.
    while (missing := size - sum(map(len, parts))) and (part := os.read(handle, missing)):
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _require_regular(status: os.stat_result) -> int:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(not_a_file(status.st_mode))
    return status.st_size


def not_a_file(mode: int) -> str:
    """Say what a path is whose mode is not that of a regular file."""
    kinds = {
        stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFLNK: "a link",
    }  # fmt: skip
    return f"{kinds.get(stat.S_IFMT(mode), 'something')}, not a picture file"


_SIGNATURES = (
    (0, b"II*\0", "a TIFF or camera RAW that is damaged or that Pillow can't read; save it as JPEG"),
    (0, b"MM\0*", "a TIFF that is damaged or that Pillow can't read; save it as JPEG"),
    (4, b"ftyphei", "an HEIC photo, which Pillow can't read; save it as JPEG"),
    (4, b"ftyphev", "an HEIC photo, which Pillow can't read; save it as JPEG"),
    (4, b"ftypmif1", "an HEIC photo, which Pillow can't read; save it as JPEG"),
    (4, b"ftypavif", "an AVIF picture that is damaged or that this Pillow can't read"),
    (4, b"ftyp", "a video, not a picture"),
    (8, b"AVI ", "a video, not a picture"),
    (0, b"\x1aE\xdf\xa3", "a video, not a picture"),
    (0, b"8BPS", "a Photoshop file; save it as JPEG"),
    (0, b"%PDF", "a PDF document, not a picture"),
    (0, b"%!PS", "a PostScript document, not a picture"),
    (0, b"PK\x03\x04", "a zip archive (or an office document), not a picture"),
    (0, b"\x1f\x8b", "a gzip archive, not a picture"),
    (0, b"Rar!", "a RAR archive, not a picture"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive, not a picture"),
    (0, b"\x7fELF", "a program, not a picture"),
    (0, b"MZ", "a program, not a picture"),
    (0, b"SQLite format 3", "a database, not a picture"),
    (0, b"\x89HDF", "an HDF5 file, not a picture"),
    (0, b"\x93NUMPY", "a NumPy array, not a picture"),
)


def what_it_seems(data: bytes) -> str:
    """Return what bytes are that no decoder knows ("starts with '<html': a web page, …"), or ""."""
    if not data:
        return "empty file"
    if len(data) < 12:
        return f"only {len(data)} byte{'s' * (len(data) > 1)}: too few for a picture"
    head = data[:512]
    if not any(head):
        return f"starts with {len(head)} zero bytes: a copy or download that never finished?"
    if head.startswith(b"version https://git-lfs"):
        return "a git-LFS pointer, not the picture itself; run 'git lfs pull'"
    for offset, signature, words in _SIGNATURES:
        if head.startswith(signature, offset):
            return words
    return _text_words(head)


def _text_words(head: bytes) -> str:
    """Return what a text is, or "" where the bytes are no text."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        # Not the final part: a character that is cut at the end of `head` is no error.
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return ""
    if not text or any(not c.isprintable() and c not in "\t\r\n\f" for c in text):
        return ""
    start = text.lstrip()[:400].lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        return f"starts with '{start.split('>')[0].split()[0]}': a web page, not a picture"
    if "<svg" in start and start.startswith("<"):
        return "an SVG drawing, which has no pixels; export it as PNG"
    shown = " ".join(text.split())[:24]
    return f"starts with '{shown}': text, not a picture"
