"""Boxes and arrows as SVG, as a PNG picture, or as graphviz's text, without graphviz.

Every box is set below all that it needs. An arrow that passes other rows gets a place of its own in each, so that it
goes between boxes and not through them (Sugiyama, Tagawa and Toda, 1981).
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from html import escape

LETTER, LINE, BORDER, GAP, FONT = 7.3, 20, 10, 36, 12
"""Pixels: a letter's width, a line's height, and the room in a box and between rows."""


@dataclass(eq=False)
class Box:
    """One layer, or the place where an arrow passes a row (without lines)."""

    lines: list[str]
    before: list[Box] = field(default_factory=list)
    row: int = 0
    x: float = 0.0
    y: float = 0.0
    through: float = 0.0
    """How deep the row is that a passing arrow goes through."""

    @property
    def width(self) -> float:
        return max(map(len, self.lines), default=0) * LETTER + 2 * BORDER if self.lines else BORDER

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + BORDER if self.lines else 0.0


class Drawing:
    """A model as text for graphviz (`to_string`), as SVG, or as a picture."""

    def __init__(self, boxes: list[Box], rankdir: str, dpi: int) -> None:
        self.boxes, self.rankdir, self.dpi = boxes, rankdir, dpi

    def to_string(self) -> str:
        """In the words of graphviz's dot."""
        number = {id(box): f"n{place}" for place, box in enumerate(self.boxes)}
        lines = [f"  {number[id(box)]} [shape=box, label={_quoted(box.lines)}];" for box in self.boxes]
        lines += [f"  {number[id(other)]} -> {number[id(box)]};" for box in self.boxes for other in box.before]
        return "\n".join([f"digraph G {{\n  rankdir={self.rankdir}; dpi={self.dpi};", *lines, "}\n"])

    def svg(self) -> str:
        """As SVG text."""
        placed, (width, height) = self._placed()
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" font-family="monospace" font-size="{FONT}">',
            '<defs><marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
            '<path d="M0,0 L8,4 L0,8 z"/></marker></defs><rect width="100%" height="100%" fill="white"/>',
        ]
        for box in placed:
            for other in box.before:
                (ax, ay), (bx, by) = self._leaves(other), self._enters(box)
                head = ' marker-end="url(#head)"' if box.lines else ""
                further = "" if box.lines else " L{:.1f},{:.1f}".format(*self._leaves(box))
                points = f"M{ax:.1f},{ay:.1f} L{bx:.1f},{by:.1f}{further}"
                parts.append(f'<path d="{points}" stroke="black" fill="none"{head}/>')
        for box in placed:
            if box.lines:
                parts.append(
                    f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" '
                    'fill="white" stroke="black"/>'
                )
            for place, line in enumerate(box.lines):
                weight = ' font-weight="bold"' if place == 0 else ""
                at = f'x="{box.x + BORDER:.1f}" y="{box.y + LINE * (place + 1) - 2:.1f}"'
                parts.append(f"<text {at}{weight}>{escape(line)}</text>")
        return "\n".join([*parts, "</svg>\n"])

    def png(self) -> bytes:
        """As the bytes of a PNG picture."""
        from PIL import Image, ImageDraw, ImageFont

        placed, (width, height) = self._placed()
        scale = self.dpi / 96
        picture = Image.new("RGB", (max(1, round(width * scale)), max(1, round(height * scale))), "white")
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(FONT * scale)
        line_width = max(1, round(scale))
        for box in placed:
            for other in box.before:
                (ax, ay), (bx, by) = self._leaves(other), self._enters(box)
                points = [(ax, ay), (bx, by), *([] if box.lines else [self._leaves(box)])]
                pen.line([(x * scale, y * scale) for x, y in points], "black", line_width)
                if box.lines:
                    tip = [(bx, by), (bx - 4, by - 8), (bx + 4, by - 8)]
                    if self.rankdir == "LR":
                        tip = [(bx, by), (bx - 8, by - 4), (bx - 8, by + 4)]
                    pen.polygon([(x * scale, y * scale) for x, y in tip], "black")
        for box in placed:
            if box.lines:
                corners = [box.x * scale, box.y * scale, (box.x + box.width) * scale, (box.y + box.height) * scale]
                pen.rectangle(corners, "white", "black", line_width)
            for place, line in enumerate(box.lines):
                at = ((box.x + BORDER) * scale, (box.y + LINE * place + 5) * scale)
                pen.text(at, line, "black", font)
        stored = io.BytesIO()
        picture.save(stored, "PNG", dpi=(self.dpi, self.dpi))
        return stored.getvalue()

    def _leaves(self, box: Box) -> tuple[float, float]:
        if self.rankdir == "LR":
            return box.x + (box.width if box.lines else box.through), box.y + box.height / 2
        return box.x + box.width / 2, box.y + (box.height if box.lines else box.through)

    def _enters(self, box: Box) -> tuple[float, float]:
        return (box.x, box.y + box.height / 2) if self.rankdir == "LR" else (box.x + box.width / 2, box.y)

    def _placed(self) -> tuple[list[Box], tuple[float, float]]:
        """The boxes with their places, those of passing arrows included, and the size of the whole."""
        rows = _rows(self.boxes)
        flat = self.rankdir == "LR"
        along = [max(box.width if flat else box.height for box in row) for row in rows]
        across = [sum((box.height if flat else box.width) + GAP for box in row) for row in rows]
        widest, at = max(across, default=0.0), GAP / 2
        for row, depth, breadth in zip(rows, along, across, strict=True):
            beside = GAP / 2 + (widest - breadth) / 2
            for box in row:
                box.x, box.y = (at, beside) if flat else (beside, at)
                box.through = depth
                beside += (box.height if flat else box.width) + GAP
            at += depth + GAP
        return [box for row in rows for box in row], (at, widest + GAP) if flat else (widest + GAP, at)


def _quoted(lines: list[str]) -> str:
    text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return f'"{text}"'


def _rows(boxes: list[Box]) -> list[list[Box]]:
    """Boxes row by row, each below all it needs, near the middle of what it hangs on."""
    for box in boxes:  # they come in an order in which each stands behind what it needs
        box.row = max((other.row + 1 for other in box.before), default=0)
    rows: list[list[Box]] = [[] for _ in range(max((box.row for box in boxes), default=-1) + 1)]
    for box in boxes:
        rows[box.row].append(box)
        before = []
        for other in box.before:
            while other.row < box.row - 1:
                other = Box([], [other], other.row + 1)
                rows[other.row].append(other)
            before.append(other)
        box.before = before
    for above, row in itertools.pairwise(rows):
        place = {id(box): number for number, box in enumerate(above)}
        row.sort(key=lambda box: sum(place[id(o)] for o in box.before) / len(box.before) if box.before else 0)
    return rows
