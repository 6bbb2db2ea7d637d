"""Training that survives: a callback that saves all of a run now and then, and goes on from there after a crash.

    from pippin.training.checkpoint import Checkpoint

    model.fit(x, y, epochs=50, callbacks=[Checkpoint("run/checkpoint", every_seconds=30)])

The same lines, run again after Ctrl-C, a crash or `kill -9`, go on in the middle of the epoch at exactly the next step:
weights, optimizer and history at the end are those, bit for bit, of a run that nobody disturbed. A run that came to its
end is not trained again; a larger `epochs` continues it. What a run is made of stands in `training/state.py`.

    Checkpoint(folder, resume=False)     begin anew, whatever is there
    Checkpoint(folder, undo_stop=True)   go on even if the run was told to stop (model.stop_training, as by Ctrl-C)
    Checkpoint.is_in(folder)             whether there is something to go on from
    checkpoint.delete()                  remove it
"""

from __future__ import annotations

import os
import time
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from pippin.callbacks.callback import Callback
from pippin.errors import FileError, SettingError
from pippin.saving.atomic import write_bytes
from pippin.saving.serialize import serialize
from pippin.saving.tree_file import read_tree, write_tree
from pippin.training.state import Run
from pippin.tree import flatten

FILE = "run.safetensors"
FORMAT = 1
_ALL_BYTES = 1 << 26
_ROWS_LOOKED_AT = 4096


class Checkpoint(Callback):
    """Saves the whole state of a run into `folder` and, if there is one already, goes on from it.

    It saves between two steps, at most every `every_seconds` seconds, at the first step after every `every_epochs`
    epochs, and at the end. Raises SettingError when the model, its optimizer or the data are not those the run was
    begun with.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every_seconds: float | None = 30.0,
        every_epochs: int | None = None,
        resume: bool = True,
        undo_stop: bool = False,
    ) -> None:
        super().__init__()
        if every_seconds is not None and not every_seconds >= 0:
            raise SettingError(f"Checkpoint every_seconds: expected a number of 0 or more, received {every_seconds!r}.")
        if every_epochs is not None and not every_epochs >= 1:
            raise SettingError(
                f"Checkpoint every_epochs: expected a whole number of 1 or more, received {every_epochs!r}."
            )
        self.path = Path(folder) / FILE
        self.every_seconds, self.every_epochs = every_seconds, every_epochs
        self.resume, self.undo_stop = resume, undo_stop
        self.resumed_at: tuple[int, int] | None = None
        self._facts: dict[str, Any] = {}
        self._saved_at = 0.0
        self._saved_epoch = 0

    @staticmethod
    def is_in(folder: str | os.PathLike[str]) -> bool:
        """Whether a folder holds a state to go on from."""
        return (Path(folder) / FILE).is_file()

    def delete(self) -> None:
        """Remove the saved state, and its folder if that is then empty."""
        self.path.unlink(missing_ok=True)
        if self.path.parent.is_dir() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()

    def on_run_begin(self, run: Run) -> None:
        """Everything is ready for the first step: take up the saved state. `resumed_at` says where, (epoch, step) from
        0."""
        self._facts = facts(run)
        if self.resume and self.path.is_file():
            saved = read_tree(self.path)
            self._compare(saved)
            run.restore(saved["run"], self.undo_stop)
            self.resumed_at = (run.position.epoch, run.position.step)
        self._saved_at, self._saved_epoch = time.monotonic(), run.position.epoch

    def on_pause(self, run: Run) -> None:
        """Training stands between two steps: save if it is time."""
        if self.is_due(run) or run.is_over:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_tree(self.path, {"format": FORMAT, "facts": self._facts, "run": run.state()})
            self._saved_at, self._saved_epoch = time.monotonic(), run.position.epoch

    def is_due(self, run: Run) -> bool:
        """Whether enough time or epochs have passed since it last saved."""
        by_time = self.every_seconds is not None and time.monotonic() - self._saved_at >= self.every_seconds
        return by_time or (
            self.every_epochs is not None and run.position.epoch - self._saved_epoch >= self.every_epochs
        )

    def _compare(self, saved: dict[str, Any]) -> None:
        if saved.get("format") != FORMAT:
            raise FileError(
                f"{self.path}: expected a state of format {FORMAT}, received {saved.get('format')}. Begin anew with "
                "resume=False."
            )
        before, now = saved["facts"], self._facts
        changed = [
            f"{name} was {before.get(name)}, is {now.get(name)}"
            for name in sorted({*before, *now})
            if before.get(name) != now.get(name)
        ]
        if changed:
            raise SettingError(
                f"resume: expected the run that was begun in {self.path.parent}, received another: "
                f"{'; '.join(changed)}. "
                "Run the same script on the same data, or begin anew with resume=False."
            )


class BackupAndRestore(Checkpoint):
    """Keras's word for a Checkpoint that saves after each epoch, or every `save_freq` batches, and is gone after
    training.

    Unlike Keras's, it goes on in the middle of an epoch, with random numbers, metrics and the states of other
    callbacks. Files are written whole or not at all; `double_checkpoint` keeps the one before too, which is taken when
    the last was damaged on its disk.
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not backup_dir:
            raise SettingError("Empty `backup_dir` argument passed: BackupAndRestore expected a folder to save into.")
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq < 1):
            raise SettingError(
                "Invalid value for argument `save_freq`: BackupAndRestore expected 'epoch' or a number of batches, "
                f"received {save_freq!r}."
            )
        super().__init__(backup_dir, every_seconds=None, every_epochs=1 if save_freq == "epoch" else None)
        self.save_freq, self.delete_checkpoint = save_freq, delete_checkpoint
        self.double_checkpoint, self._before = double_checkpoint, self.path.with_suffix(".before")
        self._batches = 0
        if save_freq != "epoch":
            # Only then does training come back after every batch.
            self.on_train_batch_end = self._count  # type: ignore[method-assign]

    def _count(self, batch: int, logs: Any = None) -> None:
        self._batches += 1

    def is_due(self, run: Run) -> bool:
        return super().is_due(run) if self.save_freq == "epoch" else self._batches % int(self.save_freq) == 0

    def on_run_begin(self, run: Run) -> None:
        try:
            super().on_run_begin(run)
        except FileError as damage:
            if not self._before.is_file():
                raise
            warnings.warn(f"{damage} Going on from the state that was saved before.", stacklevel=2)
            self._before.replace(self.path)
            super().on_run_begin(run)

    def on_pause(self, run: Run) -> None:
        if self.double_checkpoint and self.path.is_file() and (self.is_due(run) or run.is_over):
            write_bytes(self._before, self.path.read_bytes())
        super().on_pause(run)

    def on_train_end(self, logs: Any = None) -> None:
        if self.delete_checkpoint:
            self._before.unlink(missing_ok=True)
            self.delete()


