"""What all optimizers share: clipping, decay, memory, the learning rate, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, optimizers
from pippin.program import Variable

SCHEDULE = {"class_name": "ExponentialDecay", "config": {}}
EVERY = ["SGD", "Adam", "AdamW", "RMSprop"]


def weight(value: Any, name: str = "kernel") -> Variable:
    return Variable(np.asarray(value, np.float32), name=name)


def test_clipping_shortens_only_what_is_too_long() -> None:
    for settings, expected in (
        ({"clipvalue": 1.0}, [[1.0, 1.0], [0.3]]),
        ({"clipnorm": 1.0}, [[0.6, 0.8], [0.3]]),
        ({"global_clipnorm": 50.0}, [[3.0, 4.0], [0.3]]),
        ({"global_clipnorm": 1.0}, [np.array([3.0, 4.0]) / 25.09**0.5, [0.3 / 25.09**0.5]]),
    ):
        variables = [weight([0.0, 0.0]), weight([0.0])]
        optimizers.SGD(1.0, **settings).apply([np.array([3.0, 4.0]), np.array([0.3])], variables)
        for variable, moved in zip(variables, expected, strict=True):
            np.testing.assert_allclose(-variable.numpy(), moved, rtol=1e-6)


def test_a_gradient_of_zero_stays_zero_when_clipped() -> None:
    variable = weight([1.0])
    optimizers.SGD(1.0, clipnorm=1.0).apply([np.array([0.0])], [variable])
    assert variable.numpy().tolist() == [1.0]


def test_decay_shrinks_weights_unless_their_name_is_left_out() -> None:
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    kernel, bias = weight([2.0]), weight([2.0], "bias")
    optimizer.apply([np.zeros(1), np.zeros(1)], [kernel, bias])
    np.testing.assert_allclose([kernel.numpy()[0], bias.numpy()[0]], [2 * (1 - 0.05), 2.0], rtol=1e-6)
    with pytest.raises(ValueError, match="exclude_from_weight_decay before the first step"):
        optimizer.exclude_from_weight_decay(var_list=[kernel])


def test_single_weights_can_be_left_out_of_decay() -> None:
    optimizer = optimizers.AdamW(0.1, weight_decay=0.5)
    first, second = weight([2.0]), weight([2.0])
    optimizer.exclude_from_weight_decay(var_list=[first])
    optimizer.apply([np.zeros(1), np.zeros(1)], [first, second])
    assert first.numpy()[0] == 2.0 and second.numpy()[0] < 2.0


@pytest.mark.parametrize("name", EVERY)
def test_every_optimizer_walks_downhill_on_every_way_of_being_used(name: str) -> None:
    pippin.random.set_random_seed(0)
    stream = np.random.RandomState(0)
    x = stream.normal(size=(64, 3)).astype(np.float32)
    y = (x @ [[1.0], [-2.0], [0.5]]).astype(np.float32)
    model = pippin.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile(optimizer=getattr(optimizers, name)(learning_rate=0.05), loss="mse")
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=15, verbose=0)
    assert model.evaluate(x, y, verbose=0) < 0.3 * before
    variable = weight([4.0])
    optimizer = getattr(optimizers, name)(learning_rate=0.05)
    for _ in range(5):
        optimizer.apply_gradients([(2 * variable.numpy(), variable)])
    assert variable.numpy()[0] < 4.0 and int(optimizer.iterations) == 5


def test_the_learning_rate_can_be_read_and_set_in_between() -> None:
    optimizer = optimizers.SGD(0.5)
    variable = weight([0.0])
    optimizer.apply([np.ones(1)], [variable])
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25
    optimizer.apply([np.ones(1)], [variable])
    assert variable.numpy().tolist() == [-0.75]
    assert optimizer.get_config()["learning_rate"] == 0.25


def test_a_function_of_the_step_may_give_the_learning_rate() -> None:
    optimizer = optimizers.SGD(lambda step: pippin.ops.cast(step + 1, "float32") * 0.5)
    variable = weight([0.0])
    for _ in range(3):
        optimizer.apply([np.ones(1)], [variable])
    assert variable.numpy().tolist() == [-3.0]


def test_memory_lies_in_keras_order() -> None:
    optimizer = optimizers.Adam(amsgrad=True)
    optimizer.build([weight([1.0], "a"), weight([1.0], "b")])
    assert [variable.name for variable in optimizer.variables] == [
        "iteration", "learning_rate", "a_momentum", "a_velocity", "b_momentum", "b_velocity",
        "a_velocity_hat", "b_velocity_hat",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: optimizers.Adam(learning_rate=-1),
         "Adam learning_rate: expected a number from 0 to 1e10, received -1"),
        (lambda: optimizers.Adam(learning_rate="fast"), "Adam learning_rate: .* received 'fast'"),
        (lambda: optimizers.SGD(momentum=2), "SGD momentum: expected a number from 0 to 1, received 2"),
        (lambda: optimizers.SGD(clipnorm=0), "SGD clipnorm: expected a number above 0, received 0"),
        (lambda: optimizers.SGD(clipnorm=1, clipvalue=1),
         "expected at most one of clipnorm, clipvalue, global_clipnorm"),
        (lambda: optimizers.SGD(weight_decay=-0.1), "SGD weight_decay"),
        (lambda: optimizers.Adam(beta_1=1.0), "Adam beta_1: expected a number from 0 to below 1"),
        (lambda: optimizers.AdamW(weight_decay=None), "AdamW weight_decay"),
        (lambda: optimizers.Adam(use_ema=True),
         "Adam use_ema: expected False, received True. Pippin does not have it yet"),
        (lambda: optimizers.Adam(lr=0.1), "Adam: expected only Keras's arguments, received lr"),
        (lambda: optimizers.SGD().apply([np.ones(1)]),
         r"expected apply\(gradients, variables\), received no variables"),
        (lambda: optimizers.deserialize({"class_name": "SGD", "config": {"learning_rate": SCHEDULE}}),
         "received the schedule ExponentialDecay"),
    ],
)  # fmt: skip
def test_impossible_settings_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()


def test_another_models_weights_are_refused() -> None:
    optimizer = optimizers.Adam()
    optimizer.apply([np.ones(1)], [weight([1.0])])
    with pytest.raises(ValueError, match="expected the variables it was built for, received others: other"):
        optimizer.apply([np.ones(1)], [weight([1.0], "other")])


def test_decay_is_a_word_of_the_past_that_warns() -> None:
    with pytest.warns(UserWarning, match="SGD decay: no longer used"):
        optimizer = optimizers.SGD(0.1, decay=1e-6)
    assert "decay" not in optimizer.get_config()


def test_names_are_found_in_any_case() -> None:
    for word in ("adam", "Adam", "ADAM"):
        assert type(optimizers.get(word)) is optimizers.Adam
    assert type(optimizers.get({"class_name": "RMSprop", "config": {"rho": 0.5}})) is optimizers.RMSprop
