"""Words reach a person whatever the terminal can show."""

from __future__ import annotations

import io
import sys

import pytest

from pippin.utils.console import say


def test_a_terminal_without_the_signs_of_the_bar_gets_plainer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    say("1/2 ━━ é")
    stream.seek(0)
    assert stream.read() == "1/2 == \n"
