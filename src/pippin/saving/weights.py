"""Numbers of a model in HDF5, laid out as Keras lays them: layers/dense/vars/0 is the first variable of the first
Dense.

Where each layer's stand, `places.py` says. Variables stand in the order they were made, trainable ones first; the
optimizer's stand under optimizer/vars. States of random numbers, which Keras leaves out, stand beside their layer's
variables, where Keras does not look.
"""

from __future__ import annotations

import io
import os
import warnings
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from pippin.errors import FileError, SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.models.model import Model
from pippin.program import Variable
from pippin.random import SeedGenerator
from pippin.saving.atomic import Place, write_bytes
from pippin.saving.files import ZIP, Archive, need_known_format, read_bytes, seems
from pippin.saving.hdf5 import MAGIC, Hdf5File
from pippin.saving.hdf5_data import Dataset
from pippin.saving.places import named_by_config, places, plain

WEIGHTS = "model.weights.h5"
CONFIG = "config.json"
MEMBERS = ("metadata.json", CONFIG, WEIGHTS)
OPTIMIZER = "optimizer"
SEEDS = "seed_generator"
_SEAL = b"pippin crc32"
"""What ends a weights file of Pippin's: this and a CRC-32 of all before. HDF5 itself notices no changed number."""


def numbered(variables: Iterable[Variable]) -> dict[str, Any]:
    """The numbers of variables, named by their places."""
    return {str(number): variable.value for number, variable in enumerate(variables)}


def _own_seeds(layer: Layer) -> list[Variable]:
    return [thing.state for thing in layer._tracked if isinstance(thing, SeedGenerator)]


# Writing -------------------------------------------------------------------------------------------------------------


