"""Keras's and TensorFlow's names lead to Pippin's; a missing one says where it was used and what there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

import pippin
from pippin import compat
from pippin.compat.alias import Finder
from pippin.compat.names import _OLD_HOMES, ROOTS, home_of
from pippin.errors import MissingWord
from pippin.program import eager


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    """The finder for one test; nothing of it stays."""
    finders, before = list(sys.meta_path), _foreign()
    for name in before:
        del sys.modules[name]
    compat.install()
    yield
    sys.meta_path[:] = finders
    for name in _foreign():
        del sys.modules[name]
    sys.modules.update(before)
    eager._eager_everywhere[0] = False


def _foreign() -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.split(".")[0] in ROOTS}


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("keras", "pippin"),
        ("keras.layers", "pippin.layers"),
        ("tensorflow.keras", "pippin"),
        ("tensorflow.keras.datasets.mnist", "pippin.datasets.mnist"),
        ("tensorflow.python.keras.layers", "pippin.layers"),
        ("tf_keras.optimizers", "pippin.optimizers"),
        ("keras.api", "pippin"),
        ("keras.api._v2.keras.layers", "pippin.layers"),
        ("keras.src.callbacks", "pippin.callbacks"),
        ("keras.layers.convolutional", "pippin.layers"),
        ("keras.utils.np_utils", "pippin.utils"),
        ("keras.preprocessing.image", "pippin.preprocessing.image"),
        ("tensorflow", "pippin.compat.tf"),
        ("tensorflow.config.experimental", "pippin.compat.tf.config"),
        ("tensorflow.nn", "pippin.compat.tf.nn"),
        ("tensorflow.losses", "pippin.losses"),
        ("tensorflow_datasets", None),
        ("kerasy", None),
        ("numpy", None),
    ],
)
def test_a_foreign_module_has_a_home(name: str, home: str | None) -> None:
    assert home_of(name) == home


def test_every_home_that_keras_moved_from_is_there() -> None:
    for old in _OLD_HOMES:
        assert import_module(f"keras.{old}").__name__ == f"keras.{old}"


def test_an_alias_gives_pippins_own_things() -> None:
    layers = import_module("tensorflow.keras.layers")
    assert layers.Dense is pippin.layers.Dense
    assert import_module("keras").layers.Dense is pippin.layers.Dense
    assert "Dense" in dir(layers) and "Dense" in layers.__all__


def test_modules_inside_an_alias_are_aliases() -> None:
    keras = import_module("keras")
    assert keras.datasets.mnist is import_module("keras.datasets.mnist")
    assert keras.datasets.mnist.load_data is pippin.datasets.mnist.load_data
    assert keras.preprocessing.image.load_img is pippin.utils.load_img


def test_a_script_may_set_what_it_likes_on_an_alias() -> None:
    keras = import_module("keras")
    keras.note = 3
    assert keras.note == 3 and not hasattr(pippin, "note")


def test_other_modules_are_found_as_ever() -> None:
    assert Finder.find_spec("numpy") is None and Finder.find_spec("json.decoder") is None


def test_installing_twice_is_installing_once() -> None:
    compat.install()
    assert sum(finder is Finder for finder in sys.meta_path) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tensorflow.keras.layers.Dens", 'Pippin has no tf.keras.layers.Dens (HERE). Did you mean "Dense"?'),
        (
            "keras.layers.Adam",
            "Pippin has no keras.layers.Adam (HERE). Pippin has it as keras.optimizers.Adam.",
        ),
        ("keras.layers.nothing_like_it", "Pippin has no keras.layers.nothing_like_it (HERE)."),
        ("keras.no_such_part", "Pippin has no keras.no_such_part (HERE)."),
        ("tensorflow.get_default_graph", "Pippin has no tf.get_default_graph (HERE)."),
        ("tensorflow.raw_ops", "Pippin has no tf.raw_ops (HERE)."),
    ],
)
def test_a_missing_name_says_where_and_what_there_is(name: str, told: str) -> None:
    parent, _, word = name.rpartition(".")
    module = import_module(parent)
    with pytest.raises(MissingWord) as by_use:
        getattr(module, word)
    with pytest.raises(ImportError) as by_import:
        exec(compile(f"from {parent} import {word}", "HERE.py", "exec"), {"__name__": "script"})
    line = by_use.traceback[0].lineno + 1
    assert str(by_use.value) == told.replace("HERE", f"{__file__}, line {line}")
    assert str(by_import.value) == told.replace("HERE", "HERE.py, line 1")


def test_a_fault_inside_pippin_is_not_taken_for_a_missing_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        raise ModuleNotFoundError("No module named 'h5py'", name="h5py")

    monkeypatch.setattr("pippin.compat.alias.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="h5py"):
        import_module("keras.saving")
