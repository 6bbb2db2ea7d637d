"""Claims about `.keras` files: those of real Keras open here and go on training as there, and ours come back as they
were.

The files in tests/goldens/saved were written by Keras 3.15.1 (tests/goldens/capture_saved.py, which also lets Keras
read what Pippin writes).
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pippin
from goldens import saved_models
from pippin import layers, models
from pippin.errors import FileError
from pippin.saving.hdf5 import Hdf5File
from pippin.saving.weights import WEIGHTS

SAVED = Path(__file__).parents[1] / "goldens" / "saved"


def trained(name: str) -> Any:
    pippin.random.set_random_seed(1)
    model = saved_models.MODELS[name](pippin)
    model.fit(*saved_models.data(name), epochs=1, batch_size=5, verbose=0)
    return model


def config_in(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_a_model_of_keras_says_here_what_it_said_there_and_learns_the_same(name: str) -> None:
    expected = np.load(SAVED / f"{name}.npz")
    found = saved_models.answers(models.load_model(SAVED / f"{name}.keras"), name)
    assert set(found) == set(expected)
    for word, array in found.items():
        np.testing.assert_allclose(array, expected[word], rtol=1e-5, atol=1e-5, err_msg=word)


def test_a_model_trained_on_tensorflow_goes_on_although_its_counters_are_wider() -> None:
    path = SAVED / "frozen-tensorflow.keras"
    assert Hdf5File(zipfile.ZipFile(path).read(WEIGHTS), "it").datasets["optimizer/vars/0"].dtype == np.int64
    expected = np.load(path.with_suffix(".npz"))
    model = models.load_model(path)
    assert int(model.optimizer.iterations) == 6
    for word, array in saved_models.answers(model, "frozen").items():
        np.testing.assert_allclose(array, expected[word], rtol=1e-5, atol=1e-5, err_msg=word)


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_a_loaded_model_is_written_as_keras_wrote_it(name: str, tmp_path: Path) -> None:
    """Every layer, class, module, connection and number that Keras wrote stands in our file too."""
    models.load_model(SAVED / f"{name}.keras").save(tmp_path / "again.keras")
    compare(config_in(SAVED / f"{name}.keras"), config_in(tmp_path / "again.keras"), name)


def compare(keras: Any, ours: Any, where: str) -> None:
    """What ours has must be what Keras has; Keras says more where it says that nothing is special."""
    if isinstance(ours, dict) and isinstance(keras, dict):
        for key in ours:
            if key not in ("build_config", "shared_object_id", "jit_compile", "dtype", "build_input_shape"):
                assert key in keras, f"{where}: {key} is no word of Keras's"
                compare(keras[key], ours[key], f"{where}/{key}")
        missing = [
            key
            for key in keras
            if key not in ours and keras[key] not in (None, False, {}, "") and key not in KERAS_ONLY
        ]
        assert not missing, f"{where}: {missing}"
    elif isinstance(ours, list) and isinstance(keras, list):
        assert len(ours) == len(keras), where
        for number, (a, b) in enumerate(zip(keras, ours, strict=True)):
            compare(a, b, f"{where}/{number}")
    else:
        assert ours == keras or (ours, keras) == (1, 1.0), f"{where}: {keras!r} there, {ours!r} here"


KERAS_ONLY = ("build_config", "shared_object_id", "renorm_momentum", "ema_momentum", "dtype")


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_a_model_comes_back_with_weights_optimizer_seeds_and_goal(name: str, tmp_path: Path) -> None:
    model = trained(name)
    model.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras")
    for before, after in zip(
        model.variables + model.optimizer.variables, again.variables + again.optimizer.variables, strict=True
    ):
        assert before.dtype == after.dtype and before.numpy().tobytes() == after.numpy().tobytes(), before.path
    assert type(again.optimizer) is type(model.optimizer)
    x, y = saved_models.data(name)
    first, second = model.train_on_batch(x, y), again.train_on_batch(x, y)
    assert first == second
    for before, after in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_file_of_an_earlier_pippin_opens_for_ever() -> None:
    """Written by 0.1.0 with tests/goldens/write_saved.py; each release adds one and keeps those before it."""
    for path in SAVED.glob("pippin-*.keras"):
        expected = np.load(path.with_suffix(".npz"))
        for word, array in saved_models.answers(models.load_model(path), "frozen").items():
            np.testing.assert_allclose(array, expected[word], rtol=1e-5, atol=1e-6, err_msg=f"{path.name} {word}")


def test_a_golden_weights_file_fills_a_model_of_the_same_layers() -> None:
    model = saved_models.pictures(pippin)
    model.load_weights(SAVED / "pictures.weights.h5")
    np.testing.assert_allclose(
        model.predict(saved_models.data("pictures")[0], verbose=0),
        np.load(SAVED / "pictures.npz")["output 0"],
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.parametrize("name", saved_models.MODELS)
def test_equal_models_give_equal_bytes(name: str, tmp_path: Path) -> None:
    model = trained(name)
    model.save(tmp_path / "one.keras")
    model.save(tmp_path / "two.keras")
    models.load_model(tmp_path / "one.keras").save(tmp_path / "three.keras")
    assert (
        (tmp_path / "one.keras").read_bytes()
        == (tmp_path / "two.keras").read_bytes()
        == (tmp_path / "three.keras").read_bytes()
    )


def test_every_layer_travels(tmp_path: Path) -> None:
    """All public layers, made with arguments that are not their defaults, keep them."""
    made = [
        layers.Conv2D(2, (3, 2), strides=(1, 2), padding="same", use_bias=False, kernel_constraint=None, name="c"),
        layers.Dense(3, "silu", bias_initializer="ones"),
        layers.Dropout(0.5, noise_shape=(None, 1), seed=3),
        layers.BatchNormalization(momentum=0.5, epsilon=1e-2, scale=False),
        layers.MaxPooling2D((2, 1), strides=1, padding="same"), layers.AveragePooling2D(3), layers.ReLU(3.0, 0.1),
        layers.Softmax(),
        layers.Reshape((-1, 2)), layers.Rescaling(0.5, 1.0), layers.Activation("hard_sigmoid"),
        layers.RandomRotation(0.2, fill_mode="nearest", seed=1),
        layers.RandomZoom((-0.1, 0.2)), layers.RandomTranslation(0.1, 0.2), layers.RandomContrast(0.3),
        layers.RandomFlip("vertical"),
    ]  # fmt: skip
    from pippin.saving.serialize import serialize

    for layer in made:
        described = json.loads(json.dumps(serialize(layer)))
        again = pippin.saving.deserialize_keras_object(described)
        assert type(again) is type(layer)
        assert json.loads(json.dumps(serialize(again))) == described


def test_layers_used_in_two_models_stay_one_layer(tmp_path: Path) -> None:
    shared = layers.Dense(3, name="shared")
    start = layers.Input((3,))
    inner = models.Model(start, shared(start), name="inner")
    x = layers.Input((3,), name="x")
    model = models.Model(x, shared(inner(x)))
    model.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras")
    assert again.get_layer("shared") is again.get_layer("inner").get_layer("shared")
    assert len(again.weights) == 2
    rows = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(model.predict(rows, verbose=0), again.predict(rows, verbose=0))


def test_a_model_that_starts_in_the_middle_of_another_travels(tmp_path: Path) -> None:
    x = layers.Input((4,))
    middle = layers.Dense(3)(x)
    model = models.Model(middle, layers.Dense(2)(middle))
    model.save(tmp_path / "model.keras")
    rows = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(
        models.load_model(tmp_path / "model.keras").predict(rows, verbose=0), model.predict(rows, verbose=0)
    )


def test_what_the_caller_wants_kept_comes_back(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    pippin.saving.save_model(model, tmp_path / "model.keras", metadata={"classes": ["a", "é"], "size": 64})
    assert models.load_model(tmp_path / "model.keras").metadata == {"classes": ["a", "é"], "size": 64}
    model.save(tmp_path / "model.keras")
    assert models.load_model(tmp_path / "model.keras").metadata is None


def test_a_file_without_the_optimizer_brings_one_that_never_stepped(tmp_path: Path) -> None:
    model = trained("graph")
    model.save(tmp_path / "with.keras")
    model.save(tmp_path / "without.keras", include_optimizer=False)
    assert (tmp_path / "without.keras").stat().st_size < (tmp_path / "with.keras").stat().st_size
    again = models.load_model(tmp_path / "without.keras")
    assert int(again.optimizer.iterations) == 0
    assert all(np.array_equal(a, b) for a, b in zip(again.get_weights(), model.get_weights(), strict=True))


def test_a_goal_of_ones_own_is_asked_for(tmp_path: Path) -> None:
    def own_loss(y_true: Any, y_pred: Any) -> Any:
        return pippin.ops.mean(pippin.ops.square(y_pred - y_true), axis=-1)

    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("adam", own_loss)
    model.save(tmp_path / "model.keras")
    with pytest.raises(FileError, match=r"Unknown loss: 'own_loss'.*custom_objects, or load with compile=False"):
        models.load_model(tmp_path / "model.keras")
    assert models.load_model(tmp_path / "model.keras", custom_objects={"own_loss": own_loss}).loss is own_loss
    assert not models.load_model(tmp_path / "model.keras", compile=False).compiled


def test_a_model_that_never_trained_brings_an_optimizer_that_never_stepped(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.save(tmp_path / "model.keras")
    assert not model.optimizer.built
    again = models.load_model(tmp_path / "model.keras")
    assert int(again.optimizer.iterations) == 0
    assert not models.load_model(tmp_path / "model.keras", compile=False).compiled


class Scaled(layers.Layer):
    """A layer of the user's own, with a layer inside."""

    def __init__(self, factor: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.factor = factor
        self.inner = layers.Dense(2)

    def build(self, input_shape: Any) -> None:
        self.inner.build(input_shape)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs) * self.factor


