"""What the commands about photos share: kinds of arguments, and Ctrl-C that asks before it kills. No command itself."""

from __future__ import annotations

import argparse
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def whole(text: str) -> int:
    """A whole number of 1 or more."""
    if not re.fullmatch(r"[0-9]+", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, received {text!r}")
    return int(text)


def index(text: str) -> int:
    """A whole number of 0 or more."""
    if not re.fullmatch(r"[0-9]+", text):
        raise argparse.ArgumentTypeError(f"expected a whole number of 0 or more, received {text!r}")
    return int(text)


def seed(text: str) -> int:
    """A whole number of 32 bits."""
    if not re.fullmatch(r"[0-9]+", text) or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {2**32 - 1}, received {text!r}")
    return int(text)


def positive(text: str) -> float:
    """A number above 0."""
    number = _number(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, received {text!r}")
    return number


def fraction(text: str) -> float:
    """A number between 0 and 1, neither of them."""
    number = _number(text)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"expected a number between 0 and 1, such as 0.2, received {text!r}")
    return number


def seconds(text: str) -> float:
    """A duration: 90, 90s, 5m, 1.5h."""
    found = re.fullmatch(r"([0-9]*\.?[0-9]+)(s|m|min|h)?", text.strip())
    length = float(found[1]) * {"h": 3600, "m": 60, "min": 60}.get(found[2] or "s", 1) if found else 0
    if length <= 0:
        raise argparse.ArgumentTypeError(f"expected a duration such as 90s, 5m or 1h, received {text!r}")
    return length


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a number, received {text!r}") from None


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Within it, the first Ctrl-C makes the function that it gives return True; the second one interrupts as ever."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
