"""`Config`: named values that can be read as attributes or as a dict's entries, and frozen."""

from __future__ import annotations

import copy
import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any


class Config:
    """Named values. `config.seed` and `config["seed"]` are the same; after `freeze()` nothing may change."""

    _config: dict[str, Any]
    _frozen: bool

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_config", kwargs)
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether nothing may change."""
        return self._frozen

    def freeze(self) -> None:
        """Let nothing be changed from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Let it be changed again."""
        object.__setattr__(self, "_frozen", False)

    def _entries(self) -> dict[str, Any]:
        if self._frozen:
            raise ValueError("Cannot mutate attribute(s) because the config is frozen. Call unfreeze() first.")
        return self._config

    def as_dict(self) -> dict[str, Any]:
        """The values as a dict of their own."""
        return copy.copy(self._config)

    def to_json(self) -> str:
        """The values as JSON."""
        return json.dumps(self._config)

    def keys(self) -> KeysView[str]:
        return self._config.keys()

    def values(self) -> ValuesView[Any]:
        return self._config.values()

    def items(self) -> ItemsView[str, Any]:
        return self._config.items()

    def pop(self, *args: Any) -> Any:
        return self._entries().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self._entries().update(*args, **kwargs)

    def get(self, keyname: str, value: Any = None) -> Any:
        return self._config.get(keyname, value)

    def __getattr__(self, name: str) -> Any:
        entries = self.__dict__.get("_config", {})
        if name not in entries:
            raise AttributeError(f"Attribute {name!r} does not exist. Known: {', '.join(entries) or 'none'}.")
        return entries[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self._entries()[name] = value

    def __delattr__(self, name: str) -> None:
        del self._entries()[name]

    __getitem__, __setitem__, __delitem__ = __getattr__, __setattr__, __delattr__

    def __contains__(self, item: object) -> bool:
        return item in self._config

    def __iter__(self) -> Iterator[str]:
        return iter(self._config)

    def __len__(self) -> int:
        return len(self._config)

    def __repr__(self) -> str:
        return f"<Config {self._config}>"
