"""Small models in words that Keras and Pippin share, with data for them: what the files in saved/ hold.

`library` is either of the two. Each model is made, trained for a few steps, saved, asked, and trained for one step
more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


def pictures(library: Any) -> Any:
    """Convolution, normalization, pools, a regularizer; random layers that rest when nobody trains; Adam."""
    layers = library.layers
    model = library.models.Sequential(
        [
            layers.Input((6, 6, 1)),
            layers.RandomFlip("horizontal"),
            layers.Rescaling(1 / 255, offset=-0.5),
            layers.Conv2D(3, 3, padding="same", activation="relu", kernel_regularizer=library.regularizers.L2(0.01)),
            layers.BatchNormalization(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.25, seed=3),
            layers.Dense(3, activation="softmax", kernel_initializer="he_normal", name="head"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def graph(library: Any) -> Any:
    """Two inputs, two outputs, a layer used twice, models inside a model; SGD with Nesterov's momentum."""
    layers, models = library.layers, library.models
    a, b = layers.Input((4,), name="a"), layers.Input((3,), name="b")
    shared = layers.Dense(4, activation="tanh", name="shared")
    stack = models.Sequential(
        [layers.Input((4,)), layers.Dense(5, activation="relu"), layers.BatchNormalization()], name="stack"
    )
    start = layers.Input((5,))
    inner = models.Model(start, [layers.Dense(4, activation="silu")(start), layers.Dense(4)(start)], name="inner")
    left, right = inner(stack(shared(shared(a))))
    _, again = inner(stack(a))
    joined = layers.Concatenate()([layers.Add()([left, again]), layers.Multiply()([left, right]), b])
    yes = layers.Dense(1, activation="sigmoid", name="yes")(joined)
    two = layers.Dense(2, name="two")(layers.Activation("selu")(joined))
    model = models.Model([a, b], [yes, two], name="graph")
    model.compile(
        optimizer=library.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
        loss=["binary_crossentropy", library.losses.MeanSquaredError()],
        loss_weights=[1.0, 0.5],
        metrics=[["accuracy"], ["mae"]],
    )
    return model


def functions(library: Any) -> Any:
    """Functions between layers, slices and signs; a dict of outputs; Adam with amsgrad."""
    layers, ops = library.layers, library.ops
    x = layers.Input((6,), name="x")
    h = layers.Dense(6)(x)
    y = ops.mean(ops.reshape(h, (-1, 2, 3)), axis=1, keepdims=True)[:, 0]
    y = ops.concatenate(
        [ops.relu(y), ops.softmax(y, axis=-1), library.activations.relu(h, negative_slope=0.1) / 2], axis=-1
    )
    y = ops.maximum(y, -0.5) - ops.clip(y, -0.1, 0.1) ** 2
    model = library.models.Model(x, {"out": layers.Dense(2, name="out")(y)}, name="functions")
    model.compile(optimizer=library.optimizers.Adam(0.01, amsgrad=True), loss="mse")
    return model


def frozen(library: Any) -> Any:
    """Layers that don't learn, a model inside that ends another; RMSprop with momentum."""
    layers = library.layers
    a, start = layers.Input((4,), name="a"), layers.Input((4,), name="start")
    core = library.models.Model(start, layers.Dense(4, activation="relu", name="inside")(start), name="core")
    between = layers.Dense(4, name="between", trainable=False)
    model = library.models.Model(a, core(layers.BatchNormalization(name="norm")(between(core(a)))), name="frozen")
    model.compile(optimizer=library.optimizers.RMSprop(0.001, momentum=0.5, centered=True), loss="mae")
    return model


def sequences(library: Any) -> Any:
    """Words with padding through recurrent layers of every kind: states, both ways, cells, a layer at each step."""
    layers = library.layers
    words = layers.Input((5,), dtype="int32", name="words")
    vectors = layers.Embedding(7, 4, mask_zero=True)(words)
    told, h, c = layers.LSTM(3, return_sequences=True, return_state=True, name="told")(vectors)
    both = layers.Bidirectional(layers.GRU(2, return_sequences=True, name="way"), merge_mode="sum")(told)
    steps = layers.TimeDistributed(layers.Dense(3, activation="tanh"), name="steps")(both)
    cells = [layers.SimpleRNNCell(3), layers.LSTMCell(2, unit_forget_bias=False)]
    last = layers.RNN(cells, go_backwards=True, name="cells")(steps)
    model = library.models.Model(words, layers.Dense(1)(layers.Concatenate()([last, h, c])), name="sequences")
    model.compile(optimizer=library.optimizers.Adam(0.01), loss="mse")
    return model


MODELS: dict[str, Callable[[Any], Any]] = {
    "pictures": pictures,
    "graph": graph,
    "functions": functions,
    "frozen": frozen,
    "sequences": sequences,
}
TRAINS_BY_CHANCE = ("pictures",)  # their next step depends on random numbers, which each library draws in its own way


def data(name: str) -> tuple[Any, Any]:
    """(x, y) for a model, the same in both libraries."""
    numbers = np.random.RandomState(0)

    def floats(*shape: int) -> np.ndarray:
        return numbers.rand(*shape).astype("float32")

    if name == "pictures":
        return floats(12, 6, 6, 1) * 255, numbers.randint(0, 3, 12)
    if name == "graph":
        return [floats(12, 4), floats(12, 3)], [numbers.randint(0, 2, (12, 1)), floats(12, 2)]
    if name == "functions":
        return floats(12, 6), {"out": floats(12, 2)}
    if name == "sequences":
        ends = numbers.randint(1, 6, (12, 1))
        return np.where(np.arange(5) < ends, numbers.randint(1, 7, (12, 5)), 0), floats(12, 1)
    return floats(12, 4), floats(12, 4)


def answers(model: Any, name: str) -> Arrays:
    """What a model says, and its weights and optimizer after one more step, as arrays by name."""
    x, y = data(name)
    said = model.predict(x, verbose=0)
    leaves = list(said.values()) if isinstance(said, dict) else said if isinstance(said, list) else [said]
    found = {f"output {number}": np.asarray(leaf) for number, leaf in enumerate(leaves)}
    if name not in TRAINS_BY_CHANCE:
        model.train_on_batch(x, y)
        found |= {f"weight {number}": np.array(array) for number, array in enumerate(model.get_weights())}
        found |= {
            f"memory {number}": np.array(variable.numpy()) for number, variable in enumerate(model.optimizer.variables)
        }
    return found
