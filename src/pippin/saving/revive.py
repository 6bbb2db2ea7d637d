"""Plain data, as `serialize` or Keras wrote it, becomes objects again: by names in a closed table, and never by running
code."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from pippin.errors import DescriptionError, FileError, PippinError
from pippin.layers.layer import Layer
from pippin.models.functional import Functional
from pippin.models.model import Model
from pippin.models.sequential import Sequential
from pippin.saving.known import custom_object_scope, known_class
from pippin.saving.named import given_object, registered

MOST_DEPTH = 64
_NUMBERS = (
    "float32",
    "float64",
    "float16",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
)
_MATTERS_ONLY_WITH = {
    "ema_momentum": "use_ema", "ema_overwrite_frequency": "use_ema",
}  # fmt: skip
_NOT_OBJECTS = ("name", "class_name", "registered_name", "module", "dtype")


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True, **unused: Any
) -> Any:
    """The object that `serialize_keras_object` described. Own classes come from `custom_objects`; lambdas that this
    very program wrote down are found again with safe_mode=False."""
    return Reviver(custom_objects or {}, "deserialize_keras_object", safe_mode).revive(config)


class Reviver:
    """Makes the objects of one file. `where` names the file in errors."""

    def __init__(self, custom: Mapping[str, Any], where: str, safe_mode: bool = True) -> None:
        self.custom = custom
        self.where = where
        self.safe_mode = safe_mode
        self._shared: dict[Any, Any] = {}
        self._depth = 0

    def revive(self, data: Any, key: str = "") -> Any:
        """The thing that `data` describes; numbers and text are themselves, unless a text names one of the caller's
        objects."""
        if isinstance(data, str):
            given = given_object((data,), self.custom) if key not in _NOT_OBJECTS else None
            return data if given is None else given
        if isinstance(data, (list, tuple)):
            return type(data)(self.revive(part) for part in data)
        if not isinstance(data, dict):
            return data
        if "class_name" not in data or "config" not in data:
            return {name: self.revive(value, name) for name, value in data.items()}
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise FileError(f"{self.where}: objects are nested more than {MOST_DEPTH} deep.")
        try:
            return self._object(data)
        finally:
            self._depth -= 1

    def _object(self, data: dict[str, Any]) -> Any:
        name, config = data["class_name"], data["config"]
        if name == "function" and isinstance(config, str):
            found = given_object((data.get("registered_name"), config), self.custom)
            if found is None:  # Keras before 3.7 leaves the package out of the name
                found = next((thing for word, thing in registered.items() if word.endswith(f">{config}")), None)
            return found if found is not None else config
        if not isinstance(config, dict) or not isinstance(name, str):
            wanted = {"function": "a name", "__typespec__": "a list"}.get(str(name), "a dict")
            raise DescriptionError(
                f"{self.where}: expected the configuration of {name!r} as {wanted}, received {type(config).__name__}."
            )
        if name == "DTypePolicy":
            return config.get("name")
        if name in _VALUES:
            return _VALUES[name](self, config)
        shared = data.get("shared_object_id")
        if shared is not None and shared in self._shared:
            return self._shared[shared]
        made = self._made(known_class(data, self.custom, self.where), data, config)
        if shared is not None:
            self._shared[shared] = made
        return made

    def _made(self, cls: Any, data: dict[str, Any], config: dict[str, Any]) -> Any:
        from pippin.saving.graph import functional_from_config, sequential_from_config

        if not isinstance(cls, type):
            return cls  # a function that the caller gave
        maker: Any = cls
        label = f'{cls.__name__} "{config.get("name", "")}"'
        try:
            if issubclass(cls, Functional) and "layers" in config:
                made: Any = functional_from_config(cls, config, self)
            elif issubclass(cls, Sequential) and "layers" in config:
                made = sequential_from_config(cls, config, self)
            else:
                functions = getattr(cls, "function_arguments", ())
                arguments = {w: value if w in functions else self.revive(value, w) for w, value in config.items()}
                if cls.__module__.startswith("pippin."):
                    arguments = self._taken(cls, arguments, label)
                given = {"custom_objects": self.custom, "safe_mode": self.safe_mode} if functions else {}
                made = maker.from_config(arguments, **given)
            self._finish(made, data)
            return made
        except FileError:
            raise
        except (
            PippinError,
            TypeError,
            ValueError,
            KeyError,
            IndexError,
            AttributeError,
            OverflowError,
            AssertionError,
        ) as error:
            raise DescriptionError(
                f"{self.where}: {label}: Unable to reconstruct an instance of it from its configuration: {error}"
            ) from error

    def _finish(self, made: Any, data: dict[str, Any]) -> None:
        """Weights for a layer that no graph has called yet, and the goal of a model that was compiled."""
        build, goal = data.get("build_config"), data.get("compile_config")
        if (
            isinstance(made, Layer)
            and not made.built
            and isinstance(build, dict)
            and build.get("input_shape") is not None
        ):
            made.build_from_config(build)
        if goal and hasattr(made, "compile"):
            self.compile(made, goal)

    def compile(self, made: Any, goal: dict[str, Any]) -> None:
        """Compile a model with what a file says it was compiled with."""
        kind = type(made)
        if kind.compile_from_config is not Model.compile_from_config:
            with custom_object_scope(self.custom):
                made.compile_from_config(goal)
        elif kind.compile is not Model.compile:
            warnings.warn(
                "`compile()` was not called as part of model loading because the model's `compile()` method is custom. "
                f"Write get_compile_config and compile_from_config for {kind.__name__}, or call compile yourself.",
                stacklevel=2,
            )
        else:
            self.compile_as_told(made, goal)

    def compile_as_told(self, made: Any, goal: dict[str, Any]) -> None:
        """Call `compile` with what a description says."""
        try:
            arguments = {word: self.revive(value, word) for word, value in goal.items()}
            made.compile(**{word: value for word, value in arguments.items() if word in _arguments(type(made).compile)})
        except (PippinError, TypeError) as error:
            raise FileError(
                f"{self.where}: what the model was compiled with can't be made again: {error} "
                "Pass what is yours as custom_objects, or load with compile=False."
            ) from error

    def _taken(self, cls: type, config: dict[str, Any], label: str) -> dict[str, Any]:
        """The arguments the class has. What it lacks may only be missing where it would change nothing."""
        known = constructor_arguments(cls)
        lacking = {word: value for word, value in config.items() if word not in known}
        for word, value in lacking.items():
            switch = _MATTERS_ONLY_WITH.get(word)
            is_without_effect = value in (None, False, "", [], {}) or (switch is not None and not config.get(switch))
            if not is_without_effect:
                raise FileError(
                    f"{self.where}: {label} has {word}={value!r}, which Pippin's {cls.__name__} does not know. "
                    "Leaving it out would change what the model computes."
                )
        return {word: value for word, value in config.items() if word in known}


def _array(reviver: Reviver, config: dict[str, Any]) -> np.ndarray:
    if config.get("dtype") not in _NUMBERS:
        raise FileError(f"{reviver.where}: expected an array of numbers, received one of {config.get('dtype')!r}.")
    return np.array(config.get("value"), config["dtype"])


_VALUES: dict[str, Callable[..., Any]] = {
    "__tensor__": _array,
    "__numpy__": _array,
    "__bytes__": lambda reviver, config: str(config.get("value")).encode(),
    "__ellipsis__": lambda reviver, config: ...,
    "__slice__": lambda reviver, config: slice(
        *(reviver.revive(config.get(word)) for word in ("start", "stop", "step"))
    ),
}


@cache
def _arguments(function: Any) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


@cache
def constructor_arguments(cls: type) -> frozenset[str]:
    """The names of a constructor's arguments, those it hands on to the constructors above included."""
    found: set[str] = set()
    for one in cls.__mro__:
        if "__init__" not in vars(one) or one is object:
            continue
        parameters = inspect.signature(vars(one)["__init__"]).parameters.values()
        found |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return frozenset(found - {"self"})
