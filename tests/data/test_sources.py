"""Datasets from generators, ranges and files, and several as one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pippin.compat.tf.data import Dataset, TextLineDataset
from pippin.errors import DataError


def numbers(dataset: object) -> list[int]:
    return [int(element) for element in dataset]  # type: ignore[attr-defined]


def test_ranges_generators_and_single_elements_are_datasets() -> None:
    assert numbers(Dataset.range(2, 8, 2)) == [2, 4, 6]
    made = Dataset.from_generator(lambda: ((i, [i, i]) for i in range(3)), output_types=("int32", "float32"))
    assert [(int(a), b.tolist()) for a, b in made] == [(0, [0, 0]), (1, [1, 1]), (2, [2, 2])]
    assert next(iter(made))[1].dtype == np.float32
    assert len(list(made)) == 3
    assert len(Dataset.from_tensors(np.zeros((2, 3)))) == 1


def test_datasets_are_zipped_joined_numbered_and_sifted() -> None:
    a, b = Dataset.range(3), Dataset.range(10, 15)
    assert [(int(x), int(y)) for x, y in Dataset.zip((a, b))] == [(0, 10), (1, 11), (2, 12)]
    assert len(Dataset.zip(a, b)) == 3
    assert numbers(a.concatenate(b)) == [0, 1, 2, 10, 11, 12, 13, 14]
    assert [(int(i), int(x)) for i, x in b.enumerate(start=1)][:2] == [(1, 10), (2, 11)]
    assert numbers(b.filter(lambda x: x % 2 == 0)) == [10, 12, 14]
    assert numbers(a.flat_map(lambda x: Dataset.range(int(x)))) == [0, 0, 1]
    assert a.reduce(0, lambda state, x: state + int(x)) == 3
    mixed = Dataset.sample_from_datasets([a, b], seed=1)
    assert sorted(numbers(mixed)) == [0, 1, 2, 10, 11, 12, 13, 14]


def test_files_are_listed_and_read_line_by_line(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(f"{name} one\n{name} two\n", encoding="utf-8")
    listed = [str(name) for name in Dataset.list_files(str(tmp_path / "*.txt"), shuffle=False)]
    assert [Path(name).name for name in listed] == ["a.txt", "b.txt"]
    assert [str(line) for line in TextLineDataset(listed)][1:3] == ["a.txt two", "b.txt one"]
    with pytest.raises(DataError, match="No files matched pattern"):
        Dataset.list_files(str(tmp_path / "*.csv"))
