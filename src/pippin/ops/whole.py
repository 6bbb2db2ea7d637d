"""Keras's `ops` of quotients, remainders and bits: exact on whole numbers of 32 bits."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, same_symbols
from pippin.primitives import BOOL, FLOAT, INT, TABLE


def _whole(x: Tensor) -> Tensor:
    return x.cast(INT) if x.dtype == BOOL else x


def _pair(x1: Tensor, x2: Tensor) -> list[Tensor]:
    """Two symbols of one type of numbers."""
    return [_whole(x) for x in same_symbols(x1, x2)]


@operation(2)
def floor_divide(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 / x2, rounded down."""
    a, b = _pair(x1, x2)
    return a // b


@operation(2)
def mod(x1: Tensor, x2: Tensor) -> Tensor:
    """What is left of x1 after taking x2 away floor(x1 / x2) times: it has the sign of x2."""
    a, b = _pair(x1, x2)
    return a % b


@operation(2)
def fmod(x1: Tensor, x2: Tensor) -> Tensor:
    """What is left of x1 after taking x2 away as often as it fits: it has the sign of x1."""
    a, b = _pair(x1, x2)
    return a - (_trunc(a / b) if a.dtype == FLOAT else _cut_off(a, b)) * b


def _cut_off(a: Tensor, b: Tensor) -> Tensor:
    """How often one whole number fits into another."""
    return TABLE["divide"](a, b)


def _trunc(x: Tensor) -> Tensor:
    return x.sign() * TABLE["floor"](abs(x))


@operation(1)
def trunc(x: Tensor) -> Tensor:
    """Without its decimals: rounded towards 0."""
    return _trunc(x) if x.dtype == FLOAT else x


@operation(2)
def gcd(x1: Tensor, x2: Tensor) -> Tensor:
    """The greatest whole number that divides both. Euclid's way, in as many rounds as Fibonacci numbers of 32 bits
    need."""
    a, b = ((x < 0).where(0 - x, x) for x in _pair(x1, x2))
    for _ in range(46):
        divisor = b.equal(0).where(1, b)
        # Where nothing is left to divide by, a is the answer and stays.
        a, b = b.equal(0).where(a, b), b.equal(0).where(0, a - _cut_off(a, divisor) * divisor)
    return a


@operation(2)
def lcm(x1: Tensor, x2: Tensor) -> Tensor:
    """The least whole number above 0 that both divide; 0 if one of them is 0."""
    a, b = ((x < 0).where(0 - x, x) for x in _pair(x1, x2))
    common = gcd(a, b)
    return _cut_off(a, common.equal(0).where(1, common)) * b


# Bits -----------------------------------------------------------------------------------------------------------------


def _of_bits(function: Callable[..., Tensor]) -> Callable[..., Any]:
    """An operation on the bits of two numbers in one type."""

    @wraps(function)
    def call(x: Tensor, y: Tensor) -> Tensor:
        return function(*same_symbols(x, y))

    return operation(2)(call)


@_of_bits
def bitwise_and(x: Tensor, y: Tensor) -> Tensor:
    """The bits that both have."""
    return x & y if x.dtype == BOOL else TABLE["bitwise_and"](x, y)


@_of_bits
def bitwise_or(x: Tensor, y: Tensor) -> Tensor:
    """The bits that at least one has."""
    return x | y if x.dtype == BOOL else TABLE["bitwise_or"](x, y)


@_of_bits
def bitwise_xor(x: Tensor, y: Tensor) -> Tensor:
    """The bits that just one has."""
    return ~x.equal(y) if x.dtype == BOOL else TABLE["bitwise_xor"](x, y)


@operation(1)
def bitwise_invert(x: Tensor) -> Tensor:
    """All bits turned around."""
    return ~x if x.dtype == BOOL else _inverted(x)


@operation(1)
def bitwise_not(x: Tensor) -> Tensor:
    """All bits turned around."""
    return bitwise_invert(x)


def _inverted(x: Tensor) -> Tensor:
    every_bit = {INT: -1, "uint32": 2**32 - 1, "uint8": 255}[x.dtype]
    return TABLE["bitwise_xor"](x, every_bit)


@_of_bits
def bitwise_left_shift(x: Tensor, y: Tensor) -> Tensor:
    """The bits of x moved left by y places: x · 2^y, without what leaves the number on that side."""
    return TABLE["shift_left"](_whole(x), _whole(y))


@_of_bits
def bitwise_right_shift(x: Tensor, y: Tensor) -> Tensor:
    """The bits of x moved right by y places: x / 2^y, rounded down."""
    return TABLE["shift_right"](_whole(x), _whole(y))


@_of_bits
def left_shift(x: Tensor, y: Tensor) -> Tensor:
    """The bits of x moved left by y places."""
    return bitwise_left_shift(x, y)


@_of_bits
def right_shift(x: Tensor, y: Tensor) -> Tensor:
    """The bits of x moved right by y places."""
    return bitwise_right_shift(x, y)
