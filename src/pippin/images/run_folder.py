"""The folder that a run leaves behind: where its files lie, and that none is ever half written or overwritten
by another run.

model.keras      the classifier, best epoch; opens in Keras too
settings.json    what was asked for, what was chosen, seed, versions
history.json     every figure of every epoch; history.csv the same as a table
result.json      the score, when the run came to an end
events.ndjson    what happened, one JSON object a line (glass/events.py)
tensors/         what eight photos did in the network at some steps (glass/watch.py)
skipped.txt      files that were left out, each with its reason
checkpoint/      the state to go on from; gone when the run came to its end
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

from pippin.errors import FileError
from pippin.glass.events import Event, columns_of
from pippin.glass.store import Store, new_folder
from pippin.saving.atomic import write_text

MODEL, SETTINGS, RESULT = "model.keras", "settings.json", "result.json"
CHECKPOINT = "checkpoint"


class RunFolder(Store):
    """A folder of one run, with its recording. `create` makes a new one, `open` finds one that is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.model = path / MODEL
        self.checkpoint = path / CHECKPOINT

    @classmethod
    def create(cls, wanted: str | os.PathLike[str] | None, subject: str) -> RunFolder:
        """Make `wanted`, or runs/<date>-<subject>, with a number behind it if that is taken; see new_folder."""
        return cls(new_folder(wanted, subject, "--out", "photos"))

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> RunFolder:
        """Return the run folder that is there; FileError when it is none."""
        folder = Path(path)
        if not (folder / SETTINGS).is_file():
            what = "There is no folder" if not folder.exists() else "There is no settings.json, so no run, in"
            raise FileError(
                f"{what} {folder}. Expected a folder that pippin train has made, such as runs/2030-01-01-apples."
            )
        return cls(folder)

    def read_settings(self) -> dict[str, Any]:
        """What `write_settings` wrote."""
        try:
            found = json.loads((self.path / SETTINGS).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FileError(f"{self.path / SETTINGS} can't be read: {error}.") from error
        if not isinstance(found, dict):
            raise FileError(f"{self.path / SETTINGS}: expected a JSON object, received {type(found).__name__}.")
        return found

    def is_finished(self) -> bool:
        """Whether the run came to its end; an interrupted one, which has a result too, did not."""
        try:
            return not json.loads((self.path / RESULT).read_text(encoding="utf-8"))["interrupted"]
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def write_settings(self, settings: dict[str, Any]) -> None:
        write_text(self.path / SETTINGS, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")

    def write_result(self, result: Event) -> None:
        write_text(self.path / RESULT, json.dumps(result, indent=2, ensure_ascii=False) + "\n")

    def write_history(self, epochs: list[Event]) -> None:
        """Write the figures of the epochs so far, from their events, as JSON by figure and as a table."""
        columns = columns_of(epochs)
        write_text(self.path / "history.json", json.dumps(columns, indent=2) + "\n")
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        write_text(self.path / "history.csv", table.getvalue())

    def write_skipped(self, lines: list[str]) -> None:
        write_text(self.path / "skipped.txt", "".join(f"{line}\n" for line in lines))

    def discard(self) -> None:
        """Remove a folder in which nothing was begun."""
        shutil.rmtree(self.path, ignore_errors=True)
