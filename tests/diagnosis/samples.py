"""Runs to judge the rules by: for each rule a model that is broken on purpose, and a dozen and more that are well.

A sample gives a compiled model and what `fit` is asked; `recorded` runs it under a watch.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import pippin
from pippin import glass, layers, models, optimizers
from pippin.errors import NonFiniteError
from pippin.naming import clear_names

Sample = tuple[Any, dict[str, Any]]
Make = Callable[[], Sample]

BROKEN: dict[str, Make] = {}
HEALTHY: dict[str, Make] = {}
DENSE = layers.Dense


def broken(code: str) -> Callable[[Make], Make]:
    def enter(make: Make) -> Make:
        BROKEN[code] = make
        return make

    return enter


def healthy(make: Make) -> Make:
    HEALTHY[make.__name__] = make
    return make


def recorded(make: Make, folder: Path, seed: int = 1) -> Path:
    """Run a sample under a watch; the run's folder."""
    clear_names()
    pippin.random.set_random_seed(seed)
    model, asked = make()
    with contextlib.suppress(NonFiniteError), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # hints about what is wrong: judged here are the rules
        model.fit(verbose=0, callbacks=[glass.Watch(folder)], **asked)
    return folder


# Data -----------------------------------------------------------------------------------------------------------------


def blobs(rows: int = 400, classes: int = 3, seed: int = 0, spread: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    """Clouds of points around corners, one for each class."""
    rng = np.random.RandomState(seed)
    centres = np.random.RandomState(7).normal(size=(classes, 8)) * 1.5
    y = rng.randint(0, classes, rows)
    return (centres[y] + rng.normal(size=(rows, 8)) * spread).astype(np.float32), y.astype(np.int32)


def curve(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A smooth quantity of two numbers, with a little noise."""
    rng = np.random.RandomState(seed)
    x = rng.uniform(-1, 1, (rows, 2)).astype(np.float32)
    y = np.sin(3 * x[:, :1]) + x[:, 1:] ** 2 + 0.05 * rng.normal(size=(rows, 1))
    return x, y.astype(np.float32)


def rings(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inside or outside of a circle: no straight line tells."""
    rng = np.random.RandomState(seed)
    x = rng.uniform(-1, 1, (rows, 2)).astype(np.float32)
    return x, ((x**2).sum(axis=1) < 0.6).astype(np.float32)[:, None]


def strokes(rows: int = 240, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of a horizontal or a vertical stroke of the same size and light, anywhere, on noise."""
    rng = np.random.RandomState(seed)
    x = rng.normal(0.3, 0.1, (rows, 12, 12, 1))
    y = rng.randint(0, 2, rows)
    for row, is_tall in enumerate(y):
        a, b = rng.randint(2, 8), rng.randint(2, 8)
        place = (slice(a, a + 5), slice(b, b + 2)) if is_tall else (slice(a, a + 2), slice(b, b + 5))
        x[row][place] += 0.6
    return np.clip(x, 0, 1).astype(np.float32), y.astype(np.int32)


def words(rows: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of 10 tokens; whether more of them are from the upper half of the vocabulary."""
    x = np.random.RandomState(seed).randint(0, 30, (rows, 10)).astype(np.int32)
    return x, ((x >= 15).sum(axis=1) > 5).astype(np.int32)


def waves(rows: int = 240, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Series of 12 steps that swing slowly or fast."""
    rng = np.random.RandomState(seed)
    y = rng.randint(0, 2, rows)
    time = np.arange(12)[None, :, None] * np.where(y == 1, 1.5, 0.6)[:, None, None] + rng.uniform(0, 6, (rows, 1, 1))
    return (np.sin(time) + 0.1 * rng.normal(size=(rows, 12, 1))).astype(np.float32), y.astype(np.int32)


def stacked(*inside: Any, shape: tuple[int, ...], optimizer: Any = None, loss: str = "", **asked: Any) -> Any:
    model = models.Sequential([layers.Input(shape), *inside])
    default = "sparse_categorical_crossentropy"
    model.compile(optimizer or optimizers.Adam(0.01), loss or default, **asked)
    return model


def held_out(make: Callable[..., tuple[np.ndarray, np.ndarray]], **asked: Any) -> dict[str, Any]:
    x, y = make(**asked)
    return {"x": x, "y": y, "validation_data": make(seed=9, **{**asked, "rows": 120})}


# Broken on purpose ----------------------------------------------------------------------------------------------------


@broken("dead-relu")
def biased_far_below() -> Sample:
    x, y = blobs()
    hidden = DENSE(16, activation="relu", bias_initializer=pippin.initializers.Constant(-20.0), name="hidden")
    return stacked(DENSE(16, activation="relu"), hidden, DENSE(3, activation="softmax"), shape=(8,)), {
        "x": x, "y": y, "epochs": 8,
    }  # fmt: skip


@broken("saturated")
def huge_weights_before_sigmoid() -> Sample:
    x, y = blobs()
    large = pippin.initializers.RandomNormal(stddev=15.0, seed=1)
    hidden = DENSE(16, activation="sigmoid", kernel_initializer=large, name="hidden")
    return stacked(hidden, DENSE(3, activation="softmax"), shape=(8,)), {"x": x, "y": y, "epochs": 8}


@broken("vanishing-gradient")
def eight_layers_of_sigmoid() -> Sample:
    x, y = blobs()
    deep = [DENSE(16, activation="sigmoid") for _ in range(8)]
    return stacked(*deep, DENSE(3, activation="softmax"), shape=(8,)), {"x": x, "y": y, "epochs": 8}


@broken("exploding-gradient")
def large_weights_in_ten_layers() -> Sample:
    x, y = curve()
    large = pippin.initializers.RandomNormal(stddev=1.5, seed=2)
    deep = [DENSE(24, activation="relu", kernel_initializer=large) for _ in range(10)]
    sgd = optimizers.SGD(0.01)
    return stacked(*deep, DENSE(1), shape=(2,), optimizer=sgd, loss="mse"), {"x": x, "y": y, "epochs": 5}


@broken("learning-rate-too-high")
def steps_of_half_a_weight() -> Sample:
    x, y = blobs(spread=1.5)
    net = (DENSE(32, activation="tanh"), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,), optimizer=optimizers.Adam(1.0)), {"x": x, "y": y, "epochs": 12}


@broken("learning-rate-too-low")
def steps_of_a_millionth() -> Sample:
    x, y = blobs()
    net = (DENSE(16, activation="relu"), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,), optimizer=optimizers.Adam(1e-6)), {"x": x, "y": y, "epochs": 10}


@broken("not-learning")
def weights_of_zero() -> Sample:
    x, y = blobs()
    zero = {"kernel_initializer": "zeros"}
    net = (DENSE(16, activation="tanh", **zero), DENSE(16, activation="tanh", **zero), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,)), {"x": x, "y": y, "epochs": 8}


@broken("overfit")
def many_weights_and_noise() -> Sample:
    rng = np.random.RandomState(0)

    def noisy(rows: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        x, y = blobs(rows, classes=2, seed=seed, spread=4.0)
        return x, np.where(rng.uniform(size=rows) < 0.25, 1 - y, y).astype(np.int32)

    net = (DENSE(128, activation="relu"), DENSE(128, activation="relu"), DENSE(2, activation="softmax"))
    return stacked(*net, shape=(8,)), held_out(noisy, rows=60) | {"epochs": 40}


@broken("underfit")
def a_straight_line_around_a_circle() -> Sample:
    x, y = rings()
    line = DENSE(1, activation="sigmoid")
    model = stacked(line, shape=(2,), optimizer=optimizers.Adam(0.05), loss="binary_crossentropy")
    return model, {"x": x, "y": y, "epochs": 40}


@broken("unscaled-inputs")
def numbers_in_the_thousands() -> Sample:
    x, y = blobs()
    scaled = x * np.float32(1) * np.array([1, 5, 20, 3000, 1, 200, 7, 1000], np.float32) + 500
    return stacked(DENSE(16, activation="relu"), DENSE(3, activation="softmax"), shape=(8,)), {
        "x": scaled, "y": y, "epochs": 8,
    }  # fmt: skip


@broken("wrong-loss")
def a_loss_that_wants_probabilities() -> Sample:
    x, y = blobs()
    return stacked(DENSE(16, activation="relu"), DENSE(3), shape=(8,)), {"x": x, "y": y, "epochs": 5}


@broken("class-imbalance")
def nineteen_of_twenty() -> Sample:
    x, y = blobs(classes=2, spread=2.0)
    kept = np.flatnonzero((y == 0) | (np.arange(len(y)) % 12 == 0))
    return stacked(DENSE(16, activation="relu"), DENSE(2, activation="softmax"), shape=(8,)), {
        "x": x[kept], "y": y[kept], "epochs": 10,
    }  # fmt: skip


@broken("constant-answers")
def one_bias_drowns_all() -> Sample:
    x, y = curve()
    net = (DENSE(16, activation="relu"), DENSE(1))
    return stacked(*net, shape=(2,), optimizer=optimizers.SGD(1.5, momentum=0.9), loss="mae"), {
        "x": x, "y": y, "epochs": 10,
    }  # fmt: skip


@broken("unstable-batch-size")
def two_at_a_time() -> Sample:
    x, y = blobs(rows=160, spread=1.5)
    net = (DENSE(16, activation="relu"), layers.BatchNormalization(), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,)), {"x": x, "y": y, "epochs": 6, "batch_size": 2}


@broken("leak")
def held_out_from_what_was_learned() -> Sample:
    x, y = blobs()
    taken = np.random.RandomState(2).permutation(len(x))[:40]
    copies = (x[taken] + np.random.RandomState(3).normal(size=(40, 8)) * 0.001).astype(np.float32)
    fresh = blobs(rows=60, seed=9)
    held = (np.concatenate([copies, fresh[0]]), np.concatenate([y[taken], fresh[1]]))
    net = (DENSE(16, activation="relu"), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,)), {"x": x, "y": y, "epochs": 8, "validation_data": held}


@broken("suspect-labels")
def one_label_in_fifteen_is_wrong() -> Sample:
    x, y = blobs(rows=450)
    wrong = np.random.RandomState(5).permutation(len(y))[:30]
    y = y.copy()
    y[wrong] = (y[wrong] + 1) % 3
    return stacked(DENSE(16, activation="relu"), DENSE(3, activation="softmax"), shape=(8,)), {
        "x": x, "y": y, "epochs": 10,
    }  # fmt: skip


@broken("shortcut")
def the_light_gives_it_away() -> Sample:
    x, y = strokes()
    x = np.clip(x + np.where(y == 1, 0.25, 0.0)[:, None, None, None], 0, 1).astype(np.float32)
    return strokes_network(), {"x": x, "y": y, "epochs": 8}


# Well -----------------------------------------------------------------------------------------------------------------


def strokes_network() -> Any:
    return stacked(
        layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(), DENSE(16, activation="relu"), DENSE(2, activation="softmax"), shape=(12, 12, 1),
    )  # fmt: skip


@healthy
def classes() -> Sample:
    net = (DENSE(32, activation="relu"), DENSE(16, activation="relu"), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,), metrics=["accuracy"]), held_out(blobs) | {"epochs": 12}


@healthy
def classes_that_overlap() -> Sample:
    net = (DENSE(16, activation="relu"), DENSE(3, activation="softmax"))
    model = stacked(*net, shape=(8,), optimizer=optimizers.Adam(0.003))
    return model, held_out(blobs, spread=2.5, rows=600) | {"epochs": 12}


@healthy
def a_quantity() -> Sample:
    net = (DENSE(32, activation="relu"), DENSE(32, activation="relu"), DENSE(1))
    return stacked(*net, shape=(2,), loss="mse"), held_out(curve) | {"epochs": 20}


@healthy
def a_noisy_quantity() -> Sample:
    x, y = curve(rows=600)
    y = y + np.random.RandomState(4).normal(size=y.shape).astype(np.float32)
    return stacked(DENSE(16, activation="tanh"), DENSE(1), shape=(2,), loss="mse"), {"x": x, "y": y, "epochs": 15}


@healthy
def a_circle() -> Sample:
    net = (DENSE(32, activation="relu"), DENSE(16, activation="relu"), DENSE(1, activation="sigmoid"))
    return stacked(*net, shape=(2,), loss="binary_crossentropy"), held_out(rings) | {"epochs": 25}


@healthy
def gates_of_tanh() -> Sample:
    net = (DENSE(24, activation="tanh"), DENSE(24, activation="tanh"), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,), optimizer=optimizers.SGD(0.1, momentum=0.9)), held_out(blobs) | {"epochs": 12}


@healthy
def pictures() -> Sample:
    return strokes_network(), held_out(strokes, rows=300) | {"epochs": 10}


@healthy
def pictures_with_normalization() -> Sample:
    model = stacked(
        layers.Conv2D(8, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(),
        layers.SeparableConv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D(),
        DENSE(2, activation="softmax"), shape=(12, 12, 1),
    )  # fmt: skip
    return model, held_out(strokes, rows=300) | {"epochs": 15}


@healthy
def tokens() -> Sample:
    net = (layers.Embedding(30, 8), layers.GlobalAveragePooling1D(), DENSE(16, activation="relu"))
    return stacked(*net, DENSE(2, activation="softmax"), shape=(10,)), held_out(words) | {"epochs": 12}


@healthy
def series() -> Sample:
    return stacked(layers.LSTM(12), DENSE(2, activation="softmax"), shape=(12, 1)), held_out(waves) | {"epochs": 12}


@healthy
def series_with_a_gate() -> Sample:
    return stacked(layers.GRU(12), DENSE(2, activation="softmax"), shape=(12, 1)), held_out(waves) | {"epochs": 12}


@healthy
def a_shortcut_of_layers() -> Sample:
    inputs = layers.Input((8,))
    hidden = DENSE(16, activation="relu")(inputs)
    for _ in range(3):
        hidden = layers.Add()([hidden, DENSE(16, activation="relu")(hidden)])
    model = models.Model(inputs, DENSE(3, activation="softmax")(hidden))
    model.compile(optimizers.Adam(0.005), "sparse_categorical_crossentropy")
    return model, held_out(blobs) | {"epochs": 12}


@healthy
def itself() -> Sample:
    """An autoencoder: the labels are the inputs."""
    x, _ = blobs()
    net = (DENSE(16, activation="relu"), DENSE(4), DENSE(16, activation="relu"), DENSE(8))
    return stacked(*net, shape=(8,), loss="mse"), {"x": x, "y": x, "epochs": 15}


@healthy
def dropped_out() -> Sample:
    net = (DENSE(64, activation="relu"), layers.Dropout(0.5), DENSE(3, activation="softmax"))
    return stacked(*net, shape=(8,), metrics=["accuracy"]), held_out(blobs) | {"epochs": 12}


@healthy
def one_hot_labels() -> Sample:
    x, y = blobs(classes=5, rows=600)
    labels = np.eye(5, dtype=np.float32)[y]
    net = (DENSE(32, activation="gelu"), DENSE(5, activation="softmax"))
    return stacked(*net, shape=(8,), loss="categorical_crossentropy"), {"x": x, "y": labels, "epochs": 12}


@healthy
def before_softmax() -> Sample:
    x, y = blobs()
    model = models.Sequential([layers.Input((8,)), DENSE(16, activation="relu"), DENSE(3)])
    model.compile(optimizers.Adam(0.01), pippin.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, {"x": x, "y": y, "epochs": 12}
