"""TensorFlow's types of numbers, and whatever else a script may give where one is expected."""

from __future__ import annotations

from typing import Any

import numpy as np


class DType(str):
    """The name of a type of numbers, which NumPy and Pippin take as it is: tf.float32 == "float32"."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return str(self)

    @property
    def as_numpy_dtype(self) -> type:
        return object if self == "string" else np.dtype(str(self)).type

    @property
    def is_floating(self) -> bool:
        return "float" in self

    @property
    def is_integer(self) -> bool:
        return "int" in self

    @property
    def max(self) -> Any:
        """The largest number."""
        return np.finfo(str(self)).max if self.is_floating else np.iinfo(str(self)).max

    @property
    def min(self) -> Any:
        """The least number."""
        return np.finfo(str(self)).min if self.is_floating else np.iinfo(str(self)).min


NAMES = (
    "bool", "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "string",
)  # fmt: skip


def kind_of(dtype: Any) -> str:
    """The name of a type: of tf.float32, np.float32, "float32", float, or of an array's own dtype."""
    if isinstance(dtype, str):
        return str(dtype)
    if dtype in (float, int):  # what Python calls so has 32 bits here
        return {float: "float32", int: "int32"}[dtype]
    return str(np.dtype(dtype).name)


def is_text(thing: Any) -> bool:
    """Whether something is text, or an array or list of texts."""
    if isinstance(thing, (list, tuple)):
        return bool(thing) and is_text(thing[0])
    if isinstance(thing, np.ndarray) and thing.dtype.kind == "O":
        return thing.size > 0 and is_text(thing.reshape(-1)[0])
    return isinstance(thing, (str, bytes)) or (isinstance(thing, np.ndarray) and thing.dtype.kind in "US")


def as_text(thing: Any) -> np.ndarray:
    """An array of str; bytes are read as UTF-8."""
    array = np.asarray(thing)
    if array.dtype.kind == "U":
        return array.view(np.ndarray)
    words = [word.decode("utf-8") if isinstance(word, bytes) else str(word) for word in array.reshape(-1).tolist()]
    return np.array(words, dtype=str).reshape(array.shape)
