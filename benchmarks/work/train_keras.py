"""A workload in Keras's words, which are Pippin's too: the same lines build and train both. The environment variable
LIBRARY says whose words they are, "keras" or "pippin"."""

from __future__ import annotations

import importlib
import os

import numpy as np

from benchmarks.work.measure import asked, measure
from benchmarks.workloads import BETA_1, BETA_2, EPSILON, LEARNING_RATE, Layer, Workload

keras = importlib.import_module(os.environ.get("LIBRARY", "pippin"))
layers = keras.layers


def network(work: Workload):
    make = {
        "conv": lambda l: layers.Conv2D(l.size, l.side, padding=l.padding, activation=l.activation),
        "pool": lambda l: layers.MaxPooling2D(2),
        "flatten": lambda l: layers.Flatten(),
        "dropout": lambda l: layers.Dropout(l.rate),
        "dense": lambda l: layers.Dense(l.size, activation=l.activation),
        "LSTM": lambda l: layers.LSTM(l.size),
        "GRU": lambda l: layers.GRU(l.size),
        "separable": lambda l: layers.SeparableConv2D(l.size, 3, padding="same", activation="relu"),
        "mean": lambda l: layers.GlobalAveragePooling2D() if len(work.shape) == 3 else layers.GlobalAveragePooling1D(),
        "embedding": lambda l: layers.Embedding(l.words, l.size),
        "block": lambda l: block(work.shape[0], l),
    }
    start = keras.Input(work.shape, dtype="int32" if work.words else "float32")
    return keras.Sequential([start, *(make[layer.kind](layer) for layer in work.layers)])


def block(places: int, layer: Layer):
    """One block of a transformer's encoder, normalized behind its sums."""
    x = keras.Input((places, layer.size))
    seen = layers.MultiHeadAttention(layer.heads, layer.size // layer.heads)(x, x)
    first = layers.LayerNormalization(epsilon=1e-6)(layers.add([x, seen]))
    thought = layers.Dense(layer.size)(layers.Dense(layer.hidden, activation="relu")(first))
    return keras.Model(x, layers.LayerNormalization(epsilon=1e-6)(layers.add([first, thought])))


def compiled(work: Workload, seed: int = 0, **settings):
    """A network that begins with the weights everybody begins with."""
    model = network(work)
    model.set_weights(work.weights(seed))
    adam = keras.optimizers.Adam(LEARNING_RATE, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON)
    model.compile(adam, "categorical_crossentropy", metrics=["accuracy"], **settings)
    return model


def one_hot(work: Workload) -> tuple[np.ndarray, np.ndarray]:
    x, labels = work.data()
    return x, np.eye(work.classes, dtype=np.float32)[labels]


def train(work: Workload, settings: dict, engine=None, watchers=()) -> None:
    """Fit and tell. `watchers` are callbacks of every fit."""
    keras.utils.set_random_seed(0)
    model = compiled(work, **settings)
    x, y = one_hot(work)

    def fit(epochs, tick):
        ticks = [keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: tick())] if tick else []
        callbacks = [*watchers, *ticks]
        history = model.fit(x, y, batch_size=work.batch, epochs=epochs, verbose=0, callbacks=callbacks).history
        return history["loss"], history["accuracy"]

    measure(work, fit, engine)


if __name__ == "__main__":
    train(*asked())
