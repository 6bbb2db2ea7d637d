"""Claims about a single neuron: what it looks at, adds up and sends on."""

from __future__ import annotations

import numpy as np
import pytest

import pippin
from glass.asked import step_of
from glass.test_layer import small
from pippin import glass, layers, models
from pippin.errors import SettingError


@pytest.mark.parametrize("unit,example", [(0, 0), (3, 1), (4, 3)])
def test_products_bias_and_activation_make_what_the_layer_made(unit: int, example: int) -> None:
    view = small(layers.Dense(5, activation="tanh", bias_initializer="ones", name="one"), layers.Dense(1)).layer("one")
    neuron = view.neuron(unit, example)
    assert [p.input for p in neuron.products] == view.input[example].tolist()
    assert [p.weight for p in neuron.products] == view.weights["kernel"][:, unit].tolist()
    assert [p.weight_place for p in neuron.products] == [(row, unit) for row in range(3)]
    # Sums of float32 in another order.
    assert neuron.sum == pytest.approx(sum(p.product for p in neuron.products), rel=1e-5)
    assert neuron.bias == 1
    assert neuron.pre_activation == pytest.approx((neuron.sum or 0) + 1, rel=1e-6)
    assert neuron.output == pytest.approx(np.tanh(neuron.pre_activation), rel=1e-6)
    assert float(neuron.equations[-1].result) == neuron.output


def pictures(padding: str) -> glass.Step:
    pippin.random.set_random_seed(2)
    model = models.Sequential([
        layers.Input((5, 4, 2)), layers.Conv2D(3, (3, 2), padding=padding, activation="relu", name="look"),
        layers.Flatten(), layers.Dense(1),
    ])  # fmt: skip
    model.compile("adam", "mse")
    rng = np.random.RandomState(1)
    return glass.step(model, rng.normal(size=(3, 5, 4, 2)), rng.normal(size=(3, 1)))


@pytest.mark.parametrize("padding,position,count", [("valid", (1, 2), 12), ("same", (2, 1), 12), ("same", (0, 0), 8)])
def test_a_filter_looks_at_one_spot_and_not_at_the_border(padding: str, position: tuple[int, int], count: int) -> None:
    view = pictures(padding).layer("look")
    neuron = view.filter(1, example=2, position=position)
    assert len(neuron.products) == count
    for product in neuron.products:
        assert product.input == view.input[product.input_place] and product.input_place[0] == 2
        assert product.weight == view.weights["kernel"][product.weight_place] and product.weight_place[-1] == 1
    assert neuron.sum == pytest.approx(sum(p.product for p in neuron.products), rel=1e-4, abs=1e-6)
    assert neuron.output == view.output[(2, *position, 1)]


def test_a_dense_layer_on_rows_of_a_sequence_has_a_position() -> None:
    step = small_sequence()
    view = step.layer("each")
    neuron = view.neuron(1, example=2, position=(3,))
    assert [p.input for p in neuron.products] == view.input[2, 3].tolist()
    assert [p.input_place for p in neuron.products] == [(2, 3, feature) for feature in range(3)]
    assert [p.weight for p in neuron.products] == view.weights["kernel"][:, 1].tolist()
    assert neuron.bias == 1 and neuron.output == view.output[2, 3, 1]
    assert "at position 3, on example 2" in neuron.tell()
    assert neuron.kernel is not None and neuron.kernel.name == "each/kernel"


def small_sequence() -> glass.Step:
    pippin.random.set_random_seed(2)
    model = models.Sequential([
        layers.Input((4, 3)), layers.Dense(2, activation="tanh", bias_initializer="ones", name="each"),
        layers.Flatten(), layers.Dense(1),
    ])  # fmt: skip
    model.compile("adam", "mse")
    rng = np.random.RandomState(1)
    return glass.step(model, rng.normal(size=(3, 4, 3)), rng.normal(size=(3, 1)))


def test_one_example_moves_weights_alone() -> None:
    step = small(layers.Dense(2, name="one"), rows=1)
    assert "The error of the one example moves its weights." in step.layer("one").neuron(0).tell()


def test_without_a_position_the_strongest_spot_is_shown() -> None:
    view = pictures("valid").layer("look")
    assert view.filter(2, example=1).output == view.output[1, :, :, 2].max()


def test_weights_of_zero_are_products_too() -> None:
    view = small(layers.Dense(2, kernel_initializer="zeros", name="zero")).layer("zero")
    assert [(p.weight, p.product) for p in view.neuron(0).products] == [(0, 0)] * 3


def test_a_closed_gate_stays_silent_and_lets_no_blame_through() -> None:
    step = small(
        layers.Dense(2, activation="relu", bias_initializer=pippin.initializers.Constant(-9.0), name="shut"),
        layers.Dense(1, kernel_initializer="ones"),
    )
    told = " ".join(step.layer("shut").neuron(0).tell().split())
    assert "Its gate, relu, is closed: the neuron stays silent and sends on 0." in told
    assert "The closed gate lets no blame through: from this example the neuron's weights learn nothing." in told


def test_positive_blame_asks_for_less() -> None:
    neuron = step_of("article").layer("dense_2").neuron(1, example=4)
    assert neuron.output_gradient is not None
    assert ("should send on less" in " ".join(neuron.tell().split())) == (neuron.output_gradient > 0)


@pytest.mark.parametrize(
    "unit,example,position,message",
    [(9, 0, None, "from 0 to 2, received 9"), (0, 7, None, "from 0 to 2, received 7"),
     (0, 0, (9, 0), r"within \(5, 4\), received \(9, 0\)")],
)  # fmt: skip
def test_what_is_not_there_is_refused(unit: int, example: int, position: tuple[int, int] | None, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        pictures("same").layer("look").neuron(unit, example, position)
