"""MNIST with one script for both: seconds of the second to last epoch and test accuracy. argv: library, network, batch,
epochs, folder.

`library` is "pippin" or "keras"; the same words build the same network, which is the point.
"""

import gzip
import json
import sys
import time
from pathlib import Path

import numpy as np

library, network, batch, epochs, folder = (
    sys.argv[1],
    sys.argv[2],
    int(sys.argv[3]),
    int(sys.argv[4]),
    Path(sys.argv[5]),
)
if library == "pippin":
    import pippin as keras
else:
    import keras
layers = keras.layers


def read(name):
    with gzip.open(folder / f"{name}.gz") as file:
        raw = file.read()
    header = 16 if "images" in name else 8
    data = np.frombuffer(raw, np.uint8, offset=header)
    return data.reshape(-1, 28, 28) if "images" in name else data.astype(np.int32)


x, y = read("train-images-idx3-ubyte").astype(np.float32) / 255, read("train-labels-idx1-ubyte")
x_test, y_test = read("t10k-images-idx3-ubyte").astype(np.float32) / 255, read("t10k-labels-idx1-ubyte")
keras.utils.set_random_seed(0)
if network == "mlp":
    x, x_test = x.reshape(-1, 784), x_test.reshape(-1, 784)
    model = keras.Sequential(
        [keras.Input((784,)), layers.Dense(128, activation="relu"), layers.Dense(10, activation="softmax")]
    )
else:
    x, x_test = x[..., None], x_test[..., None]
    model = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Conv2D(6, 5, padding="same", activation="relu"), layers.MaxPooling2D(2),
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(),
        layers.Dense(120, activation="relu"), layers.Dense(84, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"])


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.began)


clock = Clock()
whole = time.perf_counter()
history = model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0, callbacks=[clock])
whole = time.perf_counter() - whole
accuracy = model.evaluate(x_test, y_test, batch_size=1000, verbose=0)[1]
print(
    json.dumps(
        {
            "seconds": float(np.median(clock.seconds[1:])),
            "whole": whole,
            "accuracy": accuracy,
            "loss": history.history["loss"],
        }
    )
)
