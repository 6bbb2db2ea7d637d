"""What is told of a step: parts with sentences, tables, equations and lines. One telling; terminal, JSON and pages draw
it each in their way."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pippin.glass import figures
from pippin.glass.making import Equation
from pippin.glass.ran import Computed

WIDEST, NARROWEST = 100, 20
MOST_LINES = 400
"""A longer list of lines is cut: `pippin program` shows them all."""


@dataclass(frozen=True)
class Part:
    """A heading, sentences, a table (its first row the headings), equations, and lines of the program."""

    heading: str = ""
    sentences: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    equations: Sequence[Equation] = ()
    lines: Sequence[Computed] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "heading": self.heading, "sentences": list(self.sentences), "table": [list(row) for row in self.table],
            "equations": [equation.to_dict() for equation in self.equations],
            "lines": [line.to_dict() for line in self.lines],
        }  # fmt: skip


@dataclass(frozen=True)
class Telling:
    """A title and its parts."""

    title: str
    parts: Sequence[Part]

    def to_dict(self) -> dict[str, Any]:
        return {"title": self.title, "parts": [part.to_dict() for part in self.parts]}

    def draw(self, width: int | None = None, bold: bool = False) -> str:
        """The text, in lines of at most `width` characters (those of the terminal, up to 100)."""
        columns = shutil.get_terminal_size().columns if width is None else width
        columns = max(NARROWEST, min(columns, WIDEST))
        rows = _strong(_wrapped(self.title, columns), bold)
        for part in self.parts:
            rows += ["", *_strong(_wrapped(part.heading, columns), bold)]
            rows += [row for sentence in part.sentences for row in _wrapped(sentence, columns, "  ")]
            rows += _table(part.table, columns)
            for equation in part.equations:
                rows += _equation(equation, columns)
            rows += [row for line in part.lines[:MOST_LINES] for row in _line(line, columns)]
            if len(part.lines) > MOST_LINES:
                rows.append(f"  and {len(part.lines) - MOST_LINES} more lines")
        return "\n".join(rows)

    def __str__(self) -> str:
        return self.draw()


def _strong(rows: list[str], bold: bool) -> list[str]:
    return [f"\x1b[1m{row}\x1b[0m" if bold and row else row for row in rows]


def _wrapped(text: str, width: int, indent: str = "", hang: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent + hang, break_long_words=True,
        break_on_hyphens=False,
    )  # fmt: skip


def _table(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """A table with its columns beside each other; where that is too wide, names on lines of their own; where even that
    is too wide, cell under cell. A table of two columns is a list of names with a text each."""
    if not table:
        return []
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    if len(widths) == 2:
        return _list(table[1:], min(widths[0], width // 3), width)
    rest = 2 * len(widths) + sum(widths[1:])
    if widths[0] + rest <= width:
        # The first column holds names, the others numbers.
        return ["  " + "  ".join([row[0].ljust(widths[0]), *_right(row, widths)]).rstrip() for row in table]
    if 2 + rest <= width:
        cells = [" " * 4 + "  ".join(_right(row, widths)).rstrip() for row in table]
        named = [row for pair in zip([row[0] for row in table[1:]], cells[1:], strict=True) for row in pair]
        return [cells[0], *(row if row.startswith("    ") else f"  {row}" for row in named)]
    heading, *rows = table
    found = []
    for row in rows:
        found += _wrapped(row[0], width, "  ")
        for word, cell in zip(heading[1:], row[1:], strict=True):
            found += _wrapped(f"{word}: {cell}", width, "    ", "  ")
    return found


def _right(row: Sequence[str], widths: list[int]) -> list[str]:
    return [cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True)]


def _list(rows: Sequence[Sequence[str]], names: int, width: int) -> list[str]:
    found = []
    for name, text in rows:
        first, *others = textwrap.wrap(text, max(1, width - names - 4)) or [""]
        head = textwrap.wrap(name, names) or [""]
        beside = [first, *others, *[""] * (len(head) - 1 - len(others))]
        head += [""] * (len(beside) - len(head))
        found += [f"  {left.ljust(names)}  {right}".rstrip() for left, right in zip(head, beside, strict=True)]
    return found


def _equation(equation: Equation, width: int) -> list[str]:
    found = []
    for row in str(equation).splitlines():
        indent = " " * (len(row) - len(row.lstrip()) if 2 * len(equation.name) < width else 2)
        found += textwrap.wrap(
            row.strip(), width, initial_indent=f"  {indent}", subsequent_indent=f"    {indent}", break_long_words=True
        )
    return found


def _line(line: Computed, width: int) -> list[str]:
    result = f"{line.output.name} is {figures.summary(line.output.array)}"
    return [*_wrapped(line.text, width, "  ", "    "), *_wrapped(result, width, "      ", "  ")]
