"""Claims about pippin demo, on little fruit and for few epochs: it does what it says, and can be done
again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo as it is, but for fewer pictures and less time."""
    from pippin.images import fruit

    draw = fruit.draw
    monkeypatch.setattr(
        fruit,
        "draw",
        lambda folder, train=24, test=12, seed=0: draw(folder, min(train, 24), min(test, 12), 24, seed),
    )
    monkeypatch.setattr("pippin.cli.demo.SECONDS", 0.5)


def test_it_draws_learns_and_tells_what_is_on_pictures_it_has_not_seen(command: Any) -> None:
    done = command("demo")
    assert done.code == 0
    assert "of 12 test photos right" in done.out and "Always saying" in done.out
    unseen = [line for line in done.out.splitlines() if line.startswith("  demo/fruit-unseen/test/")]
    assert len(unseen) == 6 and all(line.count(" %") == 2 for line in unseen)
    assert done.err.count("loss") >= 1


def test_what_it_says_to_try_next_works(command: Any) -> None:
    done = command("demo")
    predict = next(line.split() for line in done.out.splitlines() if line.startswith("  pippin predict"))
    assert command("predict", *predict[2:]).code == 0


def test_it_can_be_shown_again(command: Any) -> None:
    assert command("demo").code == command("demo").code == 0
    assert len(list(Path("runs").iterdir())) == 2
