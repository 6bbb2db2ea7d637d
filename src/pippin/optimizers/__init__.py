"""Keras's optimizers by name."""

from __future__ import annotations

from typing import Any

from pippin.errors import unknown
from pippin.optimizers.adam import Adam, AdamW
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.sgd import SGD, RMSprop

_CLASSES: tuple[type[Optimizer], ...] = (Adam, AdamW, RMSprop, SGD)
ALL: dict[str, type[Optimizer]] = {
    **{cls.__name__.lower(): cls for cls in _CLASSES},
    **{cls.__name__: cls for cls in _CLASSES},
}


def get(identifier: Any) -> Optimizer:
    """The optimizer for a name, a configuration, a class or an object."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        if identifier["class_name"] not in ALL:
            raise unknown("optimizer", identifier["class_name"], ALL)
        return ALL[identifier["class_name"]].from_config(identifier.get("config", {}))
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        return identifier()
    word = str(identifier)
    if isinstance(identifier, str) and (word in ALL or word.lower() in ALL):
        return (ALL.get(word) or ALL[word.lower()])()
    raise unknown("optimizer", identifier, [cls.__name__.lower() for cls in _CLASSES])


__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "get"]
