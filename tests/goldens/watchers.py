"""Callbacks led through made-up epochs, on real Keras for writing down and on Pippin for comparing."""

from __future__ import annotations

import contextlib
import io
import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np


class Optimizer:
    """As much of an optimizer as callbacks see."""

    learning_rate: Any = 0.1


class Model:
    """As much of a model as callbacks see. Its weight is the number of the epoch."""

    def __init__(self) -> None:
        self.optimizer = Optimizer()
        self.stop_training = False
        self.weight = -1.0
        self.saved: list[str] = []

    def get_weights(self) -> list[np.ndarray]:
        return [np.array(self.weight)]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weight = float(weights[0])

    def save(self, path: str, overwrite: bool) -> None:
        self.saved.append(f"model {Path(path).name}")

    def save_weights(self, path: str, overwrite: bool) -> None:
        self.saved.append(f"weights {Path(path).name}")


def led(callback: Any, epochs: list[dict[str, float]], batches: int = 0) -> tuple[Model, list[str]]:
    """Lead a callback through epochs as `fit` would; the model afterwards, and what happened in lines."""
    model, told = Model(), []
    callback.set_model(model)
    callback.set_params({"epochs": len(epochs), "steps": batches})
    with printed_to(told), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        callback.on_train_begin({})
        for epoch, logs in enumerate(epochs):
            callback.on_epoch_begin(epoch, {})
            for batch in range(batches):
                callback.on_train_batch_begin(batch, {})
                callback.on_train_batch_end(batch, {"loss": logs["loss"]})
            model.weight = float(epoch)
            logs = dict(logs)
            callback.on_epoch_end(epoch, logs)
            told.append(
                f"epoch {epoch}: rate {float(model.optimizer.learning_rate):.6g}, logs {sorted(logs)}"
            )
            if model.stop_training:
                break
        callback.on_train_end({})
    told += [f"warned: {warning.message}" for warning in caught]
    told += [f"saved: {name}" for name in model.saved]
    return model, [*told, f"weight of epoch {model.weight:.0f}"]


@contextlib.contextmanager
def printed_to(lines: list[str]) -> Iterator[None]:
    """Lines written to standard output go, as they come, where the other events go."""

    class Stream(io.TextIOBase):
        def write(self, text: str) -> int:
            lines.extend(f"| {line}" for line in text.split("\n")[: text.count("\n")])
            return len(text)

    with contextlib.redirect_stdout(Stream()):
        yield


def losses(*figures: float) -> list[dict[str, float]]:
    return [{"loss": figure + 1, "val_loss": figure, "score": -figure} for figure in figures]


def random_figures(chooser: random.Random) -> list[float]:
    return [chooser.randrange(20) / 10 for _ in range(14)]


def early_stopping(keras: Any) -> list[str]:
    """150 early stoppings with random settings, one line each."""
    chooser, found = random.Random(1), []
    for _ in range(150):
        settings: dict[str, Any] = {
            "patience": chooser.choice([0, 1, 2, 3, 5]),
            "min_delta": chooser.choice([0, 0, 0.25]),
            "baseline": chooser.choice([None, None, 0.3, 1.0]),
            "start_from_epoch": chooser.choice([0, 0, 2, 5]),
            "restore_best_weights": chooser.choice([True, False]),
        }
        if chooser.random() < 0.4:
            settings |= {"monitor": "score", "mode": "max"}
            if settings["baseline"] is not None:
                settings["baseline"] = -settings["baseline"]
        figures = random_figures(chooser)
        callback = keras.callbacks.EarlyStopping(**settings)
        model, _ = led(callback, losses(*figures))
        found.append(
            f"{settings} {figures} -> stopped {callback.stopped_epoch} wait {callback.wait} "
            f"best {callback.best} weight {model.weight:.0f}"
        )
    return found


def plateaus(keras: Any) -> list[str]:
    """100 reductions of the learning rate with random settings, one line each."""
    chooser, found = random.Random(2), []
    for _ in range(100):
        settings = {
            "patience": chooser.choice([0, 1, 2, 3]),
            "factor": chooser.choice([0.1, 0.5]),
            "min_delta": chooser.choice([1e-4, 0.25]),
            "cooldown": chooser.choice([0, 0, 1, 3]),
            "min_lr": chooser.choice([0.0, 0.02]),
        }
        figures = random_figures(chooser)
        _, told = led(keras.callbacks.ReduceLROnPlateau(**settings), losses(*figures))
        rates = " ".join(line.split()[3].rstrip(",") for line in told if line.startswith("epoch"))
        found.append(f"{settings} {figures} -> {rates}")
    return found


