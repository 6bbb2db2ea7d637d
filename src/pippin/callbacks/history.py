"""The record of a run that `fit` returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin.callbacks.callback import Callback, Logs


class History(Callback):
    """`history` maps each name ("loss", "val_loss") to its list of figures, one for each of `epoch`."""

    takes_epochs_late = True  # it only writes down: several epochs may be told in one go

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self._model is not None:
            self._model.history = self

    def on_epochs_end(self, first: int, figures: dict[str, Sequence[float]]) -> None:
        """Several epochs ended, from number `first` on: the figures of each, by name."""
        for name, values in figures.items():
            self.history.setdefault(name, []).extend(values)
        self.epoch.extend(range(first, first + len(next(iter(figures.values())))))

    def state(self) -> dict[str, Any]:
        return {
            "history": {name: list(values) for name, values in self.history.items()},
            "epoch": list(self.epoch),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.history, self.epoch = state["history"], state["epoch"]
