"""What every optimizer promises, besides the steps of real Keras, which tests/conformance compares."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, optimizers
from pippin.primitives import Spec
from pippin.program import UPDATE, Variable
from pippin.training.step import TRAIN, BatchSpecs, close_step, trace_step
from pippin.transforms.fuse import fuse

INSIDE = ("LossScaleOptimizer", "MultiOptimizer")
EVERY = [cls.__name__ for cls in optimizers.ALL.values() if cls.__name__ not in INSIDE]
ONE_LOOP = [name for name in EVERY if name not in ("Adafactor", "Muon", "AdamW")]
"""Adafactor sums over rows, Muon multiplies matrices, AdamW shrinks in a loop of its own."""


def weight(value: Any, name: str = "kernel") -> Variable:
    return Variable(np.asarray(value, np.float32), name=name)


def data() -> tuple[np.ndarray, np.ndarray]:
    stream = np.random.RandomState(0)
    x = stream.normal(size=(64, 3)).astype(np.float32)
    return x, (x @ [[1.0], [-2.0], [0.5]]).astype(np.float32)


def compiled(optimizer: Any) -> Any:
    pippin.random.set_random_seed(0)
    model = pippin.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(1)])
    model.compile(optimizer=optimizer, loss="mse")
    return model


@pytest.mark.parametrize("name", EVERY)
def test_it_walks_downhill_on_every_way_of_being_used(name: str) -> None:
    x, y = data()
    rate = 1.0 if name in ("Adadelta", "Ftrl") else 0.05
    model = compiled(getattr(optimizers, name)(learning_rate=rate))
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=15, verbose=0)
    assert model.evaluate(x, y, verbose=0) < 0.9 * before
    variable = weight([4.0])
    optimizer = getattr(optimizers, name)(learning_rate=rate)
    for _ in range(5):
        optimizer.apply_gradients([(2 * variable.numpy(), variable)])
    assert variable.numpy()[0] < 4.0 and int(optimizer.iterations) == 5


@pytest.mark.parametrize("name", EVERY)
def test_its_configuration_makes_it_again(name: str) -> None:
    first = getattr(optimizers, name)(0.25, weight_decay=0.5, clipnorm=2.0, use_ema=True, name="mine")
    for again in (optimizers.deserialize(optimizers.serialize(first)), pickle.loads(pickle.dumps(first))):
        assert type(again) is type(first) and again.get_config() == first.get_config()
    assert first.get_config()["learning_rate"] == 0.25 and first.get_config()["use_ema"]


@pytest.mark.parametrize("name", ONE_LOOP)
def test_the_update_of_a_weight_is_one_loop(name: str) -> None:
    settings: dict[str, Any] = {"gradient_accumulation_steps": 2} if name == "Adam" else {}
    model = compiled(getattr(optimizers, name)(**settings))
    model.prepare_training()
    step = close_step(trace_step(model, TRAIN, BatchSpecs(Spec((8, 3), "float32"), Spec((8, 1), "float32"))))
    lines = [line for line in fuse(step.program).lines if line.phase == UPDATE]
    specs = step.program.specs
    moved = {step.program.updates[variable.path] for variable in model.trainable_variables}
    large = [line for line in lines if line.inputs and any(specs[value].size > 1 for value in line.outputs)]
    assert len(moved) == 4 and len(large) <= len(moved)


def test_gathered_gradients_move_weights_like_their_mean() -> None:
    x, y = data()
    moved = []
    for steps, batch in ((None, 32), (2, 16)):
        model = compiled(optimizers.Adam(0.1, gradient_accumulation_steps=steps, weight_decay=0.1))
        model.fit(x, y, epochs=3, batch_size=batch, shuffle=False, verbose=0)
        moved.append(np.concatenate([weights.ravel() for weights in model.get_weights()]))
        assert int(model.optimizer.iterations) == 6
    # The same sums in another order: a few units in the last place of float32, six times over.
    np.testing.assert_allclose(moved[0], moved[1], rtol=1e-5, atol=1e-6)


def test_weights_become_their_average_at_the_end_of_fit() -> None:
    x, y = data()
    model = compiled(optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5))
    model.fit(x, y, epochs=2, verbose=0)
    averages = model.optimizer._model_variables_moving_average
    for variable, average in zip(model.trainable_variables, averages, strict=True):
        np.testing.assert_array_equal(variable.numpy(), average.numpy())


def test_a_step_with_infinite_gradients_is_left_out_and_halves_the_scale() -> None:
    optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(1.0), initial_scale=8.0, dynamic_growth_steps=2)
    variable = weight([1.0, 2.0])
    for gradient, value, scale in ((np.inf, [1.0, 2.0], 4.0), (4.0, [0.0, 1.0], 4.0), (8.0, [-2.0, -1.0], 8.0)):
        optimizer.apply([np.full(2, gradient, np.float32)], [variable])
        assert variable.numpy().tolist() == value and float(optimizer.scale_loss(1.0)) == scale
    x, y = data()
    scaled, plain = (compiled(one) for one in (optimizers.LossScaleOptimizer(optimizers.SGD(0.1)), optimizers.SGD(0.1)))
    for model in (scaled, plain):
        model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    for ours, right in zip(scaled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, right)  # the scale is a power of two: it changes no digit


def test_each_weight_has_the_optimizer_that_its_path_asks_for() -> None:
    x, y = data()
    by_path = optimizers.OptimizerMap(optimizers.SGD(0.0), {".*bias": optimizers.SGD(0.5)})
    model = compiled(optimizers.MultiOptimizer(by_path))
    before = model.get_weights()
    model.fit(x, y, epochs=1, verbose=0)
    changed = [not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, True, False, True]
    with pytest.raises(ValueError, match="expected one optimizer for kernel, it matches k.*, .*l"):
        optimizers.OptimizerMap(optimizers.SGD(), {"k.*": optimizers.SGD(), ".*l": optimizers.Adam()})["kernel"]


class Halving(optimizers.Optimizer):
    """As Keras's documentation tells users to write one."""

    def __init__(self, learning_rate: float = 0.01, share: float = 0.5, **keywords: Any) -> None:
        super().__init__(learning_rate=learning_rate, **keywords)
        self.share = share

    def build(self, variables: Any) -> None:
        super().build(variables)
        self.momentums = [
            self.add_variable_from_reference(reference_variable=variable, name="momentum") for variable in variables
        ]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        m = self.momentums[self._get_variable_index(variable)]
        self.assign(m, m * self.share - gradient * learning_rate)
        self.assign_add(variable, m)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share}


def test_an_optimizer_of_the_users_own_trains_as_the_one_it_copies() -> None:
    x, y = data()
    ours, right = compiled(Halving(0.05)), compiled(optimizers.SGD(0.05, momentum=0.5))
    for model in (ours, right):
        model.fit(x, y, epochs=3, shuffle=False, verbose=0)
    for one, other in zip(ours.get_weights(), right.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    described = optimizers.serialize(ours.optimizer)
    assert type(optimizers.deserialize(described, custom_objects={"Halving": Halving})) is Halving
