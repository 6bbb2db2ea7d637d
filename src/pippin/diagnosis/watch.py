"""The watch that also judges: it keeps what the run began with, and asks the rules while training goes on."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from pippin.callbacks import History
from pippin.callbacks.callback import Logs
from pippin.callbacks.progress import ProgbarLogger
from pippin.diagnosis.finding import Finding
from pippin.diagnosis.moment import values_of
from pippin.diagnosis.record import Live
from pippin.diagnosis.trial import MOST_DATA, Trial, keep, trial_of
from pippin.glass import watch
from pippin.random import random_state
from pippin.training.checkpoint import Checkpoint

ONLY_LISTEN = (watch.Watch, History, ProgbarLogger, Checkpoint)
"""Callbacks that change nothing: with others, a run can't be done again as it was."""


class Watch(watch.Watch):
    """Records the run into `folder` (runs/<date>-<model> if None): figures, looks at a probe of eight examples, what
    the run began with, and what is found wrong while it goes on.

    The probe is taken from the training data, spread evenly; data that come as batches from an iterable have none
    unless `probe=(x, y)` or `(x, y, sample_weight)` is given. `every` is the least number of steps between two looks;
    by default as often as the limits allow. `held_out`: (x, y) that judge the run, where `fit` isn't told of them.
    """

    def __init__(
        self, folder: str | os.PathLike[str] | None = None, *, every: int = 1, probe: tuple[Any, ...] | None = None,
        held_out: tuple[Any, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(folder, every=every, probe=probe)
        self.held_out = held_out

    takes_epochs_late = True
    also_seen = staticmethod(values_of)

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        self._random = random_state()
        self._curves: dict[str, list[float]] = {}

    def before_probe(self, run: Any) -> None:
        self.live = Live(self._trial(run), self._found)

    def _trial(self, run: Any) -> Trial | None:
        """What the run begins with, kept so that it can be done again; None where that can't be."""
        if not run.data or self.store is None:
            return None
        only_listen = all(isinstance(callback, ONLY_LISTEN) for callback in run.callbacks)
        held = run.validation if self.held_out is None else self.held_out
        found = trial_of(
            self.model, run.data["x"], run.data["y"], run.data["sample_weight"], held, batch=run.batch,
            epochs=run.epochs, shuffle=run.shuffle, random=self._random, most=MOST_DATA, is_same=only_listen,
        )  # fmt: skip
        if found is not None and not self.step:
            self.bytes += keep(self.store, found)
        return found

    def after_first_look(self) -> None:
        if self.probe is not None:
            self.live.before(self.probe.opened, self.probe.seen, self.probe.states())

    def after_look(self, states: dict[str, np.ndarray]) -> None:
        assert self.probe is not None
        self.live.look(self.probe.opened, self.step, self.probe.seen, states, self._curves)

    def after_figures(self, names_and_values: dict[str, list[float]]) -> None:
        for name, values in names_and_values.items():
            self._curves.setdefault(name, []).extend(values)

    def on_broken(self, error: Exception) -> None:
        """A number was no longer finite: training ends here."""
        self._write_figures()
        rate = self.model.optimizer.learning_rate
        self.live.broke(error, self.step, float(rate) if np.ndim(rate) == 0 else None)

    def _found(self, finding: Finding, step: int | None) -> None:
        assert self.store is not None
        self.bytes += self.store.append(finding.to_event(step))
