"""What tests of pictures share: a cache folder of their own, and folders written for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data.drawn import Tree


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))
    return tmp_path / "cache-home"


@pytest.fixture
def plant(tmp_path: Path) -> Callable[[Tree], Path]:
    """Write files, given by path and content, below a new folder; return the folder."""

    def write(tree: Tree) -> Path:
        root = tmp_path / "photos"
        root.mkdir(exist_ok=True)
        for name, content in tree.items():
            place = root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return root

    return write
