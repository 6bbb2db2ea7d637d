"""What every layer inherits: weights and their order, building once, losses, configuration, arrays at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models, ops
from pippin.errors import SettingError
from pippin.layers import Layer
from pippin.random import SeedGenerator


class Scaled(Layer):
    """A layer as a user writes one."""

    def __init__(self, units: int = 2, input_dim: int = 3, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.units, self.input_dim = units, input_dim

    def build(self, input_shape: Any) -> None:
        self.seen = self.add_weight((1,), "zeros", trainable=False, name="seen")
        self.kernel = self.add_weight((input_shape[-1], self.units), "ones", name="kernel")

    def call(self, inputs: Any) -> Any:
        self.add_loss(ops.sum(self.kernel) * 0.1)
        return ops.matmul(inputs, self.kernel)


class Block(Layer):
    """Layers inside a layer."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.parts = [layers.Dense(3, name="first"), layers.Dropout(0.5, seed=0)]
        self.last = Scaled(2, name="last")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        for part in self.parts:
            inputs = part(inputs, training=training)
        return self.last(inputs)


def test_trainable_weights_come_first_as_in_keras() -> None:
    layer = Scaled()
    layer(np.ones((2, 3)))
    assert [weight.name for weight in layer.weights] == ["kernel", "seen"]
    assert [weight.name for weight in layer.trainable_weights] == ["kernel"]
    assert [weight.name for weight in layer.non_trainable_weights] == ["seen"]
    assert layer.count_params() == 7


def test_layers_inside_are_counted_trained_and_frozen_with_the_whole() -> None:
    block = Block()
    block(np.ones((2, 4)))
    assert [weight.shape for weight in block.weights] == [(4, 3), (3,), (3, 2), (1,)]
    assert len(block.variables) == 5  # the state of the dropout's random numbers is no weight
    block.trainable = False
    assert block.trainable_weights == [] and len(block.non_trainable_weights) == 4
    assert not block.last.trainable


def test_weights_are_made_once_whoever_builds_first() -> None:
    layer = Scaled()
    layer.build((None, 3))
    first = layer.kernel
    layer(np.ones((2, 3)))
    layer(layers.Input((3,)))
    assert layer.kernel is first and layer.built
    assert layer.get_build_config() == {"input_shape": (None, 3)}
    again = Scaled()
    again.build_from_config({"input_shape": [None, 3]})
    assert again.kernel.shape == (3, 2)


def test_a_function_of_users_may_calculate_while_it_builds() -> None:
    class Doubled(Layer):
        def build(self, input_shape: Any) -> None:
            self.start = ops.ones((input_shape[-1],)) * 2.0

        def call(self, inputs: Any) -> Any:
            return inputs * self.start

    model = models.Sequential([layers.Input((3,)), Doubled()])
    np.testing.assert_array_equal(model.predict(np.ones((1, 3)), verbose=0), [[2, 2, 2]])


def test_what_call_adds_to_the_loss_is_minimised() -> None:
    model = models.Sequential([layers.Input((3,)), Scaled(name="scaled")])
    model.compile(optimizer="sgd", loss="mse")
    zeros = np.zeros((4, 3)), np.zeros((4, 2))
    assert model.test_on_batch(*zeros) == pytest.approx(0.6)
    model.train_on_batch(*zeros)
    np.testing.assert_allclose(model.get_weights()[0], np.full((3, 2), 1 - 0.01 * 0.1), rtol=1e-6)


def test_losses_of_earlier_traces_are_forgotten() -> None:
    layer = Scaled()
    for rows in range(1, 6):
        layer(np.ones((rows, 3)))
    assert len(layer._losses) == 1


def test_arguments_of_a_users_layer_stand_in_its_configuration() -> None:
    config = Scaled(5, input_dim=7, name="own").get_config()
    assert (config["units"], config["input_dim"], config["name"]) == (5, 7, "own")
    again = Scaled.from_config(config)
    assert (again.units, again.input_dim) == (5, 7)
    assert "input_shape" not in layers.Dense(2, input_shape=(3,)).get_config()


def test_a_first_layer_may_tell_the_shape_of_the_data() -> None:
    for told in ({"input_shape": (5,)}, {"input_dim": 5}, {"batch_input_shape": (None, 5)}, {"input_shape": [5]}):
        assert models.Sequential([layers.Dense(2, **told)]).get_weights()[0].shape == (5, 2)


def test_training_is_told_only_to_layers_that_ask() -> None:
    np.testing.assert_array_equal(layers.Flatten()(np.ones((2, 1)), training=True), [[1], [1]])
    assert layers.Dense(2)(inputs=np.ones((2, 3))).shape == (2, 2)


