"""What all optimizers share: clipping, decay, memory, the learning rate, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import optimizers
from pippin.program import Variable

SCHEDULE = {"class_name": "Unheard", "config": {}}


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
        (lambda: optimizers.SGD(momentum=2), r"SGD: `momentum` must be a float between \[0, 1\]. Received: momentum=2"),
        (lambda: optimizers.SGD(clipnorm=0), "SGD clipnorm: expected a number above 0, received 0"),
        (lambda: optimizers.SGD(clipnorm=1, clipvalue=1),
         "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set"),
        (lambda: optimizers.SGD(weight_decay=-0.1), "SGD weight_decay"),
        (lambda: optimizers.Adam(beta_1=1.0), "Adam beta_1: expected a number from 0 to below 1"),
        (lambda: optimizers.AdamW(weight_decay=None), "AdamW: Argument `weight_decay` must be a float"),
        (lambda: optimizers.Adam(use_ema=True, ema_momentum=2), "Adam ema_momentum: expected a number from 0 to 1"),
        (lambda: optimizers.Adam(use_ema=True, ema_overwrite_frequency=0), "Adam ema_overwrite_frequency"),
        (lambda: optimizers.Adam(gradient_accumulation_steps=1), "expected a whole number of 2 or more, received 1"),
        (lambda: optimizers.Adam(rate=0.1), "expected only Keras's arguments, received rate"),
        (lambda: optimizers.Lion(beta_1=0), r"Lion: Argument `beta_1` must be in the \[0, 1\] range"),
        (lambda: optimizers.Ftrl(l1_regularization_strength=-1), "strength` needs to be positive or zero"),
        (lambda: optimizers.Ftrl(learning_rate_power=1), "`learning_rate_power` needs to be negative or zero"),
        (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1), "set it on the `inner_optimizer`"),
        (lambda: optimizers.SGD().apply([None], [weight([1.0])]), "No gradients provided for any variable"),
        (lambda: optimizers.SGD().set_weights([]), "on an optimizer that has not been built: SGD"),
        (lambda: optimizers.SGD().apply([np.ones(1)]),
         r"expected apply\(gradients, variables\), received no variables"),
        (lambda: optimizers.deserialize({"class_name": "SGD", "config": {"learning_rate": SCHEDULE}}),
         "Unknown learning rate schedule: 'Unheard'"),
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


def test_a_variable_without_gradient_is_warned_of_and_left_alone() -> None:
    first, second = weight([1.0]), weight([1.0], "other")
    with pytest.warns(UserWarning, match="received none for other"):
        optimizers.SGD(1.0).apply([np.ones(1), None], [first, second])
    assert (first.numpy()[0], second.numpy()[0]) == (0.0, 1.0)


def test_a_step_without_side_effects_gives_what_it_would_leave() -> None:
    variable, optimizer = weight([1.0]), optimizers.SGD(0.5, momentum=0.9)
    optimizer.build([variable])
    before = [one.numpy() for one in optimizer.variables]
    (moved,), memory = optimizer.stateless_apply(before, [np.ones(1)], [variable.numpy()])
    assert moved.tolist() == [0.5] and memory[0] == 1 and variable.numpy().tolist() == [1.0]
    optimizer.apply([np.ones(1)])
    assert variable.numpy().tolist() == [0.5]
    for one, left in zip(optimizer.variables, memory, strict=True):
        np.testing.assert_array_equal(one.numpy(), left)


def test_the_learning_rate_may_be_called_as_in_keras_2() -> None:
    assert float(optimizers.RMSprop(lr=0.25).learning_rate.value) == 0.25
    assert float(optimizers.Adam(lr=0.5, decay=None).learning_rate.value) == 0.5
