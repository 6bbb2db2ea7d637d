"""Claims about a layer in a step: what came in and went out, found for layers nobody has heard of too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from conformance.test_every_layer import EXAMPLES, inputs_of
from conformance.test_every_layer import NAMES as LAYERS
from glass.asked import step_of
from pippin import glass, layers, models, ops
from pippin.naming import clear_names


def small(*stack: Any, rows: int = 4, features: int = 3, **compiled: Any) -> glass.Step:
    """The step of a small stack on random numbers."""
    pippin.random.set_random_seed(5)
    clear_names()
    model = models.Sequential([layers.Input((features,)), *stack])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **compiled})
    rng = np.random.RandomState(2)
    x = rng.normal(size=(rows, features)).astype(np.float32)
    return glass.step(model, x, rng.normal(size=(rows, *model.output_shape[1:])).astype(np.float32))


def test_a_dense_layer_shows_what_numpy_computes() -> None:
    step = small(
        layers.Dense(5, activation="relu", bias_initializer="ones", name="first"), layers.Dense(2, name="last")
    )
    first, last = step.layer("first"), step.layer("last")
    kernel, bias = first.weights["kernel"], first.weights["bias"]
    assert first.pre_activation is not None
    np.testing.assert_allclose(first.pre_activation, first.input @ kernel + bias, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(first.output, np.maximum(first.pre_activation, 0))
    np.testing.assert_array_equal(first.output, last.input)
    # Mean squared error of 4 examples with 2 numbers each.
    arriving = 2 * (last.output - step.inputs["y"]) / last.output.size
    np.testing.assert_allclose(last.output_gradient, arriving, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(last.input_gradient, arriving @ last.weights["kernel"].T, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(first.output_gradient, last.input_gradient)
    behind = np.where(first.pre_activation > 0, first.output_gradient, 0)
    np.testing.assert_array_equal(first.pre_activation_gradient, behind)
    np.testing.assert_allclose(first.gradients["kernel"], first.input.T @ behind, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(first.gradients["bias"], behind.sum(0), rtol=1e-5, atol=1e-7)


def test_what_nobody_asked_for_is_none_and_not_zero() -> None:
    step = small(layers.Dense(2, name="first"))
    assert step.layer("first").input_gradient is None
    assert "None is passed on: nothing before it learns." in step.layer("first").tell()


def test_a_layer_that_does_not_learn_has_no_gradients_and_no_updates() -> None:
    step = small(layers.Dense(3, trainable=False, name="frozen"), layers.Dense(2))
    frozen = step.layer("frozen")
    assert frozen.gradients == {"kernel": None, "bias": None} and frozen.updates == {}
    assert frozen.output_gradient is None and "No blame arrives" in frozen.tell()


@pytest.mark.parametrize(
    "activation,is_there", [(None, False), ("relu", True), ("softmax", True), ("gelu", True), ("swish", True)]
)
def test_the_weighted_sum_is_found_before_any_activation(activation: str | None, is_there: bool) -> None:
    view = small(layers.Dense(3, activation=activation, name="one")).layer("one")
    assert view.pre_activation is not None and view.has_activation == is_there
    assert (view.activation is not None) == is_there
    np.testing.assert_allclose(view.pre_activation, view.input @ view.weights["kernel"], rtol=1e-5, atol=1e-6)


def test_layers_without_a_weighted_sum_have_none() -> None:
    step = small(layers.Dense(3), layers.BatchNormalization(), layers.PReLU(), layers.Dropout(0.5), layers.Identity())
    for name in ("batch_normalization", "p_re_lu", "dropout", "identity"):
        found = [view for view in step.layers if view.name.startswith(name)]
        assert found and found[0].pre_activation is None and found[0].activation is None
    identity = step.layers[-1]
    assert identity.own_lines == []
    np.testing.assert_array_equal(identity.input, identity.output)


def test_batch_normalization_follows_the_batch() -> None:
    view = small(layers.Dense(3), layers.BatchNormalization(name="norm")).layer("norm")
    mean = view.updates["moving_mean"]
    np.testing.assert_allclose(mean.new, view.input.mean(0) * 0.01, rtol=1e-5, atol=1e-7)
    assert mean.gradient is None and "new moving_mean" in str(mean.equations()[-1])


class Squared(layers.Layer):
    """A layer that someone wrote for themselves."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return ops.tanh(ops.multiply(ops.square(inputs), self.scale))


def test_a_layer_of_ones_own_shows_its_numbers_and_says_that_it_has_no_formula() -> None:
    view = small(Squared(name="mine"), layers.Dense(1)).layer("mine")
    told = " ".join(view.tell().split())
    assert "Squared is a layer of your own. Pippin has no formula for it: what it does stands in its 3 lines" in told
    assert all(word in told for word in ("square(x)", "multiply(", "tanh("))
    assert view.pre_activation is not None  # its weights make a sum of a kind, and tanh comes behind it
    np.testing.assert_allclose(view.pre_activation, view.input**2, rtol=1e-6)
    assert view.check_gradient("scale").agrees
    assert view.neuron(1).products == [] and "sends on" in view.neuron(1).tell()


def test_a_layer_used_twice_is_there_twice() -> None:
    step = step_of("used_twice")
    once, twice = step.layer("shared"), step.layer("shared", call=1)
    np.testing.assert_array_equal(once.output, twice.input)
    assert "used 2 times in this step; this is use 2" in twice.tell()
    np.testing.assert_array_equal(once.gradients["kernel"], twice.gradients["kernel"])


@pytest.mark.filterwarnings("ignore:Flatten.*does not support masks")
@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_can_be_looked_at_and_told(name: str) -> None:
    make, shapes = EXAMPLES[name]
    pippin.random.set_random_seed(1)
    arrays = inputs_of(shapes)
    tensors = [layers.Input(array.shape[1:]) for array in arrays]
    fronts: Any = [layers.PReLU("ones")(tensor) for tensor in tensors]
    layer = make()
    out = layer(fronts if len(fronts) > 1 else fronts[0])
    model = models.Model(tensors if len(tensors) > 1 else tensors[0], layers.Dense(2)(layers.Flatten()(out)))
    model.compile("adam", "mse")
    step = glass.step(model, arrays if len(arrays) > 1 else arrays[0], np.ones((len(arrays[0]), 2), np.float32))
    view = step.layer(layer.name)
    assert len(view.inputs) == len(arrays) and view.output_gradient is not None
    assert view.output.shape == view.output_gradient.shape
    for depth in (1, 2, 3):
        told = view.telling(depth).draw(80)
        assert view.name in told and max(map(len, told.splitlines())) <= 80
    place = (0, *[0] * (view.output.ndim - 1))
    if view.own_lines:
        equation = view.equations(place)[-1]
        assert float(equation.result) == float(view.output[place])
    assert view.neuron(0).telling(3).draw(40)
