"""A recording as it is read: figures of the epochs, looks at the probe, findings. Works while the run goes on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.errors import FileError
from pippin.glass.events import Event
from pippin.glass.store import EVENTS, TENSORS, Store

if TYPE_CHECKING:
    from pippin.glass.one_step import Step

STATES = "states"
RECORDED = ("watch", "figures", "progress", "probe", "finding", "recording")


@dataclass(frozen=True)
class Look:
    """What the probe did in the network after `step` steps."""

    store: Store
    step: int
    loss: float | None
    file: str

    @cached_property
    def values(self) -> dict[str, Any]:
        """By name ("dense output", "dense output gradient", "dense/kernel", "dense/kernel gradient"): the array, or
        for a large one a dict of its shape, low, high, counts, top, places and picture (see reduce.py)."""
        return {
            name: np.asarray(kept["whole"]).reshape(kept["shape"]) if "whole" in kept else kept
            for name, kept in self._kept.items() if name != STATES
        }  # fmt: skip

    @cached_property
    def _kept(self) -> dict[str, Any]:
        found: dict[str, Any] = self.store.read_tensors(self.file)
        return found

    @property
    def can_open(self) -> bool:
        """Whether the variables were kept with it; those of very large models are not, others not with every look."""
        return STATES in self._kept

    @property
    def states(self) -> dict[str, np.ndarray]:
        """All variables as they were, by name; none where they were not kept."""
        return dict(self._kept.get(STATES, {}))

    def state(self, name: str) -> np.ndarray | None:
        """A variable as it was; None where it was not kept."""
        found = self._kept.get(STATES, {}).get(name)
        return None if found is None else np.asarray(found)

    def open(self) -> Step:
        """The step that training would have done here on the examples of the probe, as glass.step opens one."""
        from pippin.glass.one_step import Step
        from pippin.glass.replay import FILE, read_back

        if not self.can_open:
            raise FileError(
                f"{self.store.path}: the look at step {self.step} holds no variables, so it can't be opened as a step. "
                "Open an earlier or a later one: Look.can_open says which."
            )
        model, opened, inputs = read_back(self.store.read_tensors(FILE))
        return Step(model, opened, inputs, self._kept[STATES])


class Recording:
    """The recording in a run folder. With `may_begin`, a folder in which nothing was written yet is one too."""

    def __init__(self, path: str | os.PathLike[str], may_begin: bool = False) -> None:
        self.store = Store(Path(path))
        is_empty = may_begin and self.store.path.is_dir() and not (self.store.path / EVENTS).exists()
        self.events = [] if is_empty else _last_run(list(self.store.events()))

    def _all(self, word: str) -> list[Event]:
        return [happened for happened in self.events if happened["event"] == word]

    @property
    def about(self) -> Event | None:
        """The model and its layers; None when the run was not watched, or has not begun."""
        return next(reversed(self._all("watch")), None)

    @property
    def layers(self) -> list[str]:
        """Names of the layers, in the order of their calls."""
        return [] if self.about is None else [layer["name"] for layer in self.about["layers"]]

    @cached_property
    def epochs(self) -> dict[str, list[Any]]:
        """A table: "epoch" and each figure by name, a number for each epoch that was written down, None where it has
        none. Of an epoch that was run again after an interruption the later one counts."""
        rows: dict[int, dict[str, Any]] = {}
        for happened in self._all("figures"):
            for place, epoch in enumerate(happened["epoch"]):
                rows[epoch] = {name: values[place] for name, values in happened["figures"].items()}
        names = list(dict.fromkeys(name for row in rows.values() for name in row))
        order = sorted(rows)
        return {"epoch": order, **{name: [rows[epoch].get(name) for epoch in order] for name in names}}

    @cached_property
    def curves(self) -> dict[str, list[Any]]:
        """The table of epochs as its run tells it: a classifier of photos its own, with the photos held out."""
        told = self._all("epoch")
        if not told:
            return self.epochs
        latest = {happened["epoch"]: happened for happened in told}
        names = ("epoch", "loss", "val_loss", "accuracy", "val_accuracy")
        return {name: [latest[epoch].get(name) for epoch in sorted(latest)] for name in names}

    @cached_property
    def looks(self) -> list[Look]:
        """The looks at the probe, by step; those whose file is there."""
        found = {
            happened["step"]: Look(self.store, happened["step"], happened["loss"], happened["file"])
            for happened in self._all("probe")
            if (self.store.path / TENSORS / happened["file"]).is_file()
        }
        return [found[step] for step in sorted(found)]

    @cached_property
    def inputs(self) -> dict[str, np.ndarray]:
        """The examples of the probe, by the names of the step's inputs ("x", "y"); none where they were not kept."""
        from pippin.glass.replay import FILE

        if not (self.store.path / TENSORS / FILE).is_file():
            return {}
        return dict(self.store.read_tensors(FILE)["inputs"])

    @property
    def steps(self) -> list[int]:
        """The steps at which the probe was looked at."""
        return [look.step for look in self.looks]

    def at(self, step: int) -> Look:
        """The last look at or before a step."""
        before = [look for look in self.looks if look.step <= step]
        if not before:
            raise FileError(
                f"{self.store.path}: expected a look at or before step {step}, it has those of {self.steps}."
            )
        return before[-1]

    @property
    def findings(self) -> list[Event]:
        """What was found doubtful: warnings of the data and findings of the diagnosis, in order."""
        return [happened for happened in self.events if happened["event"] in ("warning", "finding")]

    @property
    def cost(self) -> float | None:
        """The share of the time of training that recording took; None before the end."""
        ended = next(reversed(self._all("recording")), None)
        return None if ended is None or not ended["seconds"] else float(ended["spent"] / ended["seconds"])

    def __repr__(self) -> str:
        return f"<recording {self.store.path}: {len(self.epochs['epoch'])} epochs, {len(self.looks)} looks>"


def _last_run(events: list[Event]) -> list[Event]:
    """From where the last run began: the folder may hold earlier ones that were begun and not gone on with."""
    begun = [
        place for place, happened in enumerate(events) if happened["event"] == "watch" and not happened["first_step"]
    ]
    earlier = [happened for happened in events[: begun[-1]] if happened["event"] not in RECORDED] if begun else []
    return [*earlier, *events[begun[-1] :]] if begun else events


def read(path: str | os.PathLike[str]) -> Recording:
    """Read the recording in a run folder. Raises FileError when there is none."""
    return Recording(path)
