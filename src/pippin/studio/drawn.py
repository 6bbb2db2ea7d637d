"""Pieces of a page that need no script: a curve as SVG, tables, what is told. For the report and the notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from pippin.glass.figures import figure
from pippin.glass.telling import Telling

WIDE, TALL, LEFT, BELOW = 720, 240, 56, 28
_LOOKS = {
    False: ("learned", 'fill="none" stroke="#1f6fb4" stroke-width="2"'),
    True: ("held", 'fill="none" stroke="#b4540a" stroke-width="2" stroke-dasharray="7 5"'),
}
"""Of a curve, in attributes: some readers of notebooks take styles out. A style sheet goes over them."""


def curve(epochs: Sequence[float], series: dict[str, Sequence[Any]]) -> str:
    """Curves over the epochs: solid what is learned from, dashed what is held out (its name begins with "val_")."""
    known = [value for values in series.values() for value in values if value is not None]
    if len(epochs) < 2 or not known:
        return ""
    low, high = min(known), max(known)
    high = high if high > low else low + 1
    span = (epochs[-1] - epochs[0]) or 1

    def x(epoch: float) -> float:
        return float(LEFT + (WIDE - LEFT - 8) * (epoch - epochs[0]) / span)

    def y(value: float) -> float:
        return float(8 + (TALL - BELOW - 8) * (high - value) / (high - low))

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        value = low + share * (high - low)
        at = f"{y(value):.1f}"
        parts.append(f'<line class="line" stroke="#ddd" x1="{LEFT}" x2="{WIDE - 8}" y1="{at}" y2="{at}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for epoch, anchor in ((epochs[0], "start"), (epochs[-1], "end")):
        parts.append(f'<text x="{x(epoch):.1f}" y="{TALL - 6}" text-anchor="{anchor}">epoch {epoch:g}</text>')
    for name, values in series.items():
        points = " ".join(
            f"{x(epoch):.1f},{y(value):.1f}" for epoch, value in zip(epochs, values, strict=True) if value is not None
        )
        kind, look = _LOOKS[name.startswith("val_")]
        parts.append(f'<polyline class="{kind}" {look} points="{points}"><title>{escape(name)}</title></polyline>')
    ends = {name: (figure(_first(values)), figure(_last(values))) for name, values in series.items()}
    words = ", ".join(f"{name} from {first} to {last}" for name, (first, last) in ends.items())
    look = f'viewBox="0 0 {WIDE} {TALL}" font-family="sans-serif" font-size="12"'
    return f'<svg class="drawn" {look} role="img" aria-label="{escape(words)}">{"".join(parts)}</svg>'


def _first(values: Sequence[Any]) -> float:
    return float(next(value for value in values if value is not None))


def _last(values: Sequence[Any]) -> float:
    return _first(list(reversed(values)))


def key(series: dict[str, Sequence[Any]]) -> str:
    """What the lines of a curve are, with their last numbers."""
    found = []
    for name, values in series.items():
        kind, what = ("dashed", "held out") if name.startswith("val_") else ("solid", "learning")
        plain = name.removeprefix("val_")
        found.append(f'<span class="key {kind}">{escape(plain)}, {what} <b>{figure(_last(values))}</b></span>')
    return f'<p class="keys">{" ".join(found)}</p>'


def table(rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    """A table; the first row its headings, the first column its names."""
    head, *body = ([escape(str(cell)) for cell in row] for row in rows)
    told = "".join(
        f"<tr><th scope='row'>{row[0]}</th>{''.join(f'<td>{cell}</td>' for cell in row[1:])}</tr>" for row in body
    )
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    columns = "".join(f"<th scope='col'>{cell}</th>" if cell else "<td></td>" for cell in head)
    return f"<div class='scroll'><table>{said}<thead><tr>{columns}</tr></thead><tbody>{told}</tbody></table></div>"


def sentences(told: Iterable[str]) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in told)


def telling(told: Telling) -> str:
    """What the glass box tells, as HTML."""
    found = [f"<h2>{escape(told.title)}</h2>"]
    for part in told.parts:
        found.append(f"<h3>{escape(part.heading.capitalize())}</h3>" if part.heading else "")
        found.append(sentences(part.sentences))
        found += [f"<pre>{escape(str(equation))}</pre>" for equation in part.equations]
        found.append(table(part.table) if part.table else "")
    return "".join(found)


def card(title: str, content: str) -> str:
    return f"<section class='card'><header><h2>{escape(title)}</h2></header>{content}</section>" if content else ""
