"""The questions, one file each, found by their names: a new file here is a new question.

A question has a docstring that says what is measured, and `ask(rounds) -> Answer`. The order is the report's.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

ORDER = ("step", "article", "mlp32", "mlp128", "lenet32", "lenet128", "photo", "wide", "recurrent", "words",
         "separable", "one", "predict", "many", "loading", "start", "memory", "watch", "photos")  # fmt: skip


def names() -> list[str]:
    """All questions that are there; those that ORDER doesn't know come last."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def question(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name}")
