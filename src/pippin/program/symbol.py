"""A symbol: a value that doesn't exist yet. Its operators and methods write lines into the trace it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.primitives import TABLE, Primitive, Spec
from pippin.primitives.primitive import BOOL, BYTE, FLOAT, INT
from pippin.program.program import Line
from pippin.program.promotion import RANKS, type_met
from pippin.program.whole import floor_quotient, floor_rest, whole_power

if TYPE_CHECKING:
    from pippin.program.trace import Trace


class Symbol:
    """Value number `value` of a trace, with its shape and type; every operation on it appends a line."""

    __slots__ = ("trace", "value")
    # NumPy must leave `array + symbol` to the symbol.
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, trace: Trace, value: int) -> None:
        self.trace = trace
        self.value = value

    @property
    def spec(self) -> Spec:
        return self.trace.specs[self.value]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.spec.shape

    @property
    def dtype(self) -> str:
        return self.spec.dtype

    @property
    def rank(self) -> int:
        return len(self.shape)

    ndim = rank

    @property
    def size(self) -> int:
        return self.spec.size

    @property
    def line(self) -> Line | None:
        """The line that makes this value; None for inputs and states."""
        return self.trace.made_by.get(self.value)

    @property
    def _keras_mask(self) -> Symbol | None:
        """Which of its time steps count, if it carries a mask; Keras's own word for it."""
        mask = self.trace.masks.get(self.value)
        return None if mask is None else self.trace.symbol_of(mask)

    @_keras_mask.setter
    def _keras_mask(self, mask: Any) -> None:
        if mask is None:
            self.trace.masks.pop(self.value, None)
        else:
            self.trace.masks[self.value] = self.trace.symbol(mask).value

    def __repr__(self) -> str:
        return f"<symbol %{self.value} {self.spec}>"

    def __bool__(self) -> bool:
        raise TypeError(
            "A symbol has no truth value: it stands for numbers that exist only when the program runs. "
            "Use ops.where(condition, a, b) instead of `if`."
        )

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError(
            "A symbol can't become a NumPy array: it stands for numbers that exist only when the program runs. "
            "Use pippin.ops."
        )

    def write_line(self, primitive: Primitive, arguments: Sequence[Any], settings: dict[str, Any]) -> Symbol:
        """Append `primitive(*arguments, **settings)`; numbers among the arguments take the type of the symbols."""
        return self.trace.write(primitive, arguments, settings)

    def _with(self, name: str, *others: Any, **settings: Any) -> Symbol:
        for other in others:
            if not isinstance(other, Symbol) and not self.trace.can_become_symbol(other):
                return NotImplemented  # type: ignore[no-any-return]
        return self.trace.write(TABLE[name], (self, *others), settings)

    def _after(self, name: str, other: Any) -> Symbol:
        if not self.trace.can_become_symbol(other):
            return NotImplemented  # type: ignore[no-any-return]
        return self.trace.write(TABLE[name], (other, self), {})

    def _meets(self, name: str, other: Any, is_first: bool = True) -> Symbol:
        """An operation of two operands in one type, as Keras promotes: whole numbers that meet fractions become floats,
        and true and false that meet numbers become numbers."""
        if not self.trace.can_become_symbol(other):
            return NotImplemented  # type: ignore[no-any-return]
        if isinstance(other, (list, tuple)):
            other = np.asarray(other)
        own, its = self.dtype, type_met(other)
        one: Symbol = self
        if own != its and own in RANKS and its in RANKS:
            if RANKS[own] < RANKS[its]:
                one = self.cast(its)
            elif not isinstance(other, Number):
                other = self.trace.symbol(other).cast(own)
        return one._with(name, other) if is_first else one._after(name, other)

    def _has_fractions(self, other: Any) -> bool:
        """Whether one of two operands is a float."""
        return FLOAT in (self.dtype, type_met(other))

    def _like(self, other: Any) -> Symbol:
        return self.trace.symbol(other, self.dtype)

    def _as_fraction(self) -> Symbol:
        """Whole numbers as floats: what `/` makes of them has fractions."""
        return self.cast(FLOAT) if self.dtype in (BOOL, BYTE, INT) else self

    # Operators, as on arrays.
    def __add__(self, other: Any) -> Symbol:
        return self._meets("add", other)

    def __radd__(self, other: Any) -> Symbol:
        return self._meets("add", other, is_first=False)

    def __sub__(self, other: Any) -> Symbol:
        return self._meets("subtract", other)

    def __rsub__(self, other: Any) -> Symbol:
        return self._meets("subtract", other, is_first=False)

    def __mul__(self, other: Any) -> Symbol:
        return self._meets("multiply", other)

    def __rmul__(self, other: Any) -> Symbol:
        return self._meets("multiply", other, is_first=False)

    def __truediv__(self, other: Any) -> Symbol:
        return self._as_fraction()._meets("divide", other)

    def __rtruediv__(self, other: Any) -> Symbol:
        return self._as_fraction()._meets("divide", other, is_first=False)

    def __pow__(self, other: Any) -> Symbol:
        if isinstance(other, (int, float)) and other == 2:
            return self._with("square") if self.dtype == FLOAT else self * self
        return self._meets("power", other) if self._has_fractions(other) else whole_power(self, self._like(other))

    def __rpow__(self, other: Any) -> Symbol:
        if self._has_fractions(other):
            return self._meets("power", other, is_first=False)
        return whole_power(self._like(other), self)

    def __matmul__(self, other: Any) -> Symbol:
        """The matrix product of the last two axes; leading axes broadcast, one-dimensional operands as in NumPy."""
        if not self.trace.can_become_symbol(other):
            return NotImplemented
        return _product(self, self.trace.symbol(other))

    def __rmatmul__(self, other: Any) -> Symbol:
        if not self.trace.can_become_symbol(other):
            return NotImplemented
        return _product(self.trace.symbol(other), self)

    def __neg__(self) -> Symbol:
        return self._with("negative")

    def __abs__(self) -> Symbol:
        return self._with("absolute")

    def __lt__(self, other: Any) -> Symbol:
        return self._meets("less", other)

    def __le__(self, other: Any) -> Symbol:
        return self._meets("less_equal", other)

    def __gt__(self, other: Any) -> Symbol:
        return self._meets("less", other, is_first=False)

    def __ge__(self, other: Any) -> Symbol:
        return self._meets("less_equal", other, is_first=False)

    def __invert__(self) -> Symbol:
        return self._with("logical_not")

    def __and__(self, other: Any) -> Symbol:
        return self._with("logical_and", other)

    def __rand__(self, other: Any) -> Symbol:
        return self._after("logical_and", other)

    def __or__(self, other: Any) -> Symbol:
        return self._with("logical_or", other)

    def __ror__(self, other: Any) -> Symbol:
        return self._after("logical_or", other)

    def __xor__(self, other: Any) -> Symbol:
        """True where exactly one of two is."""
        return ~self._meets("equal", other)

    def __eq__(self, other: object) -> Symbol:  # type: ignore[override]
        return self._meets("equal", other)

    def __ne__(self, other: object) -> Symbol:  # type: ignore[override]
        same = self._meets("equal", other)
        return ~same if isinstance(same, Symbol) else same

    def __floordiv__(self, other: Any) -> Symbol:
        return floor_quotient(self, self._like(other))

    def __rfloordiv__(self, other: Any) -> Symbol:
        return floor_quotient(self._like(other), self)

    def __mod__(self, other: Any) -> Symbol:
        return floor_rest(self, self._like(other))

    def __rmod__(self, other: Any) -> Symbol:
        return floor_rest(self._like(other), self)

    def __getitem__(self, key: Any) -> Symbol:
        return _cut(self, key if isinstance(key, tuple) else (key,))

    # The words in which derivatives and ops are written.
    def equal(self, other: Any) -> Symbol:
        return self._with("equal", other)

    def where(self, a: Any, b: Any) -> Symbol:
        """`a` where this is true, `b` elsewhere."""
        return self._with("where", a, b)

    def exp(self) -> Symbol:
        return self._with("exp")

    def log(self) -> Symbol:
        return self._with("log")

    def sqrt(self) -> Symbol:
        return self._with("sqrt")

    def sign(self) -> Symbol:
        return self._with("sign")

    def sin(self) -> Symbol:
        return self._with("sin")

    def cos(self) -> Symbol:
        return self._with("cos")

    def cast(self, dtype: str) -> Symbol:
        return self if dtype == self.dtype else self._with("cast", dtype=dtype)

    def reshape(self, shape: Sequence[int]) -> Symbol:
        return self if tuple(shape) == self.shape else self._with("reshape", shape=tuple(shape))

    def transpose(self, order: Sequence[int]) -> Symbol:
        return self._with("transpose", order=tuple(order))

    def broadcast_to(self, shape: Sequence[int]) -> Symbol:
        return self if tuple(shape) == self.shape else self._with("broadcast_to", shape=tuple(shape))

    def slice(self, start: Sequence[int], stop: Sequence[int], step: Sequence[int] | None = None) -> Symbol:
        return self._with("slice", start=tuple(start), stop=tuple(stop), step=tuple(step or [1] * self.rank))

    def pad(self, low: Sequence[int], high: Sequence[int], inner: Sequence[int] | None = None) -> Symbol:
        return self._with("pad", low=tuple(low), high=tuple(high), inner=tuple(inner or [0] * self.rank))

    def reverse(self, axes: Sequence[int]) -> Symbol:
        return self._with("reverse", axes=tuple(axes))

    def matmul(self, other: Any, *, transpose_a: bool = False, transpose_b: bool = False) -> Symbol:
        return self._with("matmul", other, transpose_a=transpose_a, transpose_b=transpose_b)

    def sum(self, axes: Sequence[int] | None = None, keepdims: bool = False) -> Symbol:
        """The sum over `axes` (all if None); negative axes count from the end."""
        return self._with("sum", axes=_axes(axes, self.rank), keepdims=keepdims)

    def max(self, axes: Sequence[int] | None = None, keepdims: bool = False) -> Symbol:
        return self._with("max", axes=_axes(axes, self.rank), keepdims=keepdims)

    def mean(self, axes: Sequence[int] | None = None, keepdims: bool = False) -> Symbol:
        total = self.sum(axes, keepdims)
        return total * (total.size / max(1, self.size))

    def argmax(self, axis: int = -1) -> Symbol:
        return self._with("argmax", axis=axis % self.rank)

    def sum_to(self, shape: tuple[int, ...]) -> Symbol:
        """Undo broadcasting: add up what was repeated, until the shape is `shape`."""
        if self.shape == shape:
            return self
        extra = self.rank - len(shape)
        axes = [
            axis for axis in range(self.rank) if axis < extra or (shape[axis - extra] == 1 and self.shape[axis] != 1)
        ]
        if axes == list(range(extra)):
            return self.sum(axes)
        return self.sum(axes, keepdims=True).reshape(shape)


