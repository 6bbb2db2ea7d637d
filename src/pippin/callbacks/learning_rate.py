"""Callbacks that move the learning rate: by the epoch, or when a figure no longer improves."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback, Logs
from pippin.callbacks.monitor import MonitorCallback
from pippin.errors import SettingError
from pippin.utils.console import say


def _optimizers(model: Any) -> list[tuple[str, Any]]:
    """The optimizers that have a learning rate, with the name that tells each from its siblings, if it has some."""
    inner = getattr(model.optimizer, "optimizers", None)
    return [("", model.optimizer)] if inner is None else [(optimizer.name, optimizer) for optimizer in inner]


def _note(model: Any, logs: dict[str, Any]) -> None:
    """Write the present learning rates into the logs."""
    for name, optimizer in _optimizers(model):
        logs[f"learning_rate_{name}" if name else "learning_rate"] = float(optimizer.learning_rate)


class LearningRateScheduler(Callback):
    """Sets the learning rate at the begin of each epoch to `schedule(epoch, learning_rate)`."""

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        for name, optimizer in _optimizers(self.model):
            try:
                rate = self.schedule(epoch, float(optimizer.learning_rate))
            except TypeError:  # a schedule of the older form, which takes the epoch alone
                rate = self.schedule(epoch)
            if np.ndim(rate) or np.asarray(rate).dtype.kind != "f":
                raise SettingError(f"The output of the `schedule` function should be a float. Got: {rate}")
            optimizer.learning_rate = float(rate)
            if self.verbose > 0:
                whose = f"{name} " if name else ""
                say(f"\nEpoch {epoch + 1}: LearningRateScheduler setting {whose}learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if logs is not None:
            _note(self.model, logs)


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by `factor` when `monitor` has not improved for `patience` epochs.

    After a reduction it looks away for `cooldown` epochs. The learning rate never falls below `min_lr`.
    """

    def __init__(
        self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10, verbose: int = 0,
        mode: str = "auto", min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0.0, **unused: Any,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise SettingError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        self.best = None
        self.cooldown_counter = self.wait = 0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        _note(self.model, logs)
        figure = logs.get(self.monitor)
        if figure is None:
            warnings.warn(
                f"Learning rate reduction is conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs)}.",
                stacklevel=2,
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(figure, self.best):
            self.best, self.wait = figure, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce_all(epoch):
                self.cooldown_counter, self.wait = self.cooldown, 0

    def in_cooldown(self) -> bool:
        return self.cooldown_counter > 0

    def _reduce_all(self, epoch: int) -> bool:
        """Lower every learning rate; False if all are at their lowest."""
        lowered = [self._reduce(epoch, name, optimizer) for name, optimizer in _optimizers(self.model)]
        return any(lowered)

    def _reduce(self, epoch: int, name: str, optimizer: Any) -> bool:
        """Lower a learning rate; False if it is at its lowest."""
        before = float(optimizer.learning_rate)
        if before <= np.float32(self.min_lr):
            return False
        after = max(before * self.factor, self.min_lr)
        optimizer.learning_rate = after
        if self.verbose > 0:
            whose = f"{name} " if name else ""
            say(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {whose}learning rate to {after}.")
        return True

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def restore(self, state: dict[str, Any]) -> None:
        self.best, self.wait, self.cooldown_counter = state["best"], state["wait"], state["cooldown_counter"]
