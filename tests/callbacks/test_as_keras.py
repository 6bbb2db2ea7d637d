"""Callbacks and progress bars do and say what those of real Keras did: its record lies in tests/goldens."""

from __future__ import annotations

from pathlib import Path

import pytest

import pippin
from goldens import bars, watchers

FOLDER = Path(bars.__file__).parent


@pytest.mark.parametrize("name", sorted(watchers.SCENARIOS))
def test_a_callback_does_what_it_does_in_keras(name: str) -> None:
    recorded = (FOLDER / "watcher" / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    assert watchers.SCENARIOS[name](pippin) == recorded


@pytest.mark.parametrize("name", sorted(bars.SCENARIOS))
def test_a_run_looks_as_it_does_in_keras(name: str) -> None:
    pippin.config.set_engine("reference")
    assert bars.SCENARIOS[name](pippin) == (FOLDER / "bar" / f"{name}.txt").read_text(encoding="utf-8")
