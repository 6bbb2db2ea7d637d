"""Claims about the state of a run: weights lie side by side, and everything that makes a run what it is has its
place."""

from __future__ import annotations

import random

import numpy as np

import pippin
from pippin import layers, models
from pippin.program import Variable
from pippin.random import make_seed, random_state, restore_random_state
from pippin.training.state import lay_flat, variable_groups


def test_variables_laid_flat_keep_their_numbers_and_share_one_aligned_buffer() -> None:
    variables = [Variable(np.arange(6.0).reshape(2, 3)), Variable(np.float32(7)), Variable(np.zeros((0, 2)))]
    lay_flat(variables)
    first = variables[0].value
    np.testing.assert_array_equal(first, np.arange(6).reshape(2, 3))
    assert first.base is not None and first.base is variables[1].value.base
    assert first.ctypes.data % 64 == 0
    assert variables[1].value.ctypes.data == first.ctypes.data + first.nbytes
    lay_flat([])


def test_weights_and_optimizer_memory_lie_flat_after_training() -> None:
    model = models.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(2)])
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 4), "float32"), np.ones((2, 2), "float32"))
    for variables in (model.trainable_variables, *model.optimizer.slots.values()):
        assert len({id(variable.value.base) for variable in variables}) == 1


def test_every_variable_of_a_run_has_its_place_once() -> None:
    model = models.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dropout(0.5), layers.BatchNormalization()])
    model.compile("adam", "mse", metrics=["mae"])
    model.train_on_batch(np.ones((2, 4), "float32"), np.ones((2, 3), "float32"))
    groups = variable_groups(model)
    every = [variable for variables in groups.values() for variable in variables]
    assert len({id(variable) for variable in every}) == len(every)
    paths = {group: {variable.name for variable in variables} for group, variables in groups.items()}
    assert {"kernel", "bias", "gamma", "moving_mean", "seed_generator_state"} <= paths["model"]
    assert {"iteration", "learning_rate"} <= paths["optimizer"] and len(groups["optimizer"]) == 2 + 2 * 4
    assert {"total", "count"} <= paths["metrics"]
    assert paths["results"] == {"loss", "mae"}


def test_random_numbers_of_pippin_python_and_numpy_go_on_where_they_were() -> None:
    pippin.random.set_random_seed(5)
    make_seed(), random.random(), np.random.normal()
    state = random_state()
    expected = make_seed(), random.random(), random.gauss(0, 1), float(np.random.normal())
    pippin.random.set_random_seed(6)
    restore_random_state(state)
    assert (make_seed(), random.random(), random.gauss(0, 1), float(np.random.normal())) == expected
