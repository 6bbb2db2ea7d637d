"""What layers add to the loss counts wherever they stand, and can be asked for after any call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models, ops

X = np.random.RandomState(0).randn(2, 3, 4).astype(np.float32)
SIZE = float(np.abs(X).sum())


class Adding(layers.Layer):
    """Adds the size of all that passes."""

    def call(self, inputs: Any) -> Any:
        self.add_loss(ops.sum(ops.abs(inputs)))
        return inputs


class Cell(layers.Layer):
    """A recurrent cell around it."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.state_size = 4
        self.adding = Adding()

    def call(self, inputs: Any, states: Any) -> Any:
        return self.adding(inputs) + 0 * states[0], states


class InParts(layers.Layer):
    """Layers in a list that grows, and in a dict."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.some: list[Any] = []
        self.some.append(Adding())
        self.others = {"one": layers.Identity()}

    def call(self, inputs: Any) -> Any:
        return self.others["one"](self.some[0](inputs))


def functional() -> Any:
    start = layers.Input((3, 4))
    return models.Model(start, Adding()(start))


PLACES = {
    "alone": Adding,
    "in a Sequential": lambda: models.Sequential([Adding()]),
    "in a functional model": functional,
    "in lists and dicts": InParts,
    "at each time step": lambda: layers.TimeDistributed(Adding()),
    "in a recurrent cell": lambda: layers.RNN(Cell(), return_sequences=True),
    "in stacked cells at each step of a step": lambda: layers.RNN([Cell(), layers.GRUCell(4)], return_sequences=True),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_layer_adds_counts_in_training(place: str) -> None:
    model = models.Sequential([layers.Input((3, 4)), PLACES[place]()])
    outputs = model.predict(X, verbose=0)
    model.compile("sgd", "mse")
    assert model.evaluate(X, outputs, verbose=0) == pytest.approx(SIZE, rel=1e-6)


@pytest.mark.parametrize("place", PLACES)
def test_it_can_be_asked_for_after_a_call_on_arrays(place: str) -> None:
    layer = PLACES[place]()
    for _ in range(3):  # also by the shortcuts that later calls take
        layer(X)
        assert [float(loss) for loss in layer.losses] == pytest.approx([SIZE], rel=1e-6)


def test_a_layer_used_before_a_loop_and_in_it_adds_in_both_places() -> None:
    adding = Adding()
    start = layers.Input((3, 4))
    model = models.Model(start, layers.TimeDistributed(adding)(adding(start)))
    model.compile("sgd", "mse")
    assert model.evaluate(X, X, verbose=0) == pytest.approx(2 * SIZE, rel=1e-6)


def test_penalties_on_outputs_are_divided_by_the_batch() -> None:
    layer = layers.Identity(activity_regularizer="l1")
    layer(X)
    assert layer.losses == pytest.approx([0.01 * SIZE / 2], rel=1e-6)
    layer(X[:0])
    assert layer.losses == [0]
    assert layers.Dense(2, kernel_regularizer="l2").losses == []
