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
from pathlib import Path
from typing import Any

from pippin import __version__
from pippin.errors import FileError, SettingError
from pippin.layers.lookup import IndexLookup
from pippin.models.model import Model
from pippin.saving import older_file, safe_tensors
from pippin.saving.atomic import Place, write_bytes
from pippin.saving.files import (
    MOST_EXPANSION,
    MOST_TEXT,
    ZIP,
    Archive,
    Folder,
    need_known_format,
    parse_json,
    read_bytes,
    seems,
)
from pippin.saving.hdf5 import MAGIC, Hdf5File
from pippin.saving.loading import memory_for
from pippin.saving.places import places
from pippin.saving.revive import Reviver
from pippin.saving.serialize import serialize_whole
from pippin.saving.weights import (
    CONFIG,
    MEMBERS,
    WEIGHTS,
    need_built,
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
    **keywords: Any,
) -> None:
    """Write a model, its weights and its optimizer to a `.keras` file, or a legacy `.h5` one, whole or not at all; to a
    `.safetensors` file without the optimizer's memory.

    `metadata` is plain data that travels in the file and comes back as `model.metadata`; Keras doesn't mind it.
    Without its optimizer a file is a third of the size, and the model comes back as one that never trained.
    """
    path = str(filepath)
    _check_keywords(path, keywords)
    if zipped is False:
        _write_folder(model, filepath, overwrite, metadata, include_optimizer)
        return
    writers: dict[str, Callable[[], bytes]] = {
        ".keras": lambda: model_bytes(model, metadata, include_optimizer),
        **dict.fromkeys(
            older_file.ENDINGS, lambda: older_file.model_bytes(model, KERAS_VERSION, include_optimizer)
        ),
        safe_tensors.ENDING: lambda: safe_tensors.model_bytes(model),
    }
    write = next((write for ending, write in writers.items() if path.endswith(ending)), None)
    if write is None:
        raise FileError(
            f"Invalid filepath extension for saving: {path}. Expected a name that ends in .keras, in .h5 for Keras's "
            "older format, or in .safetensors. For the weights alone use save_weights and .weights.h5."
        )
    if not path.endswith(".keras"):
        need_built(model, "saved")
    refuse_overwriting(path, overwrite)
    if path.endswith(older_file.ENDINGS):
        Path(path).parent.mkdir(parents=True, exist_ok=True)  # as Keras does for these files
    write_bytes(path, write())


def model_bytes(model: Any, metadata: Mapping[str, Any] | None = None, include_optimizer: bool = True) -> bytes:
    """The bytes of a `.keras` file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in _members(model, metadata, include_optimizer).items():
            # Always the same date: equal models give equal files.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _members(model: Any, metadata: Mapping[str, Any] | None, include_optimizer: bool) -> dict[str, bytes]:
    about: dict[str, Any] = {"keras_version": KERAS_VERSION, "pippin_version": __version__}
    if metadata is not None:
        about["pippin_metadata"] = dict(metadata)
    config = to_json(model, allow_nan=False).encode()
    contents = (json.dumps(about, allow_nan=False).encode(), config, weights_bytes(model, include_optimizer))
    return dict(zip(MEMBERS, contents, strict=True))


def _write_folder(
    model: Any, filepath: Place, overwrite: bool, metadata: Mapping[str, Any] | None, include_optimizer: bool
) -> None:
    """The members of a `.keras` file as files of a folder; the description last, so that a folder with one is whole."""
    folder = Path(filepath)
    if str(filepath).endswith(".keras"):
        raise FileError(f"save: with zipped=False the name of a folder should not end in .keras, received {folder}.")
    refuse_overwriting(str(folder / CONFIG), overwrite)
    members = _members(model, metadata, include_optimizer)
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(members, key=CONFIG.__eq__):
        write_bytes(folder / name, members[name])


def _check_keywords(path: str, keywords: dict[str, Any]) -> None:
    save_format = keywords.pop("save_format", None)
    if save_format and not path.endswith((".keras", *older_file.ENDINGS)):
        raise SettingError(
            f"The `save_format` argument is deprecated in Keras 3: save expected a name that ends in .keras or .h5, "
            f"received {path}."
        )
    if keywords:
        raise SettingError(f"The following argument(s) are not supported: save received {', '.join(keywords)}.")


def load_model(
    filepath: Place, custom_objects: Mapping[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """The model in a `.keras`, legacy `.h5` or `.safetensors` file, compiled as it was, unless `compile=False`. Own
    classes come from `custom_objects`.

    Raises FileError for anything that is not a whole model file or that asks for what is not known. Nothing in a file
    is ever run: `safe_mode=False` finds only lambdas that this very program wrote down.
    """
    described = str(filepath)
    need_known_format(filepath, (".keras", ".h5", ".hdf5", ".safetensors"))
    if (Path(filepath) / CONFIG).is_file():
        return _model_in(Folder(Path(filepath), MEMBERS), custom_objects or {}, compile, safe_mode)
    data = read_bytes(filepath, "a model file (.keras)")
    if data.startswith(MAGIC):
        older = Hdf5File(data, described)
        if older_file.is_model(older):
            return older_file.model_in(older, custom_objects or {}, compile)
        raise FileError(f"{described}: expected a model file, received weights alone. Use model.load_weights.")
    if safe_tensors.is_safetensors(data):
        return safe_tensors.model_in(safe_tensors.Stored(data, described), custom_objects or {}, compile)
    if not data.startswith(ZIP):
        raise FileError(f"{described}: expected a model file (.keras, .h5 or .safetensors), received {seems(data)}.")
    return _model_in(Archive(data, described, MEMBERS), custom_objects or {}, compile, safe_mode)


def model_of_bytes(data: bytes, custom_objects: Mapping[str, Any]) -> Any:
    """The model in the bytes of a `.keras` file."""
    return _model_in(Archive(data, "a pickled model", MEMBERS), custom_objects, True, False)


def _model_in(archive: Archive | Folder, custom_objects: Mapping[str, Any], compile: bool, safe_mode: bool) -> Any:
    described = archive.described
    about = archive.read_json(MEMBERS[0])
    config = archive.read_json(MEMBERS[1])
    numbers = Hdf5File(archive.read(WEIGHTS, most=MOST_EXPANSION * archive.size), described)
    if not compile:
        config["compile_config"] = None
    with memory_for(sum(dataset.bytes for dataset in numbers.datasets.values()), described):
        model = Reviver(custom_objects, described, safe_mode).revive(config)
        if not isinstance(model, Model):
            raise FileError(f"{described}: expected a model, received {type(model).__name__}.")
        put_numbers(model, numbers, names_must_agree=True)
        for path, layer in places(model):
            words = f"assets/{path}/vocabulary.txt"
            if isinstance(layer, IndexLookup) and not layer.tokens and words in archive.members:
                lines = archive.read(words, MOST_TEXT).decode("utf-8").split("\n")
                layer.set_vocabulary(lines)
        if model.compilation is not None:
            put_optimizer(model, numbers)
    model.metadata = about.get("pippin_metadata")
    return model


def to_json(model: Any, **keywords: Any) -> str:
    """A model without its numbers, as JSON."""
    return json.dumps(serialize_whole(model), **{"sort_keys": True, **keywords})


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `to_json` described, with fresh weights."""
    return Reviver(custom_objects or {}, "model_from_json").revive(parse_json(json_string, "model_from_json"))
