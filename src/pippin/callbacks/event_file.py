"""Event files, which TensorBoard reads: a row of records, each an `Event` message with the figures of one moment.

A record is its length, a checksum of the length, the message, and a checksum of the message (TFRecord, little-endian;
the checksum is CRC-32C, rotated and shifted). A message is written in protocol buffers' wire format, whose few rules
stand below: what is needed of event.proto, summary.proto and tensor.proto are a dozen numbered fields.
"""

from __future__ import annotations

import io
import os
import socket
import struct
import time
from collections.abc import Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

BUCKETS = 30
"""Of a histogram, as TensorBoard's own writer has them."""
MOST_PICTURES = 3
SECONDS = 5
"""After which what is told is put into the file, for those who watch a long epoch."""
_FLOAT, _DOUBLE, _STRING = 1, 2, 7  # tensor.proto: DataType
_SCALAR, _TENSOR, _BLOBS = 1, 2, 3  # summary.proto: DataClass
_unique = count()


class EventFile:
    """A new event file in a folder, which is open only while something is put into it: now and then, and at `flush`."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{os.getpid()}.{next(_unique)}.v2"
        self.path = Path(folder) / name
        self._pending, self._flushed_at = bytearray(), time.monotonic()
        self._write(_text(3, "brain.Event:2"))
        self.flush()

    def scalar(self, tag: str, value: float, step: int) -> None:
        """One number."""
        tensor = _number(1, _FLOAT) + _message(2, b"") + _bytes(4, struct.pack("<f", value))
        self._summary(tag, step, "scalars", _SCALAR, tensor)

    def histogram(self, tag: str, values: Any, step: int) -> None:
        """How numbers are spread: as many buckets of equal width as TensorBoard's own writer makes."""
        buckets = _buckets(np.asarray(values))
        tensor = _number(1, _DOUBLE) + _shape(*buckets.shape) + _bytes(4, buckets.astype("<f8").tobytes())
        self._summary(tag, step, "histograms", _TENSOR, tensor)

    def pictures(self, tag: str, pictures: np.ndarray, step: int) -> None:
        """The first of some pictures: (number, height, width, 1, 3 or 4 channels), from 0 to 1."""
        height, width = pictures.shape[1:3]
        parts = [str(width).encode(), str(height).encode(), *map(_png, pictures[:MOST_PICTURES])]
        self._strings(tag, parts, step, "images", _BLOBS)

    def model(self, tag: str, as_json: str, step: int) -> None:
        """A Keras model in JSON, which TensorBoard draws among its graphs."""
        tensor = _number(1, _STRING) + _message(2, b"") + _text(8, as_json)
        self._summary(tag, step, "graph_keras_model", 0, tensor, b"1")

    def flush(self) -> None:
        """Put what is told so far into the file: it is there then even if the process is killed."""
        with self.path.open("ab") as file:
            file.write(self._pending)
        self._pending, self._flushed_at = bytearray(), time.monotonic()

    def _strings(self, tag: str, parts: Sequence[bytes], step: int, plugin: str, kind: int) -> None:
        tensor = _number(1, _STRING) + _shape(len(parts)) + b"".join(_bytes(8, part) for part in parts)
        self._summary(tag, step, plugin, kind, tensor)

    def _summary(self, tag: str, step: int, plugin: str, kind: int, tensor: bytes, content: bytes = b"") -> None:
        metadata = _message(1, _text(1, plugin) + _bytes(2, content)) + _number(4, kind)
        value = _text(1, tag) + _message(8, tensor) + _message(9, metadata)
        self._write(_number(2, step) + _message(5, _message(1, value)))

    def _write(self, event: bytes) -> None:
        message = b"\x09" + struct.pack("<d", time.time()) + event
        length = struct.pack("<Q", len(message))
        self._pending += length + _checksum(length) + message + _checksum(message)
        if time.monotonic() - self._flushed_at > SECONDS:
            self.flush()


def _buckets(values: np.ndarray) -> np.ndarray:
    """(buckets, 3): left edge, right edge, how many. Numbers that are not finite are left out."""
    values = values[np.isfinite(values)].astype(np.float64)
    found = np.zeros((BUCKETS, 3))
    if not values.size:
        return found
    low, high = values.min(), values.max()
    if low == high:
        found[:, :2], found[-1, 2] = low, values.size
        return found
    edges = np.linspace(low, high, BUCKETS + 1)
    found[:, 0], found[:, 1] = edges[:-1], edges[1:]
    found[:, 2] = np.histogram(values, edges)[0]
    return found


def _png(picture: np.ndarray) -> bytes:
    from PIL import Image

    stored = io.BytesIO()
    pixels = (np.clip(np.nan_to_num(picture), 0, 1) * 255.5).astype(np.uint8)
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(stored, "PNG")
    return stored.getvalue()


# Protocol buffers: each field is a key, its number and how it is stored, and then its value ---------------------------


def _varint(value: int) -> bytes:
    """A whole number, seven bits in a byte, the lowest first; all but the last byte have the highest bit set."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


_message = _bytes  # a message inside a message is stored as its bytes


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _shape(*sizes: int) -> bytes:
    return _message(2, b"".join(_message(2, _number(1, size)) for size in sizes))


# CRC-32C ----------------------------------------------------------------------------------------------------------


@cache
def _table() -> list[int]:
    """What each byte does to the checksum, by the polynomial of Castagnoli (1993), bits reversed."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


def _checksum(data: bytes) -> bytes:
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    # Masked, so that checksums of data that hold checksums stay good ones.
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
