"""Keras's `ops` that make arrays, change their type, or pass them on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pippin.ops import arrange
from pippin.ops.dtypes import as_said, at_most_32_bits, is_float, numpy_type, result_type, standardize_dtype
from pippin.ops.operation import operation
from pippin.ops.tensor import KerasTensor
from pippin.ops.types import Tensor, program_type
from pippin.primitives import BOOL, FLOAT, TABLE
from pippin.program import Symbol, Variable, current_trace
from pippin.program.eager import handed_out
from pippin.tree import flatten


def _type(dtype: Any) -> Any:
    """NumPy's type for a name; floats if there is none."""
    return numpy_type(at_most_32_bits(dtype))


def _sizes(shape: Any) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(size) for size in shape)


def zeros(shape: Sequence[int], dtype: Any = None) -> np.ndarray:
    """An array of zeros."""
    return np.zeros(_sizes(shape), _type(dtype))


def ones(shape: Sequence[int], dtype: Any = None) -> np.ndarray:
    """An array of ones."""
    return np.ones(_sizes(shape), _type(dtype))


def empty(shape: Sequence[int], dtype: Any = None) -> np.ndarray:
    """An array whose numbers nobody promised anything about: zeros."""
    return zeros(shape, dtype)


def full(shape: Sequence[int], fill_value: Any, dtype: Any = None) -> Any:
    """An array of one number."""
    if is_symbolic_tensor(fill_value):
        return cast(arrange.broadcast_to(fill_value, shape), dtype)
    return np.full(_sizes(shape), np.asarray(fill_value), _type(dtype))


def arange(start: float, stop: float | None = None, step: float | None = None, dtype: Any = None) -> np.ndarray:
    """start, start + step, ... below stop; 0, 1, ... below start if it stands alone."""
    begin, end = (0, start) if stop is None else (start, stop)
    by = 1 if step is None else step
    given = [type(n) if isinstance(n, (int, float)) else np.asarray(n).dtype.name for n in (begin, end, by)]
    return np.arange(begin, end, by).astype(_type(result_type(*given) if dtype is None else dtype))


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers at equal distances from start to stop, with that distance if asked for."""
    found, step = np.linspace(start, stop, num, endpoint=endpoint, retstep=True, axis=axis)
    wanted = _type(_float_of(start, stop) if dtype is None else dtype)
    return (found.astype(wanted), np.asarray(step, wanted)) if retstep else found.astype(wanted)


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10, dtype: Any = None, axis: int = 0
) -> np.ndarray:
    """`num` powers of the base, with exponents at equal distances from start to stop."""
    found = np.logspace(start, stop, num, endpoint, base, axis=axis)
    return found.astype(_type(_float_of(start, stop) if dtype is None else dtype))


def geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> np.ndarray:
    """`num` numbers from start to stop, each the same multiple of the one before."""
    found = np.geomspace(start, stop, num, endpoint, axis=axis)
    return found.astype(_type(_float_of(start, stop) if dtype is None else dtype))


def _float_of(*numbers: Any) -> str:
    given = [type(n) if isinstance(n, (int, float)) else np.asarray(n).dtype.name for n in numbers]
    return result_type(*given, float)


@operation(1, as_said)
def zeros_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Zeros in the shape of x."""
    return x.trace.symbol(0, program_type(dtype or x.dtype)).broadcast_to(x.shape)


@operation(1, as_said)
def ones_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Ones in the shape of x."""
    return x.trace.symbol(1, program_type(dtype or x.dtype)).broadcast_to(x.shape)


@operation(1, as_said)
def full_like(x: Tensor, fill_value: float, dtype: Any = None) -> Tensor:
    """One number in the shape of x."""
    return x.trace.symbol(fill_value, program_type(dtype or x.dtype)).broadcast_to(x.shape)


@operation(1, as_said)
def empty_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Numbers in the shape of x that nobody promised anything about: zeros."""
    return zeros_like(x, dtype)


@operation(1, as_said)
def cast(x: Tensor, dtype: Any) -> Tensor:
    """The numbers in another type; wider types than 32 bits are written in 32."""
    return x.cast(program_type(dtype))


@operation(1, as_said)
def saturate_cast(x: Tensor, dtype: Any) -> Tensor:
    """The numbers in another type, those beyond its range at its ends: -1 and 256 become 0 and 255 in "uint8"."""
    name = standardize_dtype(dtype)
    if is_float(name):
        return x.cast(program_type(name))
    low, high = (0, 1) if name == BOOL else (np.iinfo(name).min, np.iinfo(name).max)
    if x.dtype == FLOAT:
        end = np.float32(high)  # rounded up where float32 doesn't have the last number of the range
        end = np.nextafter(end, np.float32(0)) if int(end) > high else end
        x = TABLE["maximum"](TABLE["minimum"](x, float(end)), float(low))
    elif x.dtype != BOOL:
        own = np.iinfo(x.dtype)
        x = TABLE["maximum"](TABLE["minimum"](x, min(high, own.max)), max(low, own.min))
    return x.cast(program_type(name))


@operation(1)
def copy(x: Tensor) -> Tensor:
    """The same numbers."""
    return x


@operation(1)
def stop_gradient(variable: Tensor) -> Tensor:
    """The same numbers, but no blame flows back through here."""
    return TABLE["stop_gradient"](variable)


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """An array of the numbers, in at most 32 bits; symbols stay symbols."""
    if is_symbolic_tensor(x):
        return x if dtype is None else cast(x, dtype)
    if isinstance(x, Variable) and current_trace() is not None:
        return cast(x, x.dtype if dtype is None else dtype)
    if isinstance(x, (list, tuple)) and any(is_symbolic_tensor(leaf) for leaf in flatten(x)):
        return arrange.stack([convert_to_tensor(part, dtype) for part in x])
    array = np.asarray(x)
    if array.dtype.kind in "USO" and dtype is None:
        return array
    wanted = numpy_type(at_most_32_bits(array.dtype if dtype is None else dtype))
    return handed_out(array.astype(wanted, copy=False))


def is_symbolic_tensor(x: Any) -> bool:
    """Whether x stands for numbers that don't exist yet."""
    return isinstance(x, (Symbol, KerasTensor))


def array(x: Any, dtype: Any = None) -> Any:
    """An array of the numbers."""
    return convert_to_tensor(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """An array of the numbers."""
    return np.asarray(x)


def is_tensor(x: Any) -> bool:
    """Whether x stands for numbers: an array, a variable or a symbol."""
    return isinstance(x, (np.ndarray, Variable, Symbol, KerasTensor))


def shape(x: Any) -> tuple[int | None, ...]:
    """The lengths of the axes."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def dtype(x: Any) -> str:
    """The name of the type of the numbers."""
    return standardize_dtype(x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype)


def ndim(x: Any) -> int:
    """How many axes there are."""
    return len(shape(x))


def size(x: Any) -> int:
    """How many numbers there are."""
    return prod(length or 0 for length in shape(x))