def _axes(axes: Sequence[int] | None, rank: int) -> tuple[int, ...]:
    return tuple(range(rank)) if axes is None else tuple(sorted(axis % rank for axis in axes))


def _product(a: Symbol, b: Symbol) -> Symbol:
    rows, columns = a.shape[-2:-1], b.shape[-1:] if b.rank > 1 else ()
    a = a.reshape((1, *a.shape)) if a.rank == 1 else a
    b = b.reshape((*b.shape, 1)) if b.rank == 1 else b
    if b.rank == 2 and a.rank > 2:
        made = a.reshape((prod(a.shape[:-1]), a.shape[-1])).matmul(b)
        return made.reshape((*a.shape[:-2], *rows, *columns))
    leading = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a, b = (x.broadcast_to((*leading, *x.shape[-2:])) for x in (a, b))
    return a.matmul(b).reshape((*leading, *rows, *columns))


def _cut(symbol: Symbol, keys: tuple[Any, ...]) -> Symbol:
    """x[...]: whole numbers, slices, None and one Ellipsis, in NumPy's sense; a whole number may be a symbol."""
    computed = [spot for spot, key in enumerate(keys) if isinstance(key, Symbol) and key.dtype == INT and not key.rank]
    if computed:
        return _cut_at(symbol, keys, computed[-1])
    for key in keys:
        if not (key is None or key is Ellipsis or isinstance(key, (int, np.integer, slice))) or isinstance(key, bool):
            raise TypeError(
                f"expected whole numbers, slices, None and ... as indices of a symbol, received {type(key).__name__}. "
                "To look up rows by an array of numbers use the primitive gather (ops.take)."
            )
    taken = sum(key is not None and key is not Ellipsis for key in keys)
    if taken > symbol.rank:
        raise IndexError(f"expected at most {symbol.rank} indices for shape {symbol.shape}, received {taken}")
    spot = keys.index(Ellipsis) if Ellipsis in keys else len(keys)
    filled = (*keys[:spot], *[slice(None)] * (symbol.rank - taken), *keys[spot + 1 :])
    start: list[int] = []
    stop: list[int] = []
    step: list[int] = []
    shape: list[int] = []
    backwards: list[int] = []
    for key in filled:
        if key is None:
            shape.append(1)
            continue
        axis = len(start)
        places = _places(key, symbol.shape, axis)
        if places.step < 0:
            backwards.append(axis)
            places = places[::-1]
        start.append(places[0] if places else 0)
        stop.append(places[-1] + 1 if places else 0)
        step.append(places.step)
        if isinstance(key, slice):
            shape.append(len(places))
    cut = symbol.slice(start, stop, step)
    return (cut.reverse(backwards) if backwards else cut).reshape(shape)


