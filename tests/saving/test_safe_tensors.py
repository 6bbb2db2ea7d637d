"""Claims about `.safetensors` files: a model comes back, anybody can read its arrays, and what was altered is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import pippin
from goldens import saved_models
from pippin import layers, models
from pippin.errors import FileError


def small(units: int = 3) -> Any:
    body, head = layers.Dense(units, "relu", name="body"), layers.Dense(2, name="head")
    return models.Sequential([layers.Input((4,)), body, head])


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_a_model_comes_back_with_its_goal_but_without_memory(name: str, tmp_path: Path) -> None:
    model = saved_models.MODELS[name](pippin)
    x, y = saved_models.data(name)
    model.fit(x, y, epochs=1, batch_size=5, verbose=0)
    model.save(tmp_path / "m.safetensors")
    again = models.load_model(tmp_path / "m.safetensors")
    assert json.loads(again.to_json()) == json.loads(model.to_json())
    for before, after in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert int(again.optimizer.iterations) == 0
    assert not models.load_model(tmp_path / "m.safetensors", compile=False).compiled


def test_any_reader_finds_the_arrays_by_their_names(tmp_path: Path) -> None:
    model = small()
    model.save_weights(tmp_path / "w.safetensors")
    arrays = load_file(tmp_path / "w.safetensors")
    assert set(arrays) == {"layers/dense/kernel", "layers/dense/bias", "layers/dense_1/kernel", "layers/dense_1/bias"}
    np.testing.assert_array_equal(arrays["layers/dense_1/kernel"], model.get_weights()[2])


def test_weights_that_somebody_else_wrote_are_taken(tmp_path: Path) -> None:
    model, other = small(), small()
    model.save_weights(tmp_path / "w.safetensors")
    save_file(load_file(tmp_path / "w.safetensors"), tmp_path / "other.safetensors")
    other.load_weights(tmp_path / "other.safetensors")
    for before, after in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    with pytest.raises(FileError, match="received weights alone"):
        models.load_model(tmp_path / "other.safetensors")


def test_what_differs_is_named_or_left_with_a_warning(tmp_path: Path) -> None:
    source, other = small(), small(5)
    source.save_weights(tmp_path / "w.safetensors")
    before = other.get_weights()
    with pytest.raises(FileError, match=r'"layers/dense/kernel" of shape \(4, 5\), the file has shape \(4, 3\)'):
        other.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(other.get_weights()[3], before[3])
    with pytest.warns(UserWarning, match="was left as it is"):
        other.load_weights(tmp_path / "w.safetensors", skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[3], source.get_weights()[3])


def test_every_altered_byte_is_told(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    small().save(path)
    good = path.read_bytes()
    for place in range(0, len(good), max(1, len(good) // 150)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 4]) + good[place + 1 :])
        with pytest.raises(FileError):
            models.load_model(path)
    path.write_bytes(good[:-3])
    with pytest.raises(FileError, match="cut short"):
        models.load_model(path)
