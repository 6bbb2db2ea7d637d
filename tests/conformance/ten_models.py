"""Ten models of different kinds, made with the words of the library that is given: `keras` or `pippin`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Made = tuple[Any, np.ndarray, np.ndarray]


def numbers(seed: int, *shape: int) -> np.ndarray:
    return np.random.RandomState(seed).normal(size=shape).astype(np.float32)


def whole(seed: int, most: int, *shape: int) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, most, shape).astype(np.int32)


def dense(k: Any) -> Made:
    net = [k.layers.Dense(8, activation="relu"), k.layers.Dense(5, activation="tanh"), k.layers.Dense(3, "softmax")]
    return k.Sequential([k.Input((6,)), *net]), numbers(1, 7, 6), whole(2, 3, 7)


def convolution(k: Any) -> Made:
    net = [k.layers.Conv2D(4, 3, activation="relu"), k.layers.Flatten(), k.layers.Dense(3, activation="softmax")]
    return k.Sequential([k.Input((8, 8, 2)), *net]), numbers(3, 5, 8, 8, 2), whole(4, 3, 5)


def pooling(k: Any) -> Made:
    l = k.layers
    net = [l.Conv2D(4, 2), l.MaxPooling2D(2), l.AveragePooling2D(2, strides=1), l.GlobalMaxPooling2D()]
    return k.Sequential([k.Input((9, 9, 1)), *net, l.Dense(2, "softmax")]), numbers(5, 6, 9, 9, 1), whole(6, 2, 6)


def normalization(k: Any) -> Made:
    l = k.layers
    net = [l.Dense(6), l.BatchNormalization(), l.ReLU(), l.LayerNormalization(), l.Dense(2, "softmax")]
    return k.Sequential([k.Input((5,)), *net]), numbers(7, 9, 5), whole(8, 2, 9)


def recurrent(k: Any) -> Made:
    net = [k.layers.GRU(5, return_sequences=True), k.layers.LSTM(4), k.layers.Dense(2, activation="softmax")]
    return k.Sequential([k.Input((6, 3)), *net]), numbers(9, 5, 6, 3), whole(10, 2, 5)


def attention(k: Any) -> Made:
    start = k.Input((5, 6))
    seen = k.layers.MultiHeadAttention(2, 3)(start, start)
    pooled = k.layers.GlobalAveragePooling1D()(k.layers.Add()([start, seen]))
    return k.Model(start, k.layers.Dense(2, activation="softmax")(pooled)), numbers(11, 4, 5, 6), whole(12, 2, 4)


def embedding(k: Any) -> Made:
    l = k.layers
    net = [l.Embedding(12, 5), l.GlobalAveragePooling1D(), l.Dense(4, activation="gelu"), l.Dense(2, "softmax")]
    return k.Sequential([k.Input((7,), dtype="int32"), *net]), whole(13, 12, 6, 7), whole(14, 2, 6)


def residual(k: Any) -> Made:
    start = k.Input((6,))
    way = k.layers.Dense(6, activation="relu")(start)
    for _ in range(2):
        way = k.layers.Add()([way, k.layers.Dense(6, activation="silu")(way)])
    return k.Model(start, k.layers.Dense(3, activation="softmax")(way)), numbers(15, 8, 6), whole(16, 3, 8)


def separable(k: Any) -> Made:
    l = k.layers
    net = [l.SeparableConv2D(4, 3, activation="relu"), l.DepthwiseConv2D(2), l.GlobalAveragePooling2D()]
    return k.Sequential([k.Input((8, 8, 2)), *net, l.Dense(2, "softmax")]), numbers(17, 5, 8, 8, 2), whole(18, 2, 5)


def own_layer(k: Any) -> Made:
    class Swell(k.layers.Layer):  # type: ignore[name-defined,misc]
        """x + a sin(b x), with a and b to learn."""

        def build(self, shape: Any) -> None:
            self.a = self.add_weight(shape=(shape[-1],), initializer="ones", name="a")
            self.b = self.add_weight(shape=(shape[-1],), initializer="ones", name="b")

        def call(self, x: Any) -> Any:
            return x + self.a * k.ops.sin(self.b * x)

    net = [k.layers.Dense(5), Swell(name="swell"), k.layers.Dense(2, activation="softmax")]
    return k.Sequential([k.Input((4,)), *net]), numbers(19, 6, 4), whole(20, 2, 6)


KINDS: dict[str, Callable[[Any], Made]] = {
    make.__name__: make
    for make in [
        dense, convolution, pooling, normalization, recurrent, attention, embedding, residual, separable, own_layer
    ]
}


def compiled(kind: str, k: Any) -> Made:
    """A model with numbers of its own in every weight, and a batch for it."""
    model, x, y = KINDS[kind](k)
    # Not Adam: it divides a gradient by its own size, so of one that is nothing but rounding (that of a bias before a
    # normalization) it makes a step that is nothing but rounding.
    model.compile(optimizer=k.optimizers.SGD(0.01, momentum=0.9), loss="sparse_categorical_crossentropy")
    model.set_weights([
        np.abs(numbers(50 + n, *weight.shape)) * 0.5 + 0.5 if "variance" in weight.path else weight_like(weight, n)
        for n, weight in enumerate(model.weights)
    ])  # fmt: skip
    return model, x, y


def weight_like(weight: Any, number: int) -> np.ndarray:
    """Numbers of a weight; whole ones (the state of a random stream) as they are."""
    value = np.asarray(weight)
    return 0.5 * numbers(50 + number, *weight.shape) if value.dtype.kind == "f" else value
