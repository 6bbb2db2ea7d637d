"""Where a recording lies: a folder with events.ndjson, which only ever grows, and tensors/, a file for each probe.

An event is one line of JSON and is in the file when `append` returns, so a killed process loses at most the line that
it was writing. Who reads takes no notice of a line that is cut short.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pippin.errors import FileError, SettingError
from pippin.glass.events import Event, to_line
from pippin.saving.tree_file import read_tree, write_tree

EVENTS, TENSORS = "events.ndjson", "tensors"
RUNS = Path("runs")


class Store:
    """The recording in a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, happened: Event) -> int:
        """Add an event; the bytes it takes. It is in the file, though perhaps not yet on the disk, at the end."""
        line = (to_line(happened) + "\n").encode()
        with (self.path / EVENTS).open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a process was killed in the middle of a line: ours begins a new one
                    line = b"\n" + line
            file.write(line)
        return len(line)

    @property
    def bytes(self) -> int:
        """What the recording takes so far."""
        files = [self.path / EVENTS, *(self.path / TENSORS).glob("*")]
        return sum(file.stat().st_size for file in files if file.is_file())

    def events(self) -> Iterator[Event]:
        """All events so far. Lines that are no whole event are left out."""
        try:
            lines = (self.path / EVENTS).read_bytes().split(b"\n")
        except OSError as error:
            raise FileError(
                f"{self.path} can't be read: there is no {EVENTS} in it ({error.strerror}). Expected a folder that "
                "pippin train or glass.Watch has made."
            ) from error
        for line in lines:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict) and "event" in found:
                yield found

    def write_tensors(self, name: str, tree: Any) -> int:
        """Write a file of arrays, whole or not at all; the bytes it takes."""
        (self.path / TENSORS).mkdir(exist_ok=True)
        place = self.path / TENSORS / name
        write_tree(place, tree)
        return place.stat().st_size

    def read_tensors(self, name: str) -> Any:
        """What `write_tensors` wrote."""
        return read_tree(self.path / TENSORS / name)


def new_folder(
    wanted: str | os.PathLike[str] | None, subject: str, cure: str, otherwise: str = "run", root: Path = RUNS
) -> Path:
    """Make `wanted`, or in `root` <date>-<subject> (`otherwise` for a subject that makes no name), with a number behind
    it if that is taken.

    A folder that a person named is used only if it is not there yet or empty: SettingError otherwise. `cure` says how
    to name another place.
    """
    if wanted is not None:
        path = Path(wanted)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise SettingError(
                f"{path} is there already and is not empty. Nothing is overwritten: give another folder."
            )
        return _made(path, True, cure)
    name = re.sub(r"[^\w.-]+", "-", subject).strip("-.") or otherwise
    stem = f"{date.today().isoformat()}-{name}"
    number = 1
    while True:
        try:
            return _made(root / (stem if number == 1 else f"{stem}-{number}"), False, cure)
        except FileExistsError:
            number += 1


def _made(path: Path, may_be_there: bool, cure: str) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=may_be_there)
    except FileExistsError:
        raise
    except OSError as error:
        raise FileError(
            f"The run folder {path} can't be made: {error.strerror}. Give another place with {cure}."
        ) from error
    return path
