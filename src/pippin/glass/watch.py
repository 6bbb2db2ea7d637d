"""Watch: a callback that records a run, so that it can be looked into while it goes on and afterwards.

    model.fit(x, y, epochs=50, callbacks=[glass.Watch("runs/mine")])
    recording = glass.read("runs/mine")

Recording keeps to three limits, whatever the run: it takes at most a twentieth of the time (it measures itself, and
looks less often when that is not enough), at most 45 MB (looks and figures grow rarer as a run grows longer), and it
never makes training return from compiled code more often than it does anyway.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback, Logs
from pippin.errors import SettingError
from pippin.glass.events import event
from pippin.glass.opened import Opened
from pippin.glass.probe import Probe, evenly
from pippin.glass.replay import FILE, written
from pippin.glass.store import EVENTS, Store, new_folder
from pippin.training.feed import ArrayFeed, make_feed

LOOKING, WRITING = 0.02, 0.005
"""Shares of the time of training that looks at the probe and writing figures down may take: half of a twentieth. The
other half is for what can't be measured from inside: caches and threads grow cold while Python runs."""
MOST_BYTES = 45_000_000
MOST_STATES = 24_000_000
"""Bytes of all variables, kept with looks so that they can be opened again as whole steps. Spread over the run."""
_FEW = 16
"""Probes before they become half as frequent; and again after as many more."""
_DOUBLINGS = 20
_SHORTEST = 0.2
"""Seconds between two events of progress."""
_MOST_FIGURES = 4000
"""Epochs kept before only every second is; and again after as many more."""


