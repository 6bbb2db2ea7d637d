"""Keras's `ops` of powers, roots, exponentials and logarithms."""

from __future__ import annotations

from math import log as natural_logarithm
from math import pi

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float, floats, same_symbols
from pippin.primitives import BOOL, FLOAT, INT, TABLE


@operation(2)
def power(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 to the power of x2. Whole numbers stay whole."""
    x1, x2 = same_symbols(x1, x2)
    return x1**x2


@operation(1)
def square(x: Tensor) -> Tensor:
    """x · x."""
    return TABLE["square"](x) if x.dtype == FLOAT else (x.cast(INT) if x.dtype == BOOL else x) * x


@operation(1)
def sqrt(x: Tensor) -> Tensor:
    """The square root."""
    return as_float(x).sqrt()


@operation(1)
def rsqrt(x: Tensor) -> Tensor:
    """1 divided by the square root."""
    return 1.0 / as_float(x).sqrt()


@operation(1)
def cbrt(x: Tensor) -> Tensor:
    """The number whose third power is x."""
    x = as_float(x)
    size = abs(x)
    zero = size.equal(0.0)
    return x.sign() * zero.where(0.0, TABLE["power"](zero.where(1.0, size), 1 / 3))


@operation(1)
def reciprocal(x: Tensor) -> Tensor:
    """1 / x."""
    return 1.0 / as_float(x)


@operation(1)
def exp(x: Tensor) -> Tensor:
    """e to the power of x."""
    return as_float(x).exp()


@operation(1)
def exp2(x: Tensor) -> Tensor:
    """2 to the power of x."""
    return TABLE["power"](2.0, as_float(x))


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


@operation(2)
def logaddexp(x1: Tensor, x2: Tensor) -> Tensor:
    """ln(e^x1 + e^x2), the larger taken out first, so that nothing overflows."""
    x1, x2 = floats(x1, x2)
    apart = x1 - x2
    # Equal numbers, infinities among them, are their own doubles: ln 2 more.
    apart = x1.equal(x2).where(0.0, apart)
    return TABLE["maximum"](x1, x2) + TABLE["log1p"]((-abs(apart)).exp())


@operation(2)
def logaddexp2(x1: Tensor, x2: Tensor) -> Tensor:
    """log2(2^x1 + 2^x2)."""
    ln2 = natural_logarithm(2)
    x1, x2 = floats(x1, x2)
    return logaddexp(x1 * ln2, x2 * ln2) * (1 / ln2)


@operation(2)
def ldexp(x1: Tensor, x2: Tensor) -> Tensor:
    """x1 · 2^x2, in two steps, so that 2^x2 alone may be larger than any float."""
    x1, x2 = floats(x1, x2)
    half = TABLE["floor"](x2 * 0.5)
    return x1 * TABLE["power"](2.0, half) * TABLE["power"](2.0, x2 - half)


# Functions of bell curves ---------------------------------------------------------------------------------------------


@operation(1)
def erf(x: Tensor) -> Tensor:
    """The error function."""
    return TABLE["erf"](as_float(x))


@operation(1)
def erfc(x: Tensor) -> Tensor:
    """1 - erf(x)."""
    return 1.0 - TABLE["erf"](as_float(x))


@operation(1)
def erfinv(x: Tensor) -> Tensor:
    """The number whose error function is x; infinite at -1 and 1.

    Source: Giles, "Approximating the erfinv function" (GPU Computing Gems, 2010), single precision: a polynomial in
    -ln(1 - x²), another one in its root near ±1. Beside it, for the derivative, stands √π/2 · e^(y²).
    """
    x = as_float(x)
    fixed = TABLE["stop_gradient"](x)
    size = -((1.0 - fixed) * (1.0 + fixed)).log()
    inner = polynomial(size - 2.5, _NEAR_0)
    outer = polynomial(size.sqrt() - 3.0, _NEAR_1)
    end = abs(fixed).equal(1.0)
    y = end.where(fixed * float("inf"), fixed * (size < 5.0).where(inner, outer))
    slope = TABLE["square"](end.where(0.0, y)).exp() * (pi**0.5 / 2)
    return y + (x - fixed) * TABLE["stop_gradient"](slope)


_NEAR_0 = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164,
    0.246640727, 1.50140941,
)  # fmt: skip
_NEAR_1 = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
    1.00167406, 2.83297682,
)  # fmt: skip


def polynomial(x: Tensor, coefficients: tuple[float, ...]) -> Tensor:
    """Horner's rule, the highest power first."""
    total: Tensor = coefficients[0]
    for coefficient in coefficients[1:]:
        total = x * total + coefficient
    return total
