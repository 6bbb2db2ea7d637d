"""Keras's types of numbers, and which comes out where two meet.

Programs compute in 32 bits: one float, two whole numbers, bytes and truth values. What goes in as a narrower type is
computed there too, and its result handed back in the type that Keras's promotion gives: int8 and int16 make int16,
a float16 stays one. 64 bits are written in 32, as Keras on JAX does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.primitives import BOOL, FLOAT, INT

FLOATS = ("bfloat16", "float16", "float32", "float64")
WHOLES = ("uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
NAMES = (*FLOATS, *WHOLES, BOOL)
_IN_32_BITS = {"float64": FLOAT, "int64": INT, "uint64": "uint32"}
_OF_PYTHON = {"int": INT, "float": FLOAT, bool: BOOL, int: INT, float: FLOAT}

Gives = Callable[[Sequence[str], str, dict[str, Any]], str]
"""(types of the operands, type of the program's result, the other arguments) → type of what is handed back."""


def standardize_dtype(dtype: Any) -> str:
    """The name of a type that is given as a name, a NumPy, Python or TensorFlow type, or None (floats): "int8"."""
    if dtype is None:
        return FLOAT
    known = _OF_PYTHON.get(dtype) if isinstance(dtype, (str, type)) else None
    name = known or (dtype if isinstance(dtype, str) else getattr(dtype, "name", None) or _numpy_name(dtype))
    if name not in NAMES and name != "string":
        raise SettingError(
            f'Invalid dtype: {dtype!r}: expected a type of numbers such as "float32", one of {", ".join(NAMES)}.'
        )
    return str(name)


def _numpy_name(dtype: Any) -> str:
    try:
        return str(np.dtype(dtype).name)
    except TypeError:
        return ""


def at_most_32_bits(dtype: Any) -> str:
    """The name of a type, in 32 bits if it has more."""
    name = standardize_dtype(dtype)
    return _IN_32_BITS.get(name, name)


def numpy_type(name: str) -> Any:
    """NumPy's type of a name; bfloat16 is the package ml_dtypes's, which JAX brings."""
    if name != "bfloat16":
        return np.dtype(name)
    try:
        import ml_dtypes
    except ImportError:
        raise SettingError(
            "bfloat16: NumPy has no such numbers. Install the package ml_dtypes, or use float32."
        ) from None
    return np.dtype(ml_dtypes.bfloat16)


def is_float(name: str) -> bool:
    return name in FLOATS or name == "float"


def is_whole(name: str) -> bool:
    return name in WHOLES or name == "int"


def is_float_dtype(dtype: Any) -> bool:
    """Whether a type is one of floats."""
    return is_float(standardize_dtype(dtype))


def is_int_dtype(dtype: Any) -> bool:
    """Whether a type is one of whole numbers."""
    return is_whole(standardize_dtype(dtype))


def _bits(name: str) -> int:
    return int(name.lstrip("ufloatinb"))


def _promoted(a: str, b: str) -> str:
    """The least type that holds both. "int" and "float" are bare numbers of Python, which take the type they meet."""
    if a == b or b == BOOL:
        return a
    if a == BOOL:
        return b
    if is_float(a) != is_float(b):
        number, whole = (a, b) if is_float(a) else (b, a)
        return FLOAT if number == "float" and whole != "int" else number
    if a in ("int", "float") or b in ("int", "float"):
        return b if a in ("int", "float") else a
    if is_float(a):
        wide = max(a, b, key=_bits)
        return FLOAT if _bits(a) == _bits(b) else wide
    if a[0] == b[0]:
        return max(a, b, key=_bits)
    signed, unsigned = (a, b) if a[0] == "i" else (b, a)
    return signed if _bits(signed) > _bits(unsigned) else f"int{min(64, 2 * _bits(unsigned))}"


def result_type(*dtypes: Any) -> str:
    """The type of numbers that hold all of these, in at most 32 bits; none at all is float32. As in Keras and JAX."""
    names = ["float" if t is float else "int" if t is int else standardize_dtype(t) for t in dtypes]
    return promoted(names or [FLOAT])


def promoted(names: Sequence[str]) -> str:
    """The same for names, among which "int" and "float" are Python's bare numbers."""
    strong = [name for name in names if name not in ("int", "float")]
    weak = [name for name in names if name in ("int", "float")]
    return at_most_32_bits(reduce(_promoted, [*strong, *weak]))


# What operations hand back --------------------------------------------------------------------------------------------


def as_operands(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    """The operands' common type, if the program's result is of its kind: floats beside floats, else whole numbers."""
    common = promoted(types) if types else made
    same_kind = is_float(common) if made == FLOAT else made != BOOL and is_whole(common)
    return common if same_kind else made


def as_first(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    """The first operand's type."""
    return as_operands(types[:1], made, settings)


def as_made(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    """The program's own type."""
    return made


def as_said(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    """The argument `dtype`, or else the operands' type."""
    said = settings.get("dtype")
    return as_operands(types, made, settings) if said is None else at_most_32_bits(said)


def as_total(types: Sequence[str], made: str, settings: dict[str, Any]) -> str:
    """Sums of whole numbers have 32 bits; unsigned ones stay unsigned."""
    if settings.get("dtype") is not None or made == FLOAT:
        return as_said(types, made, settings)
    return "uint32" if promoted(types)[0] == "u" else INT
