"""Models of different kinds whose gradients real Keras was asked for: those of keras_models.py and eight more.

Each function is given the library, `keras` or `pippin`, and says the same words to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from goldens.keras_models import MODELS as TRAINED
from goldens.keras_models import Setup


def yes_or_no(keras: Any) -> Setup:
    """A yes/no question, with softplus, ELU and a learned slope."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((6,)), layers.Dense(5, activation="softplus"), layers.PReLU(alpha_initializer="ones"),
        layers.Dense(4), layers.ELU(0.5), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model, ["numbers", 61, [7, 6]], ["classes", 62, [7, 1], 2], ["numbers", 63, [7], 0.2, 2]


def windows(keras: Any) -> Setup:
    """Uneven windows, strides and dilation, and the strongest of each channel."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((9, 8, 2)), layers.Conv2D(3, (3, 2), strides=(2, 1), activation="tanh"),
        layers.Conv2D(4, 2, padding="same", dilation_rate=2, activation="gelu"), layers.MaxPooling2D(3, strides=2,
        padding="same"), layers.GlobalMaxPooling2D(), layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    return model, ["numbers", 64, [4, 9, 8, 2]], ["classes", 65, [4], 3], None


def normalized(keras: Any) -> Setup:
    """Batch normalization between dense layers, so that examples depend on each other."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((5,)), layers.Dense(6, use_bias=False), layers.BatchNormalization(), layers.ReLU(),
        layers.Dense(4, activation="swish", kernel_regularizer="l1"), layers.Dense(2),
    ])  # fmt: skip
    model.compile(optimizer="rmsprop", loss="mse")
    return model, ["numbers", 66, [6, 5]], ["numbers", 67, [6, 2]], None


def two_answers(keras: Any) -> Setup:
    """Two outputs, the second computed from the first; losses that count differently."""
    layers = keras.layers
    start = keras.Input((4,))
    first = layers.Dense(3, activation="softmax", name="kind")(layers.Dense(5, activation="relu")(start))
    second = layers.Dense(1, name="size")(layers.Concatenate()([first, start]))
    model = keras.Model(start, [first, second])
    model.compile(
        optimizer="adam", loss=["sparse_categorical_crossentropy", "mse"], loss_weights=[1.0, 0.3],
    )  # fmt: skip
    return model, ["numbers", 68, [5, 4]], [["classes", 69, [5], 3], ["numbers", 70, [5, 1]]], None


def used_twice(keras: Any) -> Setup:
    """One layer that is used twice, and merging layers."""
    layers = keras.layers
    start = keras.Input((6,))
    shared = layers.Dense(6, activation="tanh", name="shared")
    once = shared(start)
    twice = shared(once)
    merged = layers.Multiply()([layers.Maximum()([once, twice]), layers.Subtract()([twice, start])])
    model = keras.Model(start, layers.Dense(2, activation="softmax")(layers.Average()([merged, start])))
    model.compile(optimizer="adam", loss="categorical_crossentropy")
    return model, ["numbers", 71, [5, 6]], ["one_hot", 72, 5, 2], None


def nested(keras: Any) -> Setup:
    """A model inside a model."""
    layers = keras.layers
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, activation="relu", name="wide"), layers.Dense(3, name="narrow")],
        name="inner",
    )
    model = keras.Sequential([keras.Input((4,)), inner, layers.LeakyReLU(0.2), layers.Dense(1, name="last")])
    model.compile(optimizer=keras.optimizers.SGD(0.1, momentum=0.9), loss="mae")
    return model, ["numbers", 73, [6, 4]], ["numbers", 74, [6, 1], -2, 2], None


def scores(keras: Any) -> Setup:
    """Scores before the softmax, averaged windows, another shape in between."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((6, 6, 1)), layers.AveragePooling2D(2), layers.Conv2D(4, 2, activation="sigmoid"),
        layers.Reshape((4, 4)), layers.Dense(3, activation="relu"), layers.Flatten(), layers.Dense(3),
        layers.Activation("linear"),
    ])  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.AdamW(0.01), loss=loss)
    return model, ["numbers", 75, [5, 6, 6, 1]], ["classes", 76, [5], 3], None


def hinged(keras: Any) -> Setup:
    """A mean over the picture, a loss with corners, and clipped gradients."""
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((5, 5, 3)), layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.GlobalAveragePooling2D(), layers.Dense(1, activation="tanh"),
    ])  # fmt: skip
    model.compile(optimizer=keras.optimizers.Adam(0.01, global_clipnorm=0.01), loss="squared_hinge")
    return model, ["numbers", 77, [6, 5, 5, 3]], ["classes", 78, [6, 1], 2], None


_MORE = (yes_or_no, windows, normalized, two_answers, used_twice, nested, scores, hinged)
MODELS: dict[str, Callable[[Any], Setup]] = {**TRAINED, **{model.__name__: model for model in _MORE}}
