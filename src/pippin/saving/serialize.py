"""Objects as plain data, in Keras's form: {"module", "class_name", "config", "registered_name"}."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.program import Variable


def serialize(thing: Any) -> Any:
    """Numbers, text, lists and dicts as they are; known objects as a class name and its configuration; functions by name."""
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, (np.ndarray, Variable)):
        return np.asarray(thing).tolist()
    if isinstance(thing, (list, tuple)):
        return [serialize(part) for part in thing]
    if isinstance(thing, dict):
        return {key: serialize(value) for key, value in thing.items()}
    if callable(getattr(thing, "get_config", None)):
        return {
            "module": module_of(type(thing)), "class_name": type(thing).__name__, "config": thing.get_config(),
            "registered_name": None,
        }  # fmt: skip
    if callable(thing) and hasattr(thing, "__name__"):
        return thing.__name__
    raise TypeError(f"expected something that can be written down as data, received {thing!r}")


def module_of(cls: type) -> str:
    """Keras's name for the module a class belongs to: pippin.layers.core.Dense is keras.layers."""
    parts = cls.__module__.split(".")
    return f"keras.{parts[1]}" if parts[0] == "pippin" and len(parts) > 1 else cls.__module__
