"""Model files travel: real Keras opens what Pippin wrote, Pippin opens what real Keras wrote, both train on the same.

Asked of every layer that has an example, and of every optimizer. Needs a Python with Keras 3.15: this one, or the
peers' that `python -m benchmarks.peers` made under build/; without it these tests are skipped.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conformance.test_every_layer import CHANGES_IN_TRAINING, NAMES, made
from pippin import layers, models, optimizers
from pippin.naming import clear_names
from pippin.saving import load_model, load_weights

SIDE = Path(__file__).with_name("keras_side.py")
PEER = Path(__file__).parents[2] / "build" / "peers" / "keras" / "bin" / "python"
TRAINS_BY_CHANCE = {name for name in CHANGES_IN_TRAINING if name != "BatchNormalization"}
"""Each library draws its own random numbers, so that only answers can be compared."""
OPTIMIZERS = [cls.__name__ for cls in optimizers.ALL.values()]
NOT_IN_LEGACY_FILES = {
    "Adafactor", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast", "RandomErasing",
    "RandomGaussianBlur", "RandomHue", "RandomInvert", "RandomSaturation", "RandomSharpness",
}  # fmt: skip
"""Keras's own: it can't write them."""
NOT_UNDER_JAX = {"RandomElasticTransform"}
"""Keras can't train with it there: it asks a traced number for its value."""
ASKED = sorted({*NAMES, *OPTIMIZERS} - NOT_UNDER_JAX)
# Both libraries compute in float32, in another order: a few units in the last place per operation, and Adam divides
# small gradients by their own size.
CLOSE = {"rtol": 1e-5, "atol": 1e-5}


pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*was given an input with a mask")]


def keras_python() -> str | None:
    """A Python that has real Keras."""
    if importlib.util.find_spec("keras") is not None:
        return sys.executable
    return str(PEER) if PEER.exists() else None


def an_optimizer(name: str) -> Any:
    """One with all its memory, and a learning rate that follows the step."""
    if name == "LossScaleOptimizer":
        return optimizers.LossScaleOptimizer(optimizers.Adam(0.01), initial_scale=8.0)
    if name == "MultiOptimizer":
        return optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD(0.01), {".*bias": optimizers.Adam()}))
    rate = optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)
    return getattr(optimizers, name)(rate, use_ema=True, gradient_accumulation_steps=2, global_clipnorm=1.0)


def model_around(name: str) -> tuple[Any, Any, np.ndarray]:
    """A model that has the layer in its middle, or a small one with the optimizer, after one step of training, with
    data for it."""
    clear_names()
    layer, arrays, given = made("Dense" if name in OPTIMIZERS else name)
    tensors = [layers.Input(array.shape[1:]) for array in arrays]
    flat = layers.Flatten()(layer(tensors if len(tensors) > 1 else tensors[0]))
    model = models.Model(tensors if len(tensors) > 1 else tensors[0], layers.Dense(2)(flat))
    optimizer = an_optimizer(name) if name in OPTIMIZERS else optimizers.SGD(0.01, momentum=0.9)
    model.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    y = np.linspace(-1, 1, 2 * len(arrays[0]), dtype=np.float32).reshape(-1, 2)
    model.train_on_batch(given, y)
    return model, given, y


def state(model: Any, word: str) -> dict[str, np.ndarray]:
    found = {f"{word} weight {n}": array for n, array in enumerate(model.get_weights())}
    return found | {f"{word} memory {n}": np.array(v.value) for n, v in enumerate(model.optimizer.variables)}


@pytest.fixture(scope="module")
def exchanged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where both libraries left their files and answers: Keras is started once for all of them."""
    python = keras_python()
    if python is None:
        pytest.skip("needs a Python with Keras: pip install keras, or python -m benchmarks.peers")
    folder = tmp_path_factory.mktemp("exchanged")
    for name in ASKED:
        model, given, y = model_around(name)
        model.save(folder / f"{name}.keras")
        model.save(folder / f"{name}.h5")
        model.save_weights(folder / f"{name}.weights.h5")
        listed = given if isinstance(given, list) else [given]
        np.savez(folder / f"{name}.given.npz", y=y, **{f"x{n}": array for n, array in enumerate(listed)})
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": "", "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, str(SIDE), str(folder)], env=environment, check=True, capture_output=True, timeout=600)
    return folder


def keras_said(exchanged: Path, name: str) -> dict[str, np.ndarray]:
    faults = json.loads((exchanged / "faults.json").read_text())
    assert name not in faults, faults[name]
    return dict(np.load(exchanged / f"{name}.theirs.npz"))


def need_equal(found: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    for word, array in found.items():
        np.testing.assert_allclose(array, theirs[word], err_msg=word, **CLOSE)


@pytest.mark.parametrize("name", ASKED)
def test_keras_opens_what_pippin_wrote_and_trains_on_the_same(exchanged: Path, name: str) -> None:
    theirs = keras_said(exchanged, name)
    model, given, y = model_around(name)
    before = model.predict(given, verbose=0)
    words = ("opened output", "weights output", "legacy output")
    need_equal({**state(model, "opened"), **dict.fromkeys(words, before)}, theirs)
    assert sum(word.startswith("opened ") for word in theirs) == len(state(model, "")) + 1
    if name not in TRAINS_BY_CHANCE:
        model.train_on_batch(given, y)
        need_equal({**state(model, "trained"), "trained output": model.predict(given, verbose=0)}, theirs)


@pytest.mark.parametrize("name", ASKED)
def test_pippin_opens_what_keras_wrote_and_trains_on_the_same(exchanged: Path, name: str) -> None:
    theirs = keras_said(exchanged, name)
    model, given, y = model_around(name)
    files = [exchanged / f"{name}.theirs.{ending}" for ending in ("keras", "h5")]
    opened = [load_model(path) for path in files if path.exists() or name not in NOT_IN_LEGACY_FILES]
    for one in opened:
        need_equal({**state(one, "trained"), "trained output": one.predict(given, verbose=0)}, theirs)
    load_weights(model, exchanged / f"{name}.theirs.weights.h5")
    need_equal({"trained output": model.predict(given, verbose=0)}, theirs)
    if name not in TRAINS_BY_CHANCE:
        for one in opened:
            one.train_on_batch(given, y)
            need_equal(state(one, "again"), theirs)
