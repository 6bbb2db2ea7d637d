"""Keras's small questions about tensors and types, and a fresh start for names."""

from __future__ import annotations

from typing import Any

from pippin.layers.core import InputLayer
from pippin.naming import clear_names
from pippin.ops.tensor import KerasTensor

_ALLOWED = (
    "float16", "float32", "float64", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
    "bfloat16", "bool", "string", "float8_e4m3fn", "float8_e5m2", "complex64", "complex128",
)  # fmt: skip
_OF_PYTHON = {bool: "bool", int: "int32", float: "float32", str: "string", "int": "int32"}


def clear_session(free_memory: bool = True) -> None:
    """Count the names of layers afresh: the next Dense is "dense" again. Models that are in use stay as they are."""
    clear_names()


def is_keras_tensor(x: Any) -> bool:
    """Whether this is a symbolic tensor of the functional API."""
    return isinstance(x, KerasTensor)


def standardize_dtype(dtype: Any) -> str:
    """The name of a type that is given in any way: "float32" for None, float, np.float32 and "float32"."""
    if dtype is None:
        return "float32"
    found = _OF_PYTHON.get(dtype, dtype)
    found = getattr(found, "name", None) or getattr(found, "__name__", None) or found
    found = str(found).rpartition(".")[2] if str(found).startswith(("torch.", "<class 'jax")) else found
    if found not in _ALLOWED:
        raise ValueError(f"Invalid dtype: {found!r}. Expected one of {', '.join(_ALLOWED)}.")
    return str(found)


def get_source_inputs(tensor: Any) -> Any:
    """The inputs that are needed to compute a symbolic tensor, each once."""
    if not isinstance(tensor, KerasTensor):
        return tensor
    found: list[KerasTensor] = []
    waiting, seen = [tensor], set[int]()
    while waiting:
        now = waiting.pop()
        if id(now) in seen:
            continue
        seen.add(id(now))
        if now.node is None or isinstance(now.node.operation, InputLayer):
            found.append(now)
        else:
            waiting += reversed(now.node.inputs)
    return found
