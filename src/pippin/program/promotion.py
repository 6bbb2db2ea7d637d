"""Which of two types numbers are brought to when they meet in an operator, as Keras promotes them."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from pippin.primitives.primitive import BOOL, BYTE, FLOAT, INT

RANKS = {BOOL: 0, BYTE: 1, INT: 2, FLOAT: 3}
"""A type gives way to one of a higher rank."""
_TYPE_OF_KIND = {"b": BOOL, "i": INT, "f": FLOAT}


def type_met(other: Any) -> str | None:
    """Of which type an operand is, as far as it matters for another's."""
    if isinstance(other, (bool, np.bool_)):
        return BOOL
    if isinstance(other, Number):
        return INT if isinstance(other, (int, np.integer)) else FLOAT
    if isinstance(other, (np.ndarray, list, tuple)):
        return _TYPE_OF_KIND.get(np.asarray(other).dtype.kind)
    return str(other.dtype)  # symbols and variables
