"""Packages whose names are imported when they are first used: a script pays for the words it says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from pippin.errors import MissingWord, nearest


def lazily(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` for a package: `homes` says in which module each public name lives.

    A home that ends in the name itself ("pippin.layers" for "layers") means the module.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise MissingWord(f"module {package!r} has no attribute {name!r}.{nearest(name, homes)}")
        home = import_module(homes[name])
        found = home if homes[name] == f"{package}.{name}" else getattr(home, name)
        setattr(sys.modules[package], name, found)
        return found

    return get, lambda: sorted(homes)
