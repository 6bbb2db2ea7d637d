"""A tree of plain data and arrays (dicts, lists, numbers, text, NumPy arrays) in one file, and back, bit for bit.

The file is a safetensors file: the arrays are its tensors, the rest is JSON in its metadata, with a checksum over
everything. Written whole or not at all. Not for models that others should open: that is `.keras`.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import numpy as np

from pippin.errors import FileError
from pippin.saving.atomic import Place, write_bytes

_ARRAY, _PAIRS = "__array__", "__pairs__"


def write_tree(path: Place, tree: Any) -> None:
    """Replace the file at `path` by one that holds `tree`. Raises FileError."""
    from safetensors.numpy import save

    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(_without_arrays(tree, "", arrays))
    write_bytes(path, save(arrays, {"tree": text, "checksum": checksum_of(text, arrays)}))


def read_tree(path: Place) -> Any:
    """What `write_tree` wrote: tuples have become lists, all else is as it was. Raises FileError."""
    from safetensors import SafetensorError, safe_open

    place = os.path.abspath(path)
    if not os.path.isfile(place):
        raise FileError(f"There is no file {place}.")
    try:
        with safe_open(place, "numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a dict
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        raise FileError(
            f"{place} is no whole state file: {error}. It was cut short or altered; use an earlier copy."
        ) from error
    text = metadata.get("tree", "")
    if metadata.get("checksum") != checksum_of(text, arrays):
        raise FileError(f"{place} was altered after it was written: its checksum differs. Use an earlier copy.")
    return _with_arrays(json.loads(text), arrays)


def checksum_of(text: str, arrays: dict[str, np.ndarray]) -> str:
    """A CRC-32 over a text and all arrays, their names, types and shapes included."""
    total = zlib.crc32(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        total = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), total)
        total = zlib.crc32(array.reshape(-1).view(np.uint8).data, total)
    return f"{total:08x}"


def _without_arrays(tree: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """The tree as JSON has it; its arrays go into `arrays`, named by their place."""
    if isinstance(tree, np.ndarray):
        arrays[name] = np.ascontiguousarray(tree).reshape(tree.shape)
        return {_ARRAY: name}
    if isinstance(tree, np.generic):
        return tree.item()
    if isinstance(tree, dict):
        keys = list(tree)
        if all(isinstance(key, str) for key in keys):
            return {key: _without_arrays(tree[key], f"{name}/{key}", arrays) for key in keys}
        listed = [_without_arrays(tree[key], f"{name}/{number}", arrays) for number, key in enumerate(keys)]
        return {_PAIRS: [[_without_arrays(key, "", {}), value] for key, value in zip(keys, listed, strict=True)]}
    if isinstance(tree, (list, tuple)):
        return [_without_arrays(part, f"{name}/{number}", arrays) for number, part in enumerate(tree)]
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    raise TypeError(
        f"{name or 'the state'}: expected numbers, text, arrays, lists or dicts, received {type(tree).__name__} "
        f"{tree!r}."
    )


def _with_arrays(tree: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(tree, dict):
        if _ARRAY in tree:
            return arrays[tree[_ARRAY]]
        if _PAIRS in tree:
            return {key: _with_arrays(value, arrays) for key, value in tree[_PAIRS]}
        return {key: _with_arrays(value, arrays) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_arrays(part, arrays) for part in tree]
    return tree
