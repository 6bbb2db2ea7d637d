"""Claims about what a person sees of a run: lines for a file, one moving line for a terminal, and no colour
where none is wanted."""

from __future__ import annotations

import io
import json
import re

import pytest

from pippin.glass.events import Event, event
from pippin.images.display import JsonLines, Several, Terminal, duration


class Screen(io.StringIO):
    """A terminal that keeps what it is sent."""

    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


class OldScreen(Screen):
    encoding = "ascii"  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def data_event(test: list[int] | None = None, skipped: int = 0) -> Event:
    return event(
        "data",
        classes=["apple", "not_apple"],
        learn=[8, 9],
        validation=[2, 3],
        test=test,
        skipped=skipped,
        size=64,
        channels=3,
        weights=97_000,
        epochs=2,
        batch=8,
        learning_rate=0.003,
    )


def epoch_event(number: int, best: bool = False) -> Event:
    return event(
        "epoch",
        epoch=number,
        epochs=2,
        loss=0.66,
        accuracy=0.634,
        val_loss=0.6,
        val_accuracy=0.71,
        learning_rate=0.003,
        seconds=0.8,
        elapsed=0.8 * number,
        left=0.8,
        best=best,
    )


def run_on(out: io.StringIO) -> str:
    terminal = Terminal(out)
    terminal.reading(1, 2)
    terminal.event(data_event(test=[4, 5], skipped=2))
    for number in (1, 2):
        terminal.learning(number, 1, 3, 0.7, 5.0)
        terminal.event(epoch_event(number, best=number == 2))
    return out.getvalue()


def test_a_file_gets_whole_lines_and_no_control_characters() -> None:
    text = run_on(io.StringIO())
    assert not re.search(r"[\r\x1b]", text)
    assert len([line for line in text.splitlines() if "loss" in line]) == 2  # one an epoch


def test_the_best_epoch_is_marked_and_learning_and_validation_stand_apart() -> None:
    lines = [line for line in run_on(io.StringIO()).splitlines() if re.match(r" +[12] ", line)]
    assert re.match(r" +1 +loss 0\.66 +63 % +loss 0\.60 +71 % +0\.8 s, 0\.8 s left$", lines[0])
    assert re.match(r" +2 +loss 0\.66 +63 % +loss 0\.60 +71 % +\* +0\.8 s, 0\.8 s left$", lines[1])


def test_the_photos_are_counted_by_class_and_by_what_they_are_for() -> None:
    text = run_on(io.StringIO())
    assert "14 apple · 17 not_apple   2 left out" in text
    assert "17 to learn from · 5 to choose the best epoch by · 9 to test on" in text


def test_a_terminal_has_one_line_that_moves() -> None:
    text = run_on(Screen())
    assert text.count("\r\x1b[K") >= 2
    assert "━" in text and "1/3  loss 0.70" in text


def test_no_color_is_respected() -> None:
    assert "\x1b[1m" in run_on(Screen())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        assert "\x1b[1m" not in run_on(Screen())


def test_a_terminal_that_knows_only_ascii_gets_only_that() -> None:
    assert run_on(OldScreen()).isascii()


def test_a_dumb_terminal_gets_plain_lines() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "dumb")
        assert "\x1b" not in run_on(Screen())


def test_the_moving_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    screen = Screen()
    Terminal(screen).learning(1, 1, 3, 0.7, 5.0)
    assert len(screen.getvalue().removeprefix("\r\x1b[K")) < 30


def test_json_lines_are_the_events_themselves() -> None:
    out = io.StringIO()
    Several(JsonLines(out), JsonLines(out)).event(epoch_event(1))
    first, second = out.getvalue().splitlines()
    assert first == second
    assert json.loads(first)["val_loss"] == 0.6


@pytest.mark.parametrize(
    ("length", "words"),
    [(0.84, "0.8 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")],
)
def test_durations_are_told_as_people_do(length: float, words: str) -> None:
    assert duration(length) == words
