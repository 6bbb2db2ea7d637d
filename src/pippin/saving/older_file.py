"""Whole models and weights in legacy `.h5` files, which Keras wrote before `.keras` and still opens.

The configuration stands in texts on the outermost group, the weights layer by layer in model_weights, the optimizer's
in optimizer_weights; each group lists the names of what is in it, in order. A file is data, read by the same small
reader and the same closed table as `.keras` files. Configurations are written as `.keras` files have them.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pippin import losses
from pippin.errors import FileError, ShapeError
from pippin.layers.layer import Layer
from pippin.models.model import Model
from pippin.naming import snake_case
from pippin.program import Variable
from pippin.saving.files import parse_json
from pippin.saving.hdf5 import Hdf5File
from pippin.saving.loading import memory_for
from pippin.saving.older_config import each, modern_goal, modern_model
from pippin.saving.places import plain
from pippin.saving.revive import Reviver
from pippin.saving.serialize import serialize_whole
from pippin.saving.weights import as_type_of, optimizer_with_memory

WEIGHTS, OPTIMIZER, TOP = "model_weights", "optimizer_weights", "top_level_model_weights"
ENDINGS = (".h5", ".hdf5")
_STOOD_TOGETHER = re.compile(r"(^|/)(m|v|vhat|momentum|rms|mg|accumulator|accum_grad|accum_var|Variable(_\d+)?)(:0)?$")
"""How names end that Keras wrote before 2.11: Adam/dense/kernel/m:0, training/Adam/Variable_3:0."""
_MOST_NAMES = 4000
"""In one list: its header of 16 bytes a name has to fit into 64 KB. Further names go into lists 0, 1, 2, ...."""


# Writing -------------------------------------------------------------------------------------------------------------


def model_bytes(model: Model, keras_version: str, include_optimizer: bool = True) -> bytes:
    """The bytes of a legacy `.h5` file."""
    import h5py

    described = serialize_whole(model)
    goal = described.pop("compile_config", None)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = keras_version, "jax"
        file.attrs["model_config"] = json.dumps(described, allow_nan=False, sort_keys=True)
        _write_weights(file.create_group(WEIGHTS), model, keras_version)
        if include_optimizer and goal is not None:
            goal = {word: goal[word] for word in ("loss", "loss_weights", "metrics", "weighted_metrics", "optimizer")}
            goal["optimizer_config"] = goal.pop("optimizer")
            goal["loss"] = each(goal["loss"], _in_full)
            file.attrs["training_config"] = json.dumps(goal, allow_nan=False, sort_keys=True)
            _write_group(file.create_group(OPTIMIZER), list(optimizer_with_memory(model).variables))
    return buffer.getvalue()


def _in_full(loss: Any) -> Any:
    """Keras opens no short names of losses ("mse") in these files."""
    known = losses.ALL.get(loss) if isinstance(loss, str) else None
    return loss if known is None else snake_case(known.__name__)


def _write_weights(group: Any, model: Model, keras_version: str) -> None:
    group.attrs["keras_version"], group.attrs["backend"] = keras_version, "jax"
    _write_names(group, "layer_names", [plain(layer.name) for layer in model.layers])
    for layer in sorted(model.layers, key=lambda layer: layer.name):
        _write_group(group.create_group(plain(layer.name)), _weights(layer))
    _write_group(group.create_group(TOP), model._own_weights())


def _write_group(group: Any, variables: Sequence[Variable]) -> None:
    names: list[str] = []
    for variable in variables:
        name = plain(variable.path)
        while name in group:
            name += "_"
        group[name] = variable.value
        names.append(name)
    _write_names(group, "weight_names", names)


def _write_names(group: Any, word: str, names: list[str]) -> None:
    import h5py

    for start in range(0, max(1, len(names)), _MOST_NAMES):
        part = names[start : start + _MOST_NAMES]
        key = word if len(names) <= _MOST_NAMES else f"{word}{start // _MOST_NAMES}"
        group.attrs.create(key, part, (len(part),), h5py.string_dtype())


# Reading -------------------------------------------------------------------------------------------------------------


def is_model(file: Hdf5File) -> bool:
    """Whether there is a whole model in it, not weights alone."""
    return "model_config" in file.marks[""]


def has_weights(file: Hdf5File) -> bool:
    """Whether weights stand in it as legacy files have them."""
    return bool(_names(file, "", "layer_names") or _names(file, WEIGHTS, "layer_names"))


def model_in(file: Hdf5File, custom: Mapping[str, Any], compile: bool) -> Model:
    """The model in a legacy file; compiled as it was, if `compile`."""
    described, marks = file.bytes.described, file.marks[""]
    is_keras_2 = not marks.get("keras_version", "2").startswith("3")
    config = parse_json(marks["model_config"], f"{described} (model_config)")
    with memory_for(sum(dataset.bytes for dataset in file.datasets.values()), described):
        reviver = Reviver(custom, described)
        model = reviver.revive(modern_model(config, described, is_keras_2))
        if not isinstance(model, Model):
            raise FileError(f"{described}: expected a model, received {type(model).__name__}.")
        put_weights(model, file)
        if compile and "training_config" in marks:
            goal = parse_json(marks["training_config"], f"{described} (training_config)")
            reviver.compile(model, modern_goal(goal, [tensor.node.operation.name for tensor in _outputs(model)]))
            _put_optimizer(model, file)
    return model


def _outputs(model: Model) -> list[Any]:
    return [tensor for tensor in getattr(model, "outputs", None) or () if hasattr(tensor.node.operation, "name")]


def put_weights(model: Model, file: Hdf5File, by_name: bool = False, skip_mismatch: bool = False) -> None:
    """Replace a model's weights by those of a legacy file: layer by layer in their order, or those of layers with the
    same name. All fit, or none is changed; with `skip_mismatch`, what differs is left and named in a warning."""
    described = file.bytes.described
    top = WEIGHTS if WEIGHTS in file.marks and not _names(file, "", "layer_names") else ""
    stored = {name: _stored(file, _join(top, name), described) for name in _names(file, top, "layer_names")}
    if by_name:
        pairs = [(layer, stored[layer.name]) for layer in model.layers if layer.name in stored]
    else:
        receiving = [layer for layer in model.layers if _weights(layer)]
        giving = [arrays for arrays in stored.values() if arrays]
        if len(receiving) != len(giving):
            raise FileError(
                f"{described}: expected weights of {len(receiving)} layers ({', '.join(l.name for l in receiving)}), "
                f"the file has those of {len(giving)} ({', '.join(name for name in stored if stored[name])}). Load it "
                "into the model it was saved from, or pass by_name=True."
            )
        pairs = list(zip(receiving, giving, strict=True))
    fitting: list[tuple[Variable, np.ndarray]] = []
    skipped: list[str] = []
    listed = [(layer.described(), _weights(layer), arrays) for layer, arrays in pairs]
    if _join(top, TOP) in file.marks:
        listed.append((model.described(), model._own_weights(), _stored(file, _join(top, TOP), described)))
    for owner, variables, arrays in listed:
        try:
            fitting += _fitting(owner, variables, arrays)
        except ShapeError as problem:
            if not skip_mismatch:
                raise FileError(f"{described}: {problem}") from None
            skipped.append(str(problem))
    for variable, array in fitting:
        variable.assign(array)
    for reason in skipped:
        warnings.warn(f"{described}: {reason} It was left as it is.", stacklevel=3)


def _weights(layer: Layer) -> list[Variable]:
    """In the order of legacy files: all that learn, then the others."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _names(file: Hdf5File, group: str, word: str) -> list[str]:
    lists = file.lists.get(group, {})
    if word in lists:
        return lists[word]
    return [name for number in range(len(lists)) for name in lists.get(f"{word}{number}", [])]


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _stored(file: Hdf5File, group: str, described: str) -> list[Any]:
    """The datasets of a group, in order."""
    paths = [_join(group, name) for name in _names(file, group, "weight_names")]
    for path in paths:
        if path not in file.datasets:
            raise FileError(f"{described}: expected a weight at {path}, as the file lists it, but there is none.")
    return [file.datasets[path] for path in paths]


