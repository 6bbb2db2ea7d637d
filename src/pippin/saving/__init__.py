"""Files: what is written is whole or not there; what is read is data and never code. Names are looked up when they are used."""

from __future__ import annotations

import importlib
from typing import Any

_PLACES = {
    "clone_model": "models", "load_model": "models", "load_weights": "weights", "model_from_json": "models",
    "register_keras_serializable": "known", "save_model": "models", "save_weights": "weights",
    "deserialize_keras_object": "serialize", "serialize_keras_object": "serialize",
}  # fmt: skip

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    # The parts stand at different heights: `configured` is known to every layer, `models` knows all of them.
    if name not in _PLACES:
        from pippin.errors import MissingWord, nearest

        raise MissingWord(f"module 'pippin.saving' has no attribute {name!r}.{nearest(name, _PLACES)}")
    return getattr(importlib.import_module(f"pippin.saving.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
