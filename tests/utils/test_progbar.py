"""What Progbar promises beyond its looks, which tests/callbacks compares with Keras's."""

from __future__ import annotations

import io
import sys

import pytest

from goldens.bars import stopped_clock
from pippin.errors import SettingError
from pippin.utils import Progbar


def test_the_bar_is_drawn_at_most_20_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    with stopped_clock() as clock:
        bar = Progbar(10_000)
        for step in range(1, 10_000):
            clock.now += 0.0003  # three seconds in all
            bar.update(step)
    assert 50 <= stream.getvalue().count("\r") <= 61


def test_what_to_average_can_be_said_in_one_way_only() -> None:
    with pytest.raises(SettingError, match="Only one of"):
        Progbar(3, stateful_metrics=["a"], stateless_metrics=["b"])
