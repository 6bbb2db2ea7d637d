"""Finding an object of Keras's by its name, its configuration or its class, in a closed table: nothing is ever imported
by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from pippin.errors import SettingError, nearest
from pippin.naming import snake_case

registered: dict[str, Any] = {}
"""Classes and functions that the running program gave, by the names they have in files."""


_no_scope: Mapping[str, Any] = {}
scoped: ContextVar[Mapping[str, Any]] = ContextVar("scoped", default=_no_scope)
"""What `custom_object_scope` lets be named."""

MOST_LISTED = 40
"""So many known names still help beside the nearest one."""

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


def find(
    kind: str, identifier: Any, table: Mapping[str, Any], base: type, custom: Mapping[str, Any] | None = None
) -> Any:
    """The object for a name, a configuration, a class or an object; None and other callables are given back as they
    are. `custom` has classes and functions of the caller's own."""
    if identifier is None or isinstance(identifier, base):
        return identifier
    if isinstance(identifier, dict):
        return from_description(kind, identifier, table, custom)
    if isinstance(identifier, str):
        given = given_object((identifier,), custom or {})
        found = table.get(identifier) if given is None else given
        if found is not None:
            return found() if isinstance(found, type) else found
    if isinstance(identifier, type) and issubclass(identifier, base):
        return identifier()
    if callable(identifier):
        return identifier
    raise unknown_name(kind, identifier, table)


def given_object(names: Iterable[Any], custom: Mapping[str, Any]) -> Any:
    """What the program gave under one of these names: for this call, this scope, or all; None if nothing."""
    for objects in (custom, scoped.get(), registered):
        for name in names:
            if isinstance(name, str) and name in objects:
                return objects[name]
    return None


def from_description(
    kind: str, described: dict[str, Any], table: Mapping[str, Any], custom: Mapping[str, Any] | None = None
) -> Any:
    """The object that {"class_name": ..., "config": ...} describes; `custom` has classes of the caller's own."""
    name = described.get("class_name")
    given = given_object((described.get("registered_name"), name), custom or {})
    if given is not None:
        maker: Any = given
        return maker.from_config(dict(described.get("config") or {})) if isinstance(given, type) else given
    if not isinstance(name, str) or name not in table:
        raise unknown_name(kind, name if name is not None else described, table)
    return table[name].from_config(dict(described.get("config") or {}))


def unknown_name(kind: str, word: Any, table: Mapping[str, Any]) -> SettingError:
    """The error for a name that is not in the table: the nearest match, and each known thing once, unless that would
    drown the match."""
    names = sorted({getattr(thing, "__name__", name) for name, thing in table.items()})
    match = nearest(word, table)
    known = f" Known: {', '.join(names)}." if not match or len(names) <= MOST_LISTED else ""
    return SettingError(f"Unknown {kind}: {word!r}.{match}{known}")
