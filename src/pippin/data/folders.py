"""Find the pictures in a folder, where a sub-folder is a class. Opens none: `load` finds the bad ones."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pippin.data.files import Skipped, error_words, printable
from pippin.data.walk import Order, PictureFile, Walk
from pippin.data.walk import natural as natural
from pippin.errors import DataError, FileError, nearest

_PARTS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "validation", "valid": "validation", "validation": "validation",
}  # fmt: skip
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
_EXPECTED = "Expected one sub-folder of pictures for each class, for instance apple and not_apple."


class FolderMissing(FileError, FileNotFoundError):
    """There is no such folder."""


class FolderIsFile(FileError, NotADirectoryError):
    """The path leads to a file, where a folder is needed."""


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
    """What is probably a mistake, but can be trained on."""

    def mapping(self) -> str:
        """Return "0 = apple (209), 1 = not_apple (292)": each label's class, and its files in all parts."""
        counts = Counter(file.label for files in self.parts.values() for file in files)
        named = enumerate(map(printable, self.class_names))
        return ", ".join(f"{label} = {name} ({counts[label]:,})" for label, name in named)


def scan(path: str | os.PathLike[str], *, follow_links: bool = False) -> Folder:
    """Return the classes and picture files of FOLDER/class/… or FOLDER/train/class/…, FOLDER/test/class/….

    Classes are in natural order (img2 before img10). Links that lead out of the folder are skipped and listed
    unless `follow_links`. Raises FileError for a folder that is not there, DataError for one from which no
    classifier can be trained: empty, no class folders, a single class, a class without files.
    """
    root = existing_folder(path)
    walk = Walk(root, follow_links=follow_links)
    entries = walk.entries(root)
    folders = sorted((entry.name for entry in entries if walk.is_folder(entry)), key=natural)
    loose = sorted((entry.name for entry in entries if not walk.is_folder(entry)), key=natural)
    if not folders:
        raise _no_classes(root, loose)
    walk.skipped += [Skipped(str(root / name), "directly in the folder, so it has no class") for name in loose]
    parts = _parts(walk, root, folders)
    if parts:
        places = {part: root / name for name, part in parts.items()}
        class_names = _common_classes(walk, places)
        unused = [str(root / name) for name in folders if name not in parts]
        walk.skipped += [Skipped(folder, "a folder beside train and test: not used") for folder in unused]
    else:
        places = {"all": root}
        class_names = tuple(folders)
    if len(class_names) < 2:
        raise DataError(
            f"{printable(str(root))} has one class only, {class_names[0]!r}. At least two are needed: "
            f"add a folder beside it, such as {'not_' + class_names[0]!r}, with pictures of other things."
        )
    files = {part: tuple(_class_files(walk, place, class_names)) for part, place in places.items()}
    learned = places.get("train", root)
    _require_files_in_every_class(files.get("train", files.get("all", ())), learned, class_names, walk.skipped)
    warnings = (*_alike(class_names), *_sparse(files, class_names))
    return Folder(str(root), class_names, files, tuple(walk.skipped), dict(walk.ignored), warnings)


def gather(
    paths: Iterable[str | os.PathLike[str]], *, follow_links: bool = False
) -> tuple[list[PictureFile], list[Skipped]]:
    """Return the files that a person named, and those in the folders named, without classes (label -1).

    A file that was named is taken as it is, a link too. What is not there is listed as skipped, nothing
    raises.
    """
    files: list[PictureFile] = []
    skipped: list[Skipped] = []
    for path in map(Path, paths):
        try:
            status = path.stat()
        except OSError as error:
            skipped.append(Skipped(str(path), error_words(error), is_passing=True))
            continue
        except ValueError:
            skipped.append(Skipped(str(path), "not a path: it holds a zero character"))
            continue
        if stat.S_ISDIR(status.st_mode):
            inside, left_out = picture_files(path, order=natural, follow_links=follow_links)
            files += inside
            skipped += left_out
        else:
            files.append(PictureFile(str(path), -1, status.st_size, status.st_mtime_ns))
    return files, skipped


def sub_folders(path: str | os.PathLike[str], *, follow_links: bool = False) -> list[str]:
    """Return the names of the folders directly in a folder, hidden ones left out, in alphabetical order."""
    root = existing_folder(path)
    return sorted(Walk(root, follow_links=follow_links).folders(root))


