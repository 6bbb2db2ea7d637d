"""A learning rate that goes up and down with the batches, set by a callback; losses noted batch by batch."""
import sys

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)


class Waves(keras.callbacks.Callback):
    def __init__(self, low, high, half):
        super().__init__()
        self.low, self.high, self.half = low, high, half
        self.done, self.rates, self.losses = 0, [], []

    def rate(self):
        turn = np.floor(1 + self.done / (2 * self.half))
        place = abs(self.done / self.half - 2 * turn + 1)
        return self.low + (self.high - self.low) * max(0.0, 1 - place)

    def on_train_begin(self, logs=None):
        self.model.optimizer.learning_rate = self.rate()

    def on_train_batch_end(self, batch, logs=None):
        self.done += 1
        self.rates.append(float(np.asarray(self.model.optimizer.learning_rate)))
        self.losses.append(logs["loss"])
        self.model.optimizer.learning_rate = self.rate()


rng = np.random.default_rng(3)
x = rng.normal(size=(640, 10)).astype("float32")
y = np.sin(x[:, :3].sum(axis=1)) + 0.1 * rng.normal(size=640)
model = keras.Sequential([layers.Dense(32, input_dim=10), layers.BatchNormalization(), layers.LeakyReLU(), layers.Dense(1)])
model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="mse", metrics=["mae"])
waves, ended = Waves(0.005, 0.05, half=40), []
model.fit(
    x[:512], y[:512], batch_size=32, epochs=20, verbose=0, validation_data=(x[512:], y[512:]),
    callbacks=[waves, keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ended.append(sorted(logs)))],
)
assert len(waves.losses) == 20 * 16 and ended[0] == ["loss", "mae", "val_loss", "val_mae"]
np.testing.assert_allclose(waves.rates[:3], [0.005, 0.006125, 0.00725], rtol=1e-5)
print("val_mae", model.evaluate(x[512:], y[512:], verbose=0)[1])