def facts(run: Run) -> dict[str, Any]:
    """What a resumed run must have in common with the one that was begun, as short data."""
    compiled = run.model.compilation
    optimizer = {
        key: value for key, value in compiled.optimizer.get_config().items() if key not in ("name", "learning_rate")
    }
    return {
        "batch_size": run.batch,
        "shuffle": run.shuffle,
        "layers": [type(layer).__name__ for layer in run.model.layers],
        "weights": [[variable.dtype, *variable.shape] for variable in run.model.variables],
        "optimizer": [type(compiled.optimizer).__name__, _told(optimizer)],
        "loss": _told(compiled.loss),
        **{word: _data(structure) for word, structure in run.data.items()},
    }


def _told(thing: Any) -> Any:
    """A thing as data; one that can't be written down (a function without a name) by its type."""
    try:
        return serialize(thing)
    except (TypeError, ValueError, OSError):
        return type(thing).__name__


def _data(structure: Any) -> list[str]:
    return [
        f"{array.dtype}{list(array.shape)} checksum {_checksum(array):08x}"
        for array in flatten(structure)
        if array is not None
    ]


def _checksum(array: np.ndarray) -> int:
    """Of all bytes, or, where that would take long, of some thousand rows that lie evenly spread."""
    if array.nbytes > _ALL_BYTES:
        array = array[:: max(1, len(array) // _ROWS_LOOKED_AT)]
    return zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
