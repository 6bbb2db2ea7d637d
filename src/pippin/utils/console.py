"""How Pippin speaks to a person while it works: lines on standard output, whatever its encoding."""

from __future__ import annotations

import sys

_PLAIN = str.maketrans({
    "━": "=", "─": "-", "·": "*", "×": "x", "Σ": "sum ", "√": "sqrt ", "→": "->", "±": "+-", "≤": "<=", "⌊": "floor(",
    "⌋": ")", "∫": "integral ", "…": "...",
})  # fmt: skip


def say(message: str, end: str = "\n") -> None:
    """Write a message at once. Signs that the terminal's encoding lacks are replaced or left out."""
    text = message + end
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.translate(_PLAIN).encode(encoding, "ignore").decode(encoding))
    sys.stdout.flush()
