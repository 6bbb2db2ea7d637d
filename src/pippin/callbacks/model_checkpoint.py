"""ModelCheckpoint: the model, or its weights, in a file after each epoch, or when it got better."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from pippin.callbacks.callback import Logs
from pippin.callbacks.monitor import MonitorCallback
from pippin.errors import FileError, SettingError
from pippin.utils.console import say


class ModelCheckpoint(MonitorCallback):
    """Saves to `filepath`; epoch, batch and figures are filled in: "{epoch:02d}-{val_loss:.2f}.keras".

    `save_best_only` keeps to epochs in which `monitor` improved (at first, on `initial_value_threshold`).
    `save_freq` is "epoch" or a number of batches. Files are written whole or not at all.
    """

    def __init__(
        self, filepath: str | os.PathLike[str], monitor: str = "val_loss", verbose: int = 0,
        save_best_only: bool = False, save_weights_only: bool = False, mode: str = "auto",
        save_freq: str | int = "epoch", initial_value_threshold: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._batches = 0
        self._epoch = 0
        self._check()
        if save_freq != "epoch":
            # Only a checkpoint between epochs asks to hear of batches: it makes training return to Python at
            # each.
            self.on_train_batch_end = self._count_batch  # type: ignore[method-assign]

    def _check(self) -> None:
        if self.save_freq != "epoch" and not isinstance(self.save_freq, int):
            raise SettingError(
                f"Unrecognized save_freq: {self.save_freq}. Expected save_freq are 'epoch' or integer values"
            )
        endings = (".weights.h5",) if self.save_weights_only else (".keras",)
        if not self.filepath.endswith(endings):
            what = "with save_weights_only=True, " if self.save_weights_only else ""
            raise SettingError(
                f"ModelCheckpoint: {what}expected a filepath that ends in {' or '.join(endings)}, "
                f"received filepath={self.filepath}."
            )

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    def _count_batch(self, batch: int, logs: Logs = None) -> None:
        self._batches += 1
        if self._batches >= int(self.save_freq):
            self._batches = 0
            self._save(self._epoch, batch, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> None:
        path = self._path(epoch, batch, logs)
        if not self._is_due(epoch, logs, path):
            return
        if Path(path).is_dir():
            raise FileError(
                f"ModelCheckpoint: expected a file to write, but {path} is a folder. Give another filepath."
            )
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        self._tell(epoch, f"finished saving model to {path}")

    def _is_due(self, epoch: int, logs: dict[str, Any], path: str) -> bool:
        """Whether to save now; says why, or why not."""
        if not self.save_best_only:
            self._tell(epoch, f"saving model to {path}")
            return True
        figure = logs.get(self.monitor)
        if figure is None:
            warnings.warn(f"Can save best model only with {self.monitor} available.", stacklevel=2)
            return True
        if np.ndim(figure) > 0:
            warnings.warn(
                f"Can save best model only when `monitor` is a scalar value. Received: {figure}. "
                "Falling back to `save_best_only=False`.",
                stacklevel=2,
            )
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self.is_improvement(figure, self.best):
            self._tell(epoch, f"{self.monitor} did not improve from {best}")
            return False
        self._tell(epoch, f"{self.monitor} improved from {best} to {figure:.5f}, saving model to {path}")
        self.best = figure
        return True

    def _tell(self, epoch: int, message: str) -> None:
        if self.verbose > 0:
            say(f"\nEpoch {epoch + 1}: {message}")

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        known = {"epoch": epoch + 1} | ({} if batch is None else {"batch": batch + 1}) | logs
        try:
            return self.filepath.format(**known)
        except KeyError as missing:
            raise KeyError(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {missing}. '
                f"Known here: {', '.join(known)}."
            ) from None

    def state(self) -> dict[str, Any]:
        return {"best": self.best, "batches": self._batches}

    def restore(self, state: dict[str, Any]) -> None:
        self.best, self._batches = state["best"], state["batches"]
