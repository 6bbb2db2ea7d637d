"""Numbers of a model in HDF5, laid out as Keras lays them: layers/dense/vars/0 is the first variable of the first
Dense.

Keras names a layer in a file by its class and its place among its kind, so that weights find their layers whatever
these are called. Variables stand in the order they were made, trainable ones first; the optimizer's stand under
optimizer/vars. States of random numbers, which Keras leaves out, stand beside their layer's variables, where Keras does
not look.
"""

from __future__ import annotations

import io
import os
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from pippin.errors import FileError, SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential
from pippin.naming import snake_case
from pippin.program import Variable
from pippin.random import SeedGenerator
from pippin.saving.atomic import Place, write_bytes
from pippin.saving.files import ZIP, Archive, read_bytes, seems
from pippin.saving.hdf5 import MAGIC, Hdf5File

WEIGHTS = "model.weights.h5"
MEMBERS = ("metadata.json", "config.json", WEIGHTS)
OPTIMIZER = "optimizer"
SEEDS = "seed_generator"
_NAMED_BY_CONFIG = re.compile(
    r"(layers/[^/]+(/layers/[^/]+)*)?$"
)  # a layer inside a layer of the user's own may get any name
_SEAL = b"pippin crc32"
"""What ends a weights file of Pippin's: this and a CRC-32 of all before. HDF5 itself notices no changed number."""


# Where everything stands ---------------------------------------------------------------------------------------------


def places(thing: Layer, path: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Layer]]:
    """(path, layer) of a layer and all inside it, each once, by Keras's rules."""
    seen = set() if seen is None else seen
    if id(thing) in seen:
        return
    seen.add(id(thing))
    yield path, thing
    for word, inside in _parts(thing):
        below = f"{path}/{_plain(word)}" if path else _plain(word)
        if isinstance(inside, Layer):
            yield from places(inside, below, seen)
        else:
            yield from _listed(inside, below, seen)


def _plain(word: str) -> str:
    """ASCII only: for any other name HDF5 turns to a newer layout of groups, which is refused when it is read."""
    return word.encode("ascii", "backslashreplace").decode().replace("\\", "_")


def _parts(thing: Layer) -> list[tuple[str, Any]]:
    """What is inside a layer, by the names of its attributes; those with an underscore last."""
    if isinstance(thing, (Sequential, Functional)):
        return [("layers", thing.layers)]
    own = {word: value for word, value in vars(thing).items() if word not in _of_every_layer() and _holds_layers(value)}
    if isinstance(thing, Model):
        own["layers"] = thing.layers
    return sorted(own.items(), key=lambda pair: f"~{pair[0]}" if pair[0].startswith("_") else pair[0])


def _of_every_layer() -> frozenset[str]:
    if not _base_words:
        _base_words.update(vars(Layer(name="none")), vars(Model(name="none")))
    return frozenset(_base_words)


_base_words: set[str] = set()


def _holds_layers(value: Any) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, Layer) or (
        isinstance(value, (list, tuple)) and any(isinstance(part, (Layer, list, tuple, dict)) for part in value)
    )


def _listed(container: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Layer]]:
    """Layers in a list are named by their class and their place among its kind."""
    counts: dict[str, int] = {}
    for part in container.values() if isinstance(container, dict) else container:
        if not isinstance(part, (Layer, list, tuple, dict)):
            continue
        word = _plain(snake_case(type(part).__name__)) if isinstance(part, Layer) else "container"
        counts[word] = counts.get(word, -1) + 1
        below = f"{path}/{word}" + (f"_{counts[word]}" if counts[word] else "")
        if isinstance(part, Layer):
            yield from places(part, below, seen)
        else:
            yield from _listed(part, below, seen)


def _own_variables(layer: Layer) -> list[Variable]:
    own = [thing for thing in layer._tracked if isinstance(thing, Variable)]
    return [v for v in own if v.trainable] + [v for v in own if not v.trainable]


def _own_seeds(layer: Layer) -> list[Variable]:
    return [thing.state for thing in layer._tracked if isinstance(thing, SeedGenerator)]