def _cut_at(symbol: Symbol, keys: tuple[Any, ...], spot: int) -> Symbol:
    """The same where the last index that is computed stands at `spot`."""
    cut = _cut(symbol, (*keys[:spot], slice(None), *keys[spot + 1 :]))
    behind = sum(key is not Ellipsis and not _takes_one(key) for key in keys[spot + 1 :])
    if Ellipsis not in keys[spot + 1 :]:
        behind += 0 if Ellipsis in keys[:spot] else symbol.rank - sum(key is not None for key in keys)
        axis = cut.rank - 1 - behind
    else:
        axis = sum(not _takes_one(key) for key in keys[:spot])
    place = keys[spot]
    place = (place < 0).where(place + cut.shape[axis], place)
    return cut.transpose([axis, *(n for n in range(cut.rank) if n != axis)])._with("gather", place)


def _takes_one(key: Any) -> bool:
    return isinstance(key, (int, np.integer, Symbol))


def _places(key: Any, shape: tuple[int, ...], axis: int) -> range:
    """The positions that an index takes on an axis, in its order."""
    if isinstance(key, slice):
        return range(*key.indices(shape[axis]))
    if not -shape[axis] <= key < shape[axis]:
        raise IndexError(f"index {key} is outside axis {axis} of shape {shape}")
    return range(key % shape[axis], key % shape[axis] + 1)


__all__ = ["FLOAT", "Symbol"]
