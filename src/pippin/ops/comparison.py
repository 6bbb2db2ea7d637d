"""Keras's `ops` that compare, decide and choose."""

from __future__ import annotations

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float, same_type, write
from pippin.primitives import BOOL, TABLE


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


@operation(3)
def where(condition: Tensor, x1: Tensor, x2: Tensor) -> Tensor:
    """x1 where the condition holds, x2 elsewhere."""
    return TABLE["where"](condition.cast(BOOL), *same_type(x1, x2))


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
def isclose(x1: Tensor, x2: Tensor, rtol: float = 1e-5, atol: float = 1e-8) -> Tensor:
    """True where the two differ by at most atol + rtol · |x2|."""
    x1, x2 = as_float(x1), as_float(x2)
    return abs(x1 - x2) <= abs(x2) * rtol + atol
