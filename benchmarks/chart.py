"""The chart docs/benchmarks.svg: a bar for each peer, as long as its time in Pippin's, on a logarithmic scale. Drawn by
hand: text, rectangles and lines."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

from benchmarks.answer import Table

WIDTH, LEFT, RIGHT, TOP = 860, 264, 76, 92
LINE, BAR, GAP = 21, 11, 19
# A colour for each family of peers, told by the beginning of their names; readable on white and on black.
COLOURS = {"JAX": "#3987c9", "Keras on JAX": "#7a6fd0", "Keras on TensorFlow": "#e08a2e", "PyTorch": "#d9534a",
           "scikit-learn": "#2fa37c", "onnxruntime": "#8a8f98", "NumPy": "#4da6b8"}  # fmt: skip
STYLE = """
  text { font-family: ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-size: 12px;
    fill: #57606a } .paper { fill: #ffffff }
  .title { font-size: 17px; font-weight: 650; fill: #1f2328 } .work { font-weight: 650; fill: #1f2328 }
  .ratio { font-weight: 600; fill: #1f2328; font-variant-numeric: tabular-nums }
  .grid { stroke: #8c959f; stroke-opacity: .22 }
  .pippin { stroke: #3f9142; stroke-width: 2 } .name { fill: #3f9142; font-weight: 650 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #9198a1 } .title, .work, .ratio { fill: #f0f6fc }
    .pippin { stroke: #56b35a } .name { fill: #56b35a } }
"""


def chart(tables: Sequence[Table]) -> str:
    """The picture as SVG."""
    shown = [table for table in tables if table.in_chart and table.peers]
    ratios = [peer.times(table.pippin) for table in shown for peer in table.peers] or [1.0]
    # From a little below 1, or below the smallest, to beyond the largest.
    low, high = min(-0.12, log10(min(ratios)) - 0.12), max(1.0, log10(max(ratios)) + 0.08)

    def across(ratio: float) -> float:
        return LEFT + (log10(ratio) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    height = TOP + sum(LINE * len(table.peers) + LINE + GAP for table in shown) + 8
    parts = [
        '<text class="title" x="20" y="32">How long everybody takes, in Pippin\'s times</text>',
        '<text x="20" y="53">Logarithmic scale. To the right of the line: slower than Pippin, or larger; '
        "to the left: faster, or smaller.</text>",
    ]
    for power in range(ceil(low), floor(high) + 1):
        x = across(10**power)
        parts.append(f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle">{label(10**power)}</text>')
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{height - 12}"/>')
    y = TOP + 4
    for table in shown:
        parts.append(f'<text class="work" x="20" y="{y + 14}">{escape(table.title)}</text>')
        unit = table.unit.split(" ")[0]
        value = f"{table.pippin.median * table.scale:.3g} {unit}"
        parts.append(f'<text class="name" x="{across(1) + 7:.1f}" y="{y + 14}">Pippin {escape(value)}</text>')
        y += LINE
        for peer in table.peers:
            parts += bar(peer.name, peer.times(table.pippin), across, y)
            y += LINE
        y += GAP
    parts.append(f'<line class="pippin" x1="{across(1):.1f}" y1="{TOP - 4}" x2="{across(1):.1f}" y2="{height - 12}"/>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="Time of each peer as a multiple of Pippin\'s">\n'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def bar(name: str, ratio: float, across, y: int) -> list[str]:
    """A peer's name, its bar from Pippin's line, and its ratio to the right of both."""
    begin, end = sorted((across(1), across(ratio)))
    return [
        f'<text x="{LEFT - 14}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{begin:.1f}" y="{y + 4}" width="{max(end - begin, 1):.1f}" height="{BAR}" rx="2" '
        f'fill="{colour(name)}"/>',
        f'<text class="ratio" x="{end + 7:.1f}" y="{y + 14}">{label(ratio)} ×</text>',
    ]


def colour(name: str) -> str:
    found = [family for family in COLOURS if name.startswith(family)]
    return COLOURS[max(found, key=len)] if found else "#8a8f98"


def label(ratio: float) -> str:
    return f"{ratio:,.0f}".replace(",", " ") if ratio >= 100 else f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"
