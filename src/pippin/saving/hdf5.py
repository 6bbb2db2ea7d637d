"""A small HDF5 reader for files that nobody vouches for: groups of datasets of numbers, as Keras and Pippin write them.

It knows nothing else, so nothing else can happen: no links of any kind, no other files, no virtual datasets, no
plugins. Every address is checked against the size of the file and followed once; what a dataset claims must be what is
stored. Whatever is not understood is refused by name. Source: HDF5 File Format Specification, version 3.0 (superblock 0
and 1, object headers of version 1, groups as symbol tables), which is what h5py writes unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from pippin.saving.hdf5_data import MOST_EXPANSION, UNDEFINED, Bytes, Dataset, dataspace, filter_pipeline, number_type

MAGIC = b"\x89HDF\r\n\x1a\n"
MOST_DEPTH = 64
_REFUSED = {
    0x02: "groups in the newer layout (links)", 0x06: "links in the newer layout", 0x07: "data in other files",
    0x0A: "groups in the newer layout", 0x0F: "a shared message table",
}  # fmt: skip
_SPACE, _TYPE, _LAYOUT, _FILTERS, _ATTRIBUTE, _CONTINUATION, _SYMBOLS = 0x01, 0x03, 0x08, 0x0B, 0x0C, 0x10, 0x11

Message = tuple[int, int, memoryview]  # kind, where it stands, its bytes


class Hdf5File:
    """The datasets of a file by their paths ("layers/dense/vars/0"), and the texts that groups are marked with: single
    ones in `marks`, lists of them in `lists`."""

    def __init__(self, data: bytes | memoryview, described: str) -> None:
        self.bytes = Bytes(data, described)
        self.datasets: dict[str, Dataset] = {}
        self.marks: dict[str, dict[str, str]] = {}
        self.lists: dict[str, dict[str, list[str]]] = {}
        self._seen: set[int] = set()
        self._heaps: dict[int, dict[int, tuple[int, int]]] = {}
        self._claimed = 0
        self._group(self._root(), "")

    def _once(self, at: int) -> int:
        if at in self._seen:
            raise self.bytes.damaged(at, "one part is used in two places")
        self._seen.add(at)
        return at

    def _root(self) -> int:
        """Where the header of the outermost group is."""
        file = self.bytes
        file.expect(0, MAGIC, "the mark of an HDF5 file")
        version = file.number(8, 1, "its version")
        if version in (2, 3):
            raise file.refused("the newer layout of HDF5 (libver='latest')")
        if version > 3 or file.number(13, 2, "its sizes") != 0x0808:
            raise file.damaged(8, f"expected version 0 or 1 with addresses of 8 bytes, received version {version}")
        start = 24 + 4 * version
        base, _, end = (file.number(start + 8 * n, 8, "its size") for n in range(3))
        if base or end > len(file):
            raise file.damaged(start, f"the file should have {end} bytes, it has {len(file)}: it was cut short")
        return file.number(start + 40, 8, "the outermost group")

    # Groups ----------------------------------------------------------------------------------------------------------

    def _group(self, header: int, path: str) -> None:
        messages = list(self._messages(header))
        kinds = {kind for kind, _, _ in messages}
        if _SYMBOLS not in kinds:
            self._dataset(messages, path, header)
            return
        for kind, at, message in messages:
            if kind == _ATTRIBUTE:
                self._mark(path, at, message)
            elif kind == _SYMBOLS:
                tree, heap = (int.from_bytes(message[n : n + 8], "little") for n in (0, 8))
                for name, child in self._members(tree, heap, 0):
                    if path.count("/") > MOST_DEPTH:
                        raise self.bytes.damaged(child, "groups are nested too deeply")
                    inner = f"{path}/{name}" if path else name
                    if inner in self.datasets or inner in self.marks:
                        raise self.bytes.damaged(child, f'"{inner}" is there twice')
                    self._group(child, inner)
        self.marks.setdefault(path, {})

    def _members(self, at: int, heap: int, depth: int) -> Iterator[tuple[str, int]]:
        """(name, header) of everything in a group, from its B-tree."""
        file = self.bytes
        file.expect(self._once(at), b"TREE\x00", "a tree of names")
        level, used = file.number(at + 5, 1, "a tree"), file.number(at + 6, 2, "a tree")
        if depth > 16:
            raise file.damaged(at, "a tree is too deep")
        for place in range(at + 32, at + 32 + 16 * used, 16):
            child = file.number(place, 8, "a tree")
            yield from self._members(child, heap, depth + 1) if level else self._symbols(child, heap)

    def _symbols(self, at: int, heap: int) -> Iterator[tuple[str, int]]:
        file = self.bytes
        file.expect(self._once(at), b"SNOD\x01", "a list of names")
        file.expect(heap, b"HEAP\x00", "a heap of names")
        size, _, names = (file.number(heap + 8 + 8 * n, 8, "a heap of names") for n in range(3))
        text = bytes(file.part(names, size, "names"))
        for place in range(at + 8, at + 8 + 40 * file.number(at + 6, 2, "a list of names"), 40):
            if file.number(place + 16, 4, "a name") == 2:
                raise file.refused("soft links (SoftLink)")
            start = file.number(place, 8, "a name")
            end = text.find(b"\0", start)
            try:
                name = text[start:end].decode() if end > start else ""
            except UnicodeDecodeError:
                name = ""
            if not name or "/" in name or len(name) > 1024 or name in (".", ".."):
                raise file.damaged(place, "expected the name of a group or dataset")
            yield name, file.number(place + 8, 8, "a name")

    # Headers ---------------------------------------------------------------------------------------------------------

    def _messages(self, header: int) -> Iterator[Message]:
        """The messages of an object header and of the blocks it is continued in."""
        file = self.bytes
        if bytes(file.part(self._once(header), 4, "a header")) == b"OHDR":
            raise file.refused("headers in the newer layout")
        file.expect(header, b"\x01", "a header")
        left = file.number(header + 2, 2, "a header")
        blocks = [(header + 16, file.number(header + 8, 4, "a header"))]
        while blocks:
            at, size = blocks.pop(0)
            end = at + len(file.part(at, size, "a header"))
            while at + 8 <= end and left:
                kind, length, flags = (
                    file.number(at, 2, "a message"),
                    file.number(at + 2, 2, "a message"),
                    file.number(at + 4, 1, "a message"),
                )
                message = file.part(at + 8, length, "a message")
                if at + 8 + length > end:
                    raise file.damaged(at, "a message is longer than its header")
                if kind in _REFUSED or flags & 2:
                    raise file.refused(_REFUSED.get(kind, "shared messages"))
                left -= 1
                if kind == _CONTINUATION:
                    blocks.append(
                        (self._once(int.from_bytes(message[:8], "little")), int.from_bytes(message[8:16], "little"))
                    )
                else:
                    yield kind, at, message
                at += 8 + length
        if left:
            raise file.damaged(header, f"{left} messages of a header are missing")

    def _dataset(self, messages: list[Message], path: str, header: int) -> None:
        file = self.bytes
        found = {kind: (at, message) for kind, at, message in messages}
        if not {_SPACE, _TYPE, _LAYOUT} <= set(found):
            raise file.damaged(header, f'expected "{path}" to be a group or a dataset')
        layout_at, layout = found[_LAYOUT]
        kind = layout[1] if len(layout) >= 18 or (len(layout) >= 4 and layout[1] == 0) else -1
        if kind == 3 or layout[:1].tobytes() == b"\x04":
            raise file.refused(f'the dataset "{path}" in a newer layout or made of other datasets')
        if layout[:1].tobytes() != b"\x03" or kind not in (0, 1, 2):
            raise file.damaged(layout_at, f'expected where the numbers of "{path}" are')
        filters = filter_pipeline(file, *found[_FILTERS]) if _FILTERS in found else []
        dtype = number_type(file, found[_TYPE][1], f'"{path}"')
        dataset = Dataset(file, path, dataspace(file, *found[_SPACE]), dtype, layout_at, layout, filters)
        self._claimed += dataset.bytes if kind != 2 else dataset.bytes // MOST_EXPANSION
        if self._claimed > len(file):
            raise file.damaged(
                layout_at,
                f'"{path}" is said to be {dtype} {dataset.shape}, more than the whole file of {len(file)} bytes',
            )
        self.datasets[path] = dataset

    # Marks: texts on groups ------------------------------------------------------------------------------------------

    def _mark(self, path: str, at: int, message: memoryview) -> None:
        """Keep an attribute that is a text or a list of texts; others are of no use to anyone here."""
        file = self.bytes
        if len(message) < 8 or message[0] not in (1, 2, 3):
            raise file.damaged(at, "expected an attribute")
        sizes = [int.from_bytes(message[n : n + 2], "little") for n in (2, 4, 6)]
        padded = [-(-size // 8) * 8 for size in sizes] if message[0] == 1 else sizes
        start = 9 if message[0] == 3 else 8
        name = bytes(message[start : start + sizes[0]]).rstrip(b"\0").decode(errors="replace")
        kind = message[start + padded[0] : start + padded[0] + sizes[1]]
        space = message[start + padded[0] + padded[1] : start + padded[0] + padded[1] + sizes[2]]
        value = message[start + sum(padded) :]
        is_long, is_short = len(kind) >= 8 and kind[0] & 15 == 9 and kind[1] & 15 == 1, kind[:1] and kind[0] & 15 == 3
        width = 16 if is_long else int.from_bytes(kind[4:8], "little") if is_short else 0
        shape = dataspace(file, at, space) if width else ()
        if not width or len(shape) > 1 or len(value) < width * prod(shape):
            return
        parts = [value[n : n + width] for n in range(0, width * prod(shape), width)]
        texts = [self._heap_text(part) if is_long else _text(part) for part in parts]
        if shape:
            self.lists.setdefault(path, {})[name] = texts
        else:
            self.marks.setdefault(path, {})[name] = texts[0]

    def _heap_text(self, reference: memoryview) -> str:
        """A text of any length, from the heap that all texts of a file share. The reference: length, heap, number."""
        file = self.bytes
        at, index = int.from_bytes(reference[4:12], "little"), int.from_bytes(reference[12:16], "little")
        if at in (0, UNDEFINED):
            return ""
        place = self._heap(at).pop(index, None)  # once: many references to one text could fill the memory
        if place is None:
            raise file.damaged(at, f"text {index} is missing, or used twice")
        return _text(file.part(*place, "a text"))

    def _heap(self, at: int) -> dict[int, tuple[int, int]]:
        """Where the texts of a heap are, by their numbers: (start, size)."""
        if at in self._heaps:
            return self._heaps[at]
        file = self.bytes
        file.expect(at, b"GCOL\x01", "a heap of texts")
        end = at + file.number(at + 8, 8, "a heap of texts")
        found: dict[int, tuple[int, int]] = {}
        place = at + 16
        while place + 16 <= end:
            number, size = file.number(place, 2, "a text"), file.number(place + 8, 8, "a text")
            if number == 0:
                break
            found.setdefault(number, (place + 16, size))
            place += 16 + -(-size // 8) * 8
        self._heaps[at] = found
        return found


def _text(stored: memoryview) -> str:
    return bytes(stored).rstrip(b"\0").decode(errors="replace")
