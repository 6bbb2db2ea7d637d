"""The folder of photos that the page works on: what lies in it, what is added, what is put aside. Nothing is ever
deleted or overwritten; what is left out goes to a hidden folder beside the classes, which training doesn't see."""

from __future__ import annotations

import io
import os
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from pippin import data
from pippin.data.files import Unreadable
from pippin.errors import DataError, SettingError

MOST_BYTES, MOST_ZIP_BYTES, MOST_ZIP_FILES = 40_000_000, 2_000_000_000, 20_000
"""Of one photo; of what a zip holds when it is unpacked; and how many files that may be."""
ENOUGH_TO_TRY, ENOUGH_TO_TRUST = 10, 50
"""Photos of a class."""
SHOWN = 48
THUMBNAIL = 144
LEFT_OUT = ".left-out"


class PhotoFolder:
    """A folder with a sub-folder for each class; or with these in its sub-folder "train"."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def root(self) -> Path:
        """Where the classes lie that are learned from."""
        train = self.path / "train"
        return train if train.is_dir() else self.path

    def classes(self) -> list[str]:
        return [] if not self.root.is_dir() else data.sub_folders(self.root)

    def view(self) -> dict[str, Any]:
        """What the page shows: the classes with their photos, the newest first."""
        found = []
        for name in self.classes():
            files, _ = data.picture_files(self.root / name, order=data.natural)
            newest = sorted(files, key=lambda file: -file.modified)[:SHOWN]
            found.append({
                "name": name, "count": len(files), "says": _enough(len(files)),
                "photos": [os.path.relpath(file.path, self.path) for file in newest],
            })  # fmt: skip
        left_out, _ = data.picture_files(self.path / LEFT_OUT, order=data.natural) if self._has_left_out else ([], [])
        return {
            "folder": str(self.path), "classes": found, "left_out": len(left_out), "says": _hint(found),
            "is_empty": not found,
        }  # fmt: skip

    @property
    def _has_left_out(self) -> bool:
        return (self.path / LEFT_OUT).is_dir()

    # What is added ----------------------------------------------------------------------------------------------------

    def add_class(self, name: str) -> None:
        (self.root / class_name(name)).mkdir(parents=True, exist_ok=True)

    def add(self, label: str, name: str, content: bytes) -> str:
        """Keep a photo in a class, if it is one; its path in the folder."""
        if len(content) > MOST_BYTES:
            raise DataError(f"{name} is larger than {MOST_BYTES // 1_000_000} MB. Make it smaller first.")
        try:
            data.decode(content, data.Decoding(16, 16, 3))
        except Unreadable as error:
            raise DataError(f"{data.printable(name)} was not added: {error}.") from error
        folder = self.root / class_name(label)
        folder.mkdir(parents=True, exist_ok=True)
        place = _write_new(folder, file_name(name), content)
        return os.path.relpath(place, self.path)

    def add_zip(self, content: bytes) -> dict[str, Any]:
        """Add the photos of a zip; the folder each lies in is its class. How many, and what was left out and why."""
        try:
            archive = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile as error:
            raise DataError(f"This is no zip that can be read: {error}.") from error
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > MOST_ZIP_FILES or sum(info.file_size for info in members) > MOST_ZIP_BYTES:
            raise DataError("This zip holds more than 20,000 files or 2 GB. Unpack it, and give the folder.")
        added, refused = 0, []
        for info in members:
            parts = PurePosixPath(info.filename.replace("\\", "/")).parts
            if len(parts) < 2 or any(part.startswith((".", "__MACOSX")) for part in parts):
                continue
            try:
                if info.file_size > MOST_BYTES:
                    raise DataError(f"{parts[-1]} is too large.")
                self.add(parts[-2], parts[-1], archive.read(info))
                added += 1
            except (DataError, SettingError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
                refused.append(str(error))
        return {"added": added, "refused": refused[:20]}

    # What is moved ----------------------------------------------------------------------------------------------------

    def rename_class(self, name: str, wanted: str) -> None:
        """Give a class another name; where that is taken, the two become one."""
        source, target = self.root / self._known(name), self.root / class_name(wanted)
        if source == target:
            return
        if not target.exists():
            source.rename(target)
            return
        for file in sorted(source.iterdir()):
            file.rename(_free(target, file.name))
        source.rmdir()

    def leave_out(self, photo: str) -> str:
        """Put a photo aside; where it lies now."""
        return self._move(photo, self.path / LEFT_OUT / Path(photo).parent.name)

    def move(self, photo: str, label: str) -> str:
        """Put a photo into another class."""
        return self._move(photo, self.file(photo).parent.parent / class_name(label))

    def _move(self, photo: str, folder: Path) -> str:
        source = self.file(photo)
        folder.mkdir(parents=True, exist_ok=True)
        target = _free(folder, source.name)
        source.rename(target)
        return os.path.relpath(target, self.path)

    def _known(self, name: str) -> str:
        if name not in self.classes():
            raise SettingError(f"there is no class {name!r} in {self.path}.")
        return name

    # What is shown ----------------------------------------------------------------------------------------------------

    def file(self, photo: str) -> Path:
        """The file of a photo of this folder; SettingError for anything outside."""
        return inside(self.path, photo)


def inside(folder: Path, name: str) -> Path:
    """The file of a name in a folder. What leads out of it is refused, links too."""
    root = folder.resolve()
    found = (root / name).resolve()
    if not found.is_relative_to(root) or not found.is_file():
        raise SettingError(f"there is no photo {name!r} in {folder}.")
    return found


def thumbnail(path: Path) -> bytes:
    """A small square JPEG of a photo, upright; an empty one for a file that can't be read."""
    from PIL import Image

    read = data.read_picture(path, data.Decoding(THUMBNAIL, THUMBNAIL, 3))
    picture = Image.new("RGB", (4, 4), "#888") if isinstance(read, data.Skipped) else Image.fromarray(read.pixels)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=82)
    return file.getvalue()


