"""What Pippin promises of callbacks beyond a record of Keras: with real training, and after a stop."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

import pippin
from goldens.watchers import Model
from pippin import callbacks, layers, models
from pippin.errors import FileError, MissingWord, NonFiniteError, SettingError


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
def test_terminate_on_nan_ends_the_run_with_finite_weights(batches: bool, capsys: pytest.CaptureFixture[str]) -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile(pippin.optimizers.SGD(1e9), "mse")
    x = np.ones((8, 2), np.float32)
    data = ((x[:4], x[:4, :1]) for _ in range(50)) if batches else x
    stop = callbacks.TerminateOnNaN()
    history = model.fit(data, None if batches else x[:, :1], epochs=9, batch_size=4, verbose=0, callbacks=[stop])
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


@pytest.mark.parametrize("settings", [{"filepath": "m.pkl"}, {"filepath": "m.keras", "save_weights_only": True}])
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


def averaged(*watchers: Any, **settings: Any) -> tuple[Any, list[np.ndarray]]:
    """A model trained with moving averages, and the weights seen at the end of each epoch."""
    seen: list[np.ndarray] = []
    pippin.random.set_random_seed(0)
    model = models.Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(pippin.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9), "mse")
    x = np.linspace(0, 1, 24, dtype=np.float32).reshape(12, 2)
    look = callbacks.LambdaCallback(on_epoch_end=lambda *_: seen.append(model.get_weights()[0].copy()))
    model.fit(x, x[:, :1], epochs=3, batch_size=4, verbose=0, callbacks=[*watchers, look], **settings)
    return model, seen


def test_averages_take_the_place_of_weights_between_epochs_and_stay() -> None:
    plain, weights = averaged()
    swapped, averages = averaged(callbacks.SwapEMAWeights(swap_on_epoch=True))
    assert all((one != other).any() for one, other in zip(weights, averages, strict=True))
    # Training went on with the weights: the averages at the end are those of a run without swapping.
    np.testing.assert_array_equal(swapped.get_weights()[0], plain.get_weights()[0])
    np.testing.assert_array_equal(averages[-1], plain.get_weights()[0])


def test_averages_are_judged_and_weights_go_on() -> None:
    x = np.linspace(0, 1, 24, dtype=np.float32).reshape(12, 2)
    asked = {"validation_data": (x, x[:, :1])}
    plain, weights = averaged(**asked)
    swapped, others = averaged(callbacks.SwapEMAWeights(), **asked)
    for one, other in zip(weights, others, strict=True):
        np.testing.assert_array_equal(one, other)
    assert swapped.history.history["val_loss"] != plain.history.history["val_loss"]
    with pytest.raises(SettingError, match="use_ema=True"):
        trained(callbacks.SwapEMAWeights(swap_on_epoch=True))


@pytest.mark.parametrize("as_json", [True, False])
def test_a_server_hears_of_each_epoch(as_json: bool) -> None:
    heard: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append(json.loads(body if as_json else parse_qs(body)["data"][0]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    _, history = trained(callbacks.RemoteMonitor(f"http://127.0.0.1:{server.server_port}", send_as_json=as_json))
    server.shutdown()
    server.server_close()
    assert [told["epoch"] for told in heard] == [0, 1, 2]
    assert [told["loss"] for told in heard] == pytest.approx(history.history["loss"])


def test_a_server_that_is_not_there_ends_no_training() -> None:
    with pytest.warns(UserWarning, match="Could not reach RemoteMonitor root server"):
        trained(callbacks.RemoteMonitor("http://127.0.0.1:9"), epochs=1)
