"""A loss, a metric, a layer and an activation of one's own, through a file and back, then trained on."""
import os
import sys
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
keras.utils.set_random_seed(seed)


class Focal(keras.losses.Loss):
    def __init__(self, gamma=2.0, name="focal", **kwargs):
        super().__init__(name=name, **kwargs)
        self.gamma = gamma

    def call(self, y_true, y_pred):
        y_true = tf.cast(y_true, y_pred.dtype)
        sure = tf.where(tf.equal(y_true, 1.0), y_pred, 1.0 - y_pred)
        return tf.reduce_mean(-((1.0 - sure) ** self.gamma) * tf.math.log(tf.maximum(sure, 1e-7)), axis=-1)

    def get_config(self):
        return {**super().get_config(), "gamma": self.gamma}


class Hits(keras.metrics.Metric):
    def __init__(self, threshold=0.5, name="hits", **kwargs):
        super().__init__(name=name, **kwargs)
        self.threshold = threshold
        self.found = self.add_weight(name="found", initializer="zeros")
        self.there = self.add_weight(name="there", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = tf.cast(y_true, tf.bool)
        said = tf.greater_equal(y_pred, self.threshold)
        self.found.assign_add(tf.reduce_sum(tf.cast(tf.logical_and(y_true, said), self.dtype)))
        self.there.assign_add(tf.reduce_sum(tf.cast(y_true, self.dtype)))

    def result(self):
        return self.found / tf.maximum(self.there, 1.0)

    def reset_state(self):
        self.found.assign(0.0)
        self.there.assign(0.0)

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}


@keras.utils.register_keras_serializable(package="own")
class Products(layers.Layer):
    """Adds the products of neighbouring features, weighed."""

    def __init__(self, start=0.1, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        self.scale = self.add_weight(
            shape=(input_shape[-1],), initializer=keras.initializers.Constant(self.start), regularizer="l2", name="scale"
        )

    def call(self, x):
        return x + self.scale * x * tf.roll(x, shift=1, axis=-1)

    def get_config(self):
        return {**super().get_config(), "start": self.start}


def bent(x):
    return tf.nn.silu(x) + 0.05 * x


rng = np.random.default_rng(6)
x = rng.normal(size=(700, 6)).astype("float32")
y = (x[:, 0] * x[:, 1] + 0.3 * x[:, 2] > 0).astype("float32")[:, None]
model = keras.Sequential(
    [
        layers.Input((6,)), Products(), layers.Dense(24, activation=bent), layers.Dense(12, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(0.01), loss=Focal(1.5), metrics=[Hits(0.4), "accuracy"])
model.fit(x[:500], y[:500], epochs=10, batch_size=25, verbose=0)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "own.keras")
    model.save(path)
    again = keras.models.load_model(path, custom_objects={"Focal": Focal, "Hits": Hits, "bent": bent})
before, after = model.evaluate(x[500:], y[500:], verbose=0), again.evaluate(x[500:], y[500:], verbose=0)
np.testing.assert_allclose(before, after, atol=1e-5)
again.fit(x[:500], y[:500], epochs=10, batch_size=25, verbose=0)
print("accuracy", again.evaluate(x[500:], y[500:], verbose=0)[2])
