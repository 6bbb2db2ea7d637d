"""The few messages of an ONNX file, as bytes: what is needed to write them, and no more.

A message is fields one after another, each with its number and how its value is packed. Sources: Protocol Buffers,
"Encoding"; onnx.proto of ONNX 1.15 (IR version 8) for the numbers of the fields.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

IR_VERSION = 8
OPSET = 17
"""The set of operators that is written: every runtime since 2022 has it."""
TYPES = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7, "bool": 9, "uint32": 12}
"""ONNX's numbers of the types of tensors."""

Size = int | str
"""How long an axis is: a number, or the name of what is only known when the model runs."""


@dataclass
class Node:
    """One operation: the names of what goes in and comes out, and its settings."""

    kind: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass
class Value:
    """A tensor that goes in or comes out: its name, type and sizes."""

    name: str
    dtype: str
    shape: Sequence[Size]


@dataclass
class Graph:
    """Operations in the order they run, and the numbers they start from."""

    name: str
    nodes: list[Node] = field(default_factory=list)
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)


def model_bytes(graph: Graph, producer: str, version: str) -> bytes:
    """The bytes of an ONNX file."""
    opset = _text(1, "") + _number(2, OPSET)
    return b"".join(
        (_number(1, IR_VERSION), _text(2, producer), _text(3, version), _block(7, _graph(graph)), _block(8, opset))
    )


def _graph(graph: Graph) -> bytes:
    return b"".join([
        *(_block(1, _node(node)) for node in graph.nodes), _text(2, graph.name),
        *(_block(5, _tensor(array, name)) for name, array in graph.numbers.items()),
        *(_block(11, _value(value)) for value in graph.inputs), *(_block(12, _value(value)) for value in graph.outputs),
    ])  # fmt: skip


def _node(node: Node) -> bytes:
    parts = [*(_text(1, name) for name in node.inputs), *(_text(2, name) for name in node.outputs)]
    parts += [_text(3, node.name), _text(4, node.kind)]
    parts += [_block(5, _setting(word, value)) for word, value in node.settings.items()]
    return b"".join(parts)


def _setting(word: str, value: Any) -> bytes:
    if isinstance(value, Graph):
        kind, packed = 5, _block(6, _graph(value))
    elif isinstance(value, str):
        kind, packed = 3, _text(4, value)
    elif isinstance(value, float):
        kind, packed = 1, _key(2, 5) + struct.pack("<f", value)
    elif isinstance(value, int):
        kind, packed = 2, _number(3, value)
    else:
        kind, packed = 7, b"".join(_number(8, int(part)) for part in value)
    return _text(1, word) + packed + _number(20, kind)


def _tensor(array: np.ndarray, name: str) -> bytes:
    stored = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    sizes = b"".join(_number(1, size) for size in array.shape)
    return sizes + _number(2, TYPES[array.dtype.name]) + _text(8, name) + _block(9, stored.tobytes())


def _value(value: Value) -> bytes:
    sizes = b"".join(
        _block(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in value.shape
    )
    return _text(1, value.name) + _block(2, _block(1, _number(1, TYPES[value.dtype]) + _block(2, sizes)))


# How fields are packed -----------------------------------------------------------------------------------------------


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as 64 bits."""
    number &= 2**64 - 1
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _key(place: int, packing: int) -> bytes:
    return _varint(place << 3 | packing)


def _number(place: int, number: int) -> bytes:
    return _key(place, 0) + _varint(number)


def _block(place: int, content: bytes) -> bytes:
    return _key(place, 2) + _varint(len(content)) + content


def _text(place: int, text: str) -> bytes:
    return _block(place, text.encode())
