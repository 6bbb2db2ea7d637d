"""A run as a person sees it: a table of epochs with one line that moves, or plain lines where no one watches.
Computes nothing."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TextIO

from pippin.data import printable
from pippin.glass.events import Event, to_line
from pippin.images.report import percent

SECONDS_BETWEEN_DRAWINGS = 0.1
BAR = 18
"""Characters."""


class Listener:
    """Is told what happens in a run; this one takes no notice."""

    def event(self, happened: Event) -> None:
        """Something in the vocabulary of events.py happened."""

    def reading(self, done: int, of: int) -> None:
        """So many photos have been read."""

    def learning(self, epoch: int, step: int, steps: int, loss: float, left: float) -> None:
        """A step of an epoch (from 1) is done; `left` is in seconds, and not finite when nobody can know."""


class JsonLines(Listener):
    """One event a line, for programs."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout

    def event(self, happened: Event) -> None:
        print(to_line(happened), file=self.out, flush=True)


class Several(Listener):
    """Passes everything on to others."""

    def __init__(self, *others: Listener) -> None:
        self.others = others

    def event(self, happened: Event) -> None:
        for other in self.others:
            other.event(happened)

    def reading(self, done: int, of: int) -> None:
        for other in self.others:
            other.reading(done, of)

    def learning(self, epoch: int, step: int, steps: int, loss: float, left: float) -> None:
        for other in self.others:
            other.learning(epoch, step, steps, loss, left)


class Terminal(Listener):
    """The table of epochs. On a terminal the last line moves; elsewhere there is one line an epoch and no
    control character."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.is_live = self.out.isatty() and os.environ.get("TERM") != "dumb"
        self.is_coloured = self.is_live and not os.environ.get("NO_COLOR")
        self._drawn = 0.0
        self._has_moving_line = False
        self._has_heading = False
        self._begun = time.monotonic()

    # What is told
    # -------------------------------------------------------------------------------------------------

    def event(self, happened: Event) -> None:
        tell = {"start": self._start, "data": self._data, "epoch": self._epoch, "warning": self._warning}.get(
            happened["event"]
        )
        if tell is not None:
            tell(happened)

    def reading(self, done: int, of: int) -> None:
        if self._may_draw(done == of):
            self._move(f"Reading  {done:,} of {of:,} photos")

    def learning(self, epoch: int, step: int, steps: int, loss: float, left: float) -> None:
        if not self._may_draw(False):
            return
        full = round(BAR * step / max(1, steps))
        bar = self._glyphs("━", "=") * full + self._glyphs("─", "-") * (BAR - full)
        remaining = f", {duration(left)} left" if left < float("inf") else ""
        self._move(
            f"{epoch:>5}   {bar}  {step}/{steps}  loss {loss:.2f}   "
            f"{duration(time.monotonic() - self._begun)}{remaining}"
        )

    def _start(self, happened: Event) -> None:
        self._begun = time.monotonic()
        if happened["first_epoch"] > 1:
            self.line(f"Going on with epoch {happened['first_epoch']} of {happened['run']}")

    def _data(self, happened: Event) -> None:
        parts = [happened["learn"], happened["validation"], happened["test"] or []]
        every = [
            sum(counts) for counts in zip(*(part or [0] * len(happened["classes"]) for part in parts), strict=True)
        ]
        separator = self._glyphs(" · ", ", ")
        names = [f"{count:,} {printable(name)}" for count, name in zip(every, happened["classes"], strict=True)]
        shown = names if len(names) <= 8 else [*names[:7], f"{len(names) - 7} more classes"]
        left_out = f"   {happened['skipped']:,} left out" if happened["skipped"] else ""
        self.line(f"{self._strong('Photos')}   {separator.join(shown)}{left_out}")
        uses = ["to learn from", "to choose the best epoch by", "to test on"]
        split = [f"{sum(part):,} {use}" for part, use in zip(parts, uses, strict=True) if part]
        self.line(f"{self._strong('Split')}    {separator.join(split)}")
        kind = "gray" if happened["channels"] == 1 else "colour"
        self.line(
            f"{self._strong('Network')}  {happened['size']} {self._glyphs('×', 'x')} {happened['size']} "
            f"pixels, {kind}{separator}"
            f"{happened['weights']:,} weights{separator}"
            f"{happened['epochs']} epoch{'s' * (happened['epochs'] > 1)}, batch {happened['batch']}, "
            "learning rate "
            f"{happened['learning_rate']:g}"
        )

    def _epoch(self, happened: Event) -> None:
        if not self._has_heading:
            self._has_heading = True
            self.line("")
            self.line(self._strong("epoch        learning           validation         time"))
        learning = f"loss {happened['loss']:.2f} {percent(happened['accuracy']):>6}"
        checking = f"loss {happened['val_loss']:.2f} {percent(happened['val_accuracy']):>6}"
        left = f", {duration(happened['left'])} left" if happened["left"] and not self.is_live else ""
        mark = "*" if happened["best"] else " "
        self.line(
            f"{happened['epoch']:>5}     {learning:<17} {checking:<17} {mark}  {duration(happened['seconds'])}{left}"
        )

    def _warning(self, happened: Event) -> None:
        self.line(f"{self._strong('!')} {happened['code']}: {happened['message']}")

    # How it is drawn
    # ----------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """Write a line that stays, in place of the one that moves."""
        self.clear()
        self._drawn = 0.0
        print(text.encode(self._encoding(), "replace").decode(self._encoding()), file=self.out, flush=True)

    def clear(self) -> None:
        """Take the moving line away, before something else writes."""
        if self._has_moving_line:
            self.out.write("\r\x1b[K")
            self.out.flush()
            self._has_moving_line = False

    def _move(self, text: str) -> None:
        columns = shutil.get_terminal_size().columns
        self.out.write("\r\x1b[K" + text[: columns - 1])
        self.out.flush()
        self._has_moving_line = True

    def _may_draw(self, is_last: bool) -> bool:
        now = time.monotonic()
        if not self.is_live or (now - self._drawn < SECONDS_BETWEEN_DRAWINGS and not is_last):
            return False
        self._drawn = now
        return True

    def _strong(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.is_coloured else text

    def _encoding(self) -> str:
        return self.out.encoding or "utf-8"

    def _glyphs(self, fine: str, plain: str) -> str:
        """`fine` where the terminal can show it."""
        try:
            fine.encode(self._encoding())
        except UnicodeEncodeError:
            return plain
        return fine


def duration(seconds: float) -> str:
    """ "0.8 s", "12 s", "3 min 20 s", "1 h 5 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
