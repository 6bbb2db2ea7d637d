"""Models and weights in `.safetensors` files: named arrays, with the model as JSON in the file's metadata.

Arrays are named by where their layer stands and what they are called there ("layers/dense/kernel"), so that any reader
of safetensors finds them. The optimizer's memory stays behind: such files are for using and sharing a model, `.keras`
files for going on.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pippin import __version__
from pippin.errors import FileError
from pippin.models.model import Model
from pippin.program import Variable
from pippin.saving.atomic import Place, write_bytes
from pippin.saving.files import parse_json, read_bytes, seems
from pippin.saving.loading import memory_for
from pippin.saving.places import places
from pippin.saving.revive import Reviver
from pippin.saving.serialize import serialize_whole
from pippin.saving.tree_file import checksum_of

ENDING = ".safetensors"
MODEL = "model"
"""The entry of the metadata that holds the model as JSON."""


def model_bytes(model: Model, with_model: bool = True) -> bytes:
    """The bytes of a file with a model's weights, and the model itself as JSON."""
    from safetensors.numpy import save

    arrays = {name: np.asarray(variable.value) for name, variable in _named(model)}
    text = json.dumps(serialize_whole(model), allow_nan=False, sort_keys=True) if with_model else ""
    about = {"pippin_version": __version__, **({MODEL: text} if with_model else {})}
    data: bytes = save(arrays, {**about, "checksum": _checksum(about, arrays)})
    return data


def _checksum(about: Mapping[str, Any], arrays: dict[str, np.ndarray]) -> str:
    """Over all that a file of Pippin's holds."""
    return checksum_of(json.dumps({word: about[word] for word in about if word != "checksum"}, sort_keys=True), arrays)


def write_weights(model: Model, filepath: Place) -> None:
    """Write weights alone."""
    write_bytes(filepath, model_bytes(model, with_model=False))


def _named(model: Model) -> Iterator[tuple[str, Variable]]:
    """Every weight with its name in a file."""
    seen: set[str] = set()
    for path, layer in places(model):
        for variable in layer._own_weights():
            name = stem = f"{path}/{variable.name}".lstrip("/")
            number = 0
            while name in seen:
                number += 1
                name = f"{stem}_{number}"
            seen.add(name)
            yield name, variable


def is_safetensors(data: bytes) -> bool:
    """Whether a file seems to be one: a length, then JSON."""
    return data[8:9] == b"{" and int.from_bytes(data[:8], "little") < len(data)


class Stored:
    """What is in a file: its arrays by name and its metadata. Checked whole before anything is taken from it."""

    def __init__(self, data: bytes, described: str) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load

        self.described = described
        try:
            self.arrays: dict[str, np.ndarray] = load(data)
        except (SafetensorError, ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
            raise FileError(
                f"{described} is no whole safetensors file: {error}. It was cut short or altered; use an earlier copy."
            ) from None
        header = parse_json(data[8 : 8 + int.from_bytes(data[:8], "little")], f"{described} (its header)")
        about = header.get("__metadata__")
        self.about: Mapping[str, Any] = about if isinstance(about, dict) else {}
        is_ours = MODEL in self.about or "pippin_version" in self.about
        if is_ours and self.about.get("checksum") != _checksum(self.about, self.arrays):
            raise FileError(f"{described} was altered after it was written: its checksum differs. Use an earlier copy.")


def read(filepath: Place) -> Stored:
    """A safetensors file. Raises FileError for anything else."""
    data = read_bytes(filepath, "a safetensors file")
    if not is_safetensors(data):
        raise FileError(f"{os.fspath(filepath)}: expected a safetensors file, received {seems(data)}.")
    return Stored(data, os.fspath(filepath))


def model_in(stored: Stored, custom: Mapping[str, Any], compile: bool) -> Model:
    """The model of a file that has one."""
    if MODEL not in stored.about:
        raise FileError(f"{stored.described}: expected a model file, received weights alone. Use model.load_weights.")
    config = parse_json(stored.about[MODEL], f"{stored.described} (model)")
    if not compile:
        config["compile_config"] = None
    with memory_for(sum(array.nbytes for array in stored.arrays.values()), stored.described):
        model = Reviver(custom, stored.described).revive(config)
        if not isinstance(model, Model):
            raise FileError(f"{stored.described}: expected a model, received {type(model).__name__}.")
        put_weights(model, stored)
    return model


def put_weights(model: Model, stored: Stored, skip_mismatch: bool = False) -> None:
    """Replace a model's weights by those in a file. All fit, or none is changed; with `skip_mismatch`, what differs is
    left as it is and named in a warning."""
    problems: list[str] = []
    fitting: list[tuple[Variable, np.ndarray]] = []
    named = dict(_named(model))
    for name, variable in named.items():
        array = stored.arrays.get(name)
        if array is None:
            problems.append(f'expected a weight "{name}", the file has none.')
        elif array.shape != variable.shape:
            problems.append(f'expected "{name}" of shape {variable.shape}, the file has shape {array.shape}.')
        elif array.dtype != np.dtype(variable.dtype):
            problems.append(f'expected "{name}" as {variable.dtype}, the file has {array.dtype}.')
        else:
            fitting.append((variable, array))
    left = sorted(set(stored.arrays) - set(named))
    if left:
        problems.append(f'it has "{left[0]}", which {model.described()} does not have.')
    if problems and not skip_mismatch:
        raise FileError(f"{stored.described}: {problems[0]} Load it into the model it was saved from.")
    for variable, array in fitting:
        variable.assign(array)
    for problem in problems:
        warnings.warn(f"{stored.described}: {problem} It was left as it is.", stacklevel=3)
