"""Claims about models of one's own classes: what is saved is there again, as with Keras, and nothing is guessed."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin import layers, models, saving
from pippin.errors import FileError, SettingError

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


class Scaled(layers.Dense):
    """A layer with an argument of its own, written down on top of those of Dense."""

    def __init__(self, units: int, factor: float = 2.0, **keywords: Any) -> None:
        super().__init__(units, **keywords)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * self.factor

    def get_config(self) -> dict[str, Any]:
        return dict(factor=self.factor, **super().get_config())


class Blocks(models.Model):
    """Layers in lists of tuples; the constructor makes all."""

    def __init__(self, width: int = 5, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.width = width
        self.blocks = [(layers.Dense(width), layers.BatchNormalization()), (Scaled(width, 3.0),)]
        self.head = layers.Dense(1)

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            for layer in block:
                x = layer(x)
        return self.head(x)


class Remembering(layers.Layer):
    """A layer whose file holds more than weights."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.table = np.zeros(3)

    def call(self, x: Any) -> Any:
        return x

    def save_own_variables(self, store: Any) -> None:
        store["table"] = self.table

    def load_own_variables(self, store: Any) -> None:
        self.table = np.array(store["table"])


class OwnCompile(models.Sequential):
    def compile(self, *arguments: Any, **keywords: Any) -> None:
        super().compile(*arguments, **keywords)


OWN = {"Scaled": Scaled, "Blocks": Blocks, "Remembering": Remembering, "OwnCompile": OwnCompile}


def trained_blocks() -> Any:
    model = Blocks(6)
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    return model


def test_a_model_of_an_own_class_is_built_filled_and_compiled_again(tmp_path: Path) -> None:
    model = trained_blocks()
    for place in (tmp_path / "m.keras", tmp_path / "folder"):
        model.save(place, zipped=place.suffix == ".keras")
        again = saving.load_model(place, custom_objects=OWN)
        assert type(again) is Blocks and again.width == 6 and again.built
        np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
        for a, b in zip(again.optimizer.variables, model.optimizer.variables, strict=True):
            np.testing.assert_array_equal(a, b)
    with pytest.raises(FileError, match="should not end in .keras"):
        model.save(tmp_path / "folder.keras", zipped=False)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_of_a_model_is_another_that_says_the_same(way: Any) -> None:
    model = trained_blocks()
    again = way(model)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    again.fit(X, X[:, :1], verbose=0)
    assert not np.array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_build_makes_all_weights_of_a_model_that_only_has_call() -> None:
    model = Blocks()
    model.build((None, 4))
    assert len(model.weights) == 10 and model.count_params() > 0
    assert model(X).shape == (3, 1)


def test_a_model_without_weights_yet_comes_back_without(tmp_path: Path) -> None:
    Blocks(7).save(tmp_path / "m.keras")
    again = saving.load_model(tmp_path / "m.keras", custom_objects=OWN)
    assert again.width == 7 and not again.built and not again.weights


def test_an_own_configuration_stands_on_that_of_the_layer_above(tmp_path: Path) -> None:
    config = Scaled(3, factor=5.0, use_bias=False).get_config()
    assert config["factor"] == 5.0 and config["units"] == 3 and config["use_bias"] is False
    again = Scaled.from_config(config)
    assert (again.factor, again.units, again.use_bias) == (5.0, 3, False)


def test_a_layer_may_say_itself_what_a_file_holds_of_it(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((4,)), Remembering(), layers.Dense(2)])
    model.layers[0].table = np.array([1.0, 2.0, 3.0])
    model.save(tmp_path / "m.keras")
    again = saving.load_model(tmp_path / "m.keras", custom_objects=OWN)
    np.testing.assert_array_equal(again.layers[0].table, [1, 2, 3])


def test_a_compile_of_an_own_class_is_not_called_behind_its_back(tmp_path: Path) -> None:
    model = OwnCompile([layers.Input((4,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    model.save(tmp_path / "m.keras")
    with pytest.warns(UserWarning, match=r"`compile\(\)` was not called"):
        again = saving.load_model(tmp_path / "m.keras", custom_objects=OWN)
    assert not again.compiled


def test_layers_to_skip_are_left_out_and_left_alone(tmp_path: Path) -> None:
    def made() -> Any:
        return models.Sequential([layers.Input((4,)), layers.Dense(3), layers.Dense(2)])

    model, other, file = made(), made(), tmp_path / "m.weights.h5"
    for skip_when_saving in (True, False):
        model.save_weights(file, **({"objects_to_skip": [model.layers[0]]} if skip_when_saving else {}))
        before = other.layers[0].get_weights()[0]
        other.load_weights(file, objects_to_skip=[other.layers[0]])
        np.testing.assert_array_equal(other.layers[0].get_weights()[0], before)
        np.testing.assert_array_equal(other.layers[1].get_weights()[0], model.layers[1].get_weights()[0])
    model.save(tmp_path / "m.keras")
    with pytest.raises(SettingError, match="objects_to_skip only supports"):
        other.load_weights(tmp_path / "m.keras", objects_to_skip=[])
    with pytest.raises(SettingError, match="Invalid keyword"):
        other.load_weights(file, bad=None)
    with pytest.raises(SettingError, match="save_format"):
        model.save(tmp_path / "m.txt", save_format="tf")
    with pytest.raises(SettingError, match="not supported"):
        model.save(tmp_path / "m.keras", random=True)


def test_arrays_and_bytes_are_what_they_were_after_a_round_trip() -> None:
    for thing in (b"hello", np.arange(6.0).reshape(2, 3), np.array([1, 2])):
        described = saving.serialize_keras_object(thing)
        again = saving.deserialize_keras_object(described)
        assert type(again) is type(thing) and np.array_equal(again, thing)
        assert getattr(again, "dtype", None) == getattr(thing, "dtype", None)


def test_a_description_that_claims_to_be_another_than_a_builtin_is_refused() -> None:
    told = {"class_name": "Dense", "module": "keras.layers", "config": {"units": 1}, "registered_name": "os.system"}
    with pytest.raises(FileError, match="resolved to a Keras built-in"):
        saving.deserialize_keras_object(told)
    with pytest.raises(TypeError, match="as a dict, received list"):
        saving.deserialize_keras_object({"class_name": "Dense", "config": [1, 2]})
