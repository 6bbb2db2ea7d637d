"""A function as a layer: it computes what the function says, and a file never brings its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models, ops
from pippin.errors import FileError, SettingError

ROWS = np.arange(6, dtype=np.float32).reshape(2, 3)


def doubled(x: Any) -> Any:
    return x * 2


@pytest.mark.filterwarnings("ignore:Lambda.*does not support masks")
def test_the_function_gets_what_it_has_parameters_for() -> None:
    layer = layers.Lambda(lambda x, by, training=None: x * by if training else x, arguments={"by": 3.0})
    np.testing.assert_array_equal(layer(ROWS, training=True), ROWS * 3)
    np.testing.assert_array_equal(layer(ROWS, training=False), ROWS)
    masked = layers.Lambda(lambda x, mask: ops.where(mask[..., None], x, -1.0))
    np.testing.assert_array_equal(masked(np.array([[[1.0], [2.0]]]), mask=np.array([[True, False]])), [[[1], [-1]]])


def test_shapes_are_found_or_as_given() -> None:
    assert layers.Lambda(lambda x: x[:, :2]).compute_output_shape((None, 3)) == (None, 2)
    assert layers.Lambda(doubled, output_shape=(7,)).compute_output_shape((None, 3)) == (None, 7)
    assert layers.Lambda(doubled, output_shape=lambda shape: shape[::-1]).compute_output_shape((4, 3)) == (3, 4)


def test_something_that_is_no_function_is_refused() -> None:
    with pytest.raises(SettingError, match="expected a function, received 'doubled'.*custom_objects"):
        layers.Lambda("doubled")  # type: ignore[arg-type]


def model_of(function: Any) -> Any:
    model = models.Sequential([layers.Input((3,)), layers.Lambda(function, name="step"), layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


def test_models_with_lambdas_train_are_cloned_and_saved(tmp_path: Path) -> None:
    factors = [2.0, 5.0]  # two lambdas of the same code, apart by a default
    steps = [layers.Lambda(lambda x, by=by: x * by, name=f"times{by:.0f}") for by in factors]
    model = models.Sequential([layers.Input((3,)), *steps, layers.Dense(2)])
    model.compile("sgd", "mse")
    model.fit(ROWS, np.ones((2, 2), np.float32), verbose=0)
    expected = model.predict(ROWS, verbose=0)
    clone = models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(ROWS, verbose=0), expected)
    model.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras", safe_mode=False)  # this program's own lambdas
    np.testing.assert_array_equal(again.predict(ROWS, verbose=0), expected)


def test_the_code_of_a_lambda_in_a_file_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(lambda x: x * 2)
    model.save(tmp_path / "model.keras")
    with pytest.raises(FileError, match="'step': function"):
        models.load_model(tmp_path / "model.keras")
    monkeypatch.setattr("pippin.layers.lambda_layer._own", {})  # as in another program
    with pytest.raises(FileError, match='Lambda "step": it calls a lambda, whose code stands in the file'):
        models.load_model(tmp_path / "model.keras", safe_mode=False)
    again = models.load_model(tmp_path / "model.keras", custom_objects={"step": doubled})
    np.testing.assert_array_equal(again.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))


def test_a_named_function_is_asked_for_by_its_name(tmp_path: Path) -> None:
    model = model_of(doubled)
    model.save(tmp_path / "model.keras")
    with pytest.raises(FileError, match="the function 'doubled'.*custom_objects={'doubled': function}"):
        models.load_model(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras", custom_objects={"doubled": doubled})
    np.testing.assert_array_equal(again.predict(ROWS, verbose=0), model.predict(ROWS, verbose=0))
    model_of(ops.square).save(tmp_path / "known.keras")
    assert models.load_model(tmp_path / "known.keras").layers[0].function is ops.square


def test_lambdas_are_part_of_functional_models() -> None:
    start = pippin.Input((3,))
    parts = layers.Lambda(lambda x: [x[:, :1], x[:, 1:]])(start)
    model = models.Model(start, layers.Concatenate()(parts[::-1]))
    np.testing.assert_array_equal(model.predict(ROWS, verbose=0), ROWS[:, [1, 2, 0]])
