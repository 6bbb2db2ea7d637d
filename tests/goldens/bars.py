"""Progress bars written down from real Keras: single bars under a clock of our own, and whole runs."""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


class Clock:
    """Time that passes only when it is told to."""

    now = 1_000_000.0


@contextlib.contextmanager
def stopped_clock() -> Iterator[Clock]:
    clock, real = Clock(), time.time
    time.time = lambda: clock.now
    try:
        yield clock
    finally:
        time.time = real


Moment = tuple[float, int, dict[str, Any]]


def bar(keras: Any, moments: list[Moment], last: Moment | None = None, **settings: Any) -> str:
    """What a bar prints when told at some moments (seconds later, steps, figures); `last` ends it."""
    stream = io.StringIO()
    with stopped_clock() as clock, contextlib.redirect_stdout(stream):
        shown = keras.utils.Progbar(**settings)
        for later, step, figures in moments:
            clock.now += later
            shown.update(step, list(figures.items()))
        if last is not None:
            clock.now += last[0]
            shown.update(last[1], list(last[2].items()), finalize=True)
    return repr(stream.getvalue())


def steps(keras: Any) -> str:
    moments = [(0.03, step, {"loss": 1 / step, "accuracy": step / 7}) for step in range(1, 8)]
    return bar(keras, moments, target=7, stateless_metrics=[])


def averaged(keras: Any) -> str:
    return bar(keras, [(0.2, step, {"loss": float(step), "best": 1e-5}) for step in range(1, 5)], target=4)


def stateful(keras: Any) -> str:
    moments = [(0.2, step, {"loss": float(step), "kept": float(step)}) for step in range(1, 5)]
    return bar(keras, moments, target=4, stateful_metrics=["kept"])


def hours(keras: Any) -> str:
    return bar(
        keras, [(40.0, 1, {}), (40.0, 2, {}), (40.0, 60, {}), (40.0, 95, {})], target=100, unit_name="sample"
    )


def microseconds(keras: Any) -> str:
    return bar(
        keras,
        [(0.06, 100, {"loss": 0.0}), (0.06, 1000, {"loss": -0.5})],
        (0.001, 1234, {"loss": 2e-4}),
        target=1234,
    )


def shorter_than_before(keras: Any) -> str:
    return bar(keras, [(1.0, 1, {"a_long_name": 1.0}), (0.9, 2, {})], (0.1, 3, {}), target=3, width=5)


def unknown_end(keras: Any) -> str:
    return bar(
        keras, [(0.1, 1, {"loss": 3.0}), (0.1, 12, {"loss": 2.0})], (0.1, 12, {"loss": 1.0}), target=None
    )


def one_line(keras: Any) -> str:
    return bar(keras, [(0.5, 1, {"loss": 3.0})], (0.7, 10, {"loss": 2.0, "rate": 1e-4}), target=10, verbose=2)


def silent(keras: Any) -> str:
    return bar(keras, [(0.5, 1, {"loss": 3.0})], (0.7, 10, {"loss": 2.0}), target=10, verbose=0)


def added(keras: Any) -> str:
    stream = io.StringIO()
    with stopped_clock() as clock, contextlib.redirect_stdout(stream):
        shown = keras.utils.Progbar(10)
        for _ in range(5):
            clock.now += 2
            shown.add(2, [("loss", np.float32(0.5))])
    return repr(stream.getvalue())


# Whole runs. The figures are exact whoever computes them: the weights stay at zero, as the learning rate is.


def still_model(keras: Any) -> tuple[Any, np.ndarray, np.ndarray]:
    layers = [keras.layers.Input((3,)), keras.layers.Dense(1, kernel_initializer="zeros")]
    model = keras.Sequential(layers)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse", metrics=["mae"])
    return model, np.ones((20, 3), np.float32), np.full((20, 1), 0.5, np.float32)


def screen(run: Callable[[], object]) -> str:
    """What stays on the screen, times masked: the last state of each line, with its colours."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        run()
    lines = [line.replace("\b", "").split("\r")[-1].rstrip() for line in stream.getvalue().split("\n")]
    return "\n".join(re.sub(r"\d+(us|ms|s)\b", "TIME", line) for line in lines)


def fit_with_validation(keras: Any) -> str:
    model, x, y = still_model(keras)
    return screen(lambda: model.fit(x, y, epochs=2, batch_size=4, validation_split=0.5))


def fit_one_epoch(keras: Any) -> str:
    model, x, y = still_model(keras)
    return screen(lambda: model.fit(x, y, verbose=1))


def fit_a_line_an_epoch(keras: Any) -> str:
    model, x, y = still_model(keras)
    return screen(lambda: model.fit(x, y, epochs=2, verbose=2, validation_data=(x, y)))


def fit_silently(keras: Any) -> str:
    model, x, y = still_model(keras)
    return screen(lambda: model.fit(x, y, epochs=2, verbose=0))


def fit_with_learning_rate(keras: Any) -> str:
    model, x, y = still_model(keras)
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, verbose=1)
    model.optimizer.learning_rate = 1e-30
    return screen(lambda: model.fit(x, y, epochs=3, callbacks=[plateau]))


def evaluate(keras: Any) -> str:
    model, x, y = still_model(keras)
    return screen(lambda: model.evaluate(x, y, batch_size=3))


def evaluate_in_a_line(keras: Any) -> str:
    model, x, y = still_model(keras)
    return screen(lambda: model.evaluate(x, y, verbose=2))


def predict(keras: Any) -> str:
    model, x, _ = still_model(keras)
    return screen(lambda: model.predict(x, batch_size=6))


def predict_in_a_line(keras: Any) -> str:
    model, x, _ = still_model(keras)
    return screen(lambda: model.predict(x, verbose=2))


def history(keras: Any) -> str:
    """What `fit` leaves: names in order, their figures, and the parameters of the run."""
    model, x, y = still_model(keras)
    rate = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.0)
    kept = model.fit(x, y, epochs=3, verbose=0, validation_data=(x, y), validation_freq=2, callbacks=[rate])
    rounded = {
        name: [round(float(figure), 6) for figure in figures] for name, figures in kept.history.items()
    }
    return f"{rounded}\n{kept.epoch}\n{kept.params}"


Scenario = Callable[[Any], str]

SCENARIOS: dict[str, Scenario] = {
    function.__name__: function
    for function in (
        steps, averaged, stateful, hours, microseconds, shorter_than_before, unknown_end, one_line, silent,
        added, fit_with_validation, fit_one_epoch, fit_a_line_an_epoch, fit_silently, fit_with_learning_rate,
        evaluate, evaluate_in_a_line, predict, predict_in_a_line, history,
    )
}  # fmt: skip
