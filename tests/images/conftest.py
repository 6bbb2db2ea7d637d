"""Folders of pictures that are quick to draw and quick to learn: speckled red ones and speckled green
ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DrawPictures = Callable[..., Path]


def speckled(colour: str, random: np.random.Generator, side: int = 16) -> Image.Image:
    """A picture mostly of one colour, in which no two are the same."""
    pixels = random.integers(0, 120, (side, side, 3), dtype=np.uint8)
    pixels[..., ["red", "green", "blue"].index(colour)] += 110
    return Image.fromarray(pixels)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def draw_pictures() -> DrawPictures:
    """Draws `count` pictures of each colour into FOLDER/colour, and returns FOLDER."""

    def draw(
        folder: Path, count: int = 20, colours: tuple[str, ...] = ("green", "red"), seed: int = 0
    ) -> Path:
        for colour in colours:
            (folder / colour).mkdir(parents=True, exist_ok=True)
            for number in range(count):
                random = np.random.default_rng([seed, len(colour), number])
                speckled(colour, random).save(folder / colour / f"{number:03d}.png")
        return folder

    return draw
