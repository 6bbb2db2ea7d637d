"""Draw one round solid (a fruit, a ball) with light, gloss and a dent where its stem grows. Knows no fruit by
name.

A solid is an outline r(angle) around its middle, bulged like a ball: at the fraction u of the way to the
outline, its surface leans outward by u and towards the viewer by sqrt(1 - u²). The stem's axis leans towards
the viewer by `tilt`; a dent around it bends the surface inward, which is what makes an apple's shoulders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Colour = tuple[float, float, float]
Outline = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Light:
    """Where light comes from (right, down, towards the viewer; length 1), and the share without direction."""

    direction: tuple[float, float, float]
    ambient: float


@dataclass(frozen=True)
class Skin:
    """What a solid's surface looks like. Colours are red, green, blue from 0 to 1."""

    base: Colour
    blush: Colour
    blush_amount: float = 0.0
    """-1 nowhere … 1 everywhere."""
    streaks: float = 0.0
    """How much the blush, or else the brightness, runs in streaks from stem to blossom end."""
    speckles: int = 0
    pores: float = 0.0
    """Strength of the fine bumps of citrus peel."""
    gloss: float = 0.4
    ribs: int = 0
    has_seam: bool = False
    stripe: Colour | None = None


@dataclass(frozen=True)
class Solid:
    """A shape: its outline by the angle from the top (radians, 0 up, right positive), and its dent."""

    outline: Outline
    tilt: float
    """Radians by which the stem end leans towards the viewer."""
    dent: float = 0.0
    dent_width: float = 0.5
    dent_colour: Colour | None = None


def paint(
    canvas: Floats,
    solid: Solid,
    skin: Skin,
    light: Light,
    middle: tuple[float, float],
    radius: float,
    turn: float,
    random: np.random.Generator,
) -> None:
    """Paint a solid onto canvas (height, width, 3), 0..1. `middle` is (x, y) in pixels, `turn` in radians."""
    reach = int(radius * 1.75) + 2
    left, right = max(int(middle[0]) - reach, 0), min(int(middle[0]) + reach, canvas.shape[1])
    top, bottom = max(int(middle[1]) - reach, 0), min(int(middle[1]) + reach, canvas.shape[0])
    across = (np.arange(left, right, dtype=np.float32) - middle[0])[None, :] / radius
    down = (np.arange(top, bottom, dtype=np.float32) - middle[1])[:, None] / radius
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    x, y = across * cos + down * sin, down * cos - across * sin
    distance = np.sqrt(x * x + y * y) + 1e-6
    edge = solid.outline(np.arctan2(x, -y))
    u = distance / edge
    rows, columns = np.nonzero(u < 1.06)
    if not len(rows):
        return
    cover = np.clip((1 - u[rows, columns]) * edge[rows, columns] * radius + 0.5, 0, 1)[:, None]
    u, distance = np.minimum(u[rows, columns], 0.999), distance[rows, columns]
    normal = np.stack((x[rows, columns] / distance * u, y[rows, columns] / distance * u, np.sqrt(1 - u * u)))
    colour = _surface(solid, skin, light, normal.astype(np.float32), turn, random)
    patch = canvas[top:bottom, left:right]
    patch[rows, columns] += (colour.T - patch[rows, columns]) * cover


def stem_foot(solid: Solid) -> tuple[float, float]:
    """Return where the stem grows out of an upright solid, as (x, y) in radii from its middle."""
    top = float(solid.outline(np.zeros(1, np.float32))[0])
    return 0.0, -float(np.cos(solid.tilt)) * top * (1 - solid.dent * 0.6)