def _fitting(owner: str, variables: list[Variable], stored: list[Any]) -> Iterable[tuple[Variable, np.ndarray]]:
    if len(variables) != len(stored):
        raise ShapeError(f"{owner}: expected {len(variables)} weights, the file has {len(stored)}.")
    for variable, dataset in zip(variables, stored, strict=True):
        if dataset.shape != variable.shape:
            raise ShapeError(
                f'{owner}: expected "{variable.name}" of shape {variable.shape}, the file has shape {dataset.shape}.'
            )
    pairs = zip(variables, stored, strict=True)
    return [(variable, as_type_of(variable, dataset, owner)) for variable, dataset in pairs]


# The optimizer -------------------------------------------------------------------------------------------------------


def _put_optimizer(model: Model, file: Hdf5File) -> None:
    """Give the optimizer what it remembered; if that does not fit, it starts afresh, with a warning."""
    if OPTIMIZER not in file.marks:
        return
    optimizer = model.optimizer
    names = _names(file, OPTIMIZER, "weight_names")
    stored = _stored(file, OPTIMIZER, file.bytes.described)
    optimizer.build(model.trainable_variables)
    owner = f'optimizer "{optimizer.name}"'
    try:
        places = _places(optimizer, names)
        wanted = [optimizer.variables[place] for place in places]
        for variable, array in _fitting(owner, wanted, stored[: len(wanted)]):
            variable.assign(array)
    except ShapeError as problem:
        warnings.warn(
            f"{file.bytes.described}: {problem} It starts without what it remembered of earlier steps.", stacklevel=4
        )


def _places(optimizer: Any, names: list[str]) -> list[int]:
    """For each stored variable its place among the optimizer's. Raises ShapeError if they are others.

    Keras 3 lists them as Pippin does. Keras 2.11 and later had no learning rate among them; before, all that is
    remembered under one name stood together: Adam's first moments of all weights, then the second.
    """
    count = len(optimizer.variables)
    if not optimizer.slots:
        return [0]  # nothing is remembered; Keras 2 wrote a momentum of 0 down all the same
    if len(names) == count:
        return list(range(count))
    places = [0, *range(2, count)]  # without the learning rate
    if len(names) != len(places) or "learning_rate" in "".join(names[1:2]):
        raise ShapeError(f'optimizer "{optimizer.name}": expected {count} variables, the file has {len(names)}.')
    if any(_STOOD_TOGETHER.search(name) for name in names[1:2]):
        place_of = {id(variable): place for place, variable in enumerate(optimizer.variables)}
        places = [0, *(place_of[id(variable)] for slot in optimizer.slots.values() for variable in slot)]
    return places
