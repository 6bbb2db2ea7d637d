"""Primitives on the bits of whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.primitives.family import binary
from pippin.primitives.primitive import BYTE, INT, UINT, Primitive

WHOLES = (INT, UINT, BYTE)


def _bits(name: str, sign: str, says: str, reference: Any, jax: Any, largest: int = 2**31 - 1) -> Primitive:
    return binary(
        name, math=f"y = a {sign} b", says=says, reference=reference, jax=jax, types=WHOLES,
        derivative=lambda dy, y, a, b: (None, None),
        draw=lambda rng, left, right: (
            rng.integers(-(2**31), 2**31 - 1, left), rng.integers(0, largest, right),
        ),
    )  # fmt: skip


def _shift(direction: Any, lost: Any) -> Any:
    """Shifts by more than there are bits lose them all, where C and NumPy promise nothing."""

    def shifted(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        bits = 8 * a.dtype.itemsize
        few = (b >= 0) & (b < bits)
        return np.asarray(np.where(few, direction(a, np.where(few, b, 0).astype(a.dtype)), lost(a)), a.dtype)

    return shifted


bitwise_and = _bits(
    "bitwise_and", "&", "Keeps the bits that both numbers have.", np.bitwise_and, jax=lambda jax, a, b: a & b
)
bitwise_or = _bits("bitwise_or", "|", "Joins the bits of two numbers.", np.bitwise_or, jax=lambda jax, a, b: a | b)
bitwise_xor = _bits(
    "bitwise_xor", "^", "Keeps the bits that just one of two numbers has.", np.bitwise_xor, jax=lambda jax, a, b: a ^ b
)
shift_left = _bits(
    "shift_left", "<<", "Moves the bits of a number to the left: each place doubles it.",
    _shift(np.left_shift, np.zeros_like), jax=lambda jax, a, b: a << b, largest=40,
)  # fmt: skip
shift_right = _bits(
    "shift_right", ">>", "Moves the bits of a number to the right: each place halves it, rounded down.",
    _shift(np.right_shift, lambda a: np.where(a < 0, -1, 0)),
    jax=lambda jax, a, b: a >> b, largest=40,
)  # fmt: skip
