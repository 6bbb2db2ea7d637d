"""What layers check of their arguments, in the same words everywhere."""

from __future__ import annotations

from inspect import signature
from types import FunctionType
from typing import Any

from pippin.errors import SettingError, ShapeError
from pippin.layers.shapes import shown

Pair = tuple[int, int]


def whole(word: str, value: Any, least: int = 1) -> int:
    """`value` if it is a whole number of at least `least`; otherwise the error that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        wanted = "a positive integer" if least == 1 else f"a whole number of {least} or more"
        raise SettingError(f"{word}: expected {wanted}, received {value!r}.")
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


def positive(kind: str, argument: str, value: Any) -> int:
    """`value` if it is a whole number above 0; otherwise an error in Keras's words."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < 1:
        raise SettingError(
            f"{kind}: Invalid value for argument `{argument}`. Expected a strictly positive value. "
            f"Received {argument}={value!r}."
        )
    return value.__index__()  # type: ignore[no-any-return]


def whole_sizes(kind: str, argument: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """(3, 3) for 3 and a count of 2; otherwise `count` whole numbers of at least `least`; or an error in Keras's
    words."""
    told = f"{kind}: The `{argument}` argument must be a tuple of {count} integers. Received {argument}={value}"
    given = (value,) * count if hasattr(value, "__index__") else value
    if not isinstance(given, (list, tuple)) or len(given) != count:
        raise SettingError(f"{told}.")
    if any(isinstance(size, bool) or not hasattr(size, "__index__") for size in given):
        raise SettingError(f"{told}, of which some are not whole numbers.")
    sizes = tuple(size.__index__() for size in given)
    wrong = {size for size in sizes if size < least}
    if wrong:
        raise SettingError(f"{told}, including values {wrong} that do not satisfy `value {'>' if least else '>='} 0`.")
    return sizes


_DATA = {1: "sequences (batch, steps, channels)", 3: "volumes (batch, depth, height, width, channels)"}


def need_axes(described: str, shape: Any, rank: int, data_format: str = "channels_last") -> None:
    """Raise unless a shape has `rank` axes between batch and channels (or behind both, if channels come first)."""
    if rank == 2 and data_format == "channels_last":
        need_pictures(described, shape)
    elif isinstance(shape, tuple) and len(shape) != rank + 2:
        last = _DATA.get(rank, "pictures (batch, height, width, channels)")
        wanted = last if data_format == "channels_last" else f"{last} with the channels behind the batch"
        raise ShapeError(f"{described}: expected {wanted}, received shape {shown(shape)}.")


def default_for_each_axis(cls: type, rank: int, arguments: tuple[str, ...]) -> None:
    """Give a class its own constructor, whose defaults for these arguments are written once for each axis, as Keras
    writes them: strides=(1, 1)."""
    inherited = cls.__init__  # type: ignore[misc]
    parameters = [p for p in signature(inherited).parameters.values() if p.default is not p.empty]
    defaults = tuple((p.default,) * rank if p.name in arguments else p.default for p in parameters)
    own = FunctionType(inherited.__code__, inherited.__globals__, "__init__", defaults, inherited.__closure__)
    own.__annotations__ = inherited.__annotations__
    cls.__init__ = own  # type: ignore[misc]
