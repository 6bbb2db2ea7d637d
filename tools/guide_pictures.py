"""The pictures of docs/guide, drawn from the numbers that its pages leave: `python tools/guide.py --write`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

INK, SOFT, LINE, PAPER = "#1d2125", "#5b616a", "#d9d7d0", "#fffdf9"
FOR, AGAINST, GLOW = "#1f6fb4", "#b4540a", "#e0a100"


def draw(page: str, names: dict[str, Any], folder: Path) -> None:
    """Draw what a page shows."""
    name, drawn = {
        "1-neural-networks": ("switchboard", switchboard),
        "2-backpropagation": ("exam", exam),
        "3-activation-functions": ("gates", gates),
    }[page]
    (folder / f"{name}.svg").write_text(drawn(names), encoding="utf-8")


def sheet(wide: int, tall: int, told: str, parts: list[str]) -> str:
    """An SVG on light paper, so that it can be read on a dark page, too."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}" '
        f'font-family="system-ui, sans-serif" font-size="14" fill="{INK}" role="img" aria-label="{told}">'
        f'<rect width="{wide}" height="{tall}" rx="10" fill="{PAPER}"/>{"".join(parts)}</svg>\n'
    )


def text(x: float, y: float, words: str, look: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{words}</text>'


# 1. The switchboard ---------------------------------------------------------------------------------------------------


def switchboard(names: dict[str, Any]) -> str:
    """The first picture, and how brightly each neuron lights up."""
    step, model = names["step"], names["model"]
    rows = [names["x"][0], *(step.layer(layer.name).output[0] for layer in model.layers)]
    columns, tall = [220, 400, 580, 740], 520
    places = [_column(x, len(row), tall) for x, row in zip(columns, rows, strict=True)]
    parts = []
    for number, layer in enumerate(model.layers):
        carried = rows[number][:, None] * layer.get_weights()[0]
        strongest = np.argsort(-np.abs(carried).reshape(-1))[:60]
        top = np.abs(carried).max()
        for at in strongest[::-1]:
            here, there = np.unravel_index(at, carried.shape)
            (x1, y1), (x2, y2) = places[number][here], places[number + 1][there]
            size = abs(carried[here, there]) / top
            colour, dash = (FOR, "") if carried[here, there] > 0 else (AGAINST, 'stroke-dasharray="5 3"')
            parts.append(
                f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{colour}" {dash} '
                f'stroke-width="{0.4 + 2.2 * size:.1f}" opacity="{0.15 + 0.6 * size:.2f}"/>'
            )
    for number, row in enumerate(rows):
        size, top = (9 if len(row) <= 16 else 6), max(float(row.max()), 1e-9)
        size = 16 if len(row) == 2 else size
        for (x, y), light in zip(places[number], row, strict=True):
            parts.append(f'<circle cx="{x}" cy="{y:.0f}" r="{size}" fill="{PAPER}" stroke="{SOFT}"/>')
            glow = size * float(np.sqrt(max(0.0, light) / top))
            parts.append(f'<circle cx="{x}" cy="{y:.0f}" r="{glow:.1f}" fill="{GLOW}"/>')
    for name, (x, y), chance in zip(("apple", "not an apple"), places[-1], rows[-1], strict=True):
        parts.append(text(x + 24, y + 5, f"{name} {chance:.0%}", 'font-weight="600"' if chance > 0.5 else ""))
    side = 34
    for at, light in enumerate(rows[0]):
        gray = f"{round(255 * min(1.0, float(light))):02x}" * 3
        x, y = 24 + side * (at % 4), tall / 2 - 2 * side + side * (at // 4)
        parts.append(f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="#{gray}" stroke="{LINE}"/>')
    for x, words in zip((24, 188, 372, 552, 716), ("picture", "16 pixels", "32 neurons", "16", "2"), strict=True):
        parts.append(text(x, 30, words, f'fill="{SOFT}"'))
    parts.append(text(24, tall + 2, "solid blue: more of it lights the next one up", f'fill="{FOR}"'))
    parts.append(text(340, tall + 2, "dashed orange: more of it holds the next one down", f'fill="{AGAINST}"'))
    told = (
        f"Light runs from a picture of 4 by 4 pixels through 32 and 16 neurons to two lamps: apple {rows[-1][0]:.0%}."
    )
    return sheet(900, tall + 18, told, parts)


def _column(x: int, count: int, tall: int) -> list[tuple[int, float]]:
    gap = min(110 if count == 2 else 28, (tall - 90) / max(1, count - 1))
    top = tall / 2 - gap * (count - 1) / 2 + 8
    return [(x, top + gap * number) for number in range(count)]


# 2. The marked exam ---------------------------------------------------------------------------------------------------


def exam(names: dict[str, Any]) -> str:
    """The loss over the epochs, and how much blame reached each layer before and after."""
    losses = names["history"]["loss"]
    parts = [text(56, 30, "how wrong it is, epoch after epoch", 'font-weight="600"')]
    top = max(losses)
    points = " ".join(
        f"{56 + 380 * number / (len(losses) - 1):.1f},{250 - 200 * loss / top:.1f}"
        for number, loss in enumerate(losses)
    )
    for share in (0.0, 0.5, 1.0):
        y = 250 - 200 * share
        parts.append(f'<line x1="56" x2="436" y1="{y}" y2="{y}" stroke="{LINE}"/>')
        parts.append(text(48, y + 5, f"{share * top:.2f}", f'text-anchor="end" fill="{SOFT}"'))
    parts.append(f'<polyline points="{points}" fill="none" stroke="{FOR}" stroke-width="2.5"/>')
    parts += [text(56, 274, "1", f'fill="{SOFT}"'), text(420, 274, str(len(losses)), f'fill="{SOFT}"')]
    parts.append(text(500, 30, "blame that reaches each layer", 'font-weight="600"'))
    layers = ("dense", "dense_1", "dense_2")
    sizes = [
        [abs(names[word].weight(f"{layer}/kernel").gradient).mean() for layer in layers] for word in ("step", "after")
    ]
    most = max(map(max, sizes))
    for row, layer in enumerate(layers):
        y = 62 + 68 * row
        parts.append(text(500, y, layer))
        for offset, size, look in (
            (10, sizes[0][row], f'fill="{AGAINST}"'),
            (30, sizes[1][row], f'fill="none" stroke="{AGAINST}" stroke-width="1.5"'),
        ):
            wide = max(1.0, 230 * size / most)
            parts.append(f'<rect x="500" y="{y + offset}" width="{wide:.1f}" height="15" {look}/>')
            parts.append(text(508 + wide, y + offset + 13, f"{size:.4f}", f'font-size="12" fill="{SOFT}"'))
    parts.append(text(500, 274, "full: before learning, hollow: after", f'fill="{SOFT}"'))
    told = f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f}, and the gradients of all layers become small."
    return sheet(830, 292, told, parts)


# 3. The gatekeepers ---------------------------------------------------------------------------------------------------


def gates(names: dict[str, Any]) -> str:
    """Curves of four activations, by Pippin's own functions; on ReLU, the sums of the network of the page."""
    from pippin import ops

    x = np.linspace(-4, 4, 81).astype("float32")
    kinds = [("linear: no gate", x), *((name, np.array(getattr(ops, name)(x))) for name in ("relu", "sigmoid", "tanh"))]
    parts = []
    for number, (name, y) in enumerate(kinds):
        left, low, high = 24 + 218 * number, float(min(y.min(), -1)), float(max(y.max(), 1))

        def at(a: float, b: float, left: int = left, low: float = low, high: float = high) -> tuple[float, float]:
            return left + 190 * (a + 4) / 8, 200 - 150 * (b - low) / (high - low)

        (x0, y0), (x1, _) = at(-4, 0), at(4, 0)
        parts.append(text(left, 30, name, 'font-weight="600"'))
        parts.append(f'<line x1="{x0}" x2="{x1}" y1="{y0:.1f}" y2="{y0:.1f}" stroke="{LINE}" stroke-width="1.5"/>')
        middle = at(0, 0)[0]
        parts.append(f'<line x1="{middle}" x2="{middle}" y1="46" y2="204" stroke="{LINE}" stroke-width="1.5"/>')
        points = " ".join("{:.1f},{:.1f}".format(*at(a, b)) for a, b in zip(x.tolist(), y.tolist(), strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{FOR}" stroke-width="3"/>')
        ends = (
            f"{y.min():.0f} to {y.max():.0f}"
            if name == "tanh"
            else {"sigmoid": "0 to 1", "relu": "0 and up"}.get(name, "")
        )
        parts.append(text(left, 226, f"lets through {ends or 'everything'}", f'fill="{SOFT}" font-size="12"'))
        if name == "relu":
            for total in np.clip(names["sums"].reshape(-1), -4, 4).tolist():
                a, b = at(total, max(0.0, total))
                look = f'fill="{GLOW}"' if total > 0 else f'fill="{PAPER}"'
                parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4.5" {look} stroke="{INK}"/>')
    parts.append(
        text(
            24,
            254,
            "Dots on relu: the sums of this page's network. Full: the door is open. Hollow: it is shut.",
            f'fill="{SOFT}"',
        )
    )
    return sheet(890, 270, "The curves of linear, relu, sigmoid and tanh.", parts)
