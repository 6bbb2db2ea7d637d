"""Keras's `ops` that look at how numbers are written in memory. They want arrays; a program has no lines for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.ops.dtypes import numpy_type
from pippin.ops.operation import eager_only
from pippin.program.eager import handed_out


def nextafter(x1: Any, x2: Any) -> Any:
    """The next number that float32 knows after each of x1, on the way to x2."""
    one, other = eager_only("nextafter", x1, x2)
    return handed_out(np.nextafter(one.astype(np.float32), other.astype(np.float32)))


def view(x: Any, dtype: str | None = None) -> Any:
    """The same bytes as numbers of another type; the last axis grows or shrinks if they are of another size."""
    array = np.ascontiguousarray(eager_only("view", x))
    if dtype is None:
        return handed_out(array)
    wanted = np.dtype(numpy_type(dtype))
    if array.shape[-1:] and array.shape[-1] * array.itemsize % wanted.itemsize:
        raise ShapeError(f"view: expected a last axis of whole {dtype}, received {array.shape} of {array.dtype}.")
    return handed_out(array.view(wanted))
