"""Where the files of data sets lie, how they get there, and how they are read. Nothing in them is ever run.

A file that is not in Keras's cache folder ($KERAS_HOME/datasets, by default ~/.keras/datasets) is fetched
from where Keras fetches it, checked, and put there whole. Without a connection the error says which file to
put where.
"""

from __future__ import annotations

import contextlib
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from pippin.errors import FileError
from pippin.utils.downloads import fetch, keras_home

STORE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def datasets_folder() -> Path:
    """Keras's folder for data sets."""
    return keras_home() / "datasets"


def dataset_file(name: str, url: str, sha256: str | None = None) -> Path:
    """The path of a file of the cache folder, fetched from `url` if it is not there."""
    path = datasets_folder() / name
    if not path.exists():
        try:
            fetch(url, path, None if sha256 is None else ("sha256", sha256))
        except OSError as error:
            raise FileError(
                f"The data set needs the file {path}, which is not there, and fetching it failed ({error}). "
                f"Get it on a machine with a connection from {url} and put it there."
            ) from None
    return path


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever is wrong with the file that is read inside, the error names it and says what to do."""
    try:
        yield
    except (
        ValueError,
        KeyError,
        EOFError,
        OSError,
        zlib.error,
        zipfile.BadZipFile,
        pickle.UnpicklingError,
    ) as error:
        raise FileError(f"{path} is damaged or not what its name says ({error}). Delete it and load again.") from None


def read_npz(path: Path, *names: str) -> list[np.ndarray]:
    """Arrays of numbers from a file of arrays. One that would need pickle is refused."""
    with reading(path), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return [arrays[name] for name in names]


def read_lists(path: Path, *names: str) -> list[Any]:
    """Arrays of lists from a file of arrays. NumPy pickles such arrays: only lists and arrays are read."""
    with reading(path), zipfile.ZipFile(path) as archive:
        found = []
        for name in names:
            with archive.open(f"{name}.npy") as file:
                found.append(_read_array(file))
        return found


def _read_array(file: IO[bytes]) -> Any:
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if dtype.hasobject:
        return read_pickled(file)
    return np.frombuffer(file.read(), dtype).reshape(shape)


class _ArraysOnly(pickle.Unpickler):
    """Builds lists, dicts, numbers, text and NumPy arrays. Whatever else a pickle asks for is refused."""

    _ALLOWED = frozenset(
        (module, name)
        for module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
        for name in ("ndarray", "dtype", "_reconstruct")
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, but may hold only lists and arrays")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_pickled(file: IO[bytes]) -> Any:
    """Lists and arrays from a pickle; UnpicklingError if it holds anything else."""
    return _ArraysOnly(file, encoding="bytes").load()


def read_member(archive: Path, folder: Path, member: str) -> Any:
    """A pickled part of an archive of data, from the folder it was unpacked to or from the archive itself."""
    unpacked = folder / member
    if unpacked.is_file():
        with reading(unpacked), unpacked.open("rb") as file:
            return read_pickled(file)
    with reading(archive), tarfile.open(archive) as packed:
        found = packed.extractfile(member)
        if found is None:
            raise KeyError(f"{member} is no file in it")
        return read_pickled(found)
