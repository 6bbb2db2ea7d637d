"""Objects as plain data, in Keras's form: {"module", "class_name", "config", "registered_name"}. Reading is
`revive.py`."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from typing import Any

import numpy as np

from pippin.program import Variable
from pippin.saving.named import written

_SHARED = "shared_object_id"
_numbers: ContextVar[dict[int, int] | None] = ContextVar("numbers", default=None)
_REGISTERED = "_pippin_registered_name"


def serialize(thing: Any) -> Any:
    """Numbers, text, lists and dicts as they are; known objects as a class name and its configuration; functions by
    name."""
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, Variable) or (isinstance(thing, np.ndarray) and not thing.ndim):
        return np.asarray(thing).tolist()
    if isinstance(thing, np.ndarray):
        return {"class_name": "__numpy__", "config": {"value": thing.tolist(), "dtype": thing.dtype.name}}
    if isinstance(thing, bytes):
        return {"class_name": "__bytes__", "config": {"value": thing.decode()}}
    if isinstance(thing, (list, tuple)):
        parts = [serialize(part) for part in thing]
        return tuple(parts) if isinstance(thing, tuple) else parts
    if isinstance(thing, dict):
        return {key: serialize(value) for key, value in thing.items()}
    if isinstance(thing, slice):
        return {
            "class_name": "__slice__",
            "config": {"start": serialize(thing.start), "stop": serialize(thing.stop), "step": serialize(thing.step)},
        }
    if thing is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if callable(getattr(thing, "get_config", None)) and not isinstance(thing, type):
        return _described(thing)
    if callable(thing) and getattr(thing, "__name__", "<lambda>") != "<lambda>":
        return getattr(thing, _REGISTERED, thing.__name__)
    raise TypeError(
        f"expected something that can be written down as data, received {thing!r}. "
        "A file holds no code: give a lambda a name with def, and pass it as custom_objects when loading."
    )


def described_function(function: Any) -> dict[str, Any]:
    """A function with a name, in the form that Keras gives it."""
    parts = function.__module__.split(".")
    return {
        "module": f"keras.{parts[1]}" if parts[0] == "pippin" and len(parts) > 1 else function.__module__,
        "class_name": "function",
        "config": function.__name__,
        "registered_name": getattr(function, _REGISTERED, function.__name__),
    }


def serialize_keras_object(obj: Any) -> Any:
    """Keras's name for `serialize`."""
    return serialize(obj)


def _described(thing: Any) -> dict[str, Any]:
    kind = type(thing)
    is_ours = kind.__module__.split(".")[0] == "pippin"
    if not is_ours:
        written[kind.__module__, kind.__name__] = kind
    found: dict[str, Any] = {
        "module": module_of(kind),
        "class_name": kind.__name__,
        "config": serialize(thing.get_config()),
        "registered_name": None if is_ours else getattr(kind, _REGISTERED, kind.__name__),
    }
    if kind.__name__ == "Functional" and is_ours:
        found["registered_name"] = "Functional"  # Keras has no public name for it either
    for word in ("build", "compile"):
        extra = getattr(thing, f"get_{word}_config", lambda: None)()
        if extra:
            found[f"{word}_config"] = serialize(extra)
    numbers = _numbers.get()
    if numbers is not None:
        found[_SHARED] = numbers.setdefault(id(thing), len(numbers))
    return found


def serialize_whole(thing: Any) -> Any:
    """As `serialize`; objects that occur more than once are marked as being the same, so that reading makes one of
    them."""
    token = _numbers.set({})
    try:
        found = serialize(thing)
    finally:
        _numbers.reset(token)
    counts: Counter[int] = Counter()
    _count(found, counts)
    _unmark(found, counts, {})
    return found


def _count(data: Any, counts: Counter[int]) -> None:
    if isinstance(data, dict) and _SHARED in data:
        counts[data[_SHARED]] += 1
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ():
        _count(part, counts)


def _unmark(data: Any, counts: Counter[int], numbers: dict[int, int]) -> None:
    """Leave only the marks that say something, numbered in the order met."""
    if isinstance(data, dict) and _SHARED in data:
        mark = data.pop(_SHARED)
        if counts[mark] > 1:
            data[_SHARED] = numbers.setdefault(mark, len(numbers))
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ():
        _unmark(part, counts, numbers)


def module_of(cls: type) -> str:
    """Keras's name for the module a class belongs to: pippin.layers.core.Dense is keras.layers."""
    parts = cls.__module__.split(".")
    if parts[0] != "pippin" or len(parts) == 1:
        return cls.__module__
    if parts[1] == "models":
        return "keras.src.models.functional" if cls.__name__ == "Functional" else "keras"
    return "keras.optimizers.schedules" if parts[1:3] == ["optimizers", "schedules"] else f"keras.{parts[1]}"
