"""Draw what lies behind, under and in front of the fruit: tables, cloths, leaves, shadows. No fruit."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Floats = npt.NDArray[np.float32]
Random = np.random.Generator
RGB = tuple[int, int, int]
Range = tuple[float, float]


def random_colour(random: Random, saturation: Range, value: Range = (0.25, 0.95)) -> RGB:
    """Return any hue, as 0..255."""
    red, green, blue = colorsys.hsv_to_rgb(random.random(), random.uniform(*saturation), random.uniform(*value))
    return int(red * 255), int(green * 255), int(blue * 255)


def background(random: Random, size: int) -> Image.Image:
    """Return a picture of something that fruit may lie in front of."""
    kinds = (_gradient, _table, _wood, _cloth, _leaves, _clutter)
    image = kinds[int(random.choice(len(kinds), p=(0.42, 0.3, 0.12, 0.07, 0.05, 0.04)))](random, size)
    if random.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(size * random.uniform(0.005, 0.017)))
    return image


def _gradient(random: Random, size: int) -> Image.Image:
    colours = np.array([random_colour(random, (0.0, 0.3), (0.4, 0.98)) for _ in range(2)], np.float32)
    if random.random() < 0.4:  # Plain paper: hardly a change across it.
        colours[1] = colours[0] * random.uniform(0.85, 1.0)
    angle = random.uniform(0, 2 * np.pi)
    ramp = np.linspace(-1, 1, size, dtype=np.float32)
    mix = np.clip(ramp[None, :] * np.cos(angle) * 0.5 + ramp[:, None] * np.sin(angle) * 0.5 + 0.5, 0, 1)[..., None]
    return Image.fromarray((colours[0] * (1 - mix) + colours[1] * mix).astype(np.uint8))


def _table(random: Random, size: int) -> Image.Image:
    image = _gradient(random, size)
    edge = int(size * random.uniform(0.35, 0.7))
    table = _wood(random, size) if random.random() < 0.4 else _gradient(random, size)
    image.paste(table.crop((0, edge, size, size)), (0, edge))
    return image


def _wood(random: Random, size: int) -> Image.Image:
    hue, value = random.uniform(0.05, 0.11), random.uniform(0.35, 0.8)
    base = np.array(colorsys.hsv_to_rgb(hue, random.uniform(0.3, 0.65), value), np.float32) * 255
    rows = np.repeat(random.uniform(0.8, 1.1, 6), -(-size // 6))[:size, None]
    along = random.normal(1, 0.03, (size, 12)).repeat(-(-size // 12), axis=1)[:, :size]
    grain = random.normal(1, 0.08, (size, 1)) * along
    pixels = np.clip(base * (rows * grain)[..., None], 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    return image.rotate(90) if random.random() < 0.3 else image


def _cloth(random: Random, size: int) -> Image.Image:
    step = int(random.integers(size // 12, size // 4))
    tone = np.array(random_colour(random, (0.0, 0.15), (0.75, 1.0)), np.float32)
    thread = np.array(random_colour(random, (0.3, 0.8)), np.float32)
    position = np.arange(size)
    stripe = ((position // step) % 2).astype(np.float32) * 0.5
    weave = stripe[None, :] + (stripe[:, None] if random.random() < 0.7 else 0.0)
    pixels = tone + (thread - tone) * weave[..., None] + random.normal(0, 5, (size, size, 1))
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    angle = random.uniform(0, 90)
    return image.rotate(angle, Image.Resampling.BILINEAR, fillcolor=tuple(int(v) for v in tone))


def _leaves(random: Random, size: int) -> Image.Image:
    image = Image.new("RGB", (size, size), random_leaf_colour(random, 0.25))
    pen = ImageDraw.Draw(image)
    for _ in range(26):
        x, y = random.uniform(-0.1, 1.1, 2) * size
        length, brightness = size * random.uniform(0.18, 0.4), random.uniform(0.3, 1.0)
        leaf(pen, random, (x, y), random.uniform(0, 2 * np.pi), length, brightness)
    return image


def _clutter(random: Random, size: int) -> Image.Image:
    image = _gradient(random, size)
    pen = ImageDraw.Draw(image)
    for _ in range(int(random.integers(5, 14))):
        x, y = random.uniform(0, 1, 2) * size
        w, h = random.uniform(0.08, 0.35, 2) * size
        box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        colour = random_colour(random, (0.1, 0.9))
        kind = random.integers(4)
        if kind == 0:
            pen.rectangle(box, fill=colour)
        elif kind == 1:
            pen.ellipse(box, fill=colour)
        elif kind == 2:
            pen.line((x - w, y - h, x + w, y + h), fill=colour, width=max(int(size * 0.03), 1))
        else:
            corners = random.uniform(-0.2, 0.2, (3, 2)) * size + (x, y)
            pen.polygon([tuple(corner) for corner in corners.tolist()], fill=colour)
    return image.filter(ImageFilter.GaussianBlur(size * random.uniform(0.003, 0.025)))


def random_leaf_colour(random: Random, value: float) -> RGB:
    """Return a green that leaves have."""
    red, green, blue = colorsys.hsv_to_rgb(random.uniform(0.22, 0.36), random.uniform(0.4, 0.85), value)
    return int(red * 255), int(green * 255), int(blue * 255)


def leaf(pen: Any, random: Random, foot: tuple[float, float], angle: float, length: float, brightness: float) -> None:
    """Draw a leaf that grows from `foot` in the direction of `angle` (radians, 0 right), one half darker."""
    along = np.linspace(0, 1, 9)
    width = np.sin(np.pi * along**0.8) * random.uniform(0.16, 0.26)
    bow = random.uniform(-0.25, 0.25) * along**2
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * length
    rib = np.stack((along, bow), axis=1) @ turned + foot
    upper = np.stack((along, bow + width), axis=1) @ turned + foot
    lower = np.stack((along, bow - width), axis=1) @ turned + foot
    value = 0.25 + 0.45 * brightness
    for side, share in ((upper, 1.0), (lower, 0.8)):
        edge = [tuple(point) for point in np.concatenate((rib, side[::-1])).tolist()]
        pen.polygon(edge, fill=random_leaf_colour(random, value * share))
    width_of_rib = max(int(length * 0.03), 1)
    pen.line([tuple(p) for p in rib.tolist()], fill=random_leaf_colour(random, value * 1.25), width=width_of_rib)


def cast_shadow(canvas: Floats, middle: tuple[float, float], radius: float, strength: float) -> None:
    """Darken canvas (height, width, 3) under something of this radius: a soft, flat ellipse."""
    height, width = canvas.shape[:2]
    x = (np.arange(width, dtype=np.float32) - middle[0]) / (radius * 1.35)
    y = (np.arange(height, dtype=np.float32) - middle[1]) / (radius * 0.5)
    canvas *= (1 - strength * np.exp(-1.4 * (x * x)[None, :] - 1.4 * (y * y)[:, None]))[..., None]