# Writing -------------------------------------------------------------------------------------------------------------


def weights_bytes(model: Model, with_optimizer: bool = True) -> bytes:
    """The HDF5 file of a model's numbers."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, layer in places(model):
            _write(file, path, layer.name, [variable.value for variable in _own_variables(layer)])
            seeds = _own_seeds(layer)
            if seeds:
                _write(file, f"{path}/{SEEDS}" if path else SEEDS, SEEDS, [seed.value for seed in seeds])
        if with_optimizer and model.compiled is not None:
            _write(file, OPTIMIZER, model.optimizer.name, optimizer_numbers(model))
    return buffer.getvalue()


def _write(file: Any, path: str, name: str, arrays: Iterable[np.ndarray]) -> None:
    group = file.create_group(f"{path}/vars" if path else "vars")
    group.attrs["name"] = name
    for number, array in enumerate(arrays):
        group[str(number)] = array


def optimizer_numbers(model: Model) -> list[np.ndarray]:
    """The optimizer's variables; before the first step those it will have, so that Keras finds as many as it
    expects."""
    optimizer = model.optimizer
    if not optimizer.built:
        stand_in = type(optimizer).from_config(optimizer.get_config())
        stand_in.build(model.trainable_variables)
        optimizer = stand_in
    return [variable.value for variable in optimizer.variables]


def save_weights(model: Model, filepath: Place, overwrite: bool = True) -> None:
    """Write the weights of a model to a `.weights.h5` file, whole or not at all."""
    path = str(filepath)
    if not path.endswith(".weights.h5"):
        raise FileError(f"save_weights: expected a name that ends in .weights.h5, received {path}.")
    need_built(model, "saved")
    refuse_overwriting(path, overwrite)
    data = weights_bytes(model)
    write_bytes(path, [data, _SEAL, zlib.crc32(data).to_bytes(4, "little")])


def refuse_overwriting(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.lexists(path):
        raise FileError(f"{os.path.abspath(path)} is there already, and overwrite=False. Give another name.")


def need_built(model: Model, done: str) -> None:
    """Raise for a model whose weights don't exist yet."""
    if not model.built:
        raise SettingError(
            f"{model.described()}: expected weights to be {done}, but they are made when the input shape is known. "
            "Start the model with an Input, call build(input_shape), or fit it first."
        )


# Reading -------------------------------------------------------------------------------------------------------------


def load_weights(model: Model, filepath: Place, skip_mismatch: bool = False) -> None:
    """Read weights from a `.weights.h5` or `.keras` file into a model. All fit, or none is changed; with
    `skip_mismatch`,
    layers that differ are left as they are and named in a warning."""
    need_built(model, "loaded")
    file = read_weights(filepath)
    put_numbers(model, file, skip_mismatch=skip_mismatch)
    if (
        model.compiled is not None
        and model.optimizer.built
        and _optimizer_count(file) == len(model.optimizer.variables)
    ):
        put_optimizer(model, file)  # as in Keras: only one that has begun takes up what the file has


def read_weights(filepath: Place) -> Hdf5File:
    """The numbers in a `.weights.h5` or `.keras` file."""
    data = read_bytes(filepath, "a file of weights (.weights.h5 or .keras)")
    described = str(filepath)
    if data.startswith(ZIP):
        archive = Archive(data, described, MEMBERS)
        return Hdf5File(archive.read(WEIGHTS, most=len(data) * 1100), described)
    if not data.startswith(MAGIC):
        raise FileError(f"{described}: expected a file of weights (.weights.h5 or .keras), received {seems(data)}.")
    return Hdf5File(_unsealed(data, described), described)


def _unsealed(data: bytes, described: str) -> bytes:
    """Without the seal, if there is one that is right; Keras writes none."""
    body, seal = data[: -len(_SEAL) - 4], data[-len(_SEAL) - 4 :]
    if not seal.startswith(_SEAL):
        return data
    if zlib.crc32(body).to_bytes(4, "little") != seal[-4:]:
        raise FileError(f"{described} was altered after it was written: its checksum differs. Use an earlier copy.")
    return body


