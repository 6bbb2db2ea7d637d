"""Claims about legacy `.h5` files: those of Keras 2 and 3 open here and go on training, ours hold all that ours hold.

Keras 2's were written by tests/goldens/capture_older.py; tests/conformance exchanges Keras 3's for every layer.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import pippin
from goldens import saved_models
from pippin import layers, models
from pippin.errors import FileError, SettingError

KERAS_2 = Path(__file__).parents[1] / "goldens" / "saved" / "keras2.zip"
NAMES = ("digits", "words", "depthwise", "states", "nested")
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def taken_out(name: str, folder: Path) -> tuple[Path, Path, Any]:
    """(whole model, weights alone, arrays) of one of Keras 2's models."""
    with zipfile.ZipFile(KERAS_2) as archive:
        model, weights = folder / f"{name}.h5", folder / f"{name}_weights.h5"
        model.write_bytes(archive.read(f"{name}.h5"))
        weights.write_bytes(archive.read(f"{name}.weights"))
        return model, weights, np.load(io.BytesIO(archive.read(f"{name}.npz")))


def small(*names: str) -> Any:
    first, second = names or ("first", "second")
    return models.Sequential([layers.Input((4,)), layers.Dense(3, "relu", name=first), layers.Dense(2, name=second)])


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_keras_2_says_what_it_said_and_learns_the_same(name: str, tmp_path: Path) -> None:
    path, _, kept = taken_out(name, tmp_path)
    model = models.load_model(path)
    np.testing.assert_allclose(model.predict(kept["x"], verbose=0), kept["out"], **CLOSE)
    model.train_on_batch(kept["x"], kept["y"])
    np.testing.assert_allclose(model.predict(kept["x"], verbose=0), kept["after"], **CLOSE)


@pytest.mark.parametrize("name", NAMES)
def test_weights_of_keras_2_find_their_layers(name: str, tmp_path: Path) -> None:
    path, weights, kept = taken_out(name, tmp_path)
    model = models.load_model(path, compile=False)
    assert not model.compiled
    model.set_weights([array * 0 for array in model.get_weights()])
    model.load_weights(weights)
    np.testing.assert_allclose(model.predict(kept["x"], verbose=0), kept["out"], **CLOSE)


def test_the_metrics_of_keras_2_keep_their_names(tmp_path: Path) -> None:
    model = models.load_model(taken_out("words", tmp_path)[0])
    kept = taken_out("words", tmp_path)[2]
    assert set(model.evaluate(kept["x"], kept["y"], verbose=0, return_dict=True)) == {"loss", "acc", "auc"}


def test_hard_sigmoid_of_keras_2_is_told_to_differ() -> None:
    from pippin.saving.older_config import modern_model

    described = {"class_name": "Activation", "config": {"name": "a", "activation": "hard_sigmoid"}}
    with pytest.warns(UserWarning, match='old.h5: Activation "a" uses hard_sigmoid'):
        modern_model(described, "old.h5", True)


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_a_model_comes_back_from_a_legacy_file(name: str, tmp_path: Path) -> None:
    model = saved_models.MODELS[name](pippin)
    x, y = saved_models.data(name)
    model.fit(x, y, epochs=1, batch_size=5, verbose=0)
    model.save(tmp_path / "model.h5")
    again = models.load_model(tmp_path / "model.h5")
    for before, after in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(before.numpy(), after.numpy())
    for before, after in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(before.numpy(), after.numpy())
    assert json.loads(again.to_json())["config"] == json.loads(model.to_json())["config"]


def test_equal_models_give_equal_bytes_in_legacy_files(tmp_path: Path) -> None:
    model = small()
    for name in ("one.h5", "two.hdf5"):
        model.save(tmp_path / name)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.hdf5").read_bytes()


def test_weights_are_found_by_the_names_of_layers(tmp_path: Path) -> None:
    source, other = small("first", "second"), small("second_", "first")
    source.save(tmp_path / "w.h5")
    wider = models.Sequential([layers.Input((4,)), layers.Dense(3, name="first"), layers.Dense(9, name="second")])
    with pytest.raises(FileError, match=r'w.h5: Dense "second": expected "kernel" of shape \(3, 9\)'):
        wider.load_weights(tmp_path / "w.h5", by_name=True)
    with pytest.warns(UserWarning, match='Dense "second".*It was left as it is'):
        wider.load_weights(tmp_path / "w.h5", by_name=True, skip_mismatch=True)
    np.testing.assert_array_equal(wider.get_weights()[0], source.get_weights()[0])
    with pytest.raises(FileError, match='Dense "first"'):
        other.load_weights(tmp_path / "w.h5", by_name=True)
    source.save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(SettingError, match="by_name only for legacy"):
        source.load_weights(tmp_path / "w.weights.h5", by_name=True)


def test_another_number_of_layers_is_told(tmp_path: Path) -> None:
    small().save(tmp_path / "w.h5")
    one = models.Sequential([layers.Input((4,)), layers.Dense(3, name="only")])
    with pytest.raises(FileError, match=r"expected weights of 1 layers \(only\), the file has those of 2"):
        one.load_weights(tmp_path / "w.h5")


def test_more_names_than_one_header_holds_are_listed_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pippin.saving import older_file

    monkeypatch.setattr(older_file, "_MOST_NAMES", 1)
    model = small()
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        assert {"layer_names0", "layer_names1"} <= set(file["model_weights"].attrs)
    again = models.load_model(tmp_path / "model.h5")
    for before, after in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def altered(path: Path, word: str, value: str) -> Path:
    with h5py.File(path, "r+") as file:
        file.attrs[word] = value
    return path


def test_code_in_a_legacy_file_is_refused(tmp_path: Path) -> None:
    small().save(tmp_path / "model.h5")
    code = {"class_name": "Lambda", "config": {"name": "l", "function": ["4wEAAA==", None, None]}}
    described = {"class_name": "Sequential", "config": [code]}
    with pytest.raises(FileError, match="a lambda, whose code stands in the file, and nothing in a file is ever run"):
        models.load_model(altered(tmp_path / "model.h5", "model_config", json.dumps(described)), safe_mode=False)
    strange = {"class_name": "os>system", "config": {"name": "l", "command": "true"}}
    described = {"class_name": "Sequential", "config": [strange]}
    with pytest.raises(FileError, match="'system'.*which Pippin does not have"):
        models.load_model(altered(tmp_path / "model.h5", "model_config", json.dumps(described)))


def test_a_legacy_file_without_a_model_is_named_for_what_it_is(tmp_path: Path) -> None:
    _, weights, _ = taken_out("digits", tmp_path)
    with pytest.raises(FileError, match="received weights alone. Use model.load_weights"):
        models.load_model(weights)


def test_a_memory_that_does_not_fit_is_left_with_a_warning(tmp_path: Path) -> None:
    model = small()
    model.compile("adam", "mse")
    model.fit(np.ones((4, 4)), np.ones((4, 2)), verbose=0)
    path = tmp_path / "model.h5"
    model.save(path)
    with h5py.File(path, "r+") as file:
        names = file["optimizer_weights"].attrs["weight_names"]
        file["optimizer_weights"].attrs.create("weight_names", list(names)[:-1], dtype=h5py.string_dtype())
    with pytest.warns(UserWarning, match=r'optimizer "adam\w*": expected .* It starts without what it remembered'):
        again = models.load_model(path)
    assert int(again.optimizer.iterations) == 0
