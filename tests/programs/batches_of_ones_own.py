"""Batches that a class makes, shuffled by itself after every epoch; then a generator that never ends."""
import sys

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)


class Signals(keras.utils.Sequence):
    """Signals of two kinds, made when they are asked for."""

    def __init__(self, numbers, batch_size=20, shuffle=True, **kwargs):
        super().__init__(**kwargs)
        self.numbers, self.batch_size, self.shuffle = np.array(numbers), batch_size, shuffle
        self.on_epoch_end()

    def __len__(self):
        return len(self.numbers) // self.batch_size

    def on_epoch_end(self):
        self.order = np.arange(len(self.numbers))
        if self.shuffle:
            np.random.shuffle(self.order)

    def __getitem__(self, index):
        chosen = self.numbers[self.order[index * self.batch_size : (index + 1) * self.batch_size]]
        return np.stack([self.signal(number) for number in chosen]), chosen % 2

    @staticmethod
    def signal(number):
        rng = np.random.default_rng(int(number))
        ticks = np.arange(64) * (0.3 + 0.08 * (number % 2)) + rng.uniform(0, 6)
        return (np.sin(ticks) + rng.normal(scale=0.6, size=64))[:, None]


training, validation = Signals(range(800)), Signals(range(800, 1000), shuffle=False)
model = keras.Sequential(
    [
        layers.Conv1D(8, 9, strides=2, activation="relu", input_shape=(64, 1)),
        layers.BatchNormalization(),
        layers.Conv1D(16, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
model.fit(training, validation_data=validation, epochs=6, verbose=0)


def endless():
    turn = 0
    while True:
        yield training[turn % len(training)]
        turn += 1


model.fit(endless(), steps_per_epoch=30, epochs=2, validation_data=validation, validation_steps=5, verbose=0)
print("accuracy", model.evaluate(validation, verbose=0)[1])
