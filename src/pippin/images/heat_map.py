"""An explanation of a photo as a picture: in a terminal with signs and colours, and as a PNG or SVG file.

Blue speaks for the answer and orange against it, as everywhere in the page: the pair is told apart with every kind of
colour blindness. In a terminal the signs + and - say the same without any colour.
"""

from __future__ import annotations

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.glass.figures import figure
from pippin.images.explaining import PhotoExplanation
from pippin.saving.atomic import write_bytes

AGAINST, NOTHING, FOR = (0xB4, 0x54, 0x0A), (0xF5, 0xF5, 0xF2), (0x1F, 0x6F, 0xB4)
SIDE, GAP, BELOW = 256, 16, 116
"""Pixels: of a panel, between two, and below for the words."""
SIGNS = (" .", " +", "++", "##"), (" .", " -", "--", "==")
STEPS = (0.08, 0.3, 0.65)
"""Shares of the strongest cell at which the next sign begins."""


def scale_of(found: PhotoExplanation) -> float:
    """What is drawn in full colour: the strongest cell, in percentage points."""
    return max(float(np.abs(found.cells).max()), 1e-9)


def in_terminal(found: PhotoExplanation, coloured: bool) -> str:
    """The map, two characters a cell, with its key."""
    top = scale_of(found)
    rows = ["  " + "".join(_cell(points / top, coloured) for points in row) for row in found.cells]
    key = f"  ## speaks for {found.label}, == against it, strongest {figure(top)} percentage points a cell"
    return "\n".join([*rows, key])


def _cell(share: float, coloured: bool) -> str:
    signs = SIGNS[int(share < 0)][sum(abs(share) >= step for step in STEPS)]
    if not coloured:
        return signs
    red, green, blue = colours(np.array(share)).tolist()
    ink = "97" if abs(share) > 0.4 else "30"
    return f"\x1b[48;2;{red};{green};{blue}m\x1b[{ink}m{signs}\x1b[0m"


def colours(shares: np.ndarray) -> np.ndarray:
    """Shares from -1 to 1 as colours, (..., 3) bytes; the square root lifts small ones."""
    strength = np.sqrt(np.clip(np.abs(shares), 0, 1))[..., None]
    end = np.where(shares[..., None] < 0, AGAINST, FOR)
    mixed: np.ndarray = np.rint(np.array(NOTHING) + strength * (end - np.array(NOTHING))).astype(np.uint8)
    return mixed


def save(found: PhotoExplanation, path: str) -> None:
    """Write the photo, its map and the twin's map into a .png or .svg file."""
    kind = Path(path).suffix.lower()
    if kind not in (".png", ".svg"):
        raise SettingError(f"--out: expected a file that ends in .png or .svg, received {path!r}.")
    write_bytes(Path(path), to_png(found) if kind == ".png" else to_svg(found).encode())


def panels(found: PhotoExplanation) -> list[tuple[str, Any]]:
    """The titles and pictures: the photo, where it speaks, and the same of the twin, each on its own scale."""
    from PIL import Image

    gray = found.pixels.shape[-1] == 1
    photo = Image.fromarray(found.pixels.squeeze(-1) if gray else found.pixels).convert("RGB").resize((SIDE, SIDE))
    shown = [("what the network sees", photo)]
    for title, cells in ((f"why {found.label}", found.cells), ("weights shuffled", found.twin_cells)):
        top = max(float(np.abs(cells).max()), 1e-9)
        heat = Image.fromarray(colours(cells / top)).resize((SIDE, SIDE), Image.Resampling.NEAREST)
        shown.append((title, Image.blend(photo.convert("L").convert("RGB"), heat, 0.72)))
    return shown


def words_of(found: PhotoExplanation) -> list[str]:
    """What stands below the pictures."""
    return [*found.where_sentences(), *found.telling().parts[-1].sentences]


def key_of(found: PhotoExplanation) -> tuple[str, str, str]:
    """The ends and the middle of the colour scale, in words."""
    top = scale_of(found)
    return (
        f"against {found.label} (-{figure(top)})",
        "0",
        f"for {found.label} (+{figure(top)} percentage points a cell)",
    )


def to_png(found: PhotoExplanation) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    shown = panels(found)
    wide = len(shown) * (SIDE + GAP) + GAP
    words = [line for sentence in words_of(found) for line in _wrapped(sentence)]
    sheet = Image.new("RGB", (wide, SIDE + BELOW + 18 * len(words)), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(14)
    for number, (title, picture) in enumerate(shown):
        left = GAP + number * (SIDE + GAP)
        pen.text((left, 10), title, fill="#1d2125", font=font)
        sheet.paste(picture, (left, 32))
    bar = Image.fromarray(colours(np.linspace(-1, 1, SIDE)[None].repeat(12, axis=0)))
    sheet.paste(bar, (GAP, SIDE + 44))
    low, middle, high = key_of(found)
    pen.text((GAP + SIDE + GAP, SIDE + 42), f"{low}   {middle}   {high}", fill="#1d2125", font=font)
    for number, line in enumerate(words):
        pen.text((GAP, SIDE + 78 + 18 * number), line, fill="#1d2125", font=font)
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def to_svg(found: PhotoExplanation) -> str:
    shown = panels(found)
    words = [line for sentence in words_of(found) for line in _wrapped(sentence)]
    wide, tall = len(shown) * (SIDE + GAP) + GAP, SIDE + BELOW + 18 * len(words)
    parts = []
    for number, (title, picture) in enumerate(shown):
        file = io.BytesIO()
        picture.save(file, "PNG", optimize=True)
        left, data = GAP + number * (SIDE + GAP), base64.b64encode(file.getvalue()).decode()
        parts.append(f'<text x="{left}" y="24">{escape(title)}</text>')
        parts.append(f'<image x="{left}" y="32" width="{SIDE}" height="{SIDE}" href="data:image/png;base64,{data}"/>')
    stops = "".join(
        f'<stop offset="{share}" stop-color="#{bytes(colours(np.array(2 * share - 1))).hex()}"/>'
        for share in np.linspace(0, 1, 17).tolist()
    )
    parts.append(f'<defs><linearGradient id="scale">{stops}</linearGradient></defs>')
    parts.append(f'<rect x="{GAP}" y="{SIDE + 44}" width="{SIDE}" height="12" fill="url(#scale)"/>')
    key = "   ".join(key_of(found))
    parts.append(f'<text x="{2 * GAP + SIDE}" y="{SIDE + 55}" xml:space="preserve">{escape(key)}</text>')
    parts += [
        f'<text x="{GAP}" y="{SIDE + 90 + 18 * number}">{escape(line)}</text>' for number, line in enumerate(words)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{tall}" viewBox="0 0 {wide} {tall}" '
        f'font-family="sans-serif" font-size="14" role="img" aria-label="{escape(" ".join(words_of(found)), True)}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _wrapped(sentence: str) -> list[str]:
    import textwrap

    return textwrap.wrap(sentence, 112)
