"""Find the pictures in a folder, where a sub-folder is a class. Opens no picture: `load` does, and finds the bad ones."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pippin.data.files import Skipped, error_words, not_a_file, printable
from pippin.errors import DataError, FileError, nearest

_HIDDEN = frozenset(
    ("__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin", "#recycle", "lost+found",
     "system volume information")
)  # fmt: skip
_PARTS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "validation", "valid": "validation", "validation": "validation",
}  # fmt: skip
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


class FolderMissing(FileError, FileNotFoundError):
    """There is no such folder."""


class FolderIsFile(FileError, NotADirectoryError):
    """The path leads to a file, where a folder is needed."""


@dataclass(frozen=True)
class PictureFile:
    """A file that may be a picture: where it is, its class, and what its content's cache is keyed by."""

    path: str
    label: int
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""


@dataclass(frozen=True)
class Folder:
    """What a folder of pictures holds, before any of them is opened."""

    path: str
    class_names: tuple[str, ...]
    parts: Mapping[str, tuple[PictureFile, ...]]
    """{"all": files}, or "train" with "test" and/or "validation" where the folder is laid out so."""
    skipped: tuple[Skipped, ...]
    ignored: Mapping[str, int]
    """Hidden files and folders that systems leave behind, with how often each was met."""
    warnings: tuple[str, ...]

    def mapping(self) -> str:
        """Return "0 = apple (209), 1 = not_apple (292)": each label's class and how many files it has, in all parts."""
        counts = Counter(file.label for files in self.parts.values() for file in files)
        return ", ".join(f"{i} = {printable(name)} ({counts[i]:,})" for i, name in enumerate(self.class_names))


class Finds:
    """What a walk through folders meets besides picture files; filled as it goes."""

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self.ignored: Counter[str] = Counter()


def scan(path: str | os.PathLike[str], *, follow_links: bool = False) -> Folder:
    """Return the classes and picture files of a folder laid out as FOLDER/class or FOLDER/train/class, FOLDER/test/class.

    Classes are in natural order (img2 before img10). Links that lead out of the folder are skipped and listed unless
    `follow_links`. Raises FileError for a folder that is not there, DataError for one from which no classifier can be
    trained: empty, no class folders, a single class, a class without files.
    """
    root = existing_folder(path)
    finds = Finds()
    walk = _Walk(root, follow_links, finds)
    entries = list(walk.entries(root))
    folders = sorted((e.name for e in entries if walk.is_folder(e)), key=natural)
    loose = [e for e in entries if not walk.is_folder(e)]
    if not folders:
        raise _no_classes(root, [e.name for e in loose])
    parts = _parts(walk, root, folders)
    if parts:
        others = [name for name in folders if name not in parts]
        finds.skipped += [Skipped(os.path.join(root, n), "a folder beside train and test: not used") for n in others]
        places = {part: os.path.join(root, name) for name, part in parts.items()}
        class_names = _common_classes(walk, places)
    else:
        places = {"all": root}
        class_names = tuple(folders)
    finds.skipped += [Skipped(e.path, "lies directly in the folder, so it has no class") for e in loose]
    if len(class_names) < 2:
        raise DataError(
            f"{root} has one class only, {class_names[0]!r}. A classifier needs at least two to tell apart: "
            f"add a folder beside it, for instance {'not_' + class_names[0]!r}, with pictures of other things."
        )
    files = {part: tuple(_class_files(walk, place, class_names)) for part, place in places.items()}
    _require_files_in_every_class(files, places, class_names, finds)
    return Folder(root, class_names, files, tuple(finds.skipped), dict(finds.ignored), tuple(_warnings(files, class_names)))


def picture_files(
    path: str | os.PathLike[str],
    labels_of: Mapping[str, int] | None = None,
    *,
    order: Callable[[str], Any],
    follow_links: bool = False,
) -> tuple[list[PictureFile], Finds]:
    """Return the files below a folder, all of them (label -1), or those of the named sub-folders with their labels.

    For callers who bring their own classes. Raises FileError for a folder that is not there; checks nothing else.
    """
    root = existing_folder(path)
    finds = Finds()
    walk = _Walk(root, follow_links, finds)
    if labels_of is None:
        return list(walk.files(root, -1, order)), finds
    return [f for name, label in labels_of.items() for f in walk.files(os.path.join(root, name), label, order)], finds


