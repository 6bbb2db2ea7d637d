"""Keras's `ops` of angles and hyperbolas: sines and their inverses, written in four primitives (sin, cos, tanh,
arctan), exponentials and logarithms."""

from __future__ import annotations

from math import pi

from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float, floats
from pippin.primitives import TABLE


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
def arctan(x: Tensor) -> Tensor:
    """The angle whose tangent is x, from -π/2 to π/2."""
    return TABLE["arctan"](as_float(x))


@operation(1)
def arcsin(x: Tensor) -> Tensor:
    """The angle whose sine is x, from -π/2 to π/2; NaN where |x| > 1."""
    x = as_float(x)
    return TABLE["arctan"](x / ((1.0 - x) * (1.0 + x)).sqrt())


@operation(1)
def arccos(x: Tensor) -> Tensor:
    """The angle whose cosine is x, from 0 to π; NaN where |x| > 1. Half of it has the tangent √((1 - x) / (1 + x))."""
    x = as_float(x)
    return TABLE["arctan"](((1.0 - x) / (1.0 + x)).sqrt()) * 2.0


@operation(2)
def arctan2(x1: Tensor, x2: Tensor) -> Tensor:
    """The angle from the first axis to the point (x2, x1), from -π to π; 0 for the origin."""
    y, x = floats(x1, x2)
    steep = abs(y) > abs(x)
    # The smaller over the larger: never a division by 0, except at the origin.
    large = steep.where(y, x)
    angle = TABLE["arctan"](steep.where(x, y) / large.equal(0.0).where(1.0, large))
    flat = angle + (x < 0.0).where((y < 0.0).where(-pi, pi), 0.0)
    return steep.where((y < 0.0).where(-pi / 2, pi / 2) - angle, flat)


@operation(1)
def sinh(x: Tensor) -> Tensor:
    """(e^x - e^-x) / 2, from e^x - 1, which is exact near 0."""
    x = as_float(x)
    grown = TABLE["expm1"](TABLE["minimum"](TABLE["maximum"](x, -80.0), 80.0))
    # Beyond 88 e^x is no float any more, e^(x/2) is.
    large, half = abs(x) > 80.0, (abs(x) * 0.5).exp()
    return large.where((x < 0.0).where(-half, half) * 0.5 * half, (grown + grown / (grown + 1.0)) * 0.5)


@operation(1)
def cosh(x: Tensor) -> Tensor:
    """(e^x + e^-x) / 2."""
    x = as_float(x)
    return x.exp() * 0.5 + (-x).exp() * 0.5


@operation(1)
def tanh(x: Tensor) -> Tensor:
    """The hyperbolic tangent: an S from -1 to 1."""
    return TABLE["tanh"](as_float(x))


@operation(1)
def arcsinh(x: Tensor) -> Tensor:
    """The number whose hyperbolic sine is x: ln(x + √(x² + 1)), measured from |x| for the sake of large negative x."""
    x = as_float(x)
    size = (x < 0.0).where(-x, x)
    root = (TABLE["square"](size) + 1.0).sqrt()
    found = TABLE["log1p"](size + size * (size / (root + 1.0)))
    return (x < 0.0).where(-found, found)


@operation(1)
def arccosh(x: Tensor) -> Tensor:
    """The number of 0 or more whose hyperbolic cosine is x: ln(x + √(x² - 1)); NaN below 1."""
    above = as_float(x) - 1.0
    return TABLE["log1p"](above + (above * (above + 2.0)).sqrt())


@operation(1)
def arctanh(x: Tensor) -> Tensor:
    """The number whose hyperbolic tangent is x: half of ln((1 + x) / (1 - x)); NaN where |x| > 1."""
    x = as_float(x)
    return (TABLE["log1p"](x) - TABLE["log1p"](-x)) * 0.5


@operation(1)
def deg2rad(x: Tensor) -> Tensor:
    """Degrees as radians: 180 are π."""
    return as_float(x) * (pi / 180)


@operation(1)
def rad2deg(x: Tensor) -> Tensor:
    """Radians as degrees: π are 180."""
    return as_float(x) * (180 / pi)


@operation(2)
def hypot(x1: Tensor, x2: Tensor) -> Tensor:
    """√(x1² + x2²); the larger is taken out first, so that no square overflows."""
    a, b = (abs(x) for x in floats(x1, x2))
    large, small = TABLE["maximum"](a, b), TABLE["minimum"](a, b)
    share = small / large.equal(0.0).where(1.0, large)
    return large * (share * share + 1.0).sqrt()


@operation(1)
def sinc(x: Tensor) -> Tensor:
    """sin(πx) / (πx), and 1 at 0."""
    turned = as_float(x) * pi
    zero = turned.equal(0.0)
    safe = zero.where(1.0, turned)
    return zero.where(1.0, safe.sin() / safe)
