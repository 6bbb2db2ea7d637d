"""Which type of numbers comes out when kinds meet: whole numbers and truth values become floats beside floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.primitives import BOOL, FLOAT, INT, TABLE
from pippin.program import Symbol

Tensor = Any
"""An array, a variable, a symbol of a trace, or a symbolic tensor of the functional API."""

Axis = int | Sequence[int] | None

# Programs know one float and one whole number of 32 bits; wider and narrower names of Keras are written in these.
_NARROWED = {
    "float64": FLOAT, "float16": FLOAT, "bfloat16": FLOAT, "float": FLOAT,
    "int64": INT, "int16": INT, "int8": INT, "uint16": INT, "uint64": INT, "int": INT,
}  # fmt: skip


def program_type(dtype: Any) -> str:
    """The type of a program for a name or a NumPy type: "float64" → "float32"."""
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    name = _NARROWED.get(name, name)
    if name not in (FLOAT, INT, BOOL, "uint8", "uint32"):
        raise SettingError(
            f'dtype: expected a type of numbers such as "float32", "int32" or "bool", received {dtype!r}.'
        )
    return name


def axes_of(axis: Axis) -> Sequence[int] | None:
    """Keras's axis argument (None, one number or several) as a list, or None for all."""
    return [axis] if isinstance(axis, (int, np.integer)) else axis


def as_float(x: Tensor) -> Tensor:
    """The same numbers as floats; a bare number stays."""
    return x.cast(FLOAT) if isinstance(x, Symbol) else x


def _kind(x: Tensor) -> str:
    if isinstance(x, Symbol):
        return x.dtype
    if isinstance(x, (bool, np.bool_)):
        return BOOL
    return FLOAT if isinstance(x, (float, np.floating)) else "whole"


def same_type(*operands: Tensor) -> list[Tensor]:
    """The operands in one type: floats if one is a float, else whole numbers if one is. Bare whole numbers fit to
    any."""
    kinds = [_kind(x) for x in operands]
    if FLOAT in kinds:
        common = FLOAT
    else:
        common = next((kind for kind in kinds if kind not in (BOOL, "whole")), INT if "whole" in kinds else BOOL)
    return [x.cast(common) if isinstance(x, Symbol) else x for x in operands]


def write(name: str, *operands: Tensor) -> Tensor:
    """A primitive of operands in one type."""
    return TABLE[name](*same_type(*operands))
