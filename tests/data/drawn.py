"""Pictures drawn from numbers, for tests to write into files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

Tree = dict[str, bytes]
"""The content of a folder: paths and bytes."""


def colours(seed: int = 0, height: int = 40, width: int = 60) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A smooth picture, unlike that of any other seed; smooth, so that JPEG and resizing hardly change it."""
    corners = np.random.default_rng(seed).integers(0, 256, (3, 3, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC))


def encoded(image: Any, format: str, **settings: Any) -> bytes:
    """The bytes of a picture file."""
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(file, format, **settings)
    return file.getvalue()


def two_classes(each: int = 4) -> Tree:
    """The content of a sound folder: apple/0.png …, not_apple/0.png …"""
    classes = ("apple", "not_apple")
    return {
        f"{name}/{i}.png": encoded(colours(100 * label + i), "PNG")
        for label, name in enumerate(classes)
        for i in range(each)
    }
