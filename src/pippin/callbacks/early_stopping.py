"""EarlyStopping: no more epochs once a figure has stopped improving."""

from __future__ import annotations

import warnings
from typing import Any

from pippin.callbacks.callback import Logs
from pippin.callbacks.monitor import MonitorCallback
from pippin.utils.console import say


class EarlyStopping(MonitorCallback):
    """Stops training when `monitor` has not improved for `patience` epochs.

    With a `baseline`, only epochs better than it start the patience anew. Epochs before `start_from_epoch`
    don't count. `restore_best_weights` puts back the weights of the best epoch at the end, whoever ended the
    training.
    """

    def __init__(
        self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, verbose: int = 0,
        mode: str = "auto", baseline: float | None = None, restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        figure = self.get_monitor_value(logs)
        if figure is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep_weights(epoch)
        self.wait += 1
        if self.is_improvement(figure, self.best):
            self.best, self.best_epoch = figure, epoch
            if self.restore_best_weights:
                self._keep_weights(epoch)
            if self.baseline is None or self.is_improvement(figure, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                say(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs) -> Any:
        """The figure to watch, or None with a warning that says which there are."""
        figure = (logs or {}).get(self.monitor)
        if figure is None:
            warnings.warn(
                f"Early stopping conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {','.join(logs or {})}",
                stacklevel=2,
            )
        return figure

    def _keep_weights(self, epoch: int) -> None:
        self.best_weights, self.best_epoch = self.model.get_weights(), epoch

    def state(self) -> dict[str, Any]:
        return {
            "best": self.best, "wait": self.wait, "stopped_epoch": self.stopped_epoch,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        self.best, self.wait = state["best"], state["wait"]
        self.stopped_epoch, self.best_epoch = state["stopped_epoch"], state["best_epoch"]
        self.best_weights = state["best_weights"]
