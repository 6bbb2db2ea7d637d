"""Keras's `ops` that say how much each of some samples in a row counts: windows of signals."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.ops.operation import operation
from pippin.ops.powers import polynomial
from pippin.ops.types import Tensor, as_float
from pippin.primitives import FLOAT, TABLE


def _window(x: Any, weigh: Any) -> Any:
    """A window of x numbers: ones if there is only one."""
    count = int(np.asarray(x))
    place = np.arange(count) / max(1, count - 1)
    return weigh(place).astype(FLOAT) if count > 1 else np.ones(max(0, count), FLOAT)


def bartlett(x: Any) -> Any:
    """A triangle from 0 to 1 and back."""
    return _window(x, lambda place: 1 - np.abs(2 * place - 1))


def blackman(x: Any) -> Any:
    """A bell of two cosines that ends at 0."""
    return _window(x, lambda place: 0.42 - 0.5 * np.cos(2 * np.pi * place) + 0.08 * np.cos(4 * np.pi * place))


def hamming(x: Any) -> Any:
    """A raised cosine that ends at 0.08."""
    return _window(x, lambda place: 0.54 - 0.46 * np.cos(2 * np.pi * place))


def hanning(x: Any) -> Any:
    """A raised cosine that ends at 0."""
    return _window(x, lambda place: 0.5 - 0.5 * np.cos(2 * np.pi * place))


def kaiser(x: Any, beta: float) -> Any:
    """A bell from Bessel functions; the larger beta, the narrower."""
    return _window(x, lambda place: np.i0(beta * np.sqrt(1 - (2 * place - 1) ** 2)) / np.i0(beta))


@operation(1)
def i0(x: Tensor) -> Tensor:
    """The modified Bessel function of order 0. Source: Abramowitz and Stegun (1964), 9.8.1 and 9.8.2."""
    size = abs(as_float(x))
    near = TABLE["square"](TABLE["minimum"](size, 3.75) * (1 / 3.75))
    far = 3.75 / TABLE["maximum"](size, 3.75)
    inner = polynomial(near, (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0))
    outer = polynomial(far, _FAR_FROM_0)
    large = TABLE["maximum"](size, 3.75)
    return (size < 3.75).where(inner, large.exp() / large.sqrt() * outer)


_FAR_FROM_0 = (
    0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281, -0.00157565, 0.00225319, 0.01328592, 0.39894228,
)  # fmt: skip
