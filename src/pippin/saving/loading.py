"""How much memory weights may take while a model is being made from a file: not more than the file has numbers for.

Without it, a small file could ask for a layer of a thousand billion weights and take the machine down before anyone
sees that its numbers are missing. While a file is read, weights start as zeros that cost nothing until they are filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod

import numpy as np

from pippin.errors import FileError

_ROOM = 4
"""How many bytes of weights may be made for each in the file: wrappers make a layer again before they keep it."""
_left: ContextVar[list[int] | None] = ContextVar("left", default=None)
_file: ContextVar[str] = ContextVar("file", default="")


@contextmanager
def memory_for(size: int, described: str) -> Iterator[None]:
    """Inside, weights for a file that holds `size` bytes may be made; FileError names the layer that asks for far
    more."""
    tokens = _left.set([_ROOM * size]), _file.set(described)
    try:
        yield
    finally:
        _left.reset(tokens[0])
        _file.reset(tokens[1])


def blank(shape: tuple[int, ...], dtype: str | None, owner: str) -> np.ndarray | None:
    """Zeros for a weight that a file will fill; None when no file is being read."""
    left = _left.get()
    if left is None:
        return None
    size = prod(shape) * np.dtype(dtype or "float32").itemsize
    if size > left[0]:
        raise FileError(
            f"{_file.get()}: {owner} is said to have a weight of shape {shape}, {size} bytes, far more "
            "than the file holds. It was altered."
        )
    left[0] -= size
    return np.zeros(shape, dtype or "float32")
