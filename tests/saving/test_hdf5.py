"""Claims about the small HDF5 reader: it reads what h5py writes, and refuses everything that is not plainly numbers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from pippin.errors import FileError
from pippin.saving.hdf5 import Hdf5File


def written(fill: Any, **settings: Any) -> bytes:
    """The bytes of a file that h5py wrote."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **settings) as file:
        fill(file)
    return buffer.getvalue()


def read(data: bytes) -> dict[str, np.ndarray]:
    """All arrays of a file."""
    return {path: dataset.read() for path, dataset in Hdf5File(data, "the file").datasets.items()}


def fill_with_everything(file: Any) -> None:
    numbers = np.random.default_rng(0)
    file["plain"] = numbers.normal(size=(5, 7)).astype("float32")
    file["scalar"] = np.float32(3)
    file["whole/deep/down"] = np.arange(5)
    for dtype in ("float16", "float64", ">f4", "int8", "uint8", ">i2", "uint16", "int32", ">u4", "int64", "uint64"):
        file[f"types/{dtype.replace('>', 'big_')}"] = numbers.integers(0, 100, 9).astype(dtype)
    file.create_dataset("empty", data=np.zeros((0, 3), "float32"))
    file.create_dataset(
        "zipped",
        data=numbers.normal(size=(130, 77)).astype("float32"),
        chunks=(32, 10),
        compression="gzip",
        shuffle=True,
    )
    file.create_dataset("shuffled", data=numbers.normal(size=(50, 7)), chunks=(50, 7), shuffle=True)
    file.create_dataset("chunked", data=numbers.normal(size=(64, 64)), chunks=(3, 3))
    file.create_dataset("compact", data=np.arange(4.0))
    for number in range(300):
        file[f"many/{number}"] = [number]
    file.create_group("nothing")
    file.attrs["text"], file.attrs["number"], file.attrs["fixed"] = "hallo", 3, np.bytes_("fixed")
    file["whole"].attrs["name"] = "é"


def test_it_reads_what_h5py_reads() -> None:
    data = written(fill_with_everything)
    found = read(data)
    names: list[str] = []
    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(lambda name, thing: names.append(name) if isinstance(thing, h5py.Dataset) else None)
        assert sorted(names) == sorted(found)
        for name in names:
            expected = file[name][()]
            assert found[name].shape == expected.shape and found[name].dtype == np.dtype(expected.dtype).newbyteorder(
                "="
            ), name
            np.testing.assert_array_equal(found[name], expected, err_msg=name)


def test_groups_keep_the_texts_they_are_marked_with() -> None:
    marks = Hdf5File(written(fill_with_everything), "the file").marks
    assert marks[""] == {"text": "hallo", "fixed": "fixed"}
    assert marks["whole"] == {"name": "é"}


def other_file(file: Any) -> None:
    file["x"] = h5py.ExternalLink("/etc/passwd", "/x")


def soft_link(file: Any) -> None:
    file["a"] = [1.0]
    file["x"] = h5py.SoftLink("/a")


def hard_link(file: Any) -> None:
    file["a/b"] = [1.0]
    file["x"] = file["a"]


def external_storage(file: Any) -> None:
    file.create_dataset("x", shape=(4,), dtype="float32", external=[("/etc/passwd", 0, 16)])


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout(shape=(4,), dtype="float32")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(4,))
    file.create_virtual_dataset("x", layout)


def lzf(file: Any) -> None:
    file.create_dataset("x", data=np.zeros(100), chunks=(10,), compression="lzf")


def fletcher(file: Any) -> None:
    file.create_dataset("x", data=np.zeros(100), chunks=(10,), fletcher32=True)


def texts(file: Any) -> None:
    file["x"] = "text"


def references(file: Any) -> None:
    file["x"] = file.ref


def records(file: Any) -> None:
    file["x"] = np.zeros(3, [("a", "f4"), ("b", "i4")])


def truths(file: Any) -> None:
    file["x"] = np.array([True])


