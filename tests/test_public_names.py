"""`import pippin as keras`: the names are there, light to import, and a misspelt one is corrected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pippin
from pippin.errors import MissingWord


def test_every_public_name_can_be_imported() -> None:
    for name in dir(pippin):
        assert getattr(pippin, name) is not None, name
    for package in (pippin.callbacks, pippin.datasets, pippin.utils):
        for name in dir(package):
            assert getattr(package, name) is not None, f"{package.__name__}.{name}"


def test_importing_pippin_imports_neither_numpy_nor_its_own_parts() -> None:
    program = (
        "import sys, pippin; print(sorted(m for m in sys.modules if m == 'numpy' or m.startswith('pippin.')))"
    )
    source = str(Path(pippin.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, text=True
    )
    assert ran.stdout == "['pippin.errors', 'pippin.lazy']\n", ran.stderr


def test_a_script_imports_nothing_that_only_some_scripts_need() -> None:
    heavy = (
        "rich",
        "PIL",
        "h5py",
        "safetensors",
        "jax",
        "json",
        "csv",
        "urllib.request",
        "inspect.getsource",
    )
    program = (
        "import sys, pippin; from pippin import layers, models, callbacks\n"
        "model = models.Sequential([layers.Input((2,)), layers.Dense(1)]); model.compile('sgd', 'mse')\n"
        "model.fit([[1.0, 2.0]], [1.0], verbose=0); model.predict([[1.0, 2.0]], verbose=0)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    source = str(Path(pippin.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": source}, capture_output=True, text=True
    )
    assert ran.stdout == "[]\n", ran.stderr


def test_a_misspelt_name_is_corrected() -> None:
    with pytest.raises(MissingWord, match='Did you mean "Sequential"'):
        pippin.Sequental  # noqa: B018
