"""Small models that are trained by real Keras and by Pippin, from the same weights on the same data.

Each function is given the library, `keras` or `pippin`, and says the same words to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Model = Any
Setup = tuple[Model, list[Any], list[Any], Any]
"""A compiled model, and the recipes of x, y and sample_weight (or None) for a batch."""


def article(keras: Any) -> Setup:
    """The network of the beginner's article."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((16,)), layers.Dense(32, activation="relu"), layers.Dense(16, activation="relu"),
        layers.Dense(2, activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, ["numbers", 51, [20, 16]], ["classes", 52, [20], 2], None


def pictures(keras: Any) -> Setup:
    """Convolution, batch normalization, pooling, regularizers and constraints."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((8, 8, 2)), layers.Rescaling(0.5, offset=0.1),
        layers.Conv2D(4, 3, padding="same", use_bias=False, kernel_regularizer="l2"),
        layers.BatchNormalization(momentum=0.9), layers.ReLU(), layers.MaxPooling2D(), layers.Conv2D(3, 2,
        activation="elu", kernel_constraint="max_norm"), layers.AveragePooling2D(2, padding="same"),
        layers.Flatten(), layers.Dense(3, activity_regularizer="l1"),
    ])  # fmt: skip
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        metrics=["accuracy", keras.metrics.TopKCategoricalAccuracy(2, name="top")],
        weighted_metrics=[keras.metrics.CategoricalCrossentropy(from_logits=True, name="ce")],
    )
    return model, ["numbers", 53, [6, 8, 8, 2]], ["one_hot", 54, 6, 3], ["numbers", 55, [6], 0.5, 1.5]


def branches(keras: Any) -> Setup:
    """A functional model: two branches that meet, with RMSprop and clipping."""
    layers = keras.layers
    start = keras.Input((10,))
    left = layers.Dense(6, activation="tanh")(start)
    right = layers.Dense(6, activation="swish")(start)
    both = layers.Concatenate()([layers.Add()([left, right]), start])
    model = keras.Model(start, layers.Dense(1, activation="sigmoid")(both))
    model.compile(
        optimizer=keras.optimizers.RMSprop(0.01, clipnorm=0.5), loss="binary_crossentropy",
        metrics=["accuracy", "mse", keras.metrics.AUC(name="auc")],
    )  # fmt: skip
    return model, ["numbers", 56, [12, 10]], ["classes", 57, [12, 1], 2], None


def numbers_out(keras: Any) -> Setup:
    """Regression with weight decay: what AdamW is for."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((5,)), layers.Dense(8), layers.LeakyReLU(), layers.Dense(2)])
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer=optimizer, loss="huber", metrics=["mae", keras.metrics.RootMeanSquaredError(name="rmse")])
    return model, ["numbers", 58, [9, 5]], ["numbers", 59, [9, 2], -2, 2], ["numbers", 60, [9], 0, 2]


MODELS: dict[str, Callable[[Any], Setup]] = {f.__name__: f for f in (article, pictures, branches, numbers_out)}