def doubled(x: Any) -> Any:
    return x * 2.0


def test_own_classes_and_functions_come_from_custom_objects(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((3,)), Scaled(3.0), layers.Dense(2, activation=doubled)])
    model.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras", custom_objects={"Scaled": Scaled, "doubled": doubled})
    rows = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(again.predict(rows, verbose=0), model.predict(rows, verbose=0))
    assert again.layers[0].factor == 3.0
    with pytest.raises(FileError, match="class 'Scaled'.*custom_objects={'Scaled'"):
        models.load_model(tmp_path / "model.keras")


def test_registered_classes_are_found_and_keep_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pippin.saving import known, named

    monkeypatch.setattr(known, "_registered", {})
    monkeypatch.setattr(named, "registered", known._registered)

    @pippin.saving.register_keras_serializable("mine")
    class Halved(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 0.5

    model = models.Sequential([layers.Input((3,)), Halved()])
    model.save(tmp_path / "model.keras")
    assert config_in(tmp_path / "model.keras")["config"]["layers"][1]["registered_name"] == "mine>Halved"
    assert isinstance(models.load_model(tmp_path / "model.keras").layers[0], Halved)


def test_lambdas_are_refused_when_saving(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((3,)), layers.Dense(2, activation=lambda x: x)])
    with pytest.raises(TypeError, match="holds no code"):
        model.save(tmp_path / "model.keras")
    assert not (tmp_path / "model.keras").exists()


