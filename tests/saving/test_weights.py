"""Claims about files of weights: they find their layers whatever these are called, and all fit or none is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin import layers, models
from pippin.errors import FileError


def model(*units: int, names: tuple[str, ...] = ()) -> Any:
    made = [layers.Dense(n, name=names[place] if names else None) for place, n in enumerate(units)]
    return models.Sequential([layers.Input((4,)), *made])


def test_weights_find_their_layers_whatever_these_are_called(tmp_path: Path) -> None:
    one, two = model(3, 2, names=("a", "b")), model(3, 2, names=("first", "second"))
    one.save_weights(tmp_path / "w.weights.h5")
    two.load_weights(tmp_path / "w.weights.h5")
    for before, after in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_weights_come_out_of_a_whole_model_too(tmp_path: Path) -> None:
    one, two = model(3), model(3)
    one.compile("adam", "mse")
    one.save(tmp_path / "m.keras")
    two.load_weights(tmp_path / "m.keras")
    np.testing.assert_array_equal(one.get_weights()[0], two.get_weights()[0])


def test_a_differing_shape_names_file_layer_weight_and_both_shapes_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    model(3, 2).save_weights(path)
    other = model(3, 5, names=("body", "head"))
    before = other.get_weights()
    with pytest.raises(
        FileError, match=rf'^{path}: Dense "head": expected "kernel" of shape \(3, 5\), the file has shape \(3, 2\)'
    ):
        other.load_weights(path)
    for old, now in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(old, now)


def test_more_or_fewer_variables_are_told(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    model(3, 2).save_weights(path)
    with pytest.raises(
        FileError, match="has numbers for 2 variables that .* does not have .first: layers/dense_1/vars/0"
    ):
        model(3).load_weights(path)
    with pytest.raises(FileError, match='Dense "c": expected 2 variables, the file has 0'):
        model(3, 2, 2, names=("a", "b", "c")).load_weights(path)
    without_bias = models.Sequential(
        [layers.Input((4,)), layers.Dense(3, use_bias=False, name="bare"), layers.Dense(2)]
    )
    with pytest.raises(FileError, match='Dense "bare": expected 1 variables, the file has 2'):
        without_bias.load_weights(path)


def test_layers_that_differ_can_be_left_as_they_are_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    source, other = model(3, 2), model(3, 5, names=("body", "head"))
    source.save_weights(path)
    head = other.get_weights()[2]
    with pytest.warns(UserWarning, match='Dense "head".*left as it is|Dense "head".*was left'):
        other.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[0], source.get_weights()[0])
    np.testing.assert_array_equal(other.get_weights()[2], head)


def test_another_type_is_told(tmp_path: Path) -> None:
    import h5py

    with h5py.File(tmp_path / "w.weights.h5", "w") as file:
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = np.zeros((4, 3)), np.zeros(3, "float32")
    with pytest.raises(FileError, match='expected "kernel" as float32, the file has float64'):
        model(3).load_weights(tmp_path / "w.weights.h5")


def test_a_counter_that_does_not_fit_is_told(tmp_path: Path) -> None:
    import h5py

    counting, path = model(3), tmp_path / "w.weights.h5"
    counting.compile("sgd", "mse")
    counting.optimizer.build(counting.trainable_variables)
    counting.save_weights(path)
    for count in (7, 2**40):
        with h5py.File(path, "r+") as file:
            del file["optimizer/vars/0"]
            file["optimizer/vars/0"] = np.int64(count)
        path.write_bytes(path.read_bytes().partition(b"pippin crc32")[0])
        if count == 7:
            counting.load_weights(path)
            assert int(counting.optimizer.iterations) == 7
    with pytest.raises(FileError, match='expected "iteration" as int32, the file has int64 that does not fit'):
        counting.load_weights(path)


def test_weights_without_a_place_are_refused_before_they_are_looked_for(tmp_path: Path) -> None:
    model(3).save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(ValueError, match="the input shape is known"):
        models.Sequential([layers.Dense(3)]).load_weights(tmp_path / "w.weights.h5")
    with pytest.raises(FileError, match="ends in .weights.h5"):
        model(3).save_weights(tmp_path / "w.h5")


def test_classes_and_attributes_of_any_alphabet_are_found_again(tmp_path: Path) -> None:
    class Größe(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.größe = layers.Dense(2)

        def build(self, input_shape: Any) -> None:
            self.größe.build(input_shape)

        def call(self, inputs: Any) -> Any:
            return self.größe(inputs)

    one, two = (models.Sequential([layers.Input((4,), name="eingang"), Größe()], name="größer") for _ in range(2))
    one.save_weights(tmp_path / "w.weights.h5")
    two.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_array_equal(one.get_weights()[0], two.get_weights()[0])


def test_layers_inside_layers_of_ones_own_are_found_by_their_attributes(tmp_path: Path) -> None:
    class Pair(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.left = layers.Dense(2)
            self.others = [layers.Dense(2), layers.Dense(3)]

        def build(self, input_shape: Any) -> None:
            for layer in (self.left, *self.others):
                layer.build(input_shape)

        def call(self, inputs: Any) -> Any:
            return self.left(inputs) + self.others[0](inputs) + self.others[1](inputs)[:, :2]

    one, two = (models.Sequential([layers.Input((4,)), Pair()]) for _ in range(2))
    one.save_weights(tmp_path / "w.weights.h5")
    two.load_weights(tmp_path / "w.weights.h5")
    assert len(one.weights) == 6
    for before, after in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    import h5py

    with h5py.File(tmp_path / "w.weights.h5") as file:
        assert list(file["layers/pair"]) == ["left", "others", "vars"]
        assert list(file["layers/pair/others"]) == ["dense", "dense_1"]
