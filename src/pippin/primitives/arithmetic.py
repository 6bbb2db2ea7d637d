"""Primitives of arithmetic: what a pocket calculator does, to every number of an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.primitives.family import apart, away_from_zero, between, binary, unary


def _drop_neutral(neutral: float, left_too: bool) -> Any:
    """Rule for `simplify`: an operand that changes nothing, such as + 0 or * 1, is left out if the shape stays."""

    def rule(constants: tuple[float | None, ...], a: Any, b: Any) -> Any:
        if constants[1] == neutral and b.rank <= a.rank and b.size == 1:
            return a
        if left_too and constants[0] == neutral and a.rank <= b.rank and a.size == 1:
            return b
        return None

    return rule


add = binary(
    "add", math="y = a + b", says="Adds two numbers.", reference=np.add,
    derivative=lambda dy, y, a, b: (dy, dy), jax=lambda jax, a, b: a + b, simplify=_drop_neutral(0, True),
)  # fmt: skip
subtract = binary(
    "subtract", math="y = a - b", says="Takes the second number away from the first.", reference=np.subtract,
    derivative=lambda dy, y, a, b: (dy, -dy), jax=lambda jax, a, b: a - b, simplify=_drop_neutral(0, False),
)  # fmt: skip
multiply = binary(
    "multiply", math="y = a * b", says="Multiplies two numbers.", reference=np.multiply,
    derivative=lambda dy, y, a, b: (dy * b, dy * a), jax=lambda jax, a, b: a * b, simplify=_drop_neutral(1, True),
)  # fmt: skip


def _quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whole numbers have whole quotients, cut off; 0 where there is none."""
    if a.dtype.kind == "f":
        return np.asarray(np.divide(a, b))
    safe = np.where(b == 0, 1, b).astype(np.int64)
    return np.asarray(np.where(b == 0, 0, np.trunc(a.astype(np.int64) / safe)), a.dtype)


def _jax_quotient(jax: Any, a: Any, b: Any) -> Any:
    if jax.numpy.issubdtype(a.dtype, jax.numpy.floating):
        return a / b
    a, b = jax.numpy.broadcast_arrays(a, b)
    return jax.numpy.where(b == 0, 0, jax.lax.div(a, jax.numpy.where(b == 0, 1, b))).astype(a.dtype)


divide = binary(
    "divide", math="y = a / b", says="Divides the first number by the second.", reference=_quotient,
    derivative=lambda dy, y, a, b: (dy / b, -(dy * y / b)), jax=_jax_quotient, flops=8,
    simplify=_drop_neutral(1, False),
)  # fmt: skip
maximum = binary(
    "maximum", math="y = max(a, b)",
    says="Keeps the larger of two numbers. With b = 0 this is ReLU: positive signals pass, negative ones become 0.",
    reference=np.maximum,
    derivative=lambda dy, y, a, b: ((y > b).where(dy, 0.0), (y > b).where(0.0, dy)),
    jax=lambda jax, a, b: jax.numpy.maximum(a, b), draw=apart,
)  # fmt: skip
minimum = binary(
    "minimum", math="y = min(a, b)", says="Keeps the smaller of two numbers.", reference=np.minimum,
    derivative=lambda dy, y, a, b: ((y < b).where(dy, 0.0), (y < b).where(0.0, dy)),
    jax=lambda jax, a, b: jax.numpy.minimum(a, b), draw=apart,
)  # fmt: skip


def _power_derivative(dy: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    # log(a) is only asked for where a > 0: elsewhere the power is not defined for neighbouring exponents.
    safe = (a > 0.0).where(a, 1.0)
    return dy * b * a ** (b - 1.0), dy * y * safe.log()


power = binary(
    "power", math="y = a ^ b", says="Raises the first number to the power of the second.", reference=np.power,
    derivative=_power_derivative, jax=lambda jax, a, b: jax.numpy.power(a, b),
    draw=lambda rng, left, right: (rng.uniform(0.3, 2, left), rng.uniform(-2, 3, right)), flops=40,
)  # fmt: skip

negative = unary(
    "negative", math="y = -x", says="Turns plus into minus and minus into plus.", reference=np.negative,
    derivative=lambda dy, y, x: -dy, jax=lambda jax, x: -x,
)  # fmt: skip
absolute = unary(
    "absolute", math="y = |x|", says="Drops the sign: the distance from zero.", reference=np.absolute,
    derivative=lambda dy, y, x: dy * x.sign(), jax=lambda jax, x: jax.numpy.abs(x), draw=away_from_zero,
)  # fmt: skip
sign = unary(
    "sign", math="y = sign(x)", says="Gives -1 for a negative number, 0 for zero, 1 for a positive one.",
    reference=np.sign, derivative=lambda dy, y, x: None, jax=lambda jax, x: jax.numpy.sign(x), draw=away_from_zero,
)  # fmt: skip
square = unary(
    "square", math="y = x * x", says="Multiplies a number by itself.", reference=np.square,
    derivative=lambda dy, y, x: dy * x * 2.0, jax=lambda jax, x: x * x,
)  # fmt: skip
sqrt = unary(
    "sqrt", math="y = √x", says="The square root: what, multiplied by itself, gives the number.", reference=np.sqrt,
    derivative=lambda dy, y, x: dy * 0.5 / y, jax=lambda jax, x: jax.numpy.sqrt(x), draw=between(0.3, 3), flops=8,
)  # fmt: skip
floor = unary(
    "floor", math="y = ⌊x⌋", says="Rounds down to a whole number.", reference=np.floor,
    derivative=lambda dy, y, x: None, jax=lambda jax, x: jax.numpy.floor(x),
    draw=lambda rng, shape: rng.integers(-3, 4, shape) + 0.4,
)  # fmt: skip
round_ = unary(
    "round", math="y = round(x)", says="Rounds to the nearest whole number, halves to the even one.", reference=np.rint,
    derivative=lambda dy, y, x: None, jax=lambda jax, x: jax.numpy.rint(x),
    draw=lambda rng, shape: rng.integers(-3, 4, shape) + 0.3,
)  # fmt: skip
