"""Keras's `ops` that calculate number by number. `abs` and `round` are Keras's words here, not Python's."""

from __future__ import annotations

from math import log as natural_logarithm

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float, write
from pippin.primitives import FLOAT, TABLE


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


true_divide = divide


@operation(2)
def divide_no_nan(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 / x2, and 0 where x2 is 0."""
    x1, x2 = as_float(x1), as_float(x2)
    zero = x2.equal(0.0)
    return zero.where(0.0, x1 / zero.where(1.0, x2))


@operation(2)
def power(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 to the power of x2."""
    return write("power", as_float(x1), as_float(x2))


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
    return write("minimum", write("maximum", x, x_min), x_max)


@operation(1)
def negative(x: Tensor) -> Tensor:
    """-x."""
    return -x if x.dtype == FLOAT else write("subtract", 0, x)


@operation(1)
def absolute(x: Tensor) -> Tensor:
    """The distance from zero."""
    return TABLE["absolute"](x) if x.dtype == FLOAT else (x < 0).where(0 - x, x)


abs = absolute


@operation(1)
def sign(x: Tensor) -> Tensor:
    """-1, 0 or 1."""
    return x.sign() if x.dtype == FLOAT else x.cast(FLOAT).sign().cast(x.dtype)


@operation(1)
def square(x: Tensor) -> Tensor:
    """x · x."""
    return TABLE["square"](x) if x.dtype == FLOAT else x * x


@operation(1)
def sqrt(x: Tensor) -> Tensor:
    """The square root."""
    return as_float(x).sqrt()


@operation(1)
def rsqrt(x: Tensor) -> Tensor:
    """1 divided by the square root."""
    return 1.0 / as_float(x).sqrt()


@operation(1)
def reciprocal(x: Tensor) -> Tensor:
    """1 / x."""
    return 1.0 / as_float(x)


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
    x = as_float(x)
    return TABLE["round"](x) if decimals == 0 else TABLE["round"](x * 10.0**decimals) / 10.0**decimals


@operation(1)
def exp(x: Tensor) -> Tensor:
    """e to the power of x."""
    return as_float(x).exp()


@operation(1)
def expm1(x: Tensor) -> Tensor:
    """e^x - 1, exact near 0."""
    return TABLE["expm1"](as_float(x))


@operation(1)
def log(x: Tensor) -> Tensor:
    """The natural logarithm."""
    return as_float(x).log()


@operation(1)
def log1p(x: Tensor) -> Tensor:
    """The natural logarithm of 1 + x, exact near 0."""
    return TABLE["log1p"](as_float(x))


@operation(1)
def log2(x: Tensor) -> Tensor:
    """The logarithm to the base 2."""
    return as_float(x).log() * (1.0 / natural_logarithm(2))


@operation(1)
def log10(x: Tensor) -> Tensor:
    """The logarithm to the base 10."""
    return as_float(x).log() * (1.0 / natural_logarithm(10))


@operation(1)
def sin(x: Tensor) -> Tensor:
    """The sine, x in radians."""
    return as_float(x).sin()


@operation(1)
def cos(x: Tensor) -> Tensor:
    """The cosine, x in radians."""
    return as_float(x).cos()


@operation(1)
def tan(x: Tensor) -> Tensor:
    """The tangent, x in radians."""
    return as_float(x).sin() / as_float(x).cos()


@operation(1)
def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent: an S from -1 to 1."""
    return TABLE["tanh"](as_float(x))


@operation(1)
def erf(x: Tensor) -> Tensor:
    """The error function."""
    return TABLE["erf"](as_float(x))
