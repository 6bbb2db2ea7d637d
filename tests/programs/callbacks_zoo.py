"""Callbacks of every kind around one small fit."""
import csv
import os
import sys
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow.keras.callbacks import (
    Callback, CSVLogger, EarlyStopping, LambdaCallback, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau,
    TerminateOnNaN,
)
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential, load_model

tf.keras.utils.set_random_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
rng = np.random.default_rng(0)
X = rng.normal(size=(700, 10)).astype("float32")
y = (np.tanh(X[:, 0] * 2) + X[:, 1] ** 2 * 0.5 + 0.1 * rng.normal(size=700)).astype("float32")
home = tempfile.mkdtemp()


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses = []

    def on_batch_end(self, batch, logs={}):
        self.losses.append(logs.get("loss"))


class StopAt(Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs = logs or {}
        if logs.get("val_loss") is not None and logs["val_loss"] < 0.005:
            print("good enough")
            self.model.stop_training = True


def schedule(epoch, lr):
    return lr if epoch < 5 else lr * 0.97


model = Sequential()
model.add(Dense(32, input_dim=10, activation="relu"))
model.add(Dense(16, activation="relu"))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer=tf.keras.optimizers.Adam(learning_rate=0.01), metrics=["mae", "mse"])
losses, ends = LossHistory(), []
best = os.path.join(home, "best.keras")
history = model.fit(
    X, y, epochs=40, batch_size=32, validation_split=0.2, verbose=0,
    callbacks=[
        losses, StopAt(), TerminateOnNaN(),
        EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True, verbose=1),
        ModelCheckpoint(best, monitor="val_loss", save_best_only=True, mode="min", verbose=0),
        ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=3, min_lr=1e-5, verbose=1),
        LearningRateScheduler(schedule, verbose=0),
        CSVLogger(os.path.join(home, "log.csv")),
        LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(epoch)),
    ],
)
epochs = len(history.history["loss"])
with open(os.path.join(home, "log.csv")) as file:
    rows = list(csv.DictReader(file))
assert len(rows) == epochs == len(ends) and len(losses.losses) == epochs * 18
assert "learning_rate" in history.history
restored = load_model(best)
assert abs(restored.evaluate(X[560:], y[560:], verbose=0)[0] - min(history.history["val_loss"])) < 1e-4
print("val_mae", restored.evaluate(X[560:], y[560:], verbose=0)[1])
