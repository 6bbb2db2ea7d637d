"""The table of a summary in a terminal: colours where they are wanted, wide signs counted, plain signs where
there are no others."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import Any

import pytest

import pippin
from goldens import summaries
from pippin.models.table import Column, cells, draw, wrap

CODES = re.compile(r"\x1b\[[\d;]*m")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _a_terminal_of_many_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


def shown(model: Any, **settings: Any) -> str:
    """What a terminal gets of a summary."""
    with contextlib.redirect_stdout(Terminal()) as stream:
        model.summary(**settings)
    return stream.getvalue()


def test_a_terminal_gets_colours_and_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    model = summaries.nested_model(pippin)
    coloured = shown(model, show_trainable=True)
    assert "\x1b[1;91mN\x1b[0m" in coloured and "\x1b[38;5;34m15\x1b[0m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(model, show_trainable=True) == CODES.sub("", coloured)


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_terminal_of_few_colours_gets_none(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    monkeypatch.setenv("TERM", term)
    text = shown(summaries.article_model(pippin))
    assert "Total params" in text and "\x1b" not in text


def test_what_is_handed_to_print_fn_has_no_colours() -> None:
    told: list[str] = []
    assert shown(summaries.article_model(pippin), print_fn=told.append) == ""
    assert "Total params" in told[0] and "\x1b" not in told[0]


def test_a_stream_without_the_signs_of_boxes_gets_plainer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    summaries.article_model(pippin).summary()
    stream.seek(0)
    assert "| Layer (type)" in stream.read()


def test_wide_signs_take_two_places() -> None:
    assert cells("リンゴ") == 6 and cells("e\u0301") == 1
    lines = draw([Column("名", "left", 6)], [["リンゴの木"]], 10, colour=False)
    assert {cells(line) for line in lines} == {10}


def test_words_too_long_for_a_line_are_folded_or_end_in_dots() -> None:
    assert wrap("one twothreefour", 6, fold=False) == ["one ", "twoth…"]
    assert wrap("one twothreefour", 6, fold=True) == ["one ", "twothr", "eefour"]


def test_columns_too_narrow_to_read_are_refused() -> None:
    with pytest.raises(ValueError, match="line_length=8"):
        summaries.article_model(pippin).summary(line_length=8)


def test_a_range_of_layers_that_are_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Layers: dense.*"):
        summaries.article_model(pippin).summary(layer_range=["conv", "dense"])
