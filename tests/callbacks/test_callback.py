"""What a callback is asked for beyond its moments: to be led in a list, and to go on where an earlier run was
cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from goldens.watchers import Model, losses
from pippin import callbacks, layers, models
from pippin.training.checkpoint import Checkpoint


def test_a_callback_list_can_be_led_by_hand() -> None:
    events: list[Any] = []
    diary = callbacks.LambdaCallback(
        on_train_begin=lambda logs: events.append("train"),
        on_epoch_end=lambda epoch, logs: events.append((epoch, logs)),
    )
    listed = callbacks.CallbackList([[diary]], add_history=True, model=Model(), epochs=1)
    listed.on_train_begin()
    listed.on_epoch_end(3, logs={"loss": 1.0})
    assert events == ["train", (3, {"loss": 1.0})]
    assert listed.history.history == {"loss": [1.0]}
    with pytest.raises(AttributeError, match="on_epochs_end"):
        listed.on_epochs_end(3)


# ---------------------------------------------------------------------------------------------------


def continued(make: Any, epochs: list[dict[str, float]], stop_after: int) -> tuple[Any, Any, Model]:
    """A callback led through all epochs, one that took over after some of them, and its model."""
    whole, first, second = make(), make(), make()
    model = Model()
    for callback in (whole, first, second):
        callback.set_model(Model())
        callback.set_params({})
    for callback, told in ((whole, epochs), (first, epochs[:stop_after])):
        callback.on_train_begin({})
        for epoch, logs in enumerate(told):
            callback.model.weight = epoch
            callback.on_epoch_end(epoch, dict(logs))
    model.optimizer.learning_rate = first.model.optimizer.learning_rate
    second.set_model(model)
    second.on_train_begin({})
    second.restore(first.state())
    for epoch, logs in enumerate(epochs[stop_after:], stop_after):
        model.weight = epoch
        second.on_epoch_end(epoch, dict(logs))
    whole.on_train_end({})
    second.on_train_end({})
    return whole, second, model


MAKERS = {
    "early stopping": lambda: callbacks.EarlyStopping(patience=3, restore_best_weights=True),
    "plateau": lambda: callbacks.ReduceLROnPlateau(patience=1, cooldown=2),
    "checkpoint": lambda: callbacks.ModelCheckpoint("m.keras", save_best_only=True),
    "history": lambda: callbacks.History(),
}


@pytest.mark.parametrize("stop_after", range(1, 7))
@pytest.mark.parametrize("name", MAKERS)
def test_a_resumed_callback_goes_on_as_if_nothing_had_happened(name: str, stop_after: int) -> None:
    whole, second, model = continued(MAKERS[name], losses(3, 2, 2.5, 2.25, 2.5, 1.5, 4), stop_after)
    assert repr(second.state()) == repr(whole.state())
    assert model.optimizer.learning_rate == whole.model.optimizer.learning_rate
    assert model.weight == whole.model.weight


@pytest.mark.parametrize("stop_after", [1, 2])
def test_a_resumed_csv_file_has_each_row_once(tmp_path: Path, stop_after: int) -> None:
    epochs = losses(3, 2, 1)
    path, expected = tmp_path / "log.csv", tmp_path / "whole.csv"

    def told(callback: Any, numbers: range) -> Any:
        for epoch in numbers:
            callback.on_epoch_end(epoch, epochs[epoch])
        return callback

    whole = callbacks.CSVLogger(expected)
    whole.on_train_begin({})
    told(whole, range(3))

    first = callbacks.CSVLogger(path)
    first.on_train_begin({})
    saved = told(first, range(stop_after)).state()
    told(first, range(stop_after, 3))  # went on after its state was saved, and was then killed
    second = callbacks.CSVLogger(path)
    second.on_train_begin({})
    second.restore(saved)
    told(second, range(stop_after, 3))
    assert path.read_bytes() == expected.read_bytes()


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
