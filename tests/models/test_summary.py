"""A summary is, letter for letter, what real Keras prints: its output lies in tests/goldens/summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pippin
from goldens import summaries
from pippin.layers.layer import clear_names

FOLDER = Path(summaries.__file__).parent / "summary"


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Keras was recorded: nothing says how wide the screen is."""

    def none(stream: int) -> Any:
        raise OSError

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("os.get_terminal_size", none)
    clear_names()


@pytest.mark.parametrize("name", sorted(summaries.SCENARIOS))
def test_a_summary_reads_as_keras_prints_it(name: str) -> None:
    assert summaries.SCENARIOS[name](pippin) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_weights_of_branches_come_in_keras_order() -> None:
    # Keras lists layers by their distance from the outputs, whatever the order they were made in.
    model = summaries.branches_model(pippin)
    assert [layer.name for layer in model.layers] == [
        "left",
        "shared",
        "right",
        "deep",
        "deeper",
        "answer",
        "kind",
    ]
    assert [array.shape for array in model.get_weights()] == [
        (4, 6), (6,), (6, 5), (5,), (5, 6), (6,), (6, 1), (1,), (6, 3), (3,),
    ]  # fmt: skip