def gather(paths: Iterable[str | os.PathLike[str]], *, follow_links: bool = False) -> tuple[list[PictureFile], list[Skipped]]:
    """Return the files that a person named, and those in the folders named, without classes (label -1).

    A file that was named is taken as it is, a link too. What is not there is listed as skipped, nothing raises.
    """
    files: list[PictureFile] = []
    skipped: list[Skipped] = []
    for path in map(os.fspath, paths):
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            skipped.append(Skipped(path, error_words(error) if isinstance(error, OSError) else str(error)))
            continue
        if stat.S_ISDIR(status.st_mode):
            found, finds = picture_files(path, order=natural, follow_links=follow_links)
            files += found
            skipped += finds.skipped
        else:
            files.append(PictureFile(path, -1, status.st_size, status.st_mtime_ns))
    return files, skipped


def sub_folders(path: str | os.PathLike[str], *, follow_links: bool = False) -> list[str]:
    """Return the names of the folders directly in a folder, hidden ones left out, in alphabetical order."""
    root = existing_folder(path)
    walk = _Walk(root, follow_links, Finds())
    return sorted(e.name for e in walk.entries(root) if walk.is_folder(e))


def existing_folder(path: str | os.PathLike[str]) -> str:
    """Return the absolute path of a folder that is there; the errors say what is there instead."""
    root = os.path.abspath(os.fspath(path))
    try:
        status = os.stat(root)
    except (FileNotFoundError, NotADirectoryError):
        raise FolderMissing(
            f"There is no folder {printable(root)}.{_nearest_folder(root)} "
            "Expected a folder with one sub-folder of pictures for each class."
        ) from None
    except OSError as error:
        raise FileError(f"The folder {printable(root)} can't be read: {error_words(error)}.") from error
    if not stat.S_ISDIR(status.st_mode):
        cure = "Unpack it, and give the folder." if root.lower().endswith(_ARCHIVES) else "Give the folder that holds it."
        raise FolderIsFile(f"{printable(root)} is a file; expected a folder with one sub-folder for each class. {cure}")
    return root


def _nearest_folder(root: str) -> str:
    parent, name = os.path.split(root)
    try:
        with os.scandir(parent) as entries:
            return nearest(name, [e.name for e in entries if e.is_dir()])
    except OSError:
        return f" {printable(parent)} does not exist either." if not os.path.exists(parent) else ""


def natural(name: str) -> tuple[Any, ...]:
    """Return a sort key that puts "img2" before "img10" and does not care for upper and lower case."""
    words = re.split(r"([0-9]+)", name.casefold())
    return ([int(w) if i % 2 else w for i, w in enumerate(words)], name)


