"""Pictures that are quick to draw and quick to learn: speckled red ones and speckled green ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = ("red", "green", "blue")


def speckled(colour: str, random: np.random.Generator, side: int = 16) -> Image.Image:
    """A picture mostly of one colour, in which no two are the same."""
    pixels = random.integers(0, 120, (side, side, 3), dtype=np.uint8)
    pixels[..., COLOURS.index(colour)] += 110
    return Image.fromarray(pixels)


def draw(folder: Path, count: int = 20, colours: tuple[str, ...] = ("green", "red"), seed: int = 0) -> Path:
    """Draw `count` pictures of each colour into FOLDER/colour; return FOLDER."""
    for colour in colours:
        (folder / colour).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            random = np.random.default_rng([seed, COLOURS.index(colour), number])
            speckled(colour, random).save(folder / colour / f"{number:03d}.png")
    return folder
