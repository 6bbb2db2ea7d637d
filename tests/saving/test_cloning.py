"""Claims about clones: the same layers, called on the same tensors, with weights of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models
from pippin.errors import SettingError


def inner() -> Any:
    x = layers.Input((3,))
    return models.Model(x, layers.Dense(4, name="deep")(x), name="inner")


def outer() -> Any:
    x = layers.Input((2,), name="x")
    shared = layers.Dense(2, name="shared")
    y = inner()(layers.Dense(3)(shared(shared(x))))
    return models.Model(x, layers.Dense(1)(y * 2.0))


def test_a_clone_begins_at_the_tensors_it_is_given() -> None:
    model, start = outer(), layers.Input((2,), name="other")
    clone = models.clone_model(model, input_tensors=start)
    assert clone.inputs[0] is start and len(clone.layers) == len(model.layers)
    clone.set_weights(model.get_weights())
    x = np.ones((2, 2), np.float32)
    np.testing.assert_array_equal(clone.predict(x, verbose=0), model.predict(x, verbose=0))
    with pytest.raises(SettingError, match="the same structure as model.input"):
        models.clone_model(model, input_tensors=(start, start))


def test_a_call_function_puts_layers_behind_others_inside_too() -> None:
    def called(layer: Any, *arguments: Any, **keywords: Any) -> Any:
        made = layer(*arguments, **keywords)
        return layers.Dropout(0.5)(made) if isinstance(layer, layers.Dense) else made

    model = outer()
    for recursive, count in ((False, 4), (True, 4)):
        clone = models.clone_model(model, clone_function=lambda l: l, call_function=called, recursive=recursive)
        assert sum(isinstance(layer, layers.Dropout) for layer in clone.layers) == count
        kinds = [type(layer).__name__ for layer in clone.get_layer("inner").layers]
        assert kinds == ["InputLayer", "Dense", *(["Dropout"] if recursive else [])]
        x = np.ones((2, 2), np.float32)
        np.testing.assert_array_equal(clone.predict(x, verbose=0), model.predict(x, verbose=0))


def test_what_only_graphs_can_do_is_refused_for_others() -> None:
    class Own(models.Model):  # type: ignore[misc,name-defined]
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(SettingError, match="only for functional models"):
        models.clone_model(models.Sequential([layers.Dense(1)]), call_function=lambda l, x: l(x))
    with pytest.raises(SettingError, match="whose layers only its own code knows"):
        models.clone_model(Own(), clone_function=lambda l: l)
    assert type(models.clone_model(Own())) is Own
