"""A variable: a named array that outlives a run. In a trace it reads as a symbol, outside it is its NumPy array."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.changes import changed
from pippin.errors import ShapeError
from pippin.primitives import Spec, spec_of
from pippin.program.operators import Operators

_LINE = 64  # bytes of a cache line


def aligned(size: int, dtype: str) -> np.ndarray:
    """A flat array, not yet filled, that starts at a cache line: a vector of weights then lies in one line, not two."""
    item = np.dtype(dtype).itemsize
    raw = np.empty(size * item + _LINE, np.uint8)
    start = -raw.__array_interface__["data"][0] % _LINE
    return raw[start : start + size * item].view(dtype)


class Variable(Operators):
    """Weights, optimizer slots, counters and metric totals. `path` is its name in programs and files: "dense/kernel".

    `value` is the array itself; engines write into it, so it keeps its identity while it lives.
    """

    def __init__(
        self, initializer: Any, shape: Any = None, dtype: str | None = None, trainable: bool = True,
        autocast: bool = True, aggregation: str = "none", synchronization: str = "auto", name: str | None = None,
    ) -> None:  # fmt: skip
        """`initializer` is an array, or an initializer (or its name) for arrays of `shape`. `autocast`, `aggregation`
        and `synchronization` are Keras's; a single machine computing in float32 has no use for them."""
        array = np.asarray(_drawn(initializer, shape, dtype))
        self._value = aligned(array.size, dtype or spec_of(array).dtype).reshape(array.shape)
        self._value[...] = array
        self.name = self.path = name or "variable"
        self.trainable = trainable
        self.regularizer: Any = None
        self.constraint: Any = None

    @property
    def value(self) -> np.ndarray:
        return self._value

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape

    @property
    def dtype(self) -> str:
        return self._value.dtype.name

    @property
    def spec(self) -> Spec:
        return Spec(self._value.shape, self._value.dtype.name)

    @property
    def ndim(self) -> int:
        return self._value.ndim

    def move_to(self, place: np.ndarray) -> None:
        """Live in other memory (a slice of a flat buffer) from now on, with the same numbers."""
        place[...] = self._value
        self._value = place
        changed()

    def assign(self, value: Any) -> Any:
        """Replace the numbers: at once, or as the last line of the running trace when `value` is a symbol."""
        from pippin.program.trace import current_trace

        trace = current_trace()
        if trace is not None:
            return trace.assign(self, value)
        array = np.asarray(value.value if isinstance(value, Variable) else value)
        if array.shape != self.shape:
            raise ShapeError(
                f'Variable "{self.path}": expected an array of shape {self.shape}, received {array.shape}.'
            )
        self._value[...] = array
        return self._value

    def assign_add(self, value: Any) -> Any:
        return self.assign(self + value)

    def assign_sub(self, value: Any) -> Any:
        return self.assign(self - value)

    def numpy(self) -> np.ndarray:
        """A copy of the numbers, which training does not change."""
        return self._value.copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._value.astype(dtype) if dtype is not None else self._value

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype}, value={self._value!r}>"

    def __float__(self) -> float:
        return float(self._value)

    def __int__(self) -> int:
        return int(self._value)

    def _now(self) -> Any:
        """What operators work on: the symbol inside a trace, the array outside."""
        from pippin.program.eager import handed_out
        from pippin.program.trace import current_trace

        trace = current_trace()
        return handed_out(self._value) if trace is None else trace.read(self)


def _drawn(initializer: Any, shape: Any, dtype: str | None) -> Any:
    """The first numbers."""
    if not (callable(initializer) or isinstance(initializer, str)):
        return initializer
    from pippin.initializers import get

    if shape is None:
        raise ShapeError(f"Variable: expected a shape beside the initializer {initializer!r}, received none.")
    return get(initializer)(tuple(shape), dtype=dtype or "float32")
