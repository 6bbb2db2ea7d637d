"""Claims about folders of texts as batches: labels by folder, cut, split and mixed as is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin.errors import DataError, SettingError
from pippin.utils import text_dataset_from_directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("bad", "good"):
        for number in range(5):
            (tmp_path / name / "deeper").mkdir(parents=True, exist_ok=True)
            place = tmp_path / name / ("deeper" if number == 4 else "") / f"{number}.txt"
            place.write_bytes(f"{name} {number} schön\r\n".encode())
    (tmp_path / "bad" / "notes.md").write_text("not a text of this class")
    return tmp_path


def texts(dataset: Any) -> list[str]:
    return [text for batch in dataset for text in np.asarray(batch[0] if isinstance(batch, tuple) else batch)]


def test_texts_come_whole_with_the_number_of_their_folder(folder: Path) -> None:
    dataset = text_dataset_from_directory(folder, batch_size=4, shuffle=False, verbose=False)
    assert dataset.class_names == ["bad", "good"] and len(dataset.file_paths) == 10
    found = [(text, int(label)) for batch in dataset for text, label in zip(*batch, strict=True)]
    assert found == [(f"{n} {i} schön\r\n", k) for k, n in enumerate(("bad", "good")) for i in range(5)]
    assert [len(labels) for _, labels in dataset] == [4, 4, 2]


@pytest.mark.parametrize(("mode", "shape", "dtype"), [
    ("int", (10,), "int32"), ("binary", (10, 1), "float32"), ("categorical", (10, 2), "float32"),
])  # fmt: skip
def test_labels_have_the_form_that_was_asked_for(mode: str, shape: Any, dtype: str, folder: Path) -> None:
    ((_, labels),) = text_dataset_from_directory(folder, label_mode=mode, verbose=False)
    assert labels.shape == shape and labels.dtype == dtype


def test_long_texts_are_cut_and_single_ones_given(folder: Path) -> None:
    dataset = text_dataset_from_directory(folder, labels=None, batch_size=None, max_length=3, verbose=False)
    assert len(dataset) == 10 and {str(text) for text in dataset} == {"bad", "goo"}


def test_parts_share_nothing_and_only_the_first_is_mixed_anew(folder: Path) -> None:
    train, held_out = text_dataset_from_directory(folder, validation_split=0.3, subset="both", seed=7, verbose=False)
    assert (len(texts(train)), len(texts(held_out))) == (7, 3)
    assert len({*texts(train), *texts(held_out)}) == 10
    assert texts(held_out) == texts(held_out)
    alone = text_dataset_from_directory(folder, validation_split=0.3, subset="validation", seed=7, verbose=False)
    assert sorted(texts(alone)) == sorted(texts(held_out))


def test_what_can_not_be_read_or_done_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "bad" / "0.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"0\.txt: expected a text in UTF-8"):
        texts(text_dataset_from_directory(folder, verbose=False))
    (folder / "none").mkdir()
    with pytest.raises(DataError, match="No text files found"):
        text_dataset_from_directory(folder / "none", labels=None, verbose=False)
    with pytest.raises(SettingError, match="max_length"):
        text_dataset_from_directory(folder, max_length=0)
