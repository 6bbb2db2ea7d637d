"""The numbers in an HDF5 file: what type and shape a dataset says it has, where its bytes lie, and that all of it fits.

Part of the small reader in `hdf5.py`. Names of messages and fields are those of the HDF5 File Format Specification,
version 3.0, sections III.A.1 (B-trees, version 1), IV.A.2.b (dataspace), d (datatype), i (layout), l (filters).
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from pippin.errors import FileError

_Stored = memoryview | bytes

MOST_AXES = 32
MOST_EXPANSION = 1100
"""No more than 1032 bytes can come out of one compressed byte: what claims more has not stored what it claims."""
UNDEFINED = 2**64 - 1
DEFLATE, SHUFFLE = 1, 2
FILTERS = {3: "fletcher32", 4: "szip", 5: "nbit", 6: "scale-offset", 32000: "lzf"}


class Bytes:
    """The bytes of a file. Every read says what it wants to find there, and is refused outside the file."""

    def __init__(self, data: bytes | memoryview, described: str) -> None:
        self.data = memoryview(data)
        self.described = described

    def __len__(self) -> int:
        return len(self.data)

    def part(self, start: int, size: int, what: str) -> memoryview:
        if start + size > len(self.data) or size < 0:
            raise self.damaged(start, f"expected {size} bytes of {what}, the file has {len(self.data)} bytes in all")
        return self.data[start : start + size]

    def number(self, start: int, size: int, what: str) -> int:
        """An unsigned number, low byte first."""
        return int.from_bytes(self.part(start, size, what), "little")

    def expect(self, start: int, wanted: bytes, what: str) -> None:
        found = bytes(self.part(start, len(wanted), what))
        if found != wanted:
            raise self.damaged(start, f"expected {what} ({wanted!r}), received {found!r}")

    def damaged(self, at: int, why: str) -> FileError:
        return FileError(
            f"{self.described} is damaged at byte {at} of its HDF5 part: {why}. Use an earlier copy, or download it "
            "again."
        )

    def refused(self, what: str) -> FileError:
        return FileError(
            f"{self.described} was refused: its HDF5 part has {what}, which is never read. Save it again with Keras or "
            "Pippin."
        )


def _number_types() -> dict[bytes, np.dtype]:
    """Every datatype that is read, by its message without the version: whole numbers and IEEE floats, both byte
    orders."""
    known: dict[bytes, np.dtype] = {}
    for big, order in ((0, "<"), (1, ">")):
        for size in (1, 2, 4, 8):
            for signed, letter in ((0, "u"), (8, "i")):
                properties = bytes([0, 0, 8 * size, 0])
                known[bytes([0, big | signed, 0, 0, size, 0, 0, 0]) + properties] = np.dtype(f"{order}{letter}{size}")
        for size, exponent in ((2, 5), (4, 8), (8, 11)):
            bits = 8 * size
            mantissa = bits - 1 - exponent
            properties = bytes([0, 0, bits, 0, mantissa, exponent, 0, mantissa]) + (2 ** (exponent - 1) - 1).to_bytes(
                4, "little"
            )
            known[bytes([1, 0x20 | big, bits - 1, 0, size, 0, 0, 0]) + properties] = np.dtype(f"{order}f{size}")
    return known


NUMBER_TYPES = _number_types()
CLASSES = {
    2: "times",
    3: "text",
    4: "bit fields",
    5: "opaque bytes",
    6: "records",
    7: "references",
    8: "enumerations",
    9: "lists",
    10: "arrays",
}


def number_type(file: Bytes, message: memoryview, described: str) -> np.dtype:
    """The NumPy type of a datatype message."""
    kind = message[0] & 15 if len(message) else -1
    for length in (12, 20):
        dtype = NUMBER_TYPES.get(bytes([kind & 255]) + bytes(message[1:length]))
        if dtype is not None and 1 <= message[0] >> 4 <= 3:
            return dtype
    raise file.refused(f"{CLASSES.get(kind, 'numbers of an unknown kind')} in {described}")


def dataspace(file: Bytes, at: int, message: memoryview) -> tuple[int, ...]:
    """The shape that a dataspace message says."""
    version = message[0] if len(message) > 3 else 0
    if version not in (1, 2) or message[1] > MOST_AXES or (version == 2 and message[3] == 2):
        raise file.damaged(at, "expected the shape of an array")
    start, axes = (8 if version == 1 else 4), message[1]
    if len(message) < start + 8 * axes:
        raise file.damaged(at, f"expected {axes} sizes of an array")
    return tuple(int.from_bytes(message[start + 8 * axis : start + 8 * axis + 8], "little") for axis in range(axes))


@dataclass
class Dataset:
    """An array in a file: its shape, its type, and where its bytes are. `read` checks and copies them."""

    file: Bytes
    path: str
    shape: tuple[int, ...]
    dtype: np.dtype
    at: int
    layout: memoryview
    filters: list[int]

    @property
    def bytes(self) -> int:
        """How many bytes its numbers are said to have."""
        return prod(self.shape) * self.dtype.itemsize

    def read(self) -> np.ndarray:
        """The numbers, in this machine's byte order."""
        try:
            return self._read()
        except (ValueError, OverflowError, MemoryError) as error:
            if isinstance(error, FileError):
                raise
            raise self.file.damaged(self.at, f'"{self.path}" of shape {self.shape} can\'t be read ({error})') from None

    def _read(self) -> np.ndarray:
        kind = self.layout[1]
        if kind != 2 and self.filters:
            raise self.file.damaged(self.at, f'expected "{self.path}" without filters, because it is not in chunks')
        if kind == 0:
            size = int.from_bytes(self.layout[2:4], "little")
            found: np.ndarray = self._plain(self.layout[4 : 4 + size], size)
        elif kind == 1:
            start, size = (int.from_bytes(self.layout[n : n + 8], "little") for n in (2, 10))
            found = self._plain(b"" if not size else self.file.part(start, size, f'"{self.path}"'), size)
        else:
            found = self._from_chunks()
        return found.astype(self.dtype.newbyteorder("="))

    def _plain(self, stored: _Stored, size: int) -> np.ndarray:
        if size != self.bytes or len(stored) != size:
            raise self.file.damaged(
                self.at,
                f'"{self.path}" is said to be {self.dtype} {self.shape}, {self.bytes} bytes, but {size} are stored',
            )
        return np.frombuffer(stored, self.dtype).reshape(self.shape)

    # Chunks: the array is cut into blocks of equal shape, each perhaps shuffled and compressed -----------------------

    def _from_chunks(self) -> np.ndarray:
        axes = len(self.shape)
        if len(self.layout) < 11 + 4 * (axes + 1) or self.layout[2] != axes + 1:
            raise self.file.damaged(self.at, f'expected chunks of {axes} axes for "{self.path}"')
        chunk = tuple(int.from_bytes(self.layout[11 + 4 * axis : 15 + 4 * axis], "little") for axis in range(axes))
        if 0 in chunk or any(c > max(1, s) * 2 for c, s in zip(chunk, self.shape, strict=True)):
            raise self.file.damaged(self.at, f'chunks of shape {chunk} don\'t fit "{self.path}" of shape {self.shape}')
        root = int.from_bytes(self.layout[3:11], "little")
        stored = {} if root == UNDEFINED else dict(self._chunks(root, axes, set(), 0))
        grid = set(
            itertools.islice(
                itertools.product(*(range(0, s, c) for s, c in zip(self.shape, chunk, strict=True))), len(stored) + 1
            )
        )
        if grid != set(stored) or self.bytes > MOST_EXPANSION * sum(size for _, size in stored.values()):
            raise self.file.damaged(
                self.at, f'"{self.path}" is said to have {self.bytes} bytes, but not all of its chunks are stored'
            )
        found = np.empty(self.shape, self.dtype)
        for corner, (start, size) in stored.items():
            place = tuple(slice(begin, begin + length) for begin, length in zip(corner, chunk, strict=True))
            target = found[place]
            block = self._unfiltered(
                self.file.part(start, size, f'a chunk of "{self.path}"'), prod(chunk) * self.dtype.itemsize, start
            )
            target[...] = block.reshape(chunk)[tuple(slice(length) for length in target.shape)]
        return found

    def _chunks(
        self, at: int, axes: int, seen: set[int], depth: int
    ) -> Iterator[tuple[tuple[int, ...], tuple[int, int]]]:
        """(corner, (start, size)) of every chunk below a node of the B-tree."""
        file = self.file
        file.expect(at, b"TREE\x01", "a tree of chunks")
        level, used = file.number(at + 5, 1, "a tree"), file.number(at + 6, 2, "a tree")
        if at in seen or depth > 16:
            raise file.damaged(at, "a tree leads back to itself")
        seen.add(at)
        key = 8 + 8 * (axes + 1)
        for place in range(at + 24, at + 24 + used * (key + 8), key + 8):
            child = file.number(place + key, 8, "a tree")
            if level:
                yield from self._chunks(child, axes, seen, depth + 1)
                continue
            if file.number(place + 4, 4, "a tree"):
                raise file.refused(f'chunks of "{self.path}" that were filtered differently')
            corner = tuple(file.number(place + 8 + 8 * axis, 8, "a tree") for axis in range(axes))
            yield corner, (child, file.number(place, 4, "a tree"))

    def _unfiltered(self, stored: memoryview, size: int, at: int) -> np.ndarray:
        data: bytes | memoryview = stored
        for number in reversed(self.filters):
            if number == DEFLATE:
                try:
                    data = zlib.decompressobj().decompress(data, size + 1)
                except zlib.error as error:
                    raise self.file.damaged(at, f'a chunk of "{self.path}" can\'t be decompressed ({error})') from None
            else:
                planes = np.frombuffer(data, np.uint8)
                data = (
                    planes.reshape(self.dtype.itemsize, -1).T.tobytes()
                    if len(planes) % self.dtype.itemsize == 0
                    else b""
                )
        if len(data) != size:
            raise self.file.damaged(at, f'expected a chunk of {size} bytes in "{self.path}", received {len(data)}')
        return np.frombuffer(data, self.dtype)


def filter_pipeline(file: Bytes, at: int, message: memoryview) -> list[int]:
    """The numbers of the filters a chunk went through; only gzip and shuffle are read."""
    version, count = (message[0], message[1]) if len(message) > 1 else (0, 0)
    if version not in (1, 2):
        raise file.damaged(at, f"expected a list of filters, received version {version}")
    found: list[int] = []
    place = 8 if version == 1 else 2
    for _ in range(count):
        head = message[place : place + 8]
        if len(head) < 6:
            raise file.damaged(at, "a list of filters ends too early")
        number = int.from_bytes(head[:2], "little")
        if number not in (DEFLATE, SHUFFLE):
            raise file.refused(f"the filter {FILTERS.get(number, number)}")
        found.append(number)
        name = int.from_bytes(head[2:4], "little") if version == 1 else 0
        values = int.from_bytes(head[6:8] if version == 1 else head[4:6], "little")
        place += (8 if version == 1 else 6) + -(-name // 8) * 8 + 4 * (values + (values % 2 if version == 1 else 0))
    return found