def _surface(
    solid: Solid, skin: Skin, light: Light, normal: Floats, turn: float, random: np.random.Generator
) -> Floats:
    """Return the colours (3, n) of surface points with these normals (3, n)."""
    # Written out instead of @: a matrix product this small would only wake the threads of a BLAS.
    across, down, near = normal
    cos, sin = np.float32(np.cos(solid.tilt)), np.float32(np.sin(solid.tilt))
    axis = np.array([[0.0], [-cos], [sin]], np.float32)
    along = sin * near - cos * down
    from_stem = np.arccos(np.clip(along, -1, 1))
    around = np.arctan2(sin * down + cos * near, across)

    lit = normal
    hollow = np.exp(-((from_stem / solid.dent_width) ** 2))
    if solid.dent:
        slope = 2.2 * solid.dent * from_stem / solid.dent_width**2 * hollow
        outward = (axis - normal * along) / np.maximum(np.sin(from_stem), 0.05)
        lit = normal + outward * slope
        lit /= np.sqrt((lit * lit).sum(axis=0))
    if skin.ribs:
        lit = lit.copy()
        lit[0] += 0.16 * np.sin(skin.ribs * around) * np.exp(-((from_stem - 0.7) ** 2))

    colour = _skin_colours(skin, from_stem, around, normal, random)
    if solid.dent_colour is not None:
        amount = np.clip(1.3 * np.exp(-((from_stem / (0.55 * solid.dent_width)) ** 2)), 0, 1) * 0.8
        colour += (np.array(solid.dent_colour, np.float32)[:, None] - colour) * amount

    # The light is given for the upright picture; the solid may be turned in it.
    cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    lx, ly, lz = (np.float32(part) for part in light.direction)
    facing = (lx * cos + ly * sin) * lit[0] + (ly * cos - lx * sin) * lit[1] + lz * lit[2]
    shade = light.ambient + (1.08 - light.ambient) * np.clip(facing * 0.85 + 0.15, 0, 1)
    shade *= 0.62 + 0.38 * np.clip(near * 1.6, 0, 1)  # Edges see less of the sky.
    if solid.dent:
        shade *= 1 - 0.9 * min(solid.dent * 3, 1) * np.exp(-((from_stem / (0.45 * solid.dent_width)) ** 2))
    if skin.pores:
        shade *= 1 + skin.pores * random.standard_normal(shade.shape, dtype=np.float32)
    mirrored = np.clip(2 * facing * lit[2] - lz, 0, 1)
    shine = skin.gloss * mirrored ** (10 + 40 * skin.gloss)
    seen: Floats = np.clip(colour * shade + shine, 0, 1).astype(np.float32)
    return seen


def _skin_colours(skin: Skin, from_stem: Floats, around: Floats, normal: Floats, random: np.random.Generator) -> Floats:
    """Return the colours (3, n) of the surface before light falls on it."""
    base = np.array(skin.base, np.float32)[:, None]
    streak = _streaks(around, random)
    blush_from = random.uniform(-np.pi, np.pi)
    blush = 0.75 * np.cos(around - blush_from) + skin.streaks * streak * 0.9 + 2.0 * skin.blush_amount
    amount = np.clip(blush * 1.1 + 0.5, 0, 1) * np.clip(from_stem * 2.2 - 0.1, 0, 1)
    colour: Floats = base + (np.array(skin.blush, np.float32)[:, None] - base) * amount
    colour *= 1 + 0.16 * skin.streaks * streak
    if skin.speckles:
        cream = np.array([[0.93], [0.88], [0.68]], np.float32)
        colour += (cream - colour) * (0.45 * _speckles(skin.speckles, normal, random))
    if skin.has_seam:
        colour *= 1 - 0.4 * np.exp(-((around - random.uniform(0.2, 1.4)) ** 2) / 0.008)
    if skin.stripe is not None:
        band = np.clip(9 * (0.24 - np.abs(from_stem - random.uniform(0.9, 1.7))), 0, 1)
        colour += (np.array(skin.stripe, np.float32)[:, None] - colour) * band
    return colour


def _speckles(count: int, normal: Floats, random: np.random.Generator) -> Floats:
    """Return 0..1: how much of a small spot each surface point is on. Half of `count` face the viewer."""
    side = 100
    grid = np.zeros((side + 2, side + 2), np.float32)
    points = random.standard_normal((3, count))
    points /= np.sqrt((points * points).sum(axis=0))
    columns, rows = ((points[:2, points[2] > 0] * 0.5 + 0.5) * (side - 1)).astype(np.intp) + 1
    for row, column, amount in (
        (0, 0, 1.0),
        (0, 1, 0.8),
        (1, 0, 0.8),
        (1, 1, 0.8),
        (0, -1, 0.4),
        (-1, 0, 0.4),
    ):
        np.maximum.at(grid, (rows + row, columns + column), amount)
    places = ((normal[:2] * 0.5 + 0.5) * (side - 1)).astype(np.intp) + 1
    spots: Floats = grid[places[1], places[0]]
    return spots


def _streaks(around: Floats, random: np.random.Generator) -> Floats:
    """Return noise, about -1..1, that depends on the angle around the stem only: lines within bands."""
    bands = np.repeat(random.uniform(-0.35, 0.35, 20), 8)
    knots = (bands + random.uniform(-0.65, 0.65, 160)).astype(np.float32)
    place = (around + np.pi) * (160 / (2 * np.pi))
    below = place.astype(np.intp) % 160
    part = place - np.floor(place)
    noise: Floats = knots[below] * (1 - part) + knots[(below + 1) % 160] * part
    return noise
