"""The words of Keras 2 do what today's words do, and say them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models

X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(20, 3)
Y = (X.sum(1) > 0).astype(np.int32)


def _model(outputs: int) -> Any:
    pippin.utils.set_random_seed(3)
    model = models.Sequential([layers.Input((3,)), layers.Dense(outputs, "softmax" if outputs > 1 else "sigmoid")])
    model.compile("adam", "sparse_categorical_crossentropy" if outputs > 1 else "binary_crossentropy")
    return model


def _batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    while True:
        yield X[5:15], Y[5:15]


def test_fit_generator_is_fit() -> None:
    older, now = _model(2), _model(2)
    with pytest.warns(DeprecationWarning, match=r"Write model\.fit\(generator"):
        told = older.fit_generator(_batches(), 2, nb_epoch=3, verbose=0, workers=4, max_queue_size=10)
    expected = now.fit(_batches(), steps_per_epoch=2, epochs=3, verbose=0)
    assert told.history == expected.history


def test_generators_are_evaluated_and_predicted() -> None:
    model = _model(2)
    with pytest.warns(DeprecationWarning):
        assert model.evaluate_generator(_batches(), steps=2) == model.evaluate(X[5:15], Y[5:15], verbose=0)
    with pytest.warns(DeprecationWarning):
        assert model.predict_generator(iter([(X[:10],), (X[10:],)]), steps=2).shape == (20, 2)


@pytest.mark.parametrize("outputs", [1, 2])
def test_classes_are_those_of_the_largest_outputs(outputs: int) -> None:
    model = _model(outputs)
    found = model.predict(X, verbose=0)
    with pytest.warns(DeprecationWarning):
        classes = model.predict_classes(X)
    assert np.array_equal(classes, found.argmax(-1) if outputs > 1 else (found > 0.5).astype(int))
    with pytest.warns(DeprecationWarning):
        assert np.array_equal(model.predict_proba(X), found)
