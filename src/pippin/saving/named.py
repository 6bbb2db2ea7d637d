"""Finding an object of Keras's by its name, its configuration or its class, in a closed table: nothing is ever imported
by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pippin.errors import SettingError, nearest
from pippin.naming import snake_case

registered: dict[str, Any] = {}
"""Classes and functions that the running program gave, by the names they have in files."""


written: dict[tuple[str, str], type] = {}
"""The user's own classes of which this program wrote down an object, by module and name. Not for files: only what was
written down here is made again here without being named."""


def table_of(classes: Iterable[type], **aliases: type) -> dict[str, type]:
    """The names of classes: "GlorotUniform", "glorot_uniform", and any further ones."""
    listed = list(classes)
    return {
        **{cls.__name__: cls for cls in listed},
        **{snake_case(cls.__name__): cls for cls in listed},
        **aliases,
    }


def find(kind: str, identifier: Any, table: Mapping[str, Any], base: type) -> Any:
    """The object for a name, a configuration, a class or an object; None and other callables are given back as they
    are."""
    if identifier is None or isinstance(identifier, base):
        return identifier
    if isinstance(identifier, dict):
        return from_description(kind, identifier, table)
    if isinstance(identifier, str) and identifier in table:
        return table[identifier]()
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    if callable(identifier):
        return identifier
    raise unknown_name(kind, identifier, table)


def from_description(kind: str, described: dict[str, Any], table: Mapping[str, Any]) -> Any:
    """The object that {"class_name": ..., "config": ...} describes."""
    name = described.get("class_name")
    if not isinstance(name, str) or name not in table:
        raise unknown_name(kind, name if name is not None else described, table)
    return table[name].from_config(dict(described.get("config") or {}))


def unknown_name(kind: str, word: Any, table: Mapping[str, Any]) -> SettingError:
    """The error for a name that is not in the table: the nearest match, and each known thing once."""
    names = sorted({getattr(thing, "__name__", name) for name, thing in table.items()})
    return SettingError(f"Unknown {kind}: {word!r}.{nearest(word, table)} Known: {', '.join(names)}.")
