"""What layers check of their arguments, in the same words everywhere."""

from __future__ import annotations

from typing import Any

from pippin.errors import SettingError, ShapeError
from pippin.layers.shapes import shown

Pair = tuple[int, int]


def whole(word: str, value: Any, least: int = 1) -> int:
    """`value` if it is a whole number of at least `least`; otherwise the error that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise SettingError(f"{word}: expected a whole number of {least} or more, received {value!r}.")
    return value.__index__()  # type: ignore[no-any-return]


def whole_pair(word: str, value: Any, least: int = 1) -> Pair:
    """(3, 3) for 3; otherwise two whole numbers: (vertical, horizontal)."""
    if hasattr(value, "__index__"):
        return (whole(word, value, least),) * 2
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise SettingError(f"{word}: expected a whole number or a pair of them, received {value!r}.")
    return whole(word, value[0], least), whole(word, value[1], least)


def one_of(word: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """`value` if it is among those allowed."""
    if value not in allowed:
        raise SettingError(f"{word}: expected {' or '.join(map(repr, allowed))}, received {value!r}.")
    return value


def refuse(word: str, value: Any, only: Any, why: str) -> None:
    """Raise unless an argument of Keras's has the only value that Pippin has a meaning for."""
    if value != only:
        raise SettingError(f"{word}: expected {only!r}, received {value!r}. {why}")


def need_pictures(described: str, shape: Any) -> None:
    """Raise unless a shape is that of pictures: (batch, height, width, channels)."""
    if isinstance(shape, tuple) and len(shape) != 4:
        hint = " Add Reshape((height, width, channels)) before it."
        if len(shape) == 3 and None not in shape[1:]:
            hint = f" Add Reshape({(*shape[1:], 1)}) before it."
        raise ShapeError(
            f"{described}: expected pictures (batch, height, width, channels), received shape {shown(shape)}.{hint}"
        )
