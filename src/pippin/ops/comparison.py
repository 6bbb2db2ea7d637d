"""Keras's `ops` that compare, decide and choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.ops.dtypes import as_operands
from pippin.ops.operation import eager_only, operation
from pippin.ops.reduction import all, any
from pippin.ops.types import Tensor, as_float, floats, same_type, write
from pippin.primitives import BOOL, FLOAT, INT, TABLE
from pippin.program import Symbol


@operation(2)
def equal(x1: Tensor, x2: Tensor) -> Tensor:
    """True where both are the same."""
    return write("equal", x1, x2)


@operation(2)
def not_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """True where they differ."""
    return ~write("equal", x1, x2)


@operation(2)
def less(x1: Tensor, x2: Tensor) -> Tensor:
    """True where x1 < x2."""
    return write("less", x1, x2)


@operation(2)
def less_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """True where x1 ≤ x2."""
    return write("less_equal", x1, x2)


@operation(2)
def greater(x1: Tensor, x2: Tensor) -> Tensor:
    """True where x1 > x2."""
    return write("less", x2, x1)


@operation(2)
def greater_equal(x1: Tensor, x2: Tensor) -> Tensor:
    """True where x1 ≥ x2."""
    return write("less_equal", x2, x1)


@operation(2)
def logical_and(x1: Tensor, x2: Tensor) -> Tensor:
    """True where both are."""
    return x1.cast(BOOL) & x2.cast(BOOL)


@operation(2)
def logical_or(x1: Tensor, x2: Tensor) -> Tensor:
    """True where at least one is."""
    return x1.cast(BOOL) | x2.cast(BOOL)


@operation(2)
def logical_xor(x1: Tensor, x2: Tensor) -> Tensor:
    """True where exactly one is."""
    return ~x1.cast(BOOL).equal(x2.cast(BOOL))


@operation(1)
def logical_not(x: Tensor) -> Tensor:
    """True where x is not."""
    return ~x.cast(BOOL)


def _as_the_choices(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    return as_operands(types[1:], made, settings)


@operation(3, _as_the_choices)
def choose(condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """x1 where the condition holds, x2 elsewhere."""
    trace = next(x.trace for x in (condition, x1, x2) if isinstance(x, Symbol))
    return TABLE["where"](trace.symbol(condition).cast(BOOL), *same_type(x1, x2))


choose.__name__ = "where"  # in model files


def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None) -> Any:
    """x1 where the condition holds, x2 elsewhere; without them the positions where it holds, as `nonzero` gives."""
    if x1 is None and x2 is None:
        return nonzero(condition)
    if x1 is None or x2 is None:
        raise SettingError("`x1` and `x2` either both should be `None` or both should have non-None value.")
    return choose(condition, x1, x2)


def nonzero(x: Tensor) -> tuple[np.ndarray, ...]:
    """The positions of the numbers that are not 0, one array for each axis. How many there are depends on the numbers,
    so a program can't ask this."""
    return tuple(place.astype(INT) for place in np.nonzero(eager_only("nonzero", x)))


@operation(1)
def isfinite(x: Tensor) -> Tensor:
    """True where x is neither NaN nor infinite."""
    return TABLE["is_finite"](as_float(x))


@operation(1)
def isnan(x: Tensor) -> Tensor:
    """True where x is NaN, the only number that differs from itself."""
    x = as_float(x)
    return ~x.equal(x)


@operation(1)
def isinf(x: Tensor) -> Tensor:
    """True where x is infinite."""
    x = as_float(x)
    return ~TABLE["is_finite"](x) & x.equal(x)


@operation(2)
def isclose(x1: Tensor, x2: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """True where the two differ by at most atol + rtol · |x2|; infinities of one sign are close."""
    x1, x2 = floats(x1, x2)
    close = (TABLE["is_finite"](x2) & (abs(x1 - x2) <= abs(x2) * rtol + atol)) | x1.equal(x2)
    return close | ~(x1.equal(x1) | x2.equal(x2)) if equal_nan else close


@operation(2)
def allclose(x1: Tensor, x2: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Whether all numbers are close in the sense of `isclose`."""
    return all(isclose(x1, x2, rtol, atol, equal_nan))


@operation(1)
def isposinf(x: Tensor) -> Tensor:
    """True where x is +infinity."""
    return as_float(x).equal(float("inf"))


@operation(1)
def isneginf(x: Tensor) -> Tensor:
    """True where x is -infinity."""
    return as_float(x).equal(float("-inf"))


@operation(1)
def isreal(x: Tensor) -> Tensor:
    """True everywhere: there are no complex numbers here."""
    return x.equal(x) | True


@operation(2)
def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """True where a number of x1 is one of those in x2."""
    x1, x2 = same_type(x1, x2)
    found = any(x1.reshape((*x1.shape, 1)).equal(x2.reshape((x2.size,))), -1)
    return ~found if invert else found


@operation(1)
def signbit(x: Tensor) -> Tensor:
    """True where x carries a minus, -0 included."""
    return (x < 0) | (x.equal(0) & (1.0 / x < 0)) if x.dtype == FLOAT else x.cast(INT) < 0
