"""Claims about checking a gradient: it finds one that is wrong, and knows where a loss has a bend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from glass.test_layer import small
from pippin import glass, layers, models
from pippin.errors import SettingError
from pippin.glass.check import TOLERANCE


def test_a_right_gradient_agrees_at_every_number() -> None:
    weight = small(layers.Dense(4, activation="tanh"), layers.Dense(2, name="one")).weight("one/kernel")
    checks = [weight.check_gradient(place) for place in np.ndindex(weight.old.shape)]
    assert all(check.difference <= TOLERANCE for check in checks)
    assert weight.gradient is not None
    assert [np.float32(check.shown) for check in checks] == list(weight.gradient.reshape(-1))
    assert "They agree" in checks[0].tell()


def test_a_wrong_gradient_does_not() -> None:
    step = small(layers.Dense(2, name="one"))
    kernel = step.weight("one/kernel")
    # As if a derivative were wrong: what is called the gradient is the weight itself.
    wrong = {**step.opened.notes.gradients, kernel.value: kernel.value}
    step.opened = replace(step.opened, notes=replace(step.opened.notes, gradients=wrong))
    check = step.check_gradient("one/kernel")
    assert not check.agrees and "do NOT agree" in check.tell()


def test_a_bend_is_named() -> None:
    model = models.Sequential([layers.Input((1,)), layers.Dense(1, activation="relu", kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    check = glass.step(model, np.ones((1, 1)), np.ones((1, 1))).check_gradient("dense/kernel")
    assert check.is_at_kink and not check.agrees and "has a bend" in check.tell()


def test_what_does_not_learn_can_not_be_checked() -> None:
    step = small(layers.BatchNormalization(name="norm"), layers.Dense(1))
    with pytest.raises(SettingError, match="doesn't learn"):
        step.check_gradient("norm/moving_mean")
    with pytest.raises(SettingError, match="doesn't learn"):
        step.pushes("norm/moving_mean")
