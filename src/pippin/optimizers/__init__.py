"""Keras's optimizers by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pippin.optimizers import schedules
from pippin.optimizers.accumulating import Adadelta, Adafactor, Adagrad, Ftrl
from pippin.optimizers.adam import Adam, AdamW
from pippin.optimizers.adam_kin import Adamax, Lamb, Lion, Nadam, ScheduleFreeAdamW
from pippin.optimizers.loss_scale import LossScaleOptimizer
from pippin.optimizers.multi import MultiOptimizer, OptimizerMap
from pippin.optimizers.muon import Muon
from pippin.optimizers.optimizer import Optimizer
from pippin.optimizers.rmsprop import RMSprop
from pippin.optimizers.sgd import SGD
from pippin.saving.named import find, from_description, unknown_name
from pippin.saving.serialize import serialize as written

_CLASSES = (
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, Lamb, Lion, LossScaleOptimizer, MultiOptimizer, Muon,
    Nadam, RMSprop, SGD, ScheduleFreeAdamW,
)  # fmt: skip
ALL: dict[str, type[Optimizer]] = {cls.__name__.lower(): cls for cls in _CLASSES}


def serialize(optimizer: Optimizer) -> Any:
    """An optimizer as plain data: its class and its configuration."""
    return written(optimizer)


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The optimizer that `serialize` wrote. Own classes come from `custom_objects` or are registered."""
    name = config.get("class_name")
    known = name.lower() if isinstance(name, str) and name.lower() in ALL else name
    return from_description("optimizer", {**config, "class_name": known}, ALL, custom_objects)


def get(identifier: Any) -> Any:
    """The optimizer for a name in any case ("adam", "RMSprop"), a configuration, a class or an object; None stays
    None."""
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    if isinstance(identifier, dict):
        return deserialize(identifier)
    found = find("optimizer", identifier, ALL, Optimizer)
    if found is not None and not isinstance(found, Optimizer):
        raise unknown_name("optimizer", identifier, ALL)
    return found


__all__ = [
    "SGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion", "LossScaleOptimizer",
    "MultiOptimizer", "Muon", "Nadam", "Optimizer", "OptimizerMap", "RMSprop", "ScheduleFreeAdamW", "deserialize",
    "get", "schedules", "serialize",
]  # fmt: skip