def test_names_without_the_right_ending_and_unbuilt_models_are_refused(tmp_path: Path) -> None:
    model = models.Sequential([layers.Input((3,)), layers.Dense(2)])
    for name in ("model", "model.keras.zip"):
        with pytest.raises(FileError, match="ends in .keras"):
            model.save(tmp_path / name)
    for name in ("model.h5", "model.safetensors"):
        with pytest.raises(ValueError, match="the input shape is known"):
            models.Sequential([layers.Dense(2)]).save(tmp_path / name)
    model.save(tmp_path / "model.keras")
    with pytest.raises(FileError, match="overwrite=False"):
        model.save(tmp_path / "model.keras", overwrite=False)


def test_json_makes_the_same_model_with_fresh_weights() -> None:
    model = trained("graph")
    again = models.model_from_json(model.to_json())
    assert again.to_json() == model.to_json()
    assert [v.shape for v in again.weights] == [v.shape for v in model.weights]


def test_a_clone_has_the_same_layers_and_weights_of_its_own() -> None:
    for name in ("pictures", "graph"):
        model = trained(name)
        clone = models.clone_model(model)
        assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
        assert clone.get_compile_config().keys() == model.get_compile_config().keys()
        assert clone.optimizer is not model.optimizer
        assert not {id(v) for v in clone.variables} & {id(v) for v in model.variables}
        clone.set_weights(model.get_weights())
        x = saved_models.data(name)[0]
        for a, b in zip(as_list(clone.predict(x, verbose=0)), as_list(model.predict(x, verbose=0)), strict=True):
            np.testing.assert_array_equal(a, b)


def as_list(thing: Any) -> list[Any]:
    return thing if isinstance(thing, list) else [thing]


def test_a_clone_function_gives_other_layers() -> None:
    def wider(layer: Any) -> Any:
        return (
            layers.Dense(7, name=layer.name)
            if isinstance(layer, layers.Dense) and layer.name == "hidden"
            else type(layer).from_config(layer.get_config())
        )

    model = models.Sequential([layers.Input((3,)), layers.Dense(2, name="hidden"), layers.Dense(1)])
    assert models.clone_model(model, clone_function=wider).layers[0].units == 7
