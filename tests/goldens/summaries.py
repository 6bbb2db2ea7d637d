"""Models whose `summary()` was written down from real Keras, by running these same functions there."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np

Scenario = Callable[[Any], str]


def printed(model: Any, **settings: Any) -> str:
    """What `model.summary(...)` writes to standard output."""
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        model.summary(**settings)
    return stream.getvalue()


def article_model(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((16,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )


def article(keras: Any) -> str:
    return printed(article_model(keras))


def unbuilt(keras: Any) -> str:
    return printed(keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(2, name="head")]))


def empty(keras: Any) -> str:
    return printed(keras.Sequential(name="nothing_yet"))


def built_late(keras: Any) -> str:
    model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(2)])
    model.build((None, 3))
    return printed(model)


def compiled(keras: Any) -> str:
    model = article_model(keras)
    model.compile(optimizer="sgd", loss="mse")
    return printed(model)


def trained(keras: Any) -> str:
    model = article_model(keras)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(np.zeros((4, 16), np.float32), np.zeros(4, np.int32), verbose=0)
    return printed(model)


def chain(keras: Any) -> str:
    start = keras.Input((8, 8), name="picture")
    x = keras.layers.Flatten()(start)
    x = keras.layers.Dense(1000, name="wide")(x)
    return printed(keras.Model(start, keras.layers.Activation("tanh")(x)))


def branches_model(keras: Any) -> Any:
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    shared = keras.layers.Dense(6, name="shared")
    first, second = shared(left), shared(right)
    deep = keras.layers.Dense(6, name="deeper")(keras.layers.Dense(5, name="deep")(first))
    merged = first + second * deep
    outputs = [keras.layers.Dense(1, name="answer")(merged), keras.layers.Dense(3, name="kind")(second)]
    return keras.Model([left, right], outputs, name="branches")


def branches(keras: Any) -> str:
    return printed(branches_model(keras))


def branches_wide(keras: Any) -> str:
    return printed(branches_model(keras), line_length=140)


def nested_model(keras: Any) -> Any:
    layers = keras.layers
    inner = keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, name="one"), layers.Dense(2, name="two")], name="inner"
    )
    frozen = layers.Dense(5, name="frozen", trainable=False)
    return keras.Sequential(
        [layers.Input((4,)), inner, frozen, layers.Activation("relu", name="bend")], name="outer"
    )


def nested(keras: Any) -> str:
    return printed(nested_model(keras))


def nested_expanded(keras: Any) -> str:
    return printed(nested_model(keras), expand_nested=True)


def nested_trainable(keras: Any) -> str:
    return printed(nested_model(keras), expand_nested=True, show_trainable=True)


def narrow(keras: Any) -> str:
    return printed(article_model(keras), line_length=40)


def wide(keras: Any) -> str:
    return printed(article_model(keras), line_length=120)


def positions(keras: Any) -> str:
    return printed(article_model(keras), positions=[0.2, 0.5, 1.0])


def long_names(keras: Any) -> str:
    layers = keras.layers
    names = [
        "a_name_that_is_far_too_long_for_the_column_of_a_table",
        "fits_but_not_with_its_kind_beside",
        "[bold]markup[/bold]",
    ]
    dense = [layers.Dense(2, name=name.replace("/", "|")) for name in names]
    return printed(keras.Sequential([layers.Input((2,)), *dense], name="m" * 90))


def layer_range(keras: Any) -> str:
    return printed(article_model(keras), layer_range=["dense_1", "dense_2"])


def millions(keras: Any) -> str:
    return printed(keras.Sequential([keras.layers.Input((4000,)), keras.layers.Dense(700, name="huge")]))


def pictures(keras: Any) -> str:
    layers = keras.layers
    stack = [
        layers.Input((28, 28, 1)), layers.Rescaling(1 / 255), layers.RandomTranslation(0.1, 0.1),
        layers.Conv2D(8, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D(),
        layers.Dropout(0.5), layers.GlobalAveragePooling2D(), layers.Dense(10),
    ]  # fmt: skip
    return printed(keras.Sequential(stack))


def told_once(keras: Any) -> str:
    """How often and with what `print_fn` is called."""
    calls: list[str] = []
    article_model(keras).summary(print_fn=calls.append)
    return f"{len(calls)} call\n{''.join(calls)}"


SCENARIOS: dict[str, Scenario] = {
    function.__name__: function
    for function in (
        article,
        unbuilt,
        empty,
        built_late,
        compiled,
        trained,
        chain,
        branches,
        branches_wide,
        nested,
        nested_expanded,
        nested_trainable,
        narrow,
        wide,
        positions,
        long_names,
        layer_range,
        millions,
        pictures,
        told_once,
    )
}
