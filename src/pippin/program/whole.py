"""Whole numbers that stay whole: `//` and `%` of symbols, rounded down as in Python and NumPy, and powers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pippin.primitives.primitive import BOOL, BYTE, FLOAT, INT

if TYPE_CHECKING:
    from pippin.program.symbol import Symbol


def floor_quotient(a: Symbol, b: Symbol) -> Symbol:
    """a / b, rounded down; both of one type."""
    if a.dtype == FLOAT:
        return (a / b)._with("floor")
    cut_off = a._with("divide", b)
    if a.dtype != INT:
        return cut_off
    rest = a - cut_off * b
    return cut_off - (~rest.equal(0) & ~(rest < 0).equal(b < 0)).cast(INT)


def floor_rest(a: Symbol, b: Symbol) -> Symbol:
    """What is left of a after taking b away floor(a / b) times: it has the sign of b."""
    return a - floor_quotient(a, b) * b


def whole_power(base: Symbol, exponent: Symbol) -> Symbol:
    """base to the power of a whole number, by squaring: bit k of the exponent says whether base^(2^k) is a factor."""
    base, exponent = (x.cast(INT) if x.dtype == BOOL else x for x in (base, exponent))
    result = base.trace.symbol(1, base.dtype)
    for _ in range(8 if base.dtype == BYTE else 31):
        half = exponent._with("divide", 2)  # cut off
        result = (exponent - half * 2).equal(0).where(result, result * base)
        base, exponent = base * base, half
    return result
