"""Which type of numbers comes out when kinds meet: whole numbers and truth values become floats beside floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.ops.dtypes import is_float, is_whole, standardize_dtype
from pippin.primitives import BOOL, FLOAT, INT, TABLE
from pippin.program import Symbol

Tensor = Any
"""An array, a variable, a symbol of a trace, or a symbolic tensor of the functional API."""

Axis = int | Sequence[int] | None


def program_type(dtype: Any) -> str:
    """The type of a program for a name or a NumPy type: "float64" → "float32", "int8" → "int32"."""
    name = standardize_dtype(dtype)
    if is_float(name):
        return FLOAT
    if name == "string":
        raise SettingError('dtype: expected a type of numbers such as "float32", received "string".')
    return INT if is_whole(name) and name not in ("uint8", "uint32") else name


def axes_of(axis: Axis) -> Sequence[int] | None:
    """Keras's axis argument (None, one number or several) as a list, or None for all."""
    return [axis] if isinstance(axis, (int, np.integer)) else axis


def as_float(x: Tensor) -> Tensor:
    """The same numbers as floats; a bare number stays."""
    return x.cast(FLOAT) if isinstance(x, Symbol) else x


def floats(*operands: Tensor) -> list[Tensor]:
    """Symbols of floats for all operands, at least one of which is a symbol already."""
    trace = next(x.trace for x in operands if isinstance(x, Symbol))
    return [trace.symbol(x, FLOAT).cast(FLOAT) for x in operands]


def _kind(x: Tensor) -> str:
    if isinstance(x, Symbol):
        return x.dtype
    if isinstance(x, (bool, np.bool_)):
        return BOOL
    return FLOAT if isinstance(x, (float, np.floating)) else "whole"


def same_type(*operands: Tensor) -> list[Tensor]:
    """The operands in one type: floats if one is a float, else whole numbers if one is. Bare whole numbers fit to
    any."""
    kinds = {_kind(x) for x in operands}
    wholes = kinds - {BOOL, FLOAT, "whole"}
    if FLOAT in kinds:
        common = FLOAT
    elif wholes:
        common = wholes.pop() if len(wholes) == 1 else INT
    else:
        common = INT if "whole" in kinds else BOOL
    return [x.cast(common) if isinstance(x, Symbol) else x for x in operands]


def same_symbols(*operands: Tensor) -> list[Tensor]:
    """The same, bare numbers as symbols too; at least one operand is one already."""
    typed = same_type(*operands)
    symbol = next(x for x in typed if isinstance(x, Symbol))
    return [symbol.trace.symbol(x, symbol.dtype) for x in typed]


def write(name: str, *operands: Tensor) -> Tensor:
    """A primitive of operands in one type."""
    return TABLE[name](*same_type(*operands))
