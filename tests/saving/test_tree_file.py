"""Claims about trees of plain data and arrays in a file: they come back bit for bit, or the file is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pippin.errors import FileError
from pippin.saving.tree_file import read_tree, write_tree

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees)
def test_plain_data_come_back_as_they_were(tree: Any, tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", tree)
    assert read_tree(tmp_path / "tree") == tree


def test_arrays_of_all_kinds_come_back_bit_for_bit(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0)
    tree = {
        "weights": [numbers.normal(size=(3, 4)).astype("float32"), numbers.integers(0, 9, (2,), dtype=np.uint32)],
        "scalar": np.array(3, np.int32), "empty": np.zeros((0, 3), np.float32),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "odd": np.array([np.nan, np.inf, -0.0, 1e-45], np.float32), "truth": np.array([True, False]),
        3: "a number as a key", "inf": math.inf, "one": np.float32(1.5),
    }  # fmt: skip
    write_tree(tmp_path / "tree", tree)
    found = read_tree(tmp_path / "tree")
    assert found["scalar"].shape == () and found["empty"].shape == (0, 3)
    assert found[3] == "a number as a key" and found["inf"] == math.inf and found["one"] == 1.5
    for name in ("turned", "odd", "truth"):
        assert found[name].dtype == tree[name].dtype
        np.testing.assert_array_equal(found[name], tree[name])
    for before, after in zip(tree["weights"], found["weights"], strict=True):
        assert before.dtype == after.dtype and before.tobytes() == after.tobytes()


def test_things_that_are_no_data_are_refused_by_their_place(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="/callbacks/1"):
        write_tree(tmp_path / "tree", {"callbacks": [1, object()]})
    assert not (tmp_path / "tree").exists()


def test_a_file_that_was_cut_or_altered_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tree"
    write_tree(path, {"a": np.arange(50, dtype=np.float32), "b": [1, 2.5, "text"]})
    whole = path.read_bytes()
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_tree(path)
    for bit in range(0, 8 * len(whole), 11):
        altered = bytearray(whole)
        altered[bit // 8] ^= 1 << bit % 8
        path.write_bytes(altered)
        try:
            found = read_tree(path)
        except FileError:
            continue
        # Spaces that pad the header may differ: nothing was read from them.
        assert found["b"] == [1, 2.5, "text"] and np.array_equal(found["a"], np.arange(50))


def test_a_missing_file_is_told_with_its_full_path(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=f"There is no file {tmp_path}/tree"):
        read_tree(tmp_path / "tree")