class Watch(Callback):
    """Records the run into `folder` (runs/<date>-<model> if None): figures, and looks at a probe of eight examples.

    The probe is taken from the training data, spread evenly; data that come as batches from an iterable have none
    unless `probe=(x, y)` or `(x, y, sample_weight)` is given. `every` is the least number of steps between two looks;
    by default as often as the limits allow.
    """

    takes_epochs_late = True  # it only writes down: several epochs may be told in one go

    def __init__(
        self, folder: str | os.PathLike[str] | None = None, *, every: int = 1, probe: tuple[Any, ...] | None = None
    ) -> None:
        super().__init__()
        if isinstance(every, bool) or not isinstance(every, (int, np.integer)) or every < 1:
            raise SettingError(f"Watch every: expected a whole number of steps, 1 or more, received {every!r}.")
        self.folder = folder
        self.every = int(every)
        self.given = probe
        self.store: Store | None = None
        self.probe: Probe | None = None

    # What training tells ----------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.store is None:
            self.store = self._opened()
        self._begun = time.perf_counter()
        self.looking = self.writing = self.beside = 0.0
        self.bytes, self._looks = self.store.bytes, 0
        self._epochs: list[int] = []
        self._figures: dict[str, list[float]] = {}
        self._kept = 0
        self.step = self._next_look = 0
        self._looked_at = -1
        self._states = 0
        self._stride, self._interval, self._cost = 1, self.every, 0.0
        self._told_at = self._begun
        self._run: Any = None

    def _opened(self) -> Store:
        """A new folder, or one with a recording in it: that of a run that goes on after an interruption."""
        if self.folder is not None and (Path(self.folder) / EVENTS).is_file():
            return Store(Path(self.folder))
        return Store(new_folder(self.folder, self.model.name, "Watch(folder)"))

    def on_run_begin(self, run: Any) -> None:
        """Everything is ready for the first step."""
        started = time.perf_counter()
        self._run = run
        self.step = self._done(run)
        batch = self._batch(run)
        self.before_probe(run)
        if batch is not None:
            self.probe = Probe(self.model, *batch, also=self.also_seen)
            if self.store is not None:
                step = written(self.model, self.probe.opened, self.probe.inputs)
                self.bytes += self.store.write_tensors(FILE, step)
        layers = [] if self.probe is None else self.probe.layers
        self.tell(
            "watch", model=self.model.name, layers=layers, optimizer=type(self.model.optimizer).__name__,
            examples=0 if self.probe is None else len(next(iter(self.probe.inputs.values()))),
            epochs=self.params.get("epochs"), steps=self.params.get("steps"), first_step=self.step,
        )  # fmt: skip
        # The price of a second program and of the first look, which also tells what others will cost.
        self._look()
        self.after_first_look()
        self.beside += time.perf_counter() - started
        self._begun = time.perf_counter()

    # What else may be done with a look, for those who derive from it --------------------------------------------------

    also_seen: Callable[[Opened], set[int]] | None = None
    """Which further values of the step are computed with a look."""

    def before_probe(self, run: Any) -> None:
        """The run is about to begin."""

    def after_first_look(self) -> None:
        """The probe was looked at before the first step."""

    def after_look(self, states: dict[str, np.ndarray]) -> None:
        """The probe was looked at again: `self.probe.seen` has the values."""

    def after_figures(self, names_and_values: dict[str, list[float]]) -> None:
        """Figures of some epochs were kept."""

    def on_pause(self, run: Any) -> None:
        """Training stands between two steps: look, if a look is due and can be afforded."""
        started = time.perf_counter()
        self.step = self._done(run)
        if self.probe is not None and self.step >= self._next_look and self._can_afford(started):
            self._look()
        self.looking += time.perf_counter() - started

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.on_epochs_end(epoch, {name: [value] for name, value in (logs or {}).items()})

    def on_epochs_end(self, first: int, figures: dict[str, Sequence[float]]) -> None:
        """Several epochs ended: keep the figures of every one of them, or of a long run every second, fourth, ..., and
        write them down as soon as that can be afforded."""
        started = time.perf_counter()
        if figures.keys() != self._figures.keys():
            self._write_figures()
            self._figures = {name: [] for name in figures}
        count = len(next(iter(figures.values()), []))
        kept = [place for place in range(count) if (first + place) % self._stride == 0]
        self._epochs += [first + place + 1 for place in kept]
        new = {name: [_short(values[place]) for place in kept] for name, values in figures.items()}
        for name, values in new.items():
            self._figures[name] += values
        self.after_figures(new)
        self._kept += len(kept)
        if self._kept >= _MOST_FIGURES:
            self._stride, self._kept = 2 * self._stride, 0
        if self._may_write(started):
            self._write_figures()
        self.writing += time.perf_counter() - started

    def _write_figures(self) -> None:
        """Write down the epochs that were kept since the last time."""
        if self._epochs:
            steps = self.params.get("steps")
            done = None if steps is None else [epoch * steps for epoch in self._epochs]
            self.tell("figures", epoch=self._epochs, steps=done, figures=self._figures)
            self._epochs, self._figures = [], {name: [] for name in self._figures}

    def _may_write(self, now: float) -> bool:
        """Whether the time that writing took is below its share."""
        return self.writing <= WRITING * (now - self._begun)

    def on_progress(self, steps: int, logs: Logs = None) -> None:
        """Told some 20 times a second: written down rarely, and the more rarely the longer the run is."""
        started = time.perf_counter()
        elapsed = started - self._begun
        if started - self._told_at >= max(_SHORTEST, elapsed / 1000) and self._may_write(started):
            epoch = 0 if self._run is None else self._run.position.epoch
            figures = {name: _short(value) for name, value in (logs or {}).items()}
            self.tell("progress", epoch=epoch + 1, step=steps, figures=figures)
            self._told_at = started
            self.writing += time.perf_counter() - started

    @property
    def spent(self) -> float:
        """Seconds of training that recording took."""
        return self.looking + self.writing

    def on_train_end(self, logs: Logs = None) -> None:
        ended = time.perf_counter()
        self._write_figures()
        if self.step > self._looked_at:
            self._look(is_last=True)
        self.beside += time.perf_counter() - ended
        self.tell(
            "recording", steps=self.step, seconds=round(ended - self._begun, 6), spent=round(self.spent, 6),
            beside=round(self.beside, 6), bytes=self.bytes,
        )  # fmt: skip

    # How it is done ---------------------------------------------------------------------------------------------------

    def tell(self, word: str, **fields: Any) -> None:
        """Write an event down."""
        assert self.store is not None
        self.bytes += self.store.append(event(word, **fields))

    def _done(self, run: Any) -> int:
        """Steps since the beginning of training."""
        steps = self.params.get("steps") or 0
        return int(run.position.epoch * steps + run.position.step)

    def _batch(self, run: Any) -> tuple[Any, Any, Any] | None:
        """The examples of the probe."""
        if self.given is not None:
            feed = make_feed(*self.given)
            if not isinstance(feed, ArrayFeed):
                raise SettingError("Watch probe: expected arrays (x, y), received batches. Take one: next(iter(data)).")
            return evenly((feed.x, feed.y, feed.weight))
        if not run.data:
            return None
        return evenly((run.data["x"], run.data["y"], run.data["sample_weight"]))

    def _can_afford(self, now: float) -> bool:
        """Whether another look keeps the time below its share."""
        return self.looking + self._cost <= LOOKING * (now - self._begun)

    def _may_keep(self, size: int, is_last: bool) -> bool:
        """Whether variables of so many bytes may be kept with a look: always with the first and the last one, and
        with others in step with the run."""
        planned = (self.params.get("epochs") or 0) * (self.params.get("steps") or 0)
        share = min(1.0, self.step / planned) if planned else 0.0
        if is_last or not self._looks:
            return size <= MOST_STATES // 3
        return self._states + size <= MOST_STATES * share / 3

    def _look(self, is_last: bool = False) -> None:
        """Run the probe with the variables as they are, and write down what it did."""
        if self.probe is None or self.bytes > MOST_BYTES:
            return
        started = time.perf_counter()
        states = self.probe.states()
        loss, tree = self.probe.look(states)
        size = sum(array.nbytes for array in states.values())
        if self._may_keep(size, is_last):
            tree["states"] = states
            self._states += size
        assert self.store is not None
        name = f"{self.step:09d}.safetensors"
        size = self.store.write_tensors(name, tree)
        self.bytes += size
        if self._looks:
            self.after_look(states)
        self._cost = time.perf_counter() - started
        self.tell("probe", step=self.step, file=name, loss=_short(loss), seconds=round(self._cost, 6))
        self._looks += 1
        # So many looks of this size, doubling their distance each time, fit into the folder.
        few = max(2, min(_FEW, MOST_BYTES // (_DOUBLINGS * size)))
        if self._looks % few == 0:
            self._interval *= 2
        self._looked_at, self._next_look = self.step, self.step + self._interval


def _short(value: Any) -> Any:
    """A figure with seven digits: as many as a float32 has."""
    return float(f"{float(value):.7g}") if np.ndim(value) == 0 else [_short(part) for part in value]