def test_arrays_are_computed_at_once_with_the_present_weights() -> None:
    dense = layers.Dense(1, use_bias=False)
    x = np.array([[1.0, 2.0]], np.float32)
    dense(x)
    dense.set_weights([np.array([[1.0], [1.0]])])
    assert dense(x).item() == 3.0
    dense.kernel.assign([[2.0], [0.5]])
    assert dense([[1.0, 2.0]]).item() == 3.0
    assert dense(np.array([[1, 2]])).item() == 3.0  # whole numbers too


def test_freezing_a_layer_counts_at_the_next_call() -> None:
    norm = layers.BatchNormalization()
    x = np.array([[1.0], [3.0]], np.float32)
    assert norm(x, training=True).mean() == pytest.approx(0, abs=1e-6)
    norm.trainable = False
    assert norm(x, training=True).mean() > 1


def test_seed_generators_move_on_at_every_call() -> None:
    dropout = layers.Dropout(0.5, seed=1)
    x = np.ones((1, 50), np.float32)
    assert not np.array_equal(dropout(x, training=True), dropout(x, training=True))
    generators = [thing for thing in vars(dropout).values() if isinstance(thing, SeedGenerator)]
    assert [g.state.value[1] for g in generators] == [2]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.Dense(2, units_=3), "Dense: expected only Keras's arguments, received units_"),
        (lambda: layers.Dense(2, dtype="complex64"), "Dense dtype: expected a type of floats.*received 'complex64'"),
        (lambda: Scaled().set_weights([np.zeros(1)]), 'Scaled "scaled.*": expected 0 arrays of weights, received 1'),
        (lambda: Scaled().output, "no model has called it"),
        (lambda: Layer()(np.ones(2)), "a layer defines call"),
        (lambda: Scaled().add_weight((2, -1), name="w"), 'expected whole sizes for weight "w", received shape'),
        (
            lambda: layers.deserialize({"class_name": "Dence", "config": {}}),
            "Unknown layer: 'Dence'. Did you mean \"Dense\"",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_layers_name(act: Any, words: str) -> None:
    with pytest.raises((ValueError, AttributeError, NotImplementedError), match=words):
        act()


def test_weights_of_a_wrong_shape_change_nothing() -> None:
    dense = layers.Dense(2, name="head")
    dense.build((None, 3))
    before = dense.get_weights()
    with pytest.raises(
        ValueError, match=r'Dense "head": expected shape \(2,\) for weight "head/bias", received \(3,\)'
    ):
        dense.set_weights([np.ones((3, 2)), np.ones(3)])
    np.testing.assert_array_equal(dense.get_weights()[0], before[0])


def test_mixed_policies_of_keras_files_are_read_as_float32() -> None:
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "mixed_float16"},
        "registered_name": None,
    }
    assert layers.Dense.from_config({"units": 2, "dtype": policy}).dtype == "float32"


def test_input_and_output_are_the_tensors_of_the_model() -> None:
    start = layers.Input((3,))
    dense = layers.Dense(2)
    made = dense(start)
    assert dense.input is start and dense.output is made


def test_layers_are_pippins_word_too() -> None:
    assert pippin.Layer is Layer


class Passing(layers.Layer):
    """Calls a layer inside without a word about training."""

    def __init__(self, inside: Any) -> None:
        super().__init__()
        self.inside = inside

    def call(self, inputs: Any) -> Any:
        return self.inside(inputs)


def test_layers_inside_are_training_when_those_around_them_are() -> None:
    ones = np.ones((8, 8), np.float32)
    layer = Passing(Passing(layers.Dropout(0.9)))
    np.testing.assert_array_equal(layer(ones), ones)
    assert layer(ones, training=True).min() == 0
    np.testing.assert_array_equal(layer(ones, training=False), ones)
    model = models.Sequential([layers.Input((8,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[-1].set_weights([np.ones((8, 1), np.float32), np.zeros(1, np.float32)])
    outputs = model.predict(ones, verbose=0)
    assert model.evaluate(ones, outputs, verbose=0) == 0
    assert model.fit(ones, outputs, verbose=0).history["loss"][0] > 0


class Scaling(layers.Layer):
    """One weight for each of its inputs' features."""

    def build(self, right_shape: Any, left_shape: Any) -> None:
        self.left, self.right = self.add_weight((left_shape[-1],), "ones"), self.add_weight((right_shape[-1],), "ones")

    def call(self, left: Any, right: Any) -> Any:
        return ops.sum(left * self.left, -1) + ops.sum(right * self.right, -1)


def test_build_gets_the_shape_of_the_argument_that_a_parameter_is_called_after() -> None:
    layer = Scaling()
    np.testing.assert_array_equal(layer(np.ones((2, 3)), right=np.ones((2, 5))), [8, 8])
    assert (layer.left.shape, layer.right.shape) == ((3,), (5,))

    class Strange(Scaling):
        def build(self, left_shape: Any, up_shape: Any) -> None:
            pass

    with pytest.raises(SettingError, match="`up_shape`, but `call.*` does not have argument `up`"):
        Strange()(np.ones((2, 3)), np.ones((2, 5)))
