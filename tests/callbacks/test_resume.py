"""A run that was cut off and taken up again leaves what an undisturbed one leaves: with every callback that
remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import callbacks, layers, models
from pippin.training.checkpoint import Checkpoint


class Cut(Exception):
    """The lights go out."""


def fitted(folder: Path, cut_after: int | None) -> tuple[Any, Any, bytes]:
    """Train with all of them; the model, the history, and the rows of the CSV file."""
    pippin.utils.set_random_seed(3)
    model = models.Sequential([layers.Input((2,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    model.compile(pippin.optimizers.SGD(0.4, momentum=0.9), "mse")
    chance = np.random.default_rng(0)
    x, y = chance.normal(size=(20, 2)).astype(np.float32), chance.normal(size=(20, 1)).astype(np.float32)

    def cut(epoch: int, logs: Any) -> None:
        if epoch == cut_after:
            raise Cut

    watchers = [
        callbacks.EarlyStopping("val_loss", patience=4, restore_best_weights=True),
        callbacks.ReduceLROnPlateau("val_loss", patience=1, factor=0.5),
        callbacks.CSVLogger(folder / "log.csv"),
        Checkpoint(folder / "run", every_seconds=None, every_epochs=2),
        callbacks.LambdaCallback(on_epoch_end=cut),
    ]
    history = model.fit(x, y, epochs=30, batch_size=6, verbose=0, validation_split=0.4, callbacks=watchers)
    return model, history, (folder / "log.csv").read_bytes()


@pytest.mark.parametrize("cut_after", [3, 6])
def test_a_run_taken_up_again_ends_as_if_it_had_not_been_cut(tmp_path: Path, cut_after: int) -> None:
    pippin.config.set_engine("reference")
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    model, history, rows = fitted(tmp_path / "whole", cut_after=None)
    assert cut_after < len(history.epoch) < 30, "the runs must be stopped early, after the cut"
    with pytest.raises(Cut):
        fitted(tmp_path / "cut", cut_after)
    again, continued, continued_rows = fitted(tmp_path / "cut", cut_after=None)
    assert continued.history == history.history and continued.epoch == history.epoch
    assert continued_rows == rows
    for array, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(array, other)
