"""Keras's progress bar: how far, how fast, and the figures so far. Who moves it: callbacks/progress.py."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.utils.console import say


class Progbar:
    """A bar for `target` steps (None if unknown), rewritten in place at most every `interval` seconds.

    `verbose` 1 draws the bar, 2 writes one line when all is done, 0 nothing. Figures are averaged over the
    steps unless named in `stateful_metrics`; with `stateless_metrics`, only those named there are averaged.
    """

    def __init__(
        self, target: int | None, width: int = 20, verbose: int = 1, interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None, stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:  # fmt: skip
        if stateful_metrics is not None and stateless_metrics is not None:
            raise SettingError("Progbar: Only one of `stateful_metrics` and `stateless_metrics` can be given.")
        self.target, self.width, self.verbose, self.interval = target, width, verbose, interval
        self.unit_name = unit_name
        self._shown_as_is = set(stateful_metrics or ())
        self._averaged = None if stateless_metrics is None else set(stateless_metrics)
        self._figures: dict[str, tuple[Any, int]] = {}  # sum and how many steps it is over
        self._seen = 0
        self._started = time.time()
        self._first_step_done: float | None = None
        self._last_shown = 0.0
        self._last_width = 0

    def update(
        self, current: int, values: Iterable[tuple[str, Any]] | None = None, finalize: bool | None = None
    ) -> None:
        """`current` steps are done; `values`: (name, value) at the last of them. The last call ends the
        line."""
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._add(name, value, max(current - self._seen, 1), finalize)
        self._seen = current
        now = time.time()
        seconds_a_step = self._seconds_a_step(current, now)
        if self.verbose == 1 and (finalize or now - self._last_shown >= self.interval):
            self._draw(current, now, seconds_a_step, finalize)
            self._last_shown = now
        elif self.verbose == 2 and finalize and self.target:
            head = f"{current:{len(str(self.target))}d}/{self.target} - {now - self._started:.0f}s -"
            say(head + self._speed(seconds_a_step) + self._told(lambda figure: figure > 1e-3))

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """`n` more steps are done."""
        self.update(self._seen + n, values)

    def _add(self, name: str, value: Any, steps: int, last: bool) -> None:
        averaged = name in self._averaged if self._averaged is not None else name not in self._shown_as_is
        if last or not averaged:
            self._figures[name] = (value, 1)
        else:
            total, count = self._figures.get(name, (0.0, 0))
            self._figures[name] = (total + value * steps, count + steps)

    def _seconds_a_step(self, current: int, now: float) -> float:
        """The first step is left out as soon as there are others: it includes getting ready."""
        if not current:
            return 0.0
        if self._first_step_done is not None and current > 1:
            return (now - self._first_step_done) / (current - 1)
        if current == 1:
            self._first_step_done = now
        return (now - self._started) / current

    def _draw(self, current: int, now: float, seconds_a_step: float, last: bool) -> None:
        """Rewrite the line. Its width on the screen is kept, so that a longer one is wiped out."""
        bar, bar_width = self._bar(current)
        remaining = None if last or not self.target else seconds_a_step * (self.target - current)
        duration = f"{now - self._started:.0f}s" if remaining is None else _clock(remaining)
        told = self._speed(seconds_a_step) + self._told(lambda figure: abs(figure) > 1e-3)
        width = bar_width + len(f" {duration}{told}")
        back = "\b" * self._last_width + "\r" if _can_go_back() else "\n"
        wipe = " " * (self._last_width - width)
        say(f"{back}{bar} \x1b[1m{duration}\x1b[0m{told}{wipe}", end="\n" if last else "")
        self._last_width = width

    def _bar(self, current: int) -> tuple[str, int]:
        """The count and the bar, green as far as it is done, and how wide they are."""
        if not self.target:
            count = f"{current:7d}/Unknown"
            return count, len(count)
        count = f"{current:{len(str(self.target))}d}/{self.target}"
        done = int(self.width * current / self.target)
        green = f"\x1b[32m{'━' * done}\x1b[0m" if done else ""
        return f"\x1b[1m{count}\x1b[0m {green}\x1b[37m{'━' * (self.width - done)}\x1b[0m", len(count) + 1 + self.width

    def _speed(self, seconds: float) -> str:
        if seconds >= 1 or seconds == 0:
            return f" {seconds:.0f}s/{self.unit_name}"
        if seconds >= 1e-3:
            return f" {seconds * 1e3:.0f}ms/{self.unit_name}"
        return f" {seconds * 1e6:.0f}us/{self.unit_name}"

    def _told(self, is_large: Any) -> str:
        """The figures with four digits; small ones with an exponent."""
        told = ""
        for name, (total, count) in self._figures.items():
            figure = (total if isinstance(total, float) else np.mean(total)) / max(1, count)
            told += f" - {name}: {figure:.4f}" if is_large(figure) else f" - {name}: {figure:.4e}"
        return told


def _clock(seconds: float) -> str:
    """3725 → "1:02:05", 65 → "1:05", 5 → "5s"."""
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"


def _can_go_back() -> bool:
    """Whether a line can be written over. Like Keras, this takes it for granted except on Windows."""
    return os.name == "posix" or sys.stdout.isatty() or "ipykernel" in sys.modules or "PYCHARM_HOSTED" in os.environ
