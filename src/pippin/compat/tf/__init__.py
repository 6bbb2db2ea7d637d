"""What scripts use of `tf` beside `tf.keras`: types, functions of NumPy arrays, settings.

Gradient tapes, graphs, sessions and the like are not here: using them raises with their name.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pippin.errors import MissingWord

_MODULES = ("config", "data", "random", "test")
_ELSEWHERE = {"Variable": "pippin.program"}


def executing_eagerly() -> bool:
    """Whether functions of arrays give arrays at once: always."""
    return True


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"pippin.compat.tf.{name}")
    if name in _ELSEWHERE:
        return getattr(import_module(_ELSEWHERE[name]), name)
    if name in _public():
        return _public()[name]
    raise MissingWord(f"module 'tensorflow' has no attribute {name!r}")


def _public() -> dict[str, Any]:
    public: dict[str, Any] = import_module("pippin.compat.tf.arrays").PUBLIC
    return public


def __dir__() -> list[str]:
    return sorted([*_MODULES, *_ELSEWHERE, *_public(), "executing_eagerly"])
