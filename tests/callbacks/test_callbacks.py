"""What Pippin promises of callbacks beyond what a record of Keras can show: with real training, and after a
stop."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from goldens.watchers import Model, losses
from pippin import callbacks, layers, models
from pippin.errors import FileError, MissingWord, NonFiniteError, SettingError
from pippin.utils.console import say


@pytest.fixture(autouse=True)
def _reference() -> None:
    pippin.config.set_engine("reference")


def trained(*watchers: Any, epochs: int = 3, rows: int = 12, **settings: Any) -> tuple[Any, Any]:
    """A small model and what `fit` returned."""
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.linspace(0, 1, rows * 2, dtype=np.float32).reshape(rows, 2)
    settings = {"batch_size": 4, "verbose": 0, **settings}
    return model, model.fit(x, x[:, :1], epochs=epochs, callbacks=list(watchers), **settings)


class Diary(callbacks.Callback):  # type: ignore[misc,name-defined]
    """Writes down every event."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.events.append("train")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.events.append(f"epoch {epoch}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.events.append(f"batch {batch}")

    def on_test_begin(self, logs: Any = None) -> None:
        self.events.append("test")

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.events.append(f"test batch {batch}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.events.append(f"end {epoch}: {', '.join(sorted(logs))}")


def test_validation_tells_the_callbacks_of_fit() -> None:
    diary, x = Diary(), np.ones((4, 2), np.float32)
    trained(diary, epochs=1, rows=4, validation_data=(x, x[:, :1]))
    assert diary.events == ["train", "epoch 0", "batch 0", "test", "test batch 0", "end 0: loss, val_loss"]


def test_stopping_inside_an_epoch_still_ends_the_epoch() -> None:
    class Stopper(callbacks.Callback):  # type: ignore[misc,name-defined]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    diary = Diary()
    _, history = trained(Stopper(), diary)
    assert diary.events == ["train", "epoch 0", "batch 0", "batch 1", "end 0: loss"]
    assert len(history.history["loss"]) == 1


def test_every_epoch_is_told_to_callbacks_that_take_them_late() -> None:
    _, history = trained(epochs=40)
    assert history.epoch == list(range(40)) and len(history.history["loss"]) == 40


def test_a_class_derived_from_one_that_takes_epochs_late_is_told_at_once() -> None:
    class Stopper(callbacks.History):  # type: ignore[misc,name-defined]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            super().on_epoch_end(epoch, logs)
            self.model.stop_training = epoch == 1

    _, history = trained(Stopper(), epochs=40)
    assert history.epoch == [0, 1]


@pytest.mark.parametrize("batches", [False, True])
def test_terminate_on_nan_ends_the_run_with_finite_weights(
    batches: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile(pippin.optimizers.SGD(1e9), "mse")
    x = np.ones((8, 2), np.float32)
    data = ((x[:4], x[:4, :1]) for _ in range(50)) if batches else x
    stop = callbacks.TerminateOnNaN()
    history = model.fit(
        data, None if batches else x[:, :1], epochs=9, batch_size=4, verbose=0, callbacks=[stop]
    )
    assert "Invalid loss, terminating training\n" in capsys.readouterr().out
    assert len(history.epoch) < 9 and np.isnan(history.history["loss"][-1])
    assert all(np.isfinite(array).all() for array in model.get_weights())


def test_without_it_a_loss_that_is_not_finite_is_an_error() -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile(pippin.optimizers.SGD(1e9), "mse")
    with pytest.raises(NonFiniteError):
        model.fit(np.ones((8, 2), np.float32), np.ones((8, 1), np.float32), epochs=9, verbose=0)


def test_terminate_on_nan_can_raise() -> None:
    with pytest.raises(RuntimeError, match="encountered at batch 7"):
        callbacks.TerminateOnNaN(raise_error=True).on_non_finite(2, 7)


def test_early_stopping_puts_back_the_weights_of_the_best_epoch() -> None:
    kept: list[Any] = []
    diary = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(diary.model.get_weights()))
    stop = callbacks.EarlyStopping("loss", mode="max", patience=2, restore_best_weights=True)
    model, history = trained(diary, stop, epochs=10)
    assert history.epoch == [0, 1, 2]  # the loss falls, so the first epoch stays the "best"
    for array, best in zip(model.get_weights(), kept[0], strict=True):
        np.testing.assert_array_equal(array, best)


def test_lambda_callbacks_are_called_with_keras_arguments() -> None:
    told: list[Any] = []
    trained(
        callbacks.LambdaCallback(
            on_train_begin=lambda logs: told.append(("begin", logs)),
            on_epoch_begin=lambda epoch, logs: told.append((epoch, logs)),
            on_train_batch_end=lambda batch, logs: told.append((batch, sorted(logs))),
            on_train_end=lambda logs: told.append(sorted(logs)),
        ),
        epochs=1,
        rows=4,
    )
    assert told == [("begin", {}), (0, {}), (0, ["loss"]), ["loss"]]


def test_a_lambda_callback_with_an_unknown_moment_is_refused() -> None:
    with pytest.raises(SettingError, match='Did you mean "on_epoch_end"'):
        callbacks.LambdaCallback(on_epochs_end=print)


def test_only_checkpoints_between_epochs_ask_for_every_batch() -> None:
    def wants(freq: Any) -> bool:
        listed = callbacks.CallbackList([callbacks.ModelCheckpoint("m.keras", save_freq=freq)])
        return bool(listed.wants_batches["train"])

    assert wants(5) and not wants("epoch")


def test_a_callback_list_can_be_led_by_hand() -> None:
    diary = Diary()
    listed = callbacks.CallbackList([[diary]], add_history=True, model=Model(), epochs=1)
    listed.on_train_begin()
    listed.on_epoch_end(3, logs={"loss": 1.0})
    assert diary.events == ["train", "end 3: loss"]
    assert listed.history.history == {"loss": [1.0]}
    with pytest.raises(AttributeError, match="on_epochs_end"):
        listed.on_epochs_end(3)


# Settings that can't be meant
# ------------------------------------------------------------------------------------------


def test_a_figure_without_a_better_side_is_refused_in_the_first_epoch() -> None:
    with pytest.raises(ValueError, match=r"monitor=val_kid.*mode='max'"):
        trained(
            callbacks.LambdaCallback(on_epoch_end=lambda e, logs: logs.update(val_kid=1.0)),
            callbacks.EarlyStopping("val_kid"),
        )


@pytest.mark.parametrize(
    ("monitor", "up"), [("val_loss", False), ("accuracy", True), ("val_auc", True), ("mae", False)]
)
def test_auto_mode_knows_which_way_is_better(monitor: str, up: bool) -> None:
    callback = callbacks.EarlyStopping(monitor)
    callback.set_model(Model())
    assert callback.is_improvement(2.0, 1.0) is up


def test_a_learning_rate_that_grows_is_refused() -> None:
    with pytest.raises(SettingError, match=r"factor >= 1\.0"):
        callbacks.ReduceLROnPlateau(factor=2.0)


def test_a_schedule_must_return_a_float() -> None:
    with pytest.raises(ValueError, match=r"should be a float\. Got: fast"):
        trained(callbacks.LearningRateScheduler(lambda epoch, rate: "fast"))


@pytest.mark.parametrize(
    "settings", [{"filepath": "m.pkl"}, {"filepath": "m.keras", "save_weights_only": True}]
)
def test_a_checkpoint_with_another_ending_is_refused(settings: Any) -> None:
    with pytest.raises(SettingError, match="expected a filepath that ends in"):
        callbacks.ModelCheckpoint(**settings)


def test_a_checkpoint_names_the_figures_that_its_file_name_may_hold() -> None:
    callback = callbacks.ModelCheckpoint("{val_acuracy}.keras")
    callback.set_model(Model())
    with pytest.raises(KeyError, match="Known here: epoch, loss, val_accuracy"):
        callback.on_epoch_end(0, {"loss": 1.0, "val_accuracy": 0.5})


def test_a_checkpoint_does_not_write_over_a_folder(tmp_path: Path) -> None:
    (tmp_path / "m.keras").mkdir()
    callback = callbacks.ModelCheckpoint(tmp_path / "m.keras")
    callback.set_model(Model())
    with pytest.raises(FileError, match="is a folder"):
        callback.on_epoch_end(0, {"loss": 1.0})


def test_a_misspelt_callback_is_named_with_its_nearest() -> None:
    with pytest.raises(MissingWord, match='Did you mean "EarlyStopping"'):
        callbacks.EarlyStoping  # noqa: B018


# Going on after a stop
# ---------------------------------------------------------------------------------------------------


def continued(make: Any, epochs: list[dict[str, float]], stop_after: int) -> tuple[Any, Any, Model]:
    """A callback led through all epochs, one that another took over from after some of them, and the latter's
    model."""
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


def test_a_terminal_without_the_signs_of_the_bar_gets_plainer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    say("1/2 ━━ é")
    stream.seek(0)
    assert stream.read() == "1/2 == \n"
