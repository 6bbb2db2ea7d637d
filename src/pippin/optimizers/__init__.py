"""Keras's optimizers by name."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError
from pippin.optimizers.adam import Adam, AdamW
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.rmsprop import RMSprop
from pippin.optimizers.sgd import SGD
from pippin.saving.named import find, unknown_name
from pippin.saving.serialize import serialize

_CLASSES: tuple[type[Optimizer], ...] = (Adam, AdamW, RMSprop, SGD)
ALL: dict[str, type[Optimizer]] = {cls.__name__.lower(): cls for cls in _CLASSES}


def get(identifier: Any) -> Any:
    """The optimizer for a name in any case ("adam", "RMSprop"), a configuration, a class or an object; None stays
    None."""
    if isinstance(identifier, str):
        if identifier.lower() not in ALL:
            raise unknown_name("optimizer", identifier, ALL)
        return ALL[identifier.lower()]()
    if isinstance(identifier, dict):
        return _described(identifier)
    found = find("optimizer", identifier, ALL, Optimizer)
    if found is not None and not isinstance(found, Optimizer):
        raise unknown_name("optimizer", identifier, ALL)
    return found


deserialize = get


def _described(config: dict[str, Any]) -> Optimizer:
    name, settings = str(config.get("class_name")), dict(config.get("config") or {})
    if name.lower() not in ALL:
        raise unknown_name("optimizer", name, ALL)
    if isinstance(settings.get("learning_rate"), dict):
        schedule = settings["learning_rate"].get("class_name")
        raise SettingError(
            f"{name} learning_rate: expected a number, received the schedule {schedule}, which Pippin does not have "
            "yet."
        )
    return ALL[name.lower()].from_config(settings)  # type: ignore[no-any-return]


__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "deserialize", "get", "serialize"]
