"""List the files below a folder: in order, hidden ones counted, and what leads outside or is no file skipped
by name.

Knows nothing of classes, and opens no file.
"""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pippin.data.files import Skipped, error_words, not_a_file, printable

Order = Callable[[str], Any]
"""A sort key for names: `natural`, or `str` for plain alphabetical order."""

_HIDDEN = frozenset(
    ("__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin", "#recycle",
     "lost+found", "system volume information")
)  # fmt: skip


@dataclass(frozen=True)
class PictureFile:
    """A file that may be a picture: where it is, its class, and what its content's cache is keyed by."""

    path: str
    label: int
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""


class Walk:
    """Walks below one root, and collects what it leaves out on the way."""

    def __init__(self, root: Path, *, follow_links: bool = False) -> None:
        self.real_root = root.resolve()
        self.follow_links = follow_links
        self.skipped: list[Skipped] = []
        self.ignored: Counter[str] = Counter()
        """Hidden files and folders that systems leave behind, with how often each was met."""
        self._listed: dict[Path, list[os.DirEntry[str]]] = {}

    def entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """Return what lies directly in a folder, in no order; hidden things are counted instead, once."""
        if folder in self._listed:
            return self._listed[folder]
        entries: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            self.skipped.append(Skipped(str(folder), f"a folder that can't be read: {error_words(error)}"))
        hidden = [e.name for e in entries if e.name.startswith(".") or e.name.lower() in _HIDDEN]
        self.ignored.update("._*" if name.startswith("._") else name for name in hidden)
        self._listed[folder] = [e for e in entries if e.name not in hidden]
        return self._listed[folder]

    def is_folder(self, entry: os.DirEntry[str]) -> bool:
        """True for a folder, and with `follow_links` for a link to one."""
        try:
            return entry.is_dir(follow_symlinks=self.follow_links)
        except OSError:
            return False

    def folders(self, folder: Path) -> list[str]:
        """Return the names of the folders directly in a folder, in no order."""
        return [entry.name for entry in self.entries(folder) if self.is_folder(entry)]

    def files(self, folder: Path, label: int, order: Order) -> Iterator[PictureFile]:
        """Yield the regular files at any depth below a folder, folder by folder, in the order asked for."""
        found: list[tuple[str, os.DirEntry[str]]] = []
        seen: set[Path] = set()
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            if self.follow_links:  # Only links can lead back to a folder that was already walked.
                real = here.resolve()
                if real in seen:
                    self.skipped.append(Skipped(str(here), "a link back to a folder that was already read"))
                    continue
                seen.add(real)
            for entry in self.entries(here):
                if self.is_folder(entry):
                    waiting.append(Path(entry.path))
                else:
                    found.append((str(here), entry))
        for _, entry in sorted(found, key=lambda item: (order(item[0]), order(item[1].name))):
            file = self._file(entry, label)
            if isinstance(file, Skipped):
                self.skipped.append(file)
            else:
                yield file

    def _file(self, entry: os.DirEntry[str], label: int) -> PictureFile | Skipped:
        try:
            is_link = entry.is_symlink()
            status = entry.stat()
            if is_link and not self.follow_links:
                target = Path(entry.path).resolve()
                if not target.is_relative_to(self.real_root):
                    return Skipped(entry.path, f"a link out of the folder, to {printable(str(target))}")
                if stat.S_ISDIR(status.st_mode):
                    return Skipped(entry.path, "a link to a folder: not followed")
        except OSError as error:
            what = "a link that leads nowhere: " if is_link else ""
            return Skipped(entry.path, what + error_words(error), is_passing=True)
        if not stat.S_ISREG(status.st_mode):
            return Skipped(entry.path, not_a_file(status.st_mode))
        return PictureFile(entry.path, label, status.st_size, status.st_mtime_ns)


def natural(name: str) -> tuple[Any, ...]:
    """Return a sort key that puts "img2" before "img10" and does not care for upper and lower case."""
    words = re.split(r"([0-9]+)", name.casefold())
    return ([int(word) if i % 2 else word for i, word in enumerate(words)], name)