class _Walk:
    """Walks below one root, leaves out what is hidden, and skips by name what is no regular file or leads outside."""

    def __init__(self, root: str, follow_links: bool, finds: Finds) -> None:
        self.real_root = os.path.realpath(root)
        self.follow_links = follow_links
        self.finds = finds

    def entries(self, folder: str) -> Iterator[os.DirEntry[str]]:
        """Yield what lies directly in a folder; hidden things are counted instead."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            self.finds.skipped.append(Skipped(folder, f"a folder that can't be read: {error_words(error)}"))
            return
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower() in _HIDDEN:
                self.finds.ignored["._*" if entry.name.startswith("._") else entry.name] += 1
            else:
                yield entry

    def is_folder(self, entry: os.DirEntry[str]) -> bool:
        """True for a folder, and with `follow_links` for a link to one."""
        try:
            return entry.is_dir(follow_symlinks=self.follow_links)
        except OSError:
            return False

    def files(self, folder: str, label: int, order: Callable[[str], Any]) -> Iterator[PictureFile]:
        """Yield the regular files at any depth below a folder, folder by folder, each in the order asked for."""
        found: list[tuple[str, os.DirEntry[str]]] = []
        seen: set[str] = set()
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            if self.follow_links:  # Only links can lead back to a folder that was already walked.
                real = os.path.realpath(here)
                if real in seen:
                    self.finds.skipped.append(Skipped(here, "a link back to a folder that was already read"))
                    continue
                seen.add(real)
            for entry in self.entries(here):
                if self.is_folder(entry):
                    waiting.append(entry.path)
                else:
                    found.append((here, entry))
        for _, entry in sorted(found, key=lambda item: (order(item[0]), order(item[1].name))):
            file = self._file(entry, label)
            if isinstance(file, Skipped):
                self.finds.skipped.append(file)
            else:
                yield file

    def _file(self, entry: os.DirEntry[str], label: int) -> PictureFile | Skipped:
        try:
            if entry.is_symlink() and not self.follow_links:
                target = os.path.realpath(entry.path)
                if os.path.commonpath((target, self.real_root)) != self.real_root:
                    return Skipped(entry.path, f"a link out of the folder, to {printable(target)}")
                if os.path.isdir(target):
                    return Skipped(entry.path, "a link to a folder: not followed")
            status = entry.stat()
        except OSError as error:
            if entry.is_symlink():
                return Skipped(entry.path, f"a link that leads nowhere: {error_words(error)}")
            return Skipped(entry.path, error_words(error))
        if not stat.S_ISREG(status.st_mode):
            return Skipped(entry.path, not_a_file(status.st_mode))
        return PictureFile(entry.path, label, status.st_size, status.st_mtime_ns)


def _parts(walk: _Walk, root: str, folders: Sequence[str]) -> dict[str, str]:
    """Return {folder name: part} where the folder is laid out as train and test, else {}.

    "train" may also be a class (train, car, bus). So a part must hold folders and no files, and "train" alone counts
    only where nothing but parts stands beside it.
    """
    parts: dict[str, str] = {}
    for name in folders:
        part = _PARTS.get(name.lower())
        if part and part not in parts.values():
            inside = list(walk.entries(os.path.join(root, name)))
            if inside and all(walk.is_folder(entry) for entry in inside):
                parts[name] = part
    if "train" not in parts.values() or (len(parts) == 1 and len(folders) > 1):
        return {}
    return parts


def _common_classes(walk: _Walk, places: Mapping[str, str]) -> tuple[str, ...]:
    """Return the classes of train; refuse a class that only another part has, for nothing could learn it."""
    names = {part: [e.name for e in walk.entries(place) if walk.is_folder(e)] for part, place in places.items()}
    for part, found in names.items():
        for name in found:
            if name not in names["train"]:
                raise DataError(
                    f"{places[part]} has a class {name!r} that {places['train']} lacks."
                    f"{nearest(name, names['train'])} Give the folders the same names, or remove it."
                )
    return tuple(sorted(names["train"], key=natural))


def _class_files(walk: _Walk, place: str, class_names: Sequence[str]) -> Iterator[PictureFile]:
    for label, name in enumerate(class_names):
        folder = os.path.join(place, name)
        if os.path.isdir(folder):
            yield from walk.files(folder, label, natural)


def _no_classes(root: str, files: Sequence[str]) -> DataError:
    expected = "Expected one sub-folder of pictures for each class, for instance apple and not_apple."
    if not files:
        return DataError(f"{root} is empty. {expected}")
    return DataError(
        f"{root} has {len(files):,} files (such as {printable(min(files, key=natural))}) but no class folders. {expected} "
        "Make a folder for each class in it and move the pictures there."
    )


def _require_files_in_every_class(
    files: Mapping[str, Sequence[PictureFile]], places: Mapping[str, str], class_names: Sequence[str], finds: Finds
) -> None:
    part = "train" if "train" in files else "all"
    counts = Counter(file.label for file in files[part])
    empty = [os.path.join(places[part], name) for label, name in enumerate(class_names) if not counts[label]]
    if empty:
        inside = [skipped for skipped in finds.skipped if skipped.path.startswith(empty[0] + os.sep)]
        why = f" Left out: {inside[0]}." if inside else ""
        raise DataError(
            f"No pictures in {printable(empty[0])}: {len(empty)} of {len(class_names)} classes are empty.{why} "
            "Put pictures there, or remove the folder."
        )


def _warnings(files: Mapping[str, Sequence[PictureFile]], class_names: Sequence[str]) -> Iterator[str]:
    """Yield what is probably a mistake, but can be trained on."""
    alike: dict[str, str] = {}
    for name in class_names:
        key = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        if key in alike:
            yield f"The classes {alike[key]!r} and {name!r} differ only in case, spaces or accents: one class in two folders?"
        alike[key] = name
    for part, members in files.items():
        counts = Counter(file.label for file in members)
        for label, name in enumerate(class_names):
            if counts[label] < 2:
                where = "" if part == "all" else f" in {part}"
                yield f"Class {printable(name)!r} has {counts[label]} of at least 2 pictures{where}."
