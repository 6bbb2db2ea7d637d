"""Keras's `keras.utils`: small functions around data and runs that belong to no layer. Each is imported when it is
first named."""

from __future__ import annotations

import importlib
from typing import Any

_PLACES = {
    "Progbar": "progbar", "PyDataset": "py_dataset", "Sequence": "py_dataset", "array_to_img": "pictures",
    "get_file": "get_file", "image_dataset_from_directory": "image_dataset_from_directory",
    "img_to_array": "pictures", "load_img": "pictures", "normalize": "numerical", "pad_sequences": "sequences",
    "save_img": "pictures", "timeseries_dataset_from_array": "timeseries",
    "set_random_seed": "seeds", "to_categorical": "numerical",
}  # fmt: skip

# Words around files that Keras has in its utils too.
_PLACES |= dict.fromkeys(
    (
        "CustomObjectScope", "custom_object_scope", "get_custom_objects", "get_registered_name",
        "get_registered_object", "register_keras_serializable",
    ),
    "pippin.saving.known",
)  # fmt: skip
_PLACES |= {
    "deserialize_keras_object": "pippin.saving.revive",
    "serialize_keras_object": "pippin.saving.serialize",
}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        from pippin.errors import MissingWord, nearest

        raise MissingWord(f"module 'pippin.utils' has no attribute {name!r}.{nearest(name, _PLACES)}")
    home = _PLACES[name] if _PLACES[name].startswith("pippin.") else f"pippin.utils.{_PLACES[name]}"
    # Kept as an attribute: a module of the same name would otherwise take its place once it is imported.
    globals()[name] = getattr(importlib.import_module(home), name)
    return globals()[name]


def __dir__() -> list[str]:
    return __all__