def put_numbers(model: Model, file: Hdf5File, *, skip_mismatch: bool = False, names_must_agree: bool = False) -> None:
    """Replace all numbers of a model by those in a file, after all of them were found to fit."""
    described = file.bytes.described
    used: set[str] = set()
    fitting: list[tuple[Variable, np.ndarray]] = []
    skipped: list[str] = []
    for path, layer in places(model):
        inside = f"{path}/vars" if path else "vars"
        name = file.marks.get(inside, {}).get("name")
        if names_must_agree and _NAMED_BY_CONFIG.match(path) and name not in (None, layer.name):
            raise FileError(
                f'{described}: expected the weights of "{layer.name}" at {inside}, received those of "{name}". The '
                "file was altered."
            )
        try:
            fitting += _fitting(file, inside, _own_variables(layer), layer.described(), used)
        except ShapeError as problem:
            if not skip_mismatch:
                raise FileError(f"{described}: {problem}") from None
            skipped.append(str(problem))
        if f"{path}/{SEEDS}/vars/0".lstrip("/") in file.datasets:
            fitting += _fitting(file, f"{path}/{SEEDS}/vars".lstrip("/"), _own_seeds(layer), layer.described(), used)
    left = [path for path in file.datasets if path not in used and not path.startswith(OPTIMIZER)]
    if left and not skip_mismatch:
        raise FileError(
            f"{described}: it has numbers for {len(left)} variables that {model.described()} does not have (first: "
            f"{left[0]}). "
            "Load it into the model it was saved from, or pass skip_mismatch=True."
        )
    for variable, array in fitting:
        variable.assign(array)
    for reason in skipped:
        warnings.warn(f"{described}: {reason} It was left as it is.", stacklevel=3)


def _fitting(
    file: Hdf5File, inside: str, variables: list[Variable], owner: str, used: set[str]
) -> list[tuple[Variable, np.ndarray]]:
    """Each variable with its array. Raises ShapeError where number, shape or type differ."""
    count = sum(1 for path in file.datasets if path.rpartition("/")[0] == inside)
    used.update(f"{inside}/{number}" for number in range(count))
    if count != len(variables):
        raise ShapeError(f"{owner}: expected {len(variables)} variables, the file has {count}.")
    found = []
    for number, variable in enumerate(variables):
        dataset = file.datasets.get(f"{inside}/{number}")
        if dataset is None:
            raise ShapeError(f"{owner}: expected variable {number}, {variable.name}, the file has none.")
        if dataset.shape != variable.shape:
            raise ShapeError(
                f'{owner}: expected "{variable.name}" of shape {variable.shape}, the file has shape {dataset.shape}.'
            )
        if dataset.dtype.newbyteorder("=") != np.dtype(variable.dtype):
            raise ShapeError(f'{owner}: expected "{variable.name}" as {variable.dtype}, the file has {dataset.dtype}.')
        found.append((variable, dataset.read()))
    return found


def _optimizer_count(file: Hdf5File) -> int:
    return sum(1 for path in file.datasets if path.startswith(f"{OPTIMIZER}/vars/"))


def put_optimizer(model: Model, file: Hdf5File) -> None:
    """Give a compiled model the optimizer's numbers from a file, if it has them."""
    inside = f"{OPTIMIZER}/vars"
    count = _optimizer_count(file)
    if not count:
        return
    optimizer = model.optimizer
    optimizer.build(model.trainable_variables)
    variables = optimizer.variables
    # One that never made a step was written without its memory, which is all zeros.
    wanted = variables if count == len(variables) else variables[:count]
    try:
        fitting = _fitting(file, inside, wanted, f'optimizer "{optimizer.name}"', set())
    except ShapeError as problem:
        raise FileError(f"{file.bytes.described}: {problem}") from None
    if count != len(variables) and any(
        np.any(array) for variable, array in fitting if variable is optimizer.iterations
    ):
        raise FileError(
            f'{file.bytes.described}: optimizer "{optimizer.name}": expected {len(variables)} variables, the file has '
            f"{count}."
        )
    for variable, array in fitting:
        variable.assign(array)
