"""Keras's `ops` that calculate number by number. `abs` and `round` are Keras's words here, not Python's."""

from __future__ import annotations

from math import pi

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float, floats, same_symbols, write
from pippin.primitives import BOOL, FLOAT, INT, TABLE

LARGEST_FLOAT = 3.4028234663852886e38


@operation(2)
def add(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 + x2."""
    return write("add", x1, x2)


@operation(2)
def subtract(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 - x2."""
    return write("subtract", x1, x2)


@operation(2)
def multiply(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 · x2."""
    return write("multiply", x1, x2)


@operation(2)
def divide(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 / x2, as floats."""
    return write("divide", as_float(x1), as_float(x2))


@operation(2)
def true_divide(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 / x2, as floats."""
    return divide(x1, x2)


@operation(2)
def divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 / x2, and 0 where x2 is 0."""
    x1, x2 = floats(x1, x2)
    zero = x2.equal(0.0)
    return zero.where(0.0, x1 / zero.where(1.0, x2))


@operation(2)
def maximum(x1: Tensor, x2: Tensor) -> Tensor:
    """The larger of two numbers, place by place."""
    return write("maximum", x1, x2)


@operation(2)
def minimum(x1: Tensor, x2: Tensor) -> Tensor:
    """The smaller of two numbers, place by place."""
    return write("minimum", x1, x2)


@operation(1)
def clip(x: Tensor, x_min: float, x_max: float) -> Tensor:
    """Numbers below x_min become x_min, those above x_max become x_max."""
    x = x.cast(INT) if x.dtype == BOOL else x
    return write("minimum", write("maximum", x, x_min), x_max)


@operation(1)
def negative(x: Tensor) -> Tensor:
    """-x."""
    return -x if x.dtype == FLOAT else write("subtract", 0, x)


@operation(1)
def absolute(x: Tensor) -> Tensor:
    """The distance from zero."""
    if x.dtype == BOOL:
        return x
    return TABLE["absolute"](x) if x.dtype == FLOAT else (x < 0).where(0 - x, x)


@operation(1)
def abs(x: Tensor) -> Tensor:
    """The distance from zero."""
    return absolute(x)


@operation(1)
def fabs(x: Tensor) -> Tensor:
    """The distance from zero, as a float."""
    return absolute(as_float(x))


@operation(1)
def sign(x: Tensor) -> Tensor:
    """-1, 0 or 1."""
    if x.dtype == BOOL:
        return x
    return x.sign() if x.dtype == FLOAT else (x < 0).where(-1, (~x.equal(0)).cast(x.dtype))


@operation(1)
def floor(x: Tensor) -> Tensor:
    """Rounded down."""
    return TABLE["floor"](as_float(x))


@operation(1)
def ceil(x: Tensor) -> Tensor:
    """Rounded up."""
    return -TABLE["floor"](-as_float(x))


@operation(1)
def round(x: Tensor, decimals: int = 0) -> Tensor:
    """The nearest number with so many decimals; halves to the even one."""
    if x.dtype != FLOAT and decimals >= 0:
        return x
    number = as_float(x)
    rounded = TABLE["round"](number * 10.0**decimals) / 10.0**decimals if decimals else TABLE["round"](number)
    return rounded.cast(x.dtype)


@operation(2)
def fmax(x1: Tensor, x2: Tensor) -> Tensor:
    """The larger of two numbers; NaN only where both are."""
    x1, x2 = same_symbols(x1, x2)
    return (~x1.equal(x1)).where(x2, (~x2.equal(x2)).where(x1, TABLE["maximum"](x1, x2)))


@operation(2)
def fmin(x1: Tensor, x2: Tensor) -> Tensor:
    """The smaller of two numbers; NaN only where both are."""
    x1, x2 = same_symbols(x1, x2)
    return (~x1.equal(x1)).where(x2, (~x2.equal(x2)).where(x1, TABLE["minimum"](x1, x2)))


@operation(2)
def heaviside(x1: Tensor, x2: Tensor) -> Tensor:
    """0 where x1 < 0, 1 where x1 > 0, x2 where x1 is 0."""
    x1, x2 = floats(x1, x2)
    return x1.equal(0.0).where(x2, (x1 < 0.0).where(0.0, (x1 > 0.0).where(1.0, x1)))


@operation(1)
def nan_to_num(
    x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:  # fmt: skip
    """NaN becomes `nan`, infinities become the largest and the smallest float, or what is given."""
    if x.dtype != FLOAT:
        return x
    high = LARGEST_FLOAT if posinf is None else float(posinf)
    low = -LARGEST_FLOAT if neginf is None else float(neginf)
    x = (~x.equal(x)).where(float(nan), x)
    return x.equal(float("inf")).where(high, x.equal(float("-inf")).where(low, x))


# Keras's words for complex numbers, of which there are none here: what they say of real ones. -------------------------


@operation(1)
def real(x: Tensor) -> Tensor:
    """The real part: real numbers as they are."""
    return x


@operation(1)
def imag(x: Tensor) -> Tensor:
    """The imaginary part: 0 for real numbers."""
    return x * 0


@operation(1)
def conjugate(x: Tensor) -> Tensor:
    """With the other sign of the imaginary part: real numbers as they are."""
    return x


conj = conjugate


@operation(1)
def angle(x: Tensor) -> Tensor:
    """The angle from the positive real numbers, in radians: 0, or π for numbers below 0."""
    x = as_float(x)
    return (x < 0.0).where(pi, x * 0.0)
