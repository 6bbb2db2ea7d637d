"""Lists and dicts that a layer has as attributes: the layer notices what is put into them later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pippin.tree import flatten


class HeldList(list[Any]):
    """A list whose owner hears of everything that comes in."""

    def __init__(self, parts: Iterable[Any] = (), hold: Callable[[Any], None] | None = None) -> None:
        super().__init__(parts)
        self._hold = hold

    def append(self, part: Any) -> None:
        super().append(part)
        self._tell(part)

    def insert(self, place: Any, part: Any) -> None:
        super().insert(place, part)
        self._tell(part)

    def extend(self, parts: Iterable[Any]) -> None:
        new = list(parts)
        super().extend(new)
        self._tell(new)

    def __iadd__(self, parts: Iterable[Any]) -> Any:  # type: ignore[misc]
        self.extend(parts)
        return self

    def __setitem__(self, place: Any, part: Any) -> None:
        super().__setitem__(place, part)
        self._tell(part)

    def _tell(self, new: Any) -> None:
        for leaf in flatten(new) if self._hold is not None else ():
            self._hold(leaf)  # type: ignore[misc]


class HeldDict(dict[Any, Any]):
    """A dict whose owner hears of everything that comes in."""

    def __init__(self, parts: Any = (), hold: Callable[[Any], None] | None = None) -> None:
        super().__init__(parts)
        self._hold = hold

    def __setitem__(self, key: Any, part: Any) -> None:
        super().__setitem__(key, part)
        for leaf in flatten(part) if self._hold is not None else ():
            self._hold(leaf)  # type: ignore[misc]

    def update(self, *others: Any, **parts: Any) -> None:
        for key, part in dict(*others, **parts).items():
            self[key] = part

    def setdefault(self, key: Any, part: Any = None) -> Any:
        if key not in self:
            self[key] = part
        return self[key]