def class_name(name: str) -> str:
    """A name that is a folder of its own everywhere."""
    clean = " ".join(name.split())
    is_bad = re.search(r'[/\\:*?"<>|\x00-\x1f]', clean) or clean.startswith(".") or clean.endswith(".")
    if not clean or len(clean) > 80 or is_bad:
        raise SettingError(
            f"{name!r} can't be the name of a class: expected 1 to 80 characters without / \\ : * ? \" < > | and "
            "no dot at its ends."
        )
    return clean


def file_name(name: str) -> str:
    """The last part of a name, with what may trouble a file system taken out."""
    clean = re.sub(r"[^\w. ()+-]+", "-", name.replace("\\", "/").rpartition("/")[2]).strip(" .-")
    return clean[-100:] or "photo"


def _free(folder: Path, name: str) -> Path:
    """A path that isn't taken."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    number, found = 1, folder / name
    while found.exists():
        number += 1
        found = folder / f"{stem}-{number}{ending}"
    return found


def _write_new(folder: Path, name: str, content: bytes) -> Path:
    while True:
        place = _free(folder, name)
        try:
            with place.open("xb") as file:
                file.write(content)
            return place
        except FileExistsError:
            continue


def _enough(count: int) -> str:
    if count < ENOUGH_TO_TRY:
        return f"{ENOUGH_TO_TRY - count} more to try it"
    if count < ENOUGH_TO_TRUST:
        return "enough to try; 50 to trust it a little"
    return "enough to trust it a little"


def _hint(classes: list[dict[str, Any]]) -> str:
    """What to do next."""
    if len(classes) < 2:
        return "Two classes or more: what it should know, and what it should tell it from."
    few = [one["name"] for one in classes if one["count"] < ENOUGH_TO_TRY]
    if few:
        return f"More photos of {', '.join(few)}, then check them."
    names = [one["name"] for one in classes]
    negative = next((name for name in names if re.match(r"(not|no|other|nothing)\b|not_", name.lower())), "")
    if negative:
        return f"For {negative}, show what it will really meet: hands, tables, oranges."
    return "Ready to be checked."
