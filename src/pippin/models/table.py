"""Draws a table of boxes, as rich draws Keras's summaries, without importing rich. Knows nothing of models.

rich takes 35 ms to import, a third of what NumPy takes and more than all the rest of a summary. Where it
draws differently from what one would expect (columns shrink evenly, words too long for a line end in "…")
this follows it, because scripts compare summaries as text.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

Painting = tuple[tuple[str, str], ...]  # pattern of a part of a line → the terminal's code for its style

BOLD = "1"
_WORD = re.compile(r"\s*\S+\s*")


@dataclass(frozen=True)
class Column:
    """A column's heading, which side its text keeps to, the width asked for, and the colours of its parts."""

    heading: str
    side: str
    width: int
    painting: Painting = ()


def cells(text: str) -> int:
    """How many places of a terminal a text takes: one for a character, two for the wide ones of East Asia."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def cut(text: str, width: int) -> str:
    """The longest start of a text that fits."""
    while cells(text) > width:
        text = text[:-1]
    return text


def wrap(text: str, width: int, fold: bool) -> list[str]:
    """A text in lines, broken between words. A word too long for a line is folded, or ends in "…"."""
    lines, line = [], ""
    for word in _WORD.findall(text) or [text]:
        bare = word.rstrip()
        if line and cells(line) + cells(bare) > width:
            lines.append(line)
            line = ""
        if fold:
            while cells(word.rstrip()) > width:
                head = cut(word, width)
                lines.append(head)
                word = word[len(head) :]
        line += word
    lines.append(line)
    return (
        lines if fold else [found if cells(found.rstrip()) <= width else cut(found, width - 1) + "…" for found in lines]
    )


def draw(columns: Sequence[Column], rows: Sequence[Sequence[str]], line_length: int, colour: bool) -> list[str]:
    """The lines of the table: a heading, and a box for each row."""
    widths = _fit([column.width + 2 for column in columns], line_length - len(columns) - 1)
    heading = [wrap(column.heading, width - 2, fold=False) for column, width in zip(columns, widths, strict=True)]
    tallest = max(map(len, heading))
    heading = [[""] * (tallest - len(cell)) + cell for cell in heading]
    drawn = [
        _rule("┏", "━", "┳", "┓", widths),
        *_row("┃", columns, heading, widths, colour, heading=True),
        _rule("┡", "━", "╇", "┩", widths),
    ]
    for number, row in enumerate(rows):
        if number:
            drawn.append(_rule("├", "─", "┼", "┤", widths))
        wrapped = [wrap(text, width - 2, fold=False) for text, width in zip(row, widths, strict=True)]
        drawn += _row("│", columns, wrapped, widths, colour)
    return [*drawn, _rule("└", "─", "┴", "┘", widths)]


def _fit(widths: list[int], room: int) -> list[int]:
    """Take the same from each column, left to right with the rounding of the rest, until they fit."""
    excess, left = sum(widths) - room, len(widths)
    fitted = []
    for width in widths:
        less = min(width, round(excess / left)) if excess > 0 else 0
        fitted.append(width - less)
        excess, left = excess - less, left - 1
    return fitted


def _rule(start: str, line: str, joint: str, end: str, widths: Sequence[int]) -> str:
    return start + joint.join(line * width for width in widths) + end


def _row(
    bar: str,
    columns: Sequence[Column],
    wrapped: list[list[str]],
    widths: Sequence[int],
    colour: bool,
    heading: bool = False,
) -> list[str]:
    lines = []
    for number in range(max(map(len, wrapped))):
        line = bar
        for column, texts, width in zip(columns, wrapped, widths, strict=True):
            text = texts[number].rstrip() if number < len(texts) else ""
            left, right = _margins(column.side, width - 2 - cells(text))
            shown = paint(text, ((".+", BOLD),) if heading else column.painting) if colour else text
            line += f" {' ' * left}{shown}{' ' * right} {bar}"
        lines.append(line)
    return lines


def _margins(side: str, space: int) -> tuple[int, int]:
    if side == "right":
        return space, 0
    left = space // 2 if side == "center" else 0
    return left, space - left


def paint(text: str, painting: Painting) -> str:
    """The text with the terminal's codes around the parts that match."""
    for pattern, code in painting:
        text = re.sub(pattern, lambda match, code=code: f"\x1b[{code}m{match[0]}\x1b[0m", text)  # type: ignore[misc]
    return text


def console_width() -> int:
    """The columns of the terminal that any of the standard streams is; 80 where there is none."""
    if os.environ.get("COLUMNS", "").isdigit():
        return int(os.environ["COLUMNS"])
    for stream in (0, 1, 2):
        try:
            found = os.get_terminal_size(stream).columns
        except OSError:
            continue
        if found:
            return found
    return 80


def wants_colour() -> bool:
    """Whether standard output is a terminal with 256 colours whose owner has not switched them off."""
    if os.environ.get("NO_COLOR") or not getattr(sys.stdout, "isatty", lambda: False)():
        return False
    return "256" in os.environ.get("TERM", "") or os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
