"""Write a file so that at every moment there is the old one, whole, or the new one, whole. Knows nothing of what is in
it.

The new content goes into an unfinished file beside the old one, is forced onto the disk, and then takes the old one's
name; the folder is forced onto the disk too, so that the name survives a power cut. What a killed process left behind
is swept by the next one that writes there: whoever writes an unfinished file holds a lock on it, so one without a lock
has no writer any more.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pippin.errors import FileError

try:
    import fcntl
except ImportError:  # Windows has no such locks; there, what is left behind stays.
    fcntl = None  # type: ignore[assignment]

UNFINISHED = ".unfinished"
Place = str | os.PathLike[str]
Content = bytes | bytearray | memoryview


def write_bytes(path: Place, content: Content | Iterable[Content]) -> None:
    """Replace the file at `path` by one that holds `content` (or its parts, one after the other). Raises FileError.

    A link is followed: the file it leads to is replaced. A file that was there keeps its permissions.
    """
    parts = [content] if isinstance(content, Content) else content
    with _told_as_file_error(path):
        target = Path(os.path.realpath(path))
        mode = _mode_of(target)
        sweep(target.parent)
        _write_and_rename(target, parts, mode)


def write_text(path: Place, text: str) -> None:
    """Replace the file at `path` by one that holds `text`, as UTF-8. Raises FileError."""
    write_bytes(path, text.encode())


def sweep(folder: Place) -> None:
    """Remove unfinished files that killed processes left in a folder."""
    if fcntl is None:
        return
    for path in Path(folder).glob(f".*{UNFINISHED}"):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _mode_of(target: Path) -> int | None:
    """The permissions of the file that is there, None if there is none; refuses what can't be replaced."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise FileError(
                f"{target}: expected a folder that is there, but there is no folder {target.parent}. Make it first."
            ) from None
        return None
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise FileError(f"{target}: expected a file to write, but it is {what}. Give another name.")
    return stat.S_IMODE(mode)


def _write_and_rename(target: Path, parts: Iterable[Content], mode: int | None) -> None:
    unfinished, descriptor = _unfinished_file(target, mode)
    try:
        with open(descriptor, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), mode)
            os.replace(unfinished, target)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _force_folder(target.parent)


def _unfinished_file(target: Path, mode: int | None) -> tuple[Path, int]:
    """A new, locked file beside the target. One that will take over permissions is closed to others until it has
    them."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    while True:
        # A file name has at most 255 bytes; the target's own may be that long.
        stem = os.fsencode(target.name)[:200].decode(errors="ignore")
        unfinished = target.with_name(f".{stem}.{os.getpid()}-{os.urandom(4).hex()}{UNFINISHED}")
        descriptor = os.open(unfinished, flags, 0o666 if mode is None else 0o600)
        if _locked(descriptor, unfinished):
            return unfinished, descriptor


def _locked(descriptor: int, path: Path) -> bool:
    """Lock a new file; False if it was swept before it was locked."""
    if fcntl is None:
        return True
    try:
        with contextlib.suppress(OSError):  # file systems without locks: nothing is swept there either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if path.exists():
            return True
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return False


def _force_folder(folder: Path) -> None:
    """Force a folder's list of names onto the disk, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _told_as_file_error(path: Place) -> Iterator[None]:
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"{os.path.abspath(path)} can't be written: {_reason(error, path)} What was there before is whole."
        ) from error


def _reason(error: OSError, path: Place) -> str:
    words = error.strerror or str(error)
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return f"{words}."
    free: Any = "?"
    with contextlib.suppress(OSError):
        free = f"{shutil.disk_usage(os.path.dirname(os.path.realpath(path))).free / 2**20:.1f}"
    return f"{words} ({free} MB are free). Make room, or give another place."
