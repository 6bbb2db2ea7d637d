"""The modules that stand for Keras's and TensorFlow's, made and filled as a script names things.

A finder in front of all others answers `import keras` and `import tensorflow.keras.layers` with an Alias, a
module that looks each name up in Pippin. It answers even where the real packages are installed. A name that
Pippin lacks raises where it is used, with the line of the script and the nearest thing there is.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import pippin
from pippin.compat.missing import MissingModule, lacking
from pippin.compat.names import KERAS_VERSION, ROOTS, TENSORFLOW_VERSION, home_of
from pippin.errors import MissingWord


class Alias(ModuleType):
    """A module under a foreign name, whose contents are those of a module of Pippin."""

    def __init__(self, name: str, home: ModuleType) -> None:
        super().__init__(name, home.__doc__)
        self.__dict__["_home"] = home
        self.__dict__["__version__"] = _version(name)

    def __getattr__(self, name: str) -> Any:
        home = self.__dict__["_home"]
        if name == "__all__":
            return [word for word in dir(home) if not word.startswith("_")]
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            found = getattr(home, name)
        except AttributeError:
            found = self._part(name)
        if isinstance(found, ModuleType) and found.__name__.startswith("pippin."):
            found = import_module(f"{self.__name__}.{name}")
        self.__dict__[name] = found
        return found

    def _part(self, name: str) -> Any:
        """A module inside that Pippin keeps elsewhere (keras.preprocessing), or the error."""
        try:
            return import_module(f"{self.__name__}.{name}")
        except MissingModule:
            raise MissingWord(lacking(f"{self.__name__}.{name}", self.__dict__["_home"])) from None

    def __dir__(self) -> list[str]:
        return sorted({*dir(self.__dict__["_home"]), *vars(self)})


def _version(name: str) -> str:
    release = TENSORFLOW_VERSION if name == "tensorflow" else KERAS_VERSION
    return f"{release}+pippin{pippin.__version__}"


class Finder:
    """What Python's import asks first: it knows the names of Keras and TensorFlow, and no others."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name.split(".")[0] not in ROOTS:
            return None
        home_of_module(name)
        return ModuleSpec(name, Loader, origin="pippin", is_package=True)  # type: ignore[arg-type]


class Loader:
    """What Python's import asks second."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> Alias:
        return Alias(spec.name, home_of_module(spec.name))

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Nothing to run: names are looked up when they are used."""


def home_of_module(name: str) -> ModuleType:
    """The module of Pippin behind a foreign name; MissingModule if there is none."""
    home = home_of(name)
    assert home is not None, f"{name} is not a name of Keras or TensorFlow"
    try:
        return import_module(home)
    except ModuleNotFoundError as error:
        if error.name is None or not (home == error.name or home.startswith(f"{error.name}.")):
            raise
    parent, _, _ = name.rpartition(".")
    raise MissingModule(lacking(name, home_of_module(parent)))


def install() -> None:
    """From now on, in this process, Keras's and TensorFlow's names lead to Pippin."""
    if not any(finder is Finder for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder)
    # Imported here because it needs NumPy, and this module is read wherever the commands are listed.
    from pippin.program.eager import hand_out_eager_tensors

    hand_out_eager_tensors()
