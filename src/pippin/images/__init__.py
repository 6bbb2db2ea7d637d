"""A folder of photos becomes a classifier, and a classifier says what is on a photo."""

from __future__ import annotations

import importlib
from typing import Any

_PLACES = {
    "Classifier": "classifier",
    "Mistake": "score",
    "Outcome": "train",
    "Score": "score",
    "Settings": "settings",
    "judge": "score",
    "likely_range": "score",
    "train_folder": "train",
}

__all__ = sorted((*_PLACES, "fruit"))


def __getattr__(name: str) -> Any:
    """Import a part when it is first named: drawing fruit needs no network, and scoring none either."""
    if name in _PLACES:
        return getattr(importlib.import_module(f"pippin.images.{_PLACES[name]}"), name)
    if name == "fruit":
        return importlib.import_module("pippin.images.fruit")
    from pippin.errors import MissingWord, nearest

    raise MissingWord(f"module 'pippin.images' has no attribute {name!r}.{nearest(name, __all__)}")


def __dir__() -> list[str]:
    return __all__
