"""Keras's `ops` that join arrays, cut them into parts and turn them, in NumPy's old words for rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin.errors import SettingError
from pippin.ops.arrange import concatenate, flip, split
from pippin.ops.dtypes import as_first, as_operands
from pippin.ops.operation import operation
from pippin.ops.order import picked_along_last
from pippin.ops.types import Tensor, same_symbols
from pippin.primitives import BOOL, INT


def _at_least(x: Tensor, rank: int) -> Tensor:
    """With so many axes: (n) is (1, n) and (1, n, 1), as NumPy's atleast_2d and atleast_3d have it."""
    if x.rank >= rank:
        return x
    if rank == 1:
        return x.reshape((1,))
    shape = (1, *x.shape) if x.rank == 1 else (1, 1) if x.rank == 0 else x.shape
    return x.reshape(shape if rank == 2 else (*shape, 1))


@operation(1)
def hstack(xs: Sequence[Tensor]) -> Tensor:
    """Side by side: along the second axis, or the only one."""
    parts = [_at_least(x, 1) for x in xs]
    return concatenate(parts, 0 if parts[0].rank == 1 else 1)


@operation(1)
def vstack(xs: Sequence[Tensor]) -> Tensor:
    """One above the other: along the first axis; rows stay rows."""
    return concatenate([_at_least(x, 2) for x in xs], 0)


@operation(1)
def dstack(xs: Sequence[Tensor]) -> Tensor:
    """One behind the other: along the third axis."""
    return concatenate([_at_least(x, 3) for x in xs], 2)


@operation(2)
def append(x1: Tensor, x2: Tensor, axis: int | None = None) -> Tensor:
    """x2 behind x1 along an axis, or all numbers in a row."""
    x1, x2 = same_symbols(x1, x2)
    return concatenate([x1, x2], axis) if axis is not None else concatenate([_flat(x1), _flat(x2)], 0)


def _flat(x: Tensor) -> Tensor:
    return x.reshape((x.size,))


@operation(1)
def array_split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> Any:
    """Parts along an axis, of which the first may be one longer than the last."""
    if not isinstance(indices_or_sections, int):
        return split(x, indices_or_sections, axis)
    size, parts = x.shape[axis], indices_or_sections
    if parts < 1:
        raise SettingError(f"array_split: expected 1 part or more, received {parts}.")
    longer = size % parts
    ends = [n * (size // parts) + min(n, longer) for n in range(1, parts)]
    return split(x, ends, axis)


@operation(1)
def hsplit(x: Tensor, indices_or_sections: int | Sequence[int]) -> Any:
    """Parts side by side: along the second axis, or the only one."""
    return split(x, indices_or_sections, 0 if x.rank == 1 else 1)


@operation(1)
def vsplit(x: Tensor, indices_or_sections: int | Sequence[int]) -> Any:
    """Parts one above the other: along the first axis."""
    return split(x, indices_or_sections, 0)


@operation(1)
def dsplit(x: Tensor, indices_or_sections: int | Sequence[int]) -> Any:
    """Parts one behind the other: along the third axis."""
    return split(x, indices_or_sections, 2)


@operation(1)
def fliplr(x: Tensor) -> Tensor:
    """Left and right change sides: the second axis turned around."""
    return flip(x, 1)


@operation(1)
def flipud(x: Tensor) -> Tensor:
    """Up and down change sides: the first axis turned around."""
    return flip(x, 0)


@operation(1)
def rot90(array: Tensor, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by k quarters, from the first of two axes towards the second."""
    if array.rank < 2:
        raise SettingError(
            f"Input array must have at least 2 dimensions. Received: array.ndim={array.rank}"
        )
    first, second = (axis % array.rank for axis in axes) if len(axes) == 2 else (0, 0)
    if first == second:
        raise SettingError(f"Invalid axes: {axes}. Axes must be a tuple of two different dimensions.")
    order = list(range(array.rank))
    order[first], order[second] = second, first
    quarters = k % 4
    if quarters == 1:
        return array.reverse([second]).transpose(order)
    if quarters == 2:
        return array.reverse([first, second])
    return array.transpose(order).reverse([second]) if quarters == 3 else array


def meshgrid(*x: Tensor, indexing: str = "xy") -> list[Any]:
    """The coordinates of a grid: each array spread over all the others; with "xy" the first two change places."""
    if indexing not in ("xy", "ij"):
        raise SettingError(
            f"Valid values for `indexing` are 'xy' and 'ij', but received {indexing}."
        )
    return list(_grid(list(x), indexing))


@operation(1)
def _grid(xs: list[Tensor], indexing: str) -> Any:
    sizes = [x.size for x in xs]
    swap = indexing == "xy" and len(xs) > 1
    places = [1, 0, *range(2, len(xs))] if swap else list(range(len(xs)))
    full = [sizes[places[n]] for n in range(len(xs))]
    found = []
    for n, x in enumerate(xs):
        line = [x.size if place == places[n] else 1 for place in range(len(xs))]
        found.append(x.reshape(line).broadcast_to(full))
    return found


@operation(2, as_first)
def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Tensor:
    """For each place along an axis the number at the position that `indices` names there; negative ones count from
    the end."""
    if axis is None:
        x, indices, axis = _flat(x), _flat(indices), 0
    places = indices.cast(INT)
    axis = axis % x.rank
    places = (places < 0).where(places + x.shape[axis], places)
    order = [*(n for n in range(x.rank) if n != axis), axis]
    x, places = x.transpose(order), places.transpose(order)
    leading = [max(a, b) if min(a, b) else 0 for a, b in zip(x.shape[:-1], places.shape[:-1], strict=True)]
    x, places = x.broadcast_to((*leading, x.shape[-1])), places.broadcast_to((*leading, places.shape[-1]))
    return picked_along_last(x, places).transpose([order.index(n) for n in range(x.rank)])


def _as_choices(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    """The common type of the choices and the default; conditions, which are truth values, don't count."""
    return as_operands([name for name in types if name != BOOL] or types, made, settings)


@operation(3, _as_choices)
def select(condlist: Sequence[Tensor], choicelist: Sequence[Tensor], default: Any = 0) -> Tensor:
    """At each place the choice of the first condition that holds, and the default where none does."""
    *choices, result = same_symbols(*choicelist, default)
    for condition, choice in reversed(list(zip(condlist, choices, strict=True))):
        result = condition.where(choice, result)
    return result
