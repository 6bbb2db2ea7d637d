"""Learning rates that follow the step, against the formulas they are named after."""

from __future__ import annotations

from math import ceil, cos, floor, pi
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import callbacks, layers, ops
from pippin.optimizers import SGD, get, schedules

CASES: list[tuple[Any, Any]] = [
    (schedules.ExponentialDecay(0.1, 10, 0.5), lambda n: 0.1 * 0.5 ** (n / 10)),
    (schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True), lambda n: 0.1 * 0.5 ** (n // 10)),
    (schedules.InverseTimeDecay(0.1, 10, 0.5), lambda n: 0.1 / (1 + 0.5 * n / 10)),
    (schedules.InverseTimeDecay(0.1, 10, 0.5, staircase=True), lambda n: 0.1 / (1 + 0.5 * (n // 10))),
    (schedules.PiecewiseConstantDecay([5, 12], [0.3, 0.2, 0.1]), lambda n: 0.3 if n <= 5 else 0.2 if n <= 12 else 0.1),
    (schedules.PolynomialDecay(0.1, 10, 0.01), lambda n: 0.09 * (1 - min(n, 10) / 10) + 0.01),
    (schedules.PolynomialDecay(0.1, 8, power=0.5, cycle=True),
     lambda n: (0.1 - 1e-4) * (1 - n / (8 * max(1, ceil(n / 8)))) ** 0.5 + 1e-4),
    (schedules.CosineDecay(0.1, 10, 0.2), lambda n: 0.1 * (0.8 * (1 + cos(pi * min(n, 10) / 10)) / 2 + 0.2)),
    (schedules.CosineDecay(0.1, 10, 0.2, warmup_target=0.5, warmup_steps=4),
     lambda n: 0.1 + 0.4 * n / 4 if n < 4 else 0.5 * (0.8 * (1 + cos(pi * min(n - 4, 10) / 10)) / 2 + 0.2)),
    (schedules.CosineDecayRestarts(0.1, 6, t_mul=1.0, m_mul=0.5, alpha=0.1),
     lambda n: 0.1 * (0.9 * 0.5 ** (n // 6) * (1 + cos(pi * (n % 6) / 6)) / 2 + 0.1)),
    (schedules.CosineDecayRestarts(0.1, 6), lambda n: 0.05 * (1 + cos(pi * (n / 6 if n < 6 else (n - 6) / 12)))),
]  # fmt: skip


def named(case: Any) -> str:
    return str(case[0].get_config()["name"])


@pytest.mark.parametrize(("schedule", "formula"), CASES, ids=map(named, CASES))
def test_it_is_its_formula_and_its_configuration_makes_it_again(schedule: Any, formula: Any) -> None:
    for one in (schedule, schedules.deserialize(schedules.serialize(schedule))):
        found = [float(one(np.int32(step))) for step in range(18)]
        # float32, through a logarithm or a cosine.
        np.testing.assert_allclose(found, [formula(step) for step in range(18)], rtol=3e-6, atol=1e-8)


def followed(rate: Any, epochs: int = 3) -> np.ndarray:
    """How far a weight moves in each step of a compiled loop, when its gradient is always -1: the learning rates."""
    model = pippin.Sequential([layers.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(SGD(rate), loss=lambda truth, prediction: -prediction)
    moved = callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(model.get_weights()[0].item()))
    steps: list[float] = [0.0]
    model.fit(np.ones((4, 1)), np.ones((4, 1)), batch_size=1, epochs=epochs, verbose=0, callbacks=[moved])
    return np.diff(steps)


@pytest.mark.parametrize(("schedule", "formula"), CASES, ids=map(named, CASES))
def test_it_runs_inside_the_compiled_step(schedule: Any, formula: Any) -> None:
    # Sums of a dozen rates in float32.
    np.testing.assert_allclose(followed(schedule), [formula(step) for step in range(12)], rtol=1e-5, atol=1e-6)


class Warming(schedules.LearningRateSchedule):
    """As users write one."""

    def __init__(self, top: float) -> None:
        self.top = top

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        return self.top * ops.minimum((step + 1) / 4, 4 / (step + 1))


def test_one_of_the_users_own_runs_inside_the_compiled_step_and_travels() -> None:
    right = [0.5 * min((n + 1) / 4, 4 / (n + 1)) for n in range(12)]
    np.testing.assert_allclose(followed(Warming(0.5)), right, rtol=1e-5, atol=1e-6)
    config = SGD(Warming(0.5)).get_config()
    again = SGD.from_config(config, custom_objects={"Warming": Warming})
    assert float(again.learning_rate) == 0.125
    with pytest.raises(ValueError, match="Unknown learning rate schedule: 'Warming'"):
        get({"class_name": "SGD", "config": config})


def test_a_schedule_is_not_moved_by_hand_nor_by_callbacks() -> None:
    optimizer = SGD(schedules.ExponentialDecay(0.1, 10, 0.5))
    with pytest.raises(TypeError, match="created with a `LearningRateSchedule` object.*ExponentialDecay"):
        optimizer.learning_rate = 0.2
    assert [variable.name for variable in optimizer.variables] == ["iteration"]
    model = pippin.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(optimizer, loss="mse")
    with pytest.raises(TypeError, match="created with a `LearningRateSchedule`"):
        model.fit(np.ones((4, 1)), np.ones((4, 1)), verbose=0,
                  callbacks=[callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)])  # fmt: skip


def test_the_rate_of_a_schedule_is_noted_by_callbacks() -> None:
    model = pippin.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(SGD(schedules.ExponentialDecay(0.1, 1, 0.5)), loss="mse")
    plateau = callbacks.ReduceLROnPlateau(monitor="loss", patience=50)
    history = model.fit(np.ones((4, 1)), np.ones((4, 1)), batch_size=4, epochs=3, verbose=0, callbacks=[plateau])
    np.testing.assert_allclose(history.history["learning_rate"], [0.05, 0.025, 0.0125], rtol=1e-6)


def test_impossible_settings_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="CosineDecay decay_steps: expected a number above 0, received 0"):
        schedules.CosineDecay(0.1, 0)
    with pytest.raises(ValueError, match="expected one more than boundaries, received 1 values and 1 boundaries"):
        schedules.PiecewiseConstantDecay([1], [0.1])
    assert floor(float(schedules.PolynomialDecay(0.1, 10)(20)) * 1e4 + 0.5) == 1


def test_rates_of_several_optimizers_are_moved_one_by_one() -> None:
    from pippin import optimizers

    first, second = SGD(0.1, name="first"), SGD(0.01, name="second")
    model = pippin.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile(optimizers.MultiOptimizer(optimizers.OptimizerMap(first, {".*bias": second})), loss="mse")
    halved = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=1, verbose=0, callbacks=[halved])
    np.testing.assert_allclose(history.history["learning_rate_first"], [0.05], rtol=1e-6)
    np.testing.assert_allclose(history.history["learning_rate_second"], [0.005], rtol=1e-6)
