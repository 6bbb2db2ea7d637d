"""What recurrent layers do beside computing: states, dropout, cells of users, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models, ops

X = np.random.default_rng(4).normal(size=(3, 6, 4)).astype(np.float32)


class Counting(layers.Layer):
    """A user's cell with two states of its own shapes: a sum of what came, and how many steps there were."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.state_size = [4, 1]
        self.output_size = 4
        self.noise = layers.Dropout(0.5, seed=1)

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        total, count = states
        total, count = total + self.noise(inputs, training=training), count + 1.0
        return total / count, [total, count]


def test_a_cell_of_the_user_goes_through_time() -> None:
    output, total, count = layers.RNN(Counting(), return_sequences=True, return_state=True)(X)
    sums = np.cumsum(X, 1)
    np.testing.assert_allclose(output, sums / np.arange(1, 7)[:, None], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(total, sums[:, -1], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(count, 6.0)


def test_random_numbers_inside_a_cell_move_on_from_step_to_step() -> None:
    layer = layers.RNN(Counting(), return_sequences=True)
    ones = np.ones((200, 3, 4), np.float32)
    output = layer(ones, training=True) * np.array([1.0, 2.0, 3.0])[:, None]
    steps = np.diff(np.concatenate([np.zeros((200, 1, 4)), output], 1), axis=1)
    assert set(np.round(np.unique(steps), 3)) == {0.0, 2.0}
    assert not np.array_equal(steps[:, 0], steps[:, 1])  # another draw in each step
    assert layer.cell.noise.seed_generator.state.value[1] == 3  # and the stream went on by three


def test_dropout_of_a_cell_is_the_same_in_all_steps_and_new_in_each_batch() -> None:
    layer = layers.SimpleRNN(
        4, dropout=0.5, activation="linear", kernel_initializer="identity", recurrent_initializer="zeros", seed=3,
        return_sequences=True,
    )  # fmt: skip
    ones = np.ones((50, 5, 4), np.float32)
    first, second = layer(ones, training=True), layer(ones, training=True)
    np.testing.assert_array_equal(first, np.repeat(first[:, :1], 5, axis=1))
    assert set(np.unique(first)) == {0.0, 2.0}
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(layer(ones), ones)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_a_stateful_layer_goes_on_where_it_ended(kind: str) -> None:
    make = getattr(layers, kind)
    pippin.random.set_random_seed(1)
    whole = make(3, return_sequences=True)
    expected = whole(X)
    model = models.Sequential([layers.Input(batch_shape=(3, 2, 4)), make(3, return_sequences=True, stateful=True)])
    model.set_weights(whole.get_weights())
    for _ in range(2):
        parts = [model.predict(X[:, start : start + 2], batch_size=3, verbose=0) for start in (0, 2, 4)]
        np.testing.assert_allclose(np.concatenate(parts, 1), expected, rtol=1e-5, atol=1e-6)
        model.layers[0].reset_state()
    with pytest.raises(ValueError, match="batch size: 3"):
        model.layers[0](X[:2, :2])
    assert len(model.weights) == 3  # states are no weights


def test_an_initial_state_is_where_a_sequence_begins() -> None:
    layer = layers.LSTM(3, return_state=True)
    _, h, c = layer(X[:, :4])
    np.testing.assert_allclose(layer(X[:, 4:], initial_state=[h, c])[0], layer(X)[0], rtol=1e-5, atol=1e-6)


def test_both_directions_are_a_layer_and_its_mirror_image() -> None:
    both = layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode=None)
    forward, backward = both(X)
    np.testing.assert_array_equal(forward, both.forward_layer(X))
    both.forward_layer.set_weights(both.backward_layer.get_weights())
    mirrored = np.ascontiguousarray(X[:, ::-1])
    np.testing.assert_allclose(both.forward_layer(mirrored)[:, ::-1], backward, rtol=1e-6, atol=1e-7)


def test_a_layer_at_each_step_draws_anew_and_keeps_its_running_figures() -> None:
    dropped = layers.TimeDistributed(layers.Dropout(0.5, seed=2))(np.ones((40, 2, 5), np.float32), training=True)
    assert not np.array_equal(dropped[:, 0], dropped[:, 1])
    norm = layers.BatchNormalization(momentum=0.5)
    layers.TimeDistributed(norm)(np.full((4, 3, 2), 8.0, np.float32), training=True)
    np.testing.assert_allclose(norm.moving_mean.value, 7.0)  # 0 → 4 → 6 → 7


def test_a_long_sequence_makes_no_longer_program() -> None:
    def lines(length: int) -> int:
        model = models.Sequential([layers.Input((length, 4)), layers.LSTM(3), layers.Dense(1)])
        model.compile("adam", "mse")
        return len(model.step_program(8).lines)

    assert lines(3) == lines(300)


def test_a_sequence_begins_with_one_zero_not_with_an_array_of_them() -> None:
    model = models.Sequential([layers.Input((5, 4)), layers.LSTM(300), layers.Dense(1)])
    values = [line.settings["value"] for line in model.step_program(64).lines if "value" in line.settings]
    assert values and all(np.size(value) == 1 for value in values)


def test_errors_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="`units`, expected a positive integer, got 0"):
        layers.GRU(0)
    with pytest.raises(ValueError, match='LSTM "lstm.*ndim=3, found ndim=2'):
        layers.LSTM(3)(np.ones((2, 3), np.float32))
    with pytest.raises(ValueError, match="without: 'cell'"):
        layers.RNN("cell")
    with pytest.raises(ValueError, match="batch size must be static"):
        layers.LSTM(3, stateful=True)(layers.Input((4, 2)))
    with pytest.raises(ValueError, match="merge mode"):
        layers.Bidirectional(layers.LSTM(2), merge_mode="max")

    class Forgetful(Counting):
        def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
            return ops.add(states[0], inputs), [states[0]]

    with pytest.raises(ValueError, match='RNN "loop".*expected 2 new states from its cell, received 1'):
        layers.RNN(Forgetful(), name="loop")(X)
