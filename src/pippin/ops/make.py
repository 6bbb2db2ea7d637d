"""Keras's `ops` that make arrays, change their type, or pass them on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from pippin.ops.operation import operation
from pippin.ops.tensor import KerasTensor
from pippin.ops.types import Tensor, program_type
from pippin.primitives import FLOAT, TABLE
from pippin.program import Symbol, Variable


def zeros(shape: Sequence[int], dtype: Any = FLOAT) -> np.ndarray:
    """An array of zeros."""
    return np.zeros(shape, program_type(dtype or FLOAT))


def ones(shape: Sequence[int], dtype: Any = FLOAT) -> np.ndarray:
    """An array of ones."""
    return np.ones(shape, program_type(dtype or FLOAT))


def full(shape: Sequence[int], fill_value: Any, dtype: Any = FLOAT) -> np.ndarray:
    """An array of one number."""
    return np.full(shape, fill_value, program_type(dtype or FLOAT))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = FLOAT) -> np.ndarray:
    """Ones on the k-th diagonal, zeros elsewhere."""
    return np.eye(N, M, k, program_type(dtype or FLOAT))


def arange(start: float, stop: float | None = None, step: float | None = None, dtype: Any = None) -> np.ndarray:
    """start, start + step, ... below stop; 0, 1, ... below start if it stands alone."""
    begin, end = (0, start) if stop is None else (start, stop)
    counted = np.arange(begin, end, 1 if step is None else step)
    return counted.astype(program_type(dtype or counted.dtype))


def linspace(start: float, stop: float, num: int = 50, endpoint: bool = True, dtype: Any = FLOAT) -> np.ndarray:
    """`num` numbers at equal distances from start to stop."""
    return np.linspace(start, stop, num, endpoint).astype(program_type(dtype or FLOAT))


@operation(1)
def zeros_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Zeros in the shape of x."""
    return x.trace.symbol(0, program_type(dtype or x.dtype)).broadcast_to(x.shape)


@operation(1)
def ones_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Ones in the shape of x."""
    return x.trace.symbol(1, program_type(dtype or x.dtype)).broadcast_to(x.shape)


@operation(1)
def full_like(x: Tensor, fill_value: float, dtype: Any = None) -> Tensor:
    """One number in the shape of x."""
    return x.trace.symbol(fill_value, program_type(dtype or x.dtype)).broadcast_to(x.shape)


@operation(1)
def cast(x: Tensor, dtype: Any) -> Tensor:
    """The numbers in another type; wider types than 32 bits are written in 32."""
    return x.cast(program_type(dtype))


@operation(1)
def copy(x: Tensor) -> Tensor:
    """The same numbers."""
    return x


@operation(1)
def stop_gradient(variable: Tensor) -> Tensor:
    """The same numbers, but no blame flows back through here."""
    return TABLE["stop_gradient"](variable)


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None) -> Any:
    """An array of the numbers; symbols stay symbols."""
    if isinstance(x, (Symbol, KerasTensor)):
        return x if dtype is None else cast(x, dtype)
    array = np.asarray(x)
    return array.astype(program_type(dtype or array.dtype), copy=False)


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


def ndim(x: Any) -> int:
    """How many axes there are."""
    return len(shape(x))


def size(x: Any) -> int:
    """How many numbers there are."""
    return prod(length or 0 for length in shape(x))