REFUSED: dict[str, tuple[Any, str]] = {
    "other file": (other_file, "newer layout"), "soft link": (soft_link, "soft links"),
    "hard link": (hard_link, "used in two places"),
    "external storage": (external_storage, "data in other files"),
    "virtual": (virtual, "newer layout or made of other datasets"),
    "lzf": (lzf, "the filter lzf"), "fletcher": (fletcher, "the filter fletcher32"),
    "texts": (texts, "lists in|text in"),
    "references": (references, "references"), "records": (records, "records"), "truths": (truths, "enumerations"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_everything_but_numbers_in_groups_is_refused_by_name(kind: str) -> None:
    fill, words = REFUSED[kind]
    with pytest.raises(FileError, match=words):
        read(written(fill))


def test_the_newer_layout_is_refused_with_the_cure() -> None:
    with pytest.raises(FileError, match="libver='latest'.*Save it again"):
        read(written(lambda file: file.create_group("a"), libver="latest"))


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) == 1, "the test must know what it alters"
    return data.replace(old, new)


def test_a_small_file_that_claims_a_large_array_is_refused_before_memory_is_taken() -> None:
    data = written(lambda file: file.create_dataset("x", data=np.arange(7919, dtype="uint8")))
    size = (7919).to_bytes(8, "little")
    claims = data.replace(size, (2**42).to_bytes(8, "little"))
    assert claims != data
    with pytest.raises(FileError, match="more than the whole file"):
        read(claims)


def test_a_compressed_array_that_claims_more_than_can_be_stored_is_refused() -> None:
    data = written(
        lambda file: file.create_dataset("x", data=np.zeros(7919, "uint8"), chunks=(7919,), compression="gzip")
    )
    size = (7919).to_bytes(8, "little")
    with pytest.raises(FileError, match="not all of its chunks|more than the whole file|don't fit"):
        read(data.replace(size, (2**42).to_bytes(8, "little")))


def test_a_chunk_that_unpacks_to_more_than_its_size_is_refused() -> None:
    import zlib

    numbers = np.random.default_rng(0).integers(0, 4, 1000).astype("uint8")
    data = written(
        lambda file: file.create_dataset("x", data=numbers, chunks=(1000,), compression="gzip", compression_opts=9)
    )
    packed = zlib.compress(numbers.tobytes(), 9)
    bomb = zlib.compress(b"\0" * 100_000, 9)
    with pytest.raises(FileError, match="expected a chunk of 1000 bytes"):
        read(replaced(data, packed, bomb + packed[len(bomb) :]))


def test_a_file_that_was_cut_anywhere_is_refused() -> None:
    data = written(fill_with_everything)
    for length in range(0, len(data), 509):
        with pytest.raises(FileError):
            read(data[:length])


def test_altered_files_are_refused_or_read_with_the_shapes_they_say() -> None:
    """HDF5 can't notice a changed number; but no change may lead out of the file, run for ever, or raise anything
    else."""
    data = written(
        lambda file: (
            [file.create_dataset(f"layers/dense_{n}/vars/0", data=np.ones((2, 3), "f4")) for n in range(4)] and None
        )
    )
    chance = np.random.default_rng(0)
    refused = 0
    for _ in range(1500):
        altered = bytearray(data)
        for place in chance.integers(0, len(data), chance.integers(1, 4)):
            altered[place] = chance.choice([0, 1, 127, 128, 255, int(altered[place]) ^ (1 << int(chance.integers(8)))])
        try:
            found = read(bytes(altered))
        except FileError:
            refused += 1
        else:
            assert sum(array.nbytes for array in found.values()) <= len(data)
    assert refused > 100


def test_a_mutual_reference_of_trees_ends() -> None:
    data = bytearray(written(lambda file: [file.create_group(f"g{n}/vars") for n in range(3)] and None))
    trees = [place for place in range(len(data)) if data[place : place + 4] == b"TREE"]
    for place in trees:  # every tree says that it has inner nodes, and that the root is among them
        data[place + 5] = 1
        data[place + 32 : place + 40] = trees[0].to_bytes(8, "little")
    with pytest.raises(FileError):
        read(bytes(data))


def test_errors_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="^the file is damaged at byte 0"):
        read(b"not HDF5 at all, but long enough to look like something")
