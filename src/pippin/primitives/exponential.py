"""Primitives that grow, saturate or swing: exponentials, logarithms, sigmoid, tanh, erf, sines and arctangent."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from pippin.primitives.family import between, unary


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # exp of a negative number can't overflow, so each side is computed from exp(-|x|).
    small: np.ndarray = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def _erf(x: np.ndarray) -> np.ndarray:
    """The error function to within 1e-15, by its Taylor series near 0 and its continued fraction beyond.

    Source: NIST Digital Library of Mathematical Functions, 7.6.1 (series) and 7.9.2 (continued fraction of erfc).
    """
    x64 = np.asarray(x, np.float64)
    inner = np.clip(x64, -2.5, 2.5)
    term = inner.copy()
    series = inner.copy()
    for n in range(1, 60):
        term = term * -(inner * inner) / n
        series = series + term / (2 * n + 1)
    series = series * (2 / sqrt(pi))
    outer = np.maximum(np.abs(x64), 2.5)
    fraction = np.zeros_like(outer)
    for n in range(80, 0, -1):
        fraction = (n / 2) / (outer + fraction)
    tail = np.exp(-outer * outer) / (outer + fraction) / sqrt(pi)
    return np.where(np.abs(x64) <= 2.5, series, np.sign(x64) * (1 - tail)).astype(np.asarray(x).dtype)


exp = unary(
    "exp", math="y = e^x", says="Raises e (2.718...) to the power of the number: always positive, growing ever faster.",
    reference=np.exp, derivative=lambda dy, y, x: dy * y, jax=lambda jax, x: jax.numpy.exp(x), flops=14,
)  # fmt: skip
expm1 = unary(
    "expm1", math="y = e^x - 1", says="Raises e to the power of the number and takes 1 away, exact even near 0.",
    reference=np.expm1, derivative=lambda dy, y, x: dy * (y + 1.0), jax=lambda jax, x: jax.numpy.expm1(x), flops=20,
)  # fmt: skip
log = unary(
    "log", math="y = ln(x)", says="The natural logarithm: the power of e that gives the number.",
    reference=np.log, derivative=lambda dy, y, x: dy / x, jax=lambda jax, x: jax.numpy.log(x),
    draw=between(0.2, 4), flops=16,
)  # fmt: skip
log1p = unary(
    "log1p", math="y = ln(1 + x)", says="The natural logarithm of 1 plus the number, exact even for tiny numbers.",
    reference=np.log1p, derivative=lambda dy, y, x: dy / (x + 1.0), jax=lambda jax, x: jax.numpy.log1p(x),
    draw=between(-0.7, 3), flops=20,
)  # fmt: skip
tanh = unary(
    "tanh", math="y = tanh(x)", says="Squashes every number smoothly into the range -1 to 1.",
    reference=np.tanh, derivative=lambda dy, y, x: dy * (1.0 - y * y), jax=lambda jax, x: jax.numpy.tanh(x), flops=20,
)  # fmt: skip
sigmoid = unary(
    "sigmoid", math="y = 1 / (1 + e^-x)", says="Squashes every number smoothly into the range 0 to 1.",
    reference=_sigmoid, derivative=lambda dy, y, x: dy * (y * (1.0 - y)),
    jax=lambda jax, x: jax.nn.sigmoid(x), flops=20,
)  # fmt: skip
erf = unary(
    "erf", math="y = 2/√π · ∫₀ˣ e^(-t²) dt",
    says="The error function: an S-shaped curve from -1 to 1, the share of a bell curve within x of its middle.",
    reference=_erf, derivative=lambda dy, y, x: dy * ((-(x * x)).exp() * (2 / sqrt(pi))),
    jax=lambda jax, x: jax.scipy.special.erf(x), flops=30,
)  # fmt: skip
sin = unary(
    "sin", math="y = sin(x)", says="The sine: swings between -1 and 1, x measured in radians.", reference=np.sin,
    derivative=lambda dy, y, x: dy * x.cos(), jax=lambda jax, x: jax.numpy.sin(x), flops=20,
)  # fmt: skip
arctan = unary(
    "arctan", math="y = arctan(x)", says="The angle whose tangent is the number, between -π/2 and π/2.",
    reference=np.arctan, derivative=lambda dy, y, x: dy / (x * x + 1.0), jax=lambda jax, x: jax.numpy.arctan(x),
    flops=20,
)  # fmt: skip
cos = unary(
    "cos", math="y = cos(x)", says="The cosine: swings between 1 and -1, x measured in radians.", reference=np.cos,
    derivative=lambda dy, y, x: -(dy * x.sin()), jax=lambda jax, x: jax.numpy.cos(x), flops=20,
)  # fmt: skip