def weights_bytes(model: Model, with_optimizer: bool = True, skipped: Iterable[Layer] = ()) -> bytes:
    """The HDF5 file of a model's numbers, without those of layers that are to be skipped."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, layer in places(model, seen={id(layer) for layer in skipped}):
            store: dict[str, Any] = {}
            layer.save_own_variables(store)
            _write(file, path, layer.name, store)
            seeds = _own_seeds(layer)
            if seeds:
                _write(file, f"{path}/{SEEDS}" if path else SEEDS, SEEDS, numbered(seeds))
        if with_optimizer and model.compilation is not None:
            optimizer = optimizer_with_memory(model)
            _write(file, OPTIMIZER, optimizer.name, numbered(optimizer.variables))
            for place, part in optimizer.parts().items():
                _write(file, f"{OPTIMIZER}/{place}", part.name, numbered(part.variables))
    return buffer.getvalue()


def _write(file: Any, path: str, name: str, arrays: dict[str, Any]) -> None:
    group = file.create_group(f"{path}/vars" if path else "vars")
    group.attrs["name"] = name
    for word, array in arrays.items():
        group[plain(word)] = np.asarray(array)


def optimizer_with_memory(model: Model) -> Any:
    """The optimizer; before the first step one with the memory it will have, so that Keras finds as many variables as
    it expects."""
    optimizer = model.optimizer
    if not optimizer.built and model.built:
        optimizer = type(optimizer).from_config(optimizer.get_config())
        optimizer.build(model.trainable_variables)
    return optimizer


def save_weights(model: Model, filepath: Place, overwrite: bool = True, **keywords: Any) -> None:
    """Write the weights of a model to a `.weights.h5` file, whole or not at all; those of layers in
    `objects_to_skip` are left out."""
    path = str(filepath)
    skipped = keywords.pop("objects_to_skip", None) or ()
    if keywords:
        raise SettingError(f"save_weights: expected no argument called {', '.join(keywords)}.")
    if not path.endswith((".weights.h5", ".safetensors")):
        raise FileError(f"save_weights: expected a name that ends in .weights.h5 or .safetensors, received {path}.")
    need_built(model, "saved")
    refuse_overwriting(path, overwrite)
    if path.endswith(".safetensors"):
        from pippin.saving import safe_tensors

        safe_tensors.write_weights(model, path)
        return
    data = weights_bytes(model, skipped=skipped)
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


def load_weights(model: Model, filepath: Place, skip_mismatch: bool = False, **keywords: Any) -> None:
    """Read weights from a `.weights.h5`, `.keras`, `.safetensors` or legacy `.h5` file into a model. All fit, or none
    is changed; with `skip_mismatch`, layers that differ are left as they are and named in a warning. From legacy files,
    `by_name=True` takes those of layers that have the same name; from `.weights.h5` files, those of layers in
    `objects_to_skip` are not taken."""
    from pippin.saving import older_file

    by_name, skipped = keywords.pop("by_name", False), keywords.pop("objects_to_skip", None)
    if keywords:
        raise SettingError(f"Invalid keyword arguments: load_weights expected no {', '.join(keywords)}.")
    if skipped is not None and not str(filepath).endswith(".weights.h5"):
        raise SettingError(f"load_weights: objects_to_skip only supports loading '.weights.h5' files, not {filepath}.")

    need_built(model, "loaded")
    need_known_format(filepath, (".weights.h5", ".keras", ".h5", ".hdf5", ".safetensors"))
    if str(filepath).endswith(".safetensors"):
        from pippin.saving import safe_tensors

        safe_tensors.put_weights(model, safe_tensors.read(filepath), skip_mismatch)
        return
    file = read_weights(filepath)
    if older_file.has_weights(file):
        older_file.put_weights(model, file, by_name, skip_mismatch)
        return
    if by_name:
        raise SettingError(
            f"load_weights: expected by_name only for legacy .h5 files, received {filepath}, in which layers are found "
            "by their kind and order."
        )
    put_numbers(model, file, skip_mismatch=skip_mismatch, skipped=skipped)
    if (
        model.compilation is not None
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


def put_numbers(
    model: Model, file: Hdf5File, *, skip_mismatch: bool = False, names_must_agree: bool = False,
    skipped: Iterable[Layer] | None = None,
) -> None:  # fmt: skip
    """Replace all numbers of a model by those in a file, after all of them were found to fit."""
    described = file.bytes.described
    used: set[str] = set()
    named = set(named_by_config(model)) if names_must_agree else set()
    fitting: list[tuple[Variable, np.ndarray]] = []
    unfit: list[str] = []
    taking: list[tuple[Layer, dict[str, np.ndarray]]] = []
    for path, layer in places(model, seen={id(layer) for layer in skipped or ()}):
        inside = f"{path}/vars" if path else "vars"
        name = file.marks.get(inside, {}).get("name")
        if id(layer) in named and name not in (None, layer.name):
            raise FileError(
                f'{described}: expected the weights of "{layer.name}" at {inside}, received those of "{name}". The '
                "file was altered."
            )
        if type(layer).load_own_variables is not Layer.load_own_variables:
            found = {where.rpartition("/")[2]: where for where in file.datasets if where.rpartition("/")[0] == inside}
            used.update(found.values())
            taking.append((layer, {word: file.datasets[where].read() for word, where in found.items()}))
            continue
        try:
            fitting += _fitting(file, inside, layer.own_variables(), layer.described(), used)
        except ShapeError as problem:
            if not skip_mismatch:
                raise FileError(f"{described}: {problem}") from None
            unfit.append(str(problem))
        if f"{path}/{SEEDS}/vars/0".lstrip("/") in file.datasets:
            fitting += _fitting(file, f"{path}/{SEEDS}/vars".lstrip("/"), _own_seeds(layer), layer.described(), used)
    left = [path for path in file.datasets if path not in used and not path.startswith(OPTIMIZER)]
    if left and not skip_mismatch and not skipped:
        raise FileError(
            f"{described}: it has numbers for {len(left)} variables that {model.described()} does not have (first: "
            f"{left[0]}). "
            "Load it into the model it was saved from, or pass skip_mismatch=True."
        )
    for variable, array in fitting:
        variable.assign(array)
    for layer, store in taking:
        layer.load_own_variables(store)
    for reason in unfit:
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
                f'{owner}: expected "{variable.name}" of shape {variable.shape}, the file has shape {dataset.shape}: '
                "they must match."
            )
        found.append((variable, as_type_of(variable, dataset, owner)))
    return found


def as_type_of(variable: Variable, dataset: Dataset, owner: str) -> np.ndarray:
    """The numbers in the variable's type. Counters may be wider in the file, as Keras on TensorFlow has them, if what
    they count fits."""
    kept, wanted = dataset.dtype.newbyteorder("="), np.dtype(variable.dtype)
    if kept == wanted:
        return dataset.read()
    if kept.kind in "iu" and wanted.kind in "iu":
        array = dataset.read()
        limits = np.iinfo(wanted)
        if array.size == 0 or (int(array.min()) >= limits.min and int(array.max()) <= limits.max):
            return array.astype(wanted)
    raise ShapeError(f'{owner}: expected "{variable.name}" as {wanted}, the file has {kept} that does not fit.')


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
        np.any(array) for variable, array in fitting if variable is variables[0]  # the count of steps
    ):
        raise FileError(
            f'{file.bytes.described}: optimizer "{optimizer.name}": expected {len(variables)} variables, the file has '
            f"{count}."
        )
    for variable, array in fitting:
        variable.assign(array)