def picture_files(
    path: str | os.PathLike[str],
    labels_of: Mapping[str, int] | None = None,
    *,
    order: Order,
    follow_links: bool = False,
) -> tuple[list[PictureFile], list[Skipped]]:
    """Return the files below a folder (label -1), or of the named sub-folders, labelled; and the skipped.

    For callers who bring their own classes: what `scan` checks is not checked here.
    """
    root = existing_folder(path)
    walk = Walk(root, follow_links=follow_links)
    if labels_of is None:
        return list(walk.files(root, -1, order)), walk.skipped
    files = [f for name, label in labels_of.items() for f in walk.files(root / name, label, order)]
    return files, walk.skipped


def existing_folder(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a folder that is there; the errors say what is there instead."""
    root = Path(path).absolute()
    shown = printable(str(root))
    try:
        status = root.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise FolderMissing(f"There is no folder {shown}.{_nearest_folder(root)} {_EXPECTED}") from None
    except OSError as error:
        raise FileError(f"The folder {shown} can't be read: {error_words(error)}.") from error
    if not stat.S_ISDIR(status.st_mode):
        cure = "Unpack it, and give the folder." if root.suffix.lower() in _ARCHIVES else "Give the folder it is in."
        raise FolderIsFile(f"{shown} is a file, not a folder. {cure} {_EXPECTED}")
    return root


def _nearest_folder(root: Path) -> str:
    try:
        return nearest(root.name, [folder.name for folder in root.parent.iterdir() if folder.is_dir()])
    except OSError:
        return f" {printable(str(root.parent))} is not there either."


def _parts(walk: Walk, root: Path, folders: Sequence[str]) -> dict[str, str]:
    """Return {folder name: part} where the folder is laid out as train and test, else {}.

    "train" may also be a class (train, car, bus). So a part must hold folders and no files, and "train" alone
    counts only where nothing but parts stands beside it.
    """
    parts: dict[str, str] = {}
    for name in folders:
        part = _PARTS.get(name.lower())
        if part and part not in parts.values():
            inside = walk.entries(root / name)
            if inside and all(map(walk.is_folder, inside)):
                parts[name] = part
    if "train" not in parts.values() or (len(parts) == 1 and len(folders) > 1):
        return {}
    return parts


def _common_classes(walk: Walk, places: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the classes of train; refuse a class that only another part has, for nothing could learn it."""
    names = {part: walk.folders(place) for part, place in places.items()}
    for part, found in names.items():
        for name in sorted(set(found) - set(names["train"])):
            raise DataError(
                f"{printable(str(places[part]))} has a class {name!r} that {places['train'].name} lacks."
                f"{nearest(name, names['train'])} Give the folders the same names, or remove it."
            )
    return tuple(sorted(names["train"], key=natural))


def _class_files(walk: Walk, place: Path, class_names: Sequence[str]) -> Iterator[PictureFile]:
    present = walk.folders(place)
    for label, name in enumerate(class_names):
        if name in present:  # Another part than train may lack a class.
            yield from walk.files(place / name, label, natural)


def _no_classes(root: Path, files: Sequence[str]) -> DataError:
    shown = printable(str(root))
    if not files:
        return DataError(f"{shown} is empty. {_EXPECTED}")
    return DataError(
        f"{shown} has {len(files):,} files (such as {printable(files[0])}) but no class folders. {_EXPECTED} "
        "Make a folder in it for each class, and move the pictures there."
    )


def _require_files_in_every_class(
    files: Sequence[PictureFile], place: Path, class_names: Sequence[str], skipped: Sequence[Skipped]
) -> None:
    counts = Counter(file.label for file in files)
    empty = [place / name for label, name in enumerate(class_names) if not counts[label]]
    if empty:
        inside = [one for one in skipped if Path(one.path).is_relative_to(empty[0])]
        why = f" Left out: {inside[0]}." if inside else ""
        raise DataError(
            f"There are no pictures in {printable(str(empty[0]))}: {len(empty)} of {len(class_names)} classes"
            f" are empty.{why} Put pictures there, or remove the folder."
        )


def _alike(class_names: Sequence[str]) -> Iterator[str]:
    alike: dict[str, str] = {}
    for name in class_names:
        key = " ".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())
        if key in alike:
            yield f"Classes {alike[key]!r} and {name!r} have nearly the same name: one class in two folders?"
        alike[key] = name


def _sparse(files: Mapping[str, Sequence[PictureFile]], class_names: Sequence[str]) -> Iterator[str]:
    for part, members in files.items():
        counts = Counter(file.label for file in members)
        for label, name in enumerate(class_names):
            if counts[label] < 2:
                where = "" if part == "all" else f" in {part}"
                has = "one picture" if counts[label] else "no pictures"
                yield f"Class {name!r} has {has}{where}: too few to learn from or to measure by."
