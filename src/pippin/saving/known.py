"""The closed table of everything a file may ask for by name: Pippin's public words, and what the running program gave.

A file can only ask. Nothing is ever imported because of a name in a file; a class of the user's own comes from
`custom_objects=` of the call that loads, or from `register_keras_serializable` in the program that is running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from pippin import constraints, initializers, layers, losses, metrics, optimizers, regularizers
from pippin.errors import FileError, SettingError, nearest
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential
from pippin.random import SeedGenerator
from pippin.saving import named
from pippin.saving.named import given_object
from pippin.saving.serialize import _REGISTERED

_MODELS = ("keras.models", "keras.src.models.functional", "keras.src.models.sequential", "keras.src.models.model")
CODE = ("__lambda__", "TorchModuleWrapper", "TFSMLayer", "FlaxLayer", "JaxLayer", "__typespec__")
"""What Keras has to carry code, or to run code that lies elsewhere."""

_registered = named.registered


@cache
def tables() -> dict[str, dict[str, type]]:
    """Keras's module names, each with the classes that Pippin's public words there are: layers among layers, and so
    on."""
    families: dict[Any, Any] = {
        constraints: constraints.Constraint, initializers: initializers.Initializer, layers: layers.Layer,
        losses: losses.Loss,
        metrics: metrics.Metric, optimizers: (optimizers.Optimizer, optimizers.OptimizerMap),
        regularizers: regularizers.Regularizer, optimizers.schedules: optimizers.schedules.LearningRateSchedule,
    }  # fmt: skip
    found: dict[str, dict[str, type]] = {
        "keras": {"Sequential": Sequential, "Functional": Functional, "Model": Model},
        "keras.random": {"SeedGenerator": SeedGenerator},
    }
    for module, base in families.items():
        words = {word: getattr(module, word) for word in dir(module) if not word.startswith("_")}
        classes = {word: thing for word, thing in words.items() if isinstance(thing, type) and issubclass(thing, base)}
        found[module.__name__.replace("pippin", "keras")] = classes
    return found


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """A decorator for classes and functions of your own: models that hold them can be loaded by this program."""

    def register(thing: Any) -> Any:
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            raise SettingError(
                f"Cannot register a class that does not have a get_config() method: {thing.__name__} is expected to "
                "say there how it is made again."
            )
        registered = f"{package}>{name or thing.__name__}"
        setattr(thing, _REGISTERED, registered)
        _registered[registered] = thing
        return thing

    return register


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Inside, files and configurations may name these classes and functions, besides those of scopes around it."""
    token = named.scoped.set({**named.scoped.get(), **(custom_objects or {})})
    try:
        yield
    finally:
        named.scoped.reset(token)


CustomObjectScope = custom_object_scope


def get_custom_objects() -> dict[str, Any]:
    """All that is registered, by name. What is put into this dict may be named by files from then on."""
    return _registered


def get_registered_name(obj: Any) -> str:
    """The name a class or function was registered under, or its own."""
    return str(getattr(obj, _REGISTERED, obj.__name__))


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """What the program gave under a name, in `custom_objects` or beforehand; None if nothing."""
    found = given_object((name,), custom_objects or {})
    return found if found is not None or not module_objects else module_objects.get(name)


def known_class(described: Mapping[str, Any], custom: Mapping[str, Any], where: str) -> Any:
    """The class for {"module", "class_name", "registered_name"}. Raises FileError for any name that is not in the
    table."""
    name, module = described.get("class_name"), described.get("module")
    given = given_object((described.get("registered_name"), name), custom)
    if given is not None:
        return given
    config = described.get("config")
    own_name = config.get("name") if isinstance(config, dict) else None
    label = f'{where}: "{own_name}"' if isinstance(own_name, str) else f"{where}: an object"
    if name in CODE:
        raise FileError(
            f"{label} is a {name}, which carries code or leads to code, and nothing in a file is ever run. "
            "Build the model again with a layer that says the same in words, or with a Layer class of your own, passed "
            "as custom_objects."
        )
    table = tables().get("keras" if module in _MODELS else str(module), {})
    if isinstance(name, str) and name in table:
        if described.get("registered_name") not in (None, "", name, f"Custom>{name}"):  # the last as Keras 2 wrote it
            raise FileError(
                f"{label} resolved to a Keras built-in, {name}, but is said to be registered as "
                f"{described['registered_name']!r}. Pass what that is as custom_objects."
            )
        return table[name]
    known = {word for table in tables().values() for word in table}
    raise FileError(
        f"{label} is of the class {name!r} (module {module!r}), which Pippin does not have.{nearest(name, known)} "
        f"If it is a class of your own, pass it: custom_objects={{{name!r}: ...}}. Nothing is ever imported because a "
        "file names it."
    )
