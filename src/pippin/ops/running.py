"""Keras's `ops` that go along an axis: running totals, differences, areas, and rolling around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin.errors import SettingError
from pippin.ops.dtypes import as_said
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float, axes_of, program_type, same_symbols
from pippin.primitives import BOOL, INT, TABLE


def _summable(x: Tensor, dtype: Any) -> Tensor:
    """Truth values count as 0 and 1."""
    return x.cast(program_type(dtype)) if dtype is not None else x.cast(INT) if x.dtype == BOOL else x


def _running(x: Tensor, axis: int | None, name: str, neutral: float) -> Tensor:
    """Each number combined with all before it: with its neighbour, then with the one two places before, four, eight:
    ceil(log2 n) rounds. Source: Hillis and Steele, "Data parallel algorithms" (1986)."""
    if axis is None:
        x, axis = x.reshape((x.size,)), 0
    axis, shift = axis % x.rank, 1
    low = [0] * x.rank
    while shift < x.shape[axis]:
        low[axis] = shift
        stop = [size - shift if n == axis else size for n, size in enumerate(x.shape)]
        earlier = x.slice([0] * x.rank, stop)
        x = TABLE[name](x, _moved(earlier, low, neutral))
        shift *= 2
    return x


def _moved(x: Tensor, low: Sequence[int], neutral: float) -> Tensor:
    """Numbers moved along, what stands before them filled with a number that changes nothing."""
    moved = x.pad(low, [0] * x.rank)
    if neutral == 0:
        return moved
    axis = next(n for n, width in enumerate(low) if width)
    place = x.trace.write(TABLE["iota"], (), {"length": moved.shape[axis]})
    filled = (place < low[axis]).reshape(
        [size if n == axis else 1 for n, size in enumerate(moved.shape)]
    )
    return filled.where(neutral, moved)


@operation(1, as_said)
def cumsum(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running totals along `axis`, or of all numbers in a row."""
    return _running(_summable(x, dtype), axis, "add", 0)


@operation(1, as_said)
def cumprod(x: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running products along `axis`, or of all numbers in a row."""
    return _running(_summable(x, dtype), axis, "multiply", 1)


@operation(1)
def diff(a: Tensor, n: int = 1, axis: int = -1) -> Tensor:
    """Each number less the one before it, `n` times over."""
    before = (slice(None),) * (axis % a.rank)
    for _ in range(n):
        later, earlier = a[(*before, slice(1, None))], a[(*before, slice(None, -1))]
        a = ~later.equal(earlier) if a.dtype == BOOL else later - earlier
    return a


@operation(2)
def trapezoid(y: Tensor, x: Tensor = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """The area below a curve through the points (x, y), or through points `dx` apart."""
    y = as_float(y)
    before = (slice(None),) * (axis % y.rank)
    width: Any = float(dx) if not hasattr(dx, "shape") else dx
    if x is not None:
        x = as_float(x)
        width = diff(x, axis=-1 if x.rank == 1 else axis)
        if x.rank == 1:
            width = width.reshape([width.size if n == axis % y.rank else 1 for n in range(y.rank)])
    heights = (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) * 0.5
    return (heights * width).sum([axis])


@operation(1)
def roll(x: Tensor, shift: int | Sequence[int], axis: Axis = None) -> Tensor:
    """Numbers moved along; those that leave at one end come in at the other."""
    if axis is None:
        return roll(x.reshape((x.size,)), shift, 0).reshape(x.shape)
    axes = [n % x.rank for n in axes_of(axis) or ()]
    shifts = [shift] * len(axes) if isinstance(shift, int) else list(shift)
    if len(axes) == 1:
        axes *= len(shifts)
    if len(shifts) != len(axes):
        raise SettingError(f"roll: expected a shift for each axis, received {shift} and axis={axis}.")
    for by, n in zip(shifts, axes, strict=True):
        size = x.shape[n]
        if size and by % size:
            before, cut = (slice(None),) * n, size - by % size
            x = TABLE["concatenate"](x[(*before, slice(cut, None))], x[(*before, slice(None, cut))], axis=n)
    return x


@operation(2)
def cross(x1: Tensor, x2: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """The vector at right angles to two vectors of two or three numbers, as long as their parallelogram is large. Of
    two-dimensional ones just that size."""
    x1, x2 = same_symbols(x1, x2)
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = (_parts(x, n) for x, n in ((x1, axisa), (x2, axisb)))
    if {len(a), len(b)} - {2, 3}:
        raise SettingError(
            f"`x1` and `x2` must have 2 or 3 numbers along their axes, received shapes {x1.shape} and {x2.shape}."
        )
    if len(a) == len(b) == 2:
        return a[0] * b[1] - a[1] * b[0]
    nothing = a[0] * 0
    (a0, a1, a2), (b0, b1, b2) = (part if len(part) == 3 else [*part, nothing] for part in (a, b))
    found = [a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0]
    rank = found[0].rank + 1
    place = axisc % rank
    lined = [part.reshape((*part.shape[:place], 1, *part.shape[place:])) for part in found]
    return TABLE["concatenate"](*lined, axis=place)


def _parts(x: Tensor, axis: int) -> list[Tensor]:
    """The entries along an axis, each without that axis."""
    before = (slice(None),) * (axis % x.rank)
    return [x[(*before, n)] for n in range(x.shape[axis])]
