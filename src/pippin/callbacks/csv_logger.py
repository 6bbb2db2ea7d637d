"""CSVLogger: the figures of each epoch as a row of a file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes a row to `filename` as soon as an epoch ends. `append` goes on with a file that is there.

    What lies behind the last row of this run is cut off when the next is written: so a run that is resumed
    from a state saved earlier writes each row once.
    """

    takes_epochs_late = True  # a row may be written a moment after its epoch

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] = []
        self._length: int | None = None  # bytes of the file after this run's last row

    def on_train_begin(self, logs: Logs = None) -> None:
        self.keys, self._length = [], None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        path = Path(self.filename)
        if self._length is None:
            self.keys = _columns(logs)
            self._length = path.stat().st_size if self.append and path.exists() else 0
        with path.open("r+" if self._length else "w", newline="", encoding="utf-8") as file:
            file.seek(self._length)
            file.truncate()
            rows = csv.DictWriter(file, ["epoch", *self.keys], delimiter=self.sep)
            if not self._length:
                rows.writeheader()
            rows.writerow({"epoch": epoch} | {name: _written(logs.get(name, "NA")) for name in self.keys})
            self._length = file.tell()

    def state(self) -> dict[str, Any]:
        return {"keys": self.keys, "length": self._length}

    def restore(self, state: dict[str, Any]) -> None:
        self.keys, self._length = state["keys"], state["length"]


def _columns(logs: dict[str, Any]) -> list[str]:
    """The figures by name. Validation may begin in a later epoch: its columns are kept free."""
    names = sorted(logs)
    if any(name.startswith("val_") for name in names):
        return names
    return names + [f"val_{name}" for name in names]


def _written(value: Any) -> Any:
    """Numbers and text as they are; rows of numbers in brackets."""
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'
