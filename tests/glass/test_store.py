"""Claims about where a recording lies: a line that was cut short costs itself and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pippin.errors import FileError
from pippin.glass.events import event
from pippin.glass.store import Store


def test_events_are_lines_and_come_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    sizes = [store.append(event("saved", what="model", path=path)) for path in ("a", "ä")]
    assert [found["path"] for found in store.events()] == ["a", "ä"]
    assert sum(sizes) == (tmp_path / "events.ndjson").stat().st_size


def test_a_torn_line_is_left_out_and_what_follows_is_not(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append(event("saved", what="model", path="a"))
    whole = (tmp_path / "events.ndjson").read_bytes()
    for length in range(1, len(whole)):
        (tmp_path / "events.ndjson").write_bytes(whole + whole[:length])
        assert len(list(store.events())) == (2 if length >= len(whole) - 1 else 1)
    (tmp_path / "events.ndjson").write_bytes(whole + whole[:9])
    store.append(event("saved", what="model", path="b"))
    assert [found["path"] for found in store.events()] == ["a", "b"]


def test_lines_of_something_else_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "events.ndjson").write_text('3\n[]\n{"a": 1}\n\n' + json.dumps({"event": "x"}) + "\n")
    assert list(Store(tmp_path).events()) == [{"event": "x"}]


def test_arrays_come_back_bit_for_bit(tmp_path: Path) -> None:
    store = Store(tmp_path)
    tree = {"a": {"shape": [2], "whole": np.array([1.5, -np.inf], np.float32)}}
    size = store.write_tensors("000000001.safetensors", tree)
    assert size == (tmp_path / "tensors" / "000000001.safetensors").stat().st_size
    np.testing.assert_array_equal(store.read_tensors("000000001.safetensors")["a"]["whole"], tree["a"]["whole"])
    with pytest.raises(FileError):
        store.read_tensors("000000002.safetensors")