def stopping_aloud(keras: Any) -> list[str]:
    callback = keras.callbacks.EarlyStopping(patience=2, verbose=1, restore_best_weights=True)
    return led(callback, losses(3, 2, 2.5, 2.4, 1))[1]


def stopping_on_nothing(keras: Any) -> list[str]:
    return led(keras.callbacks.EarlyStopping(monitor="val_los", mode="min", patience=1), losses(3, 2))[1]


def stopping_at_nan(keras: Any) -> list[str]:
    return led(keras.callbacks.EarlyStopping(patience=2), losses(3, float("nan"), float("nan"), 2, 1))[1]


def stopping_strange_mode(keras: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        callback = keras.callbacks.EarlyStopping(mode="lowest")
    return [callback.mode, *(str(warning.message) for warning in caught)]


def plateau_aloud(keras: Any) -> list[str]:
    callback = keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.3, verbose=1, min_lr=0.005)
    return led(callback, losses(3, 3, 3, 3, 3))[1]


def plateau_of_nothing(keras: Any) -> list[str]:
    return led(keras.callbacks.ReduceLROnPlateau(monitor="val_accuracy", mode="max"), losses(3))[1]


def scheduled(keras: Any) -> list[str]:
    return led(
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5, verbose=1), losses(1, 1, 1)
    )[1]


def scheduled_by_epoch(keras: Any) -> list[str]:
    return led(keras.callbacks.LearningRateScheduler(lambda epoch: 1.0 / (epoch + 1)), losses(1, 1, 1))[1]


def checkpoints(keras: Any) -> list[str]:
    return led(keras.callbacks.ModelCheckpoint("{epoch:02d}-{val_loss:.2f}.keras", verbose=1), losses(3, 2))[
        1
    ]


def best_checkpoints(keras: Any) -> list[str]:
    callback = keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True, verbose=1)
    return led(callback, losses(3, 2, 2.5, 1))[1]


def best_checkpoints_from_a_threshold(keras: Any) -> list[str]:
    callback = keras.callbacks.ModelCheckpoint(
        "w{epoch}.weights.h5", "score", 1, True, True, "max", initial_value_threshold=-2.0
    )
    return led(callback, losses(3, 2, 1.5, 1))[1]


def best_checkpoints_of_nothing(keras: Any) -> list[str]:
    callback = keras.callbacks.ModelCheckpoint(
        "best.keras", monitor="val_accuracy", mode="max", save_best_only=True
    )
    return led(callback, losses(3))[1]


def checkpoints_by_batches(keras: Any) -> list[str]:
    callback = keras.callbacks.ModelCheckpoint("{epoch}-{batch}.keras", save_freq=3)
    return led(callback, losses(3, 2, 1), batches=4)[1]


def rows_of_a_file(keras: Any) -> list[str]:
    return csv_file(keras, {}, losses(3, 2), [{"loss": 1.5, "accuracy": np.float32(0.25)}, {"loss": 1.25}])


def rows_with_semicolons_appended(keras: Any) -> list[str]:
    return csv_file(keras, {"separator": ";", "append": True}, losses(3, 2), losses(1, float("nan")))


def rows_of_vectors(keras: Any) -> list[str]:
    return csv_file(keras, {}, [{"loss": np.array([1.0, 2.0]), "name": "a,b"}])  # type: ignore[dict-item]


def csv_file(keras: Any, settings: dict[str, Any], *runs: list[dict[str, float]]) -> list[str]:
    """The file that one CSVLogger leaves after each of several runs."""
    found = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        callback = keras.callbacks.CSVLogger(str(path), **settings)
        for run in runs:
            led(callback, run)
            found += [repr(path.read_bytes().decode())]
    return found


Scenario = Callable[[Any], list[str]]

SCENARIOS: dict[str, Scenario] = {
    function.__name__: function
    for function in (
        early_stopping, plateaus, stopping_aloud, stopping_on_nothing, stopping_at_nan, stopping_strange_mode,
        plateau_aloud, plateau_of_nothing, scheduled, scheduled_by_epoch, checkpoints, best_checkpoints,
        best_checkpoints_from_a_threshold, best_checkpoints_of_nothing, checkpoints_by_batches,
        rows_of_a_file, rows_with_semicolons_appended, rows_of_vectors,
    )
}  # fmt: skip
