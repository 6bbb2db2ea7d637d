"""How an object remembers the arguments it was made with, so that it can be written down and made again."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import numpy as np


@cache
def _signature(cls: type) -> inspect.Signature:
    return inspect.signature(cls.__init__)  # type: ignore[misc]


class ConstructorSignature:
    """The `__signature__` of a class whose `__new__` takes anything: what `__init__` takes. `inspect` looks there by
    itself only from Python 3.11.4 on."""

    def __get__(self, instance: object, owner: type) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")
        signature = _signature(owner)
        return signature.replace(parameters=list(signature.parameters.values())[1:])


def _as_lists(value: Any) -> Any:
    """A value with its arrays as lists: what a constructor of ours takes as well."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_as_lists(part) for part in value] if any(isinstance(v, np.ndarray) for v in value) else value
    return value


class Configured:
    """Gives `get_config` and `from_config`: the constructor's arguments, as they stand now, written as plain data."""

    _arguments: dict[str, Any]
    function_arguments: tuple[str, ...] = ()
    """Arguments that may be functions of the caller's: a subclass writes them down and reads them itself."""
    __signature__ = ConstructorSignature()

    def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
        self = super().__new__(cls)
        self._arguments = {}
        try:
            signature = _signature(cls)  # type: ignore[arg-type]
            bound = signature.bind(self, *arguments, **keywords)
        except TypeError:
            return self  # the constructor will raise the same error, with its own name in it
        bound.apply_defaults()
        for name, value in list(bound.arguments.items())[1:]:
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                self._arguments.update(value)
            elif kind is not inspect.Parameter.VAR_POSITIONAL:
                self._arguments[name] = value
        return self

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as plain data (numbers, text, lists, dicts)."""
        from pippin.saving.serialize import serialize

        plain = {name: value for name, value in self._arguments.items() if name not in self.function_arguments}
        return {name: serialize(_as_lists(getattr(self, name, value))) for name, value in plain.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The object that `get_config` described."""
        return cls(**config)
