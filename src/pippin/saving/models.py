"""Whole models in `.keras` files, which Keras opens and whose files are opened here: a zip of three members.

metadata.json (who wrote it, and what the caller wants kept), config.json (the model as plain data), model.weights.h5
(its numbers, the optimizer's included). A file is data: see `known.py` for what it may name, `files.py` and `hdf5.py`
for what is checked before anything is believed. Equal models give equal bytes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from pippin import __version__
from pippin.errors import FileError, SettingError
from pippin.layers.layer import Layer
from pippin.layers.lookup import IndexLookup
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential
from pippin.saving.atomic import Place, write_bytes
from pippin.saving.files import MOST_EXPANSION, MOST_TEXT, ZIP, Archive, parse_json, read_bytes, seems
from pippin.saving.hdf5 import Hdf5File
from pippin.saving.loading import memory_for
from pippin.saving.revive import Reviver
from pippin.saving.serialize import serialize_whole
from pippin.saving.weights import (
    MEMBERS,
    WEIGHTS,
    need_built,
    places,
    put_numbers,
    put_optimizer,
    refuse_overwriting,
    weights_bytes,
)

KERAS_VERSION = "3.15.1"
"""The version of Keras whose files these are."""


def save_model(
    model: Any,
    filepath: Place,
    overwrite: bool = True,
    *,
    metadata: Mapping[str, Any] | None = None,
    include_optimizer: bool = True,
    zipped: bool | None = None,
) -> None:
    """Write a model, its weights and its optimizer to a `.keras` file, whole or not at all.

    `metadata` is plain data that travels in the file and comes back as `model.metadata`; Keras doesn't mind it.
    Without its optimizer a file is a third of the size, and the model comes back as one that never trained.
    """
    path = str(filepath)
    if not path.endswith(".keras") or zipped is False:
        raise FileError(
            f"save: expected a name that ends in .keras, received {path}. For the weights alone use save_weights and "
            ".weights.h5."
        )
    need_built(model, "saved")
    refuse_overwriting(path, overwrite)
    write_bytes(path, model_bytes(model, metadata, include_optimizer))


def model_bytes(model: Any, metadata: Mapping[str, Any] | None = None, include_optimizer: bool = True) -> bytes:
    """The bytes of a `.keras` file."""
    about: dict[str, Any] = {"keras_version": KERAS_VERSION, "pippin_version": __version__}
    if metadata is not None:
        about["pippin_metadata"] = dict(metadata)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        weights = weights_bytes(model, include_optimizer)
        contents = (json.dumps(about, allow_nan=False).encode(), to_json(model, allow_nan=False).encode(), weights)
        for name, content in zip(MEMBERS, contents, strict=True):
            # Always the same date: equal models give equal files.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def load_model(
    filepath: Place, custom_objects: Mapping[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """The model in a `.keras` file, compiled as it was, unless `compile=False`. Own classes come from `custom_objects`.

    Raises FileError for anything that is not a whole model file or that asks for what is not known. `safe_mode=False`
    changes nothing: nothing in a file is ever run.
    """
    data = read_bytes(filepath, "a model file (.keras)")
    described = str(filepath)
    if not data.startswith(ZIP):
        hint = " Load weights alone with model.load_weights." if data.startswith(b"\x89HDF") else ""
        raise FileError(f"{described}: expected a model file (.keras), received {seems(data)}.{hint}")
    archive = Archive(data, described, MEMBERS)
    about = archive.read_json(MEMBERS[0])
    config = archive.read_json(MEMBERS[1])
    numbers = Hdf5File(archive.read(WEIGHTS, most=MOST_EXPANSION * len(data)), described)
    if not compile:
        config["compile_config"] = None
    with memory_for(sum(dataset.bytes for dataset in numbers.datasets.values()), described):
        model = Reviver(custom_objects or {}, described).revive(config)
        if not isinstance(model, Model):
            raise FileError(f"{described}: expected a model, received {type(model).__name__}.")
        put_numbers(model, numbers, names_must_agree=True)
        for path, layer in places(model):
            words = f"assets/{path}/vocabulary.txt"
            if isinstance(layer, IndexLookup) and not layer.tokens and words in archive.members:
                lines = archive.read(words, MOST_TEXT).decode("utf-8").split("\n")
                layer.set_vocabulary(lines)
        if model.compiled is not None:
            put_optimizer(model, numbers)
    model.metadata = about.get("pippin_metadata")
    return model


def to_json(model: Any, **keywords: Any) -> str:
    """A model without its numbers, as JSON."""
    return json.dumps(serialize_whole(model), **{"sort_keys": True, **keywords})


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `to_json` described, with fresh weights."""
    return Reviver(custom_objects or {}, "model_from_json").revive(parse_json(json_string, "model_from_json"))


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
    call_function: Any = None,
    recursive: bool = False,
    **unused: Any,
) -> Any:
    """A model of the same layers with weights of its own, not compiled. `clone_function(layer)` may give another
    layer."""
    if not isinstance(model, (Sequential, Functional)):
        raise SettingError(f"clone_model: expected a Sequential or functional model, received {type(model).__name__}.")
    if input_tensors is not None or call_function is not None or recursive:
        raise SettingError(
            "clone_model: expected only model and clone_function; input_tensors, call_function and recursive are not "
            "there yet."
        )
    described = serialize_whole(model)
    described.pop("compile_config", None)
    inside = [layer for _, layer in places(model)]
    given: dict[str, Any] = {type(layer).__name__: type(layer) for layer in inside}
    given |= {
        thing.__name__: thing for layer in inside for thing in vars(layer).values() if isinstance(thing, FunctionType)
    }
    reviver = _Cloner(given, model, clone_function) if clone_function else Reviver(given, "clone_model")
    return reviver.revive(described)


class _Cloner(Reviver):
    """Asks the caller's function for each layer directly inside the model."""

    def __init__(self, given: Mapping[str, Any], model: Any, clone: Callable[[Layer], Layer]) -> None:
        super().__init__(given, "clone_model")
        self.clone = clone
        self.by_name = {layer.name: layer for layer in model.layers}

    def revive(self, data: Any, key: str = "") -> Any:
        name = data["config"].get("name") if isinstance(data, dict) and isinstance(data.get("config"), dict) else None
        layer = self.by_name.pop(name, None)
        return self.clone(layer) if layer is not None else super().revive(data, key)
