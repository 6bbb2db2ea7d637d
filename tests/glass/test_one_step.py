"""Claims about an opened step: its numbers are those of training and of Keras, and the model stays as it was."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import pippin
from glass.asked import KERAS, NAMES, close_to, model_and_data, step_of
from glass.test_layer import small
from pippin import glass, layers, models, naming
from pippin.errors import DataError, NotCompiledError, SettingError
from pippin.program import PHASES
from pippin.random import random_state
from pippin.training.state import variable_groups

# float32 sums in another order: 1e-5 of the largest number, as against Keras everywhere else.
AS_KERAS = 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_gradients_are_those_of_keras_on_jax(name: str) -> None:
    step = step_of(name)
    right = KERAS[name]
    assert step.loss_value == pytest.approx(right["loss"], rel=AS_KERAS)
    weights = [step.weight(step.opened.name_of(variable) or "") for variable in step.model.trainable_variables]
    assert len(weights) == len(right["gradients"])
    wrong = {
        weight.name: close_to(weight.gradient, expected)
        for weight, expected in zip(weights, right["gradients"], strict=True)
    }
    assert {name: size for name, size in wrong.items() if size > AS_KERAS} == {}


@pytest.mark.parametrize("name", NAMES)
def test_every_number_it_leaves_is_the_reference_engines_own(name: str) -> None:
    """Weights, memory of the optimizer, running figures and metrics after the step: bit for bit those of training."""
    model, x, y, weight = model_and_data(name)
    step = glass.step(model, x, y, weight)
    program = step.opened.program
    foretold = {
        id(variable): step.ran.values[program.updates.get(path, program.states[path])]
        for path, variable in step.opened.variables.items()
    }
    by_path = {path: foretold[id(variable)] for path, variable in step.opened.variables.items()}
    with pippin.config.engine("reference"):
        model.train_on_batch(x, y, weight)
    after = {variable.path: variable.value for variables in variable_groups(model).values() for variable in variables}
    assert set(by_path) <= set(after)
    for path, value in by_path.items():
        np.testing.assert_array_equal(value, after[path], err_msg=path)


@pytest.mark.parametrize("name", NAMES)
def test_every_line_has_its_numbers_words_and_place(name: str) -> None:
    step = step_of(name)
    assert [*step.forward, *step.loss, *step.backward] == [
        line for line in step.lines if line.phase in ("forward", "loss", "backward")
    ]
    for line in step.lines:
        assert line.phase in PHASES and line.math and line.says
        inputs = [value.array for value in line.inputs]
        with np.errstate(all="ignore"):
            again = np.asarray(line.line.primitive.reference(*inputs, **line.line.settings), line.output.array.dtype)
        np.testing.assert_array_equal(again, line.output.array)
        assert line.text in str(line) and line.to_dict()["line"] == line.text


@pytest.mark.parametrize("name", NAMES)
def test_nudging_any_weight_agrees_with_its_gradient(name: str) -> None:
    step = step_of(name)
    checks = [step.check_gradient(path) for path in step.weights if step.weight(path).gradient is not None]
    assert checks and [check.tell() for check in checks if not check.agrees] == []


def everything(model: Any) -> dict[str, Any]:
    """All that opening a step could change."""
    compiled = model.compilation
    return {
        "variables": [[(v.path, v.value.copy()) for v in group] for group in variable_groups(model).values()],
        "compiled": copy.copy({name: repr(value) for name, value in vars(compiled).items()}),
        "optimizer": {name: repr(value) for name, value in vars(compiled.optimizer).items()},
        "figures": dict(model.result_variables), "flags": model.switches(), "names": dict(naming._counts),
        "random": repr(random_state()), "steps": list(model._steps), "stop": model.stop_training,
    }  # fmt: skip


@pytest.mark.parametrize("is_trained", [False, True])
@pytest.mark.parametrize("name", ["pictures", "article", "two_answers"])
def test_nothing_in_the_model_changes(name: str, is_trained: bool) -> None:
    model, x, y, weight = model_and_data(name)
    if is_trained:
        model.train_on_batch(x, y, weight)
    given = [array.copy() for array in (x, *(y if isinstance(y, list) else [y]))]
    before = repr(everything(model))
    step = glass.step(model, x, y, weight)
    step.tell(3)
    for path in step.weights:
        step.weight(path).tell(2)
    assert repr(everything(model)) == before
    for array, was in zip((x, *(y if isinstance(y, list) else [y])), given, strict=True):
        np.testing.assert_array_equal(array, was)


@pytest.mark.parametrize("opens", [False, True])
def test_training_that_is_looked_at_gives_the_same_bits(opens: bool, request: pytest.FixtureRequest) -> None:
    """With dropout: the random numbers of training are where they would have been."""

    def trained(looks: bool) -> list[np.ndarray]:
        pippin.random.set_random_seed(3)
        model = models.Sequential(
            [layers.Input((6,)), layers.Dense(8, activation="relu"), layers.Dropout(0.5), layers.Dense(1)]
        )
        model.compile("adam", "mse", metrics=["mae"])
        rng = np.random.RandomState(0)
        x, y = rng.normal(size=(16, 6)), rng.normal(size=(16, 1))
        for _ in range(2):
            if looks:
                glass.step(model, x[:4], y[:4])
            model.fit(x, y, epochs=2, batch_size=8, verbose=0)
        return [v.value.copy() for group in variable_groups(model).values() for v in group]

    for one, other in zip(trained(False), trained(opens), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_without_an_input_shape_gets_its_weights_and_no_more() -> None:
    model = models.Sequential([layers.Dense(2, name="dense")])
    model.compile("sgd", "mse")
    step = glass.step(model, np.ones((3, 4)), np.ones((3, 2)))
    assert model.built and step.layer("dense").input.shape == (3, 4)
    assert not model.optimizer.built


def test_the_loss_of_each_example_is_there() -> None:
    step = step_of("article")
    (losses,) = step.example_losses
    assert losses.shape == (20,) and step.loss_value == pytest.approx(float(losses.mean()), rel=1e-6)
    assert len(step_of("two_answers").example_losses) == 2
    assert step.predictions[0].shape == (20, 2) and step.batch == 20


def test_a_layer_that_is_not_there_is_answered_with_the_list() -> None:
    with pytest.raises(SettingError, match=r"'wied'.*Did you mean \"wide\"\?.*Layers: wide, narrow"):
        step_of("nested").layer("wied")
    with pytest.raises(SettingError, match="below 2, received 2"):
        step_of("used_twice").layer("shared", call=2)
    with pytest.raises(SettingError, match=r"none called 'dense/colonel'.*Weights: wide/kernel"):
        step_of("nested").weight("dense/colonel")


def test_layers_inside_models_and_layers_have_places_of_their_own() -> None:
    class Block(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="block")
            self.inside = layers.Dense(3, name="inside")

        def call(self, inputs: Any) -> Any:
            return self.inside(inputs)

    assert [view.name for view in step_of("nested").layers] == ["wide", "narrow", "leaky_re_lu", "last"]
    step = small(Block(), layers.Dense(1, name="last"))
    assert [view.name for view in step.layers] == ["block/inside", "block", "last"]
    assert step.layer("inside") is step.layer("block/inside")
    assert step.layer("block").pre_activation is not None


def test_two_layers_of_one_name_in_two_models_are_told_apart() -> None:
    parts = [models.Sequential([layers.Input((3,)), layers.Dense(3, name="same")], name=name) for name in ("a", "b")]
    step = small(*parts)
    assert [view.name for view in step.layers] == ["same", "same (2)"]
    assert step.layer("same").number_of_calls == 1


def test_what_can_not_be_opened_is_refused_with_a_cure() -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    with pytest.raises(NotCompiledError, match="compile"):
        glass.step(model, np.ones((1, 2)), np.ones((1, 1)))
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="next"):
        glass.step(model, iter([(np.ones((1, 2)), np.ones((1, 1)))]))
    with pytest.raises(DataError, match="NaN"):
        glass.step(model, np.full((1, 2), np.nan), np.ones((1, 1)))


def test_a_step_that_training_would_refuse_says_so() -> None:
    model = models.Sequential([layers.Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    step = glass.step(model, np.array([[3e38]]), np.array([[-3e38]]))
    assert not step.is_finite and "leave the weights alone" in step.tell()
    assert step_of("article").is_finite
