"""How each kind of fruit looks: an apple's shoulders, dent and stem; a tomato's star; a citrus's pores and
tips; …

Colours come from outside (`skin_of`), so that no kind is known by them. Outlines are measured in radii; all
kinds cover about the same area.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from pippin.images.scenery import leaf, random_leaf_colour
from pippin.images.solids import Colour, Floats, Light, Outline, Skin, Solid, paint, stem_foot

Random = np.random.Generator
Point = tuple[float, float]
Range = tuple[float, float]


@dataclass(frozen=True)
class Scene:
    """Everything a fruit needs to be painted: where, how large, how turned, in what light."""

    canvas: Floats
    """(height, width, 3), 0..1; painted on."""
    random: Random
    light: Light
    middle: Point
    radius: float
    """Pixels."""
    turn: float
    """Radians, clockwise."""

    def at(self, x: float, y: float) -> Point:
        """Return the pixel of a point given in radii from the middle, turned with the fruit."""
        cos, sin = float(np.cos(self.turn)), float(np.sin(self.turn))
        return (
            self.middle[0] + self.radius * (float(x) * cos - float(y) * sin),
            self.middle[1] + self.radius * (float(y) * cos + float(x) * sin),
        )

    def paint(self, solid: Solid, skin: Skin) -> None:
        """Paint a solid in the middle of the scene."""
        paint(self.canvas, solid, skin, self.light, self.middle, self.radius, self.turn, self.random)

    def pen_width(self, radii: float) -> int:
        """Return a line's width in pixels."""
        return max(int(self.radius * radii), 1)


def colour_between(random: Random, hue: Range, saturation: Range, value: Range) -> Colour:
    """Return a colour, 0..1, with its hue (degrees), saturation and value drawn from these ranges."""
    return colorsys.hsv_to_rgb(random.uniform(*hue) / 360 % 1, random.uniform(*saturation), random.uniform(*value))


def skin_of(random: Random, family: str) -> Skin:
    """Return a surface in one of the family's colours: the same choice for apples and for the others."""
    red = colour_between(random, (-14, 9), (0.7, 0.95), (0.5, 0.88))
    dark_red = colour_between(random, (-14, 6), (0.75, 1.0), (0.4, 0.7))
    green = colour_between(random, (70, 108), (0.5, 0.85), (0.5, 0.85))
    yellow = colour_between(random, (42, 58), (0.6, 0.92), (0.78, 0.98))
    amber = colour_between(random, (24, 42), (0.65, 0.92), (0.75, 0.98))
    is_plain = random.random() < 0.5
    amount = random.uniform(-0.9, -0.5) if is_plain else random.uniform(-0.5, 0.3)
    gloss = random.uniform(0.15, 0.75)
    is_common = random.random() < 0.6
    if family == "red":
        return Skin(red, dark_red, amount, gloss=gloss)
    if family == "green":
        return Skin(green, yellow, amount, gloss=gloss)
    if family == "yellow":
        return Skin(yellow, green if is_common else amber, amount, gloss=gloss)
    return Skin(amber if is_plain else yellow, red if is_common else amber, random.uniform(-0.4, 0.4), gloss=gloss)


def _apple(scene: Scene, skin: Skin) -> None:
    random = scene.random
    tilt = random.uniform(0.4, 0.95)
    upright = float(np.cos(tilt))
    dip, shoulder, taper = (
        random.uniform(0.12, 0.22) * upright,
        random.uniform(0.03, 0.09),
        random.uniform(0.02, 0.16),
    )
    notch, lean, wide = (
        random.uniform(0.0, 0.07) * upright,
        random.normal(0, 0.025),
        random.uniform(0.95, 1.08),
    )

    def outline(angle: Floats) -> Floats:
        top = 1 - dip * _bump(angle, 0, 0.42) + shoulder * _bump(angle, 0.8, 0.45)
        bottom = taper * _bump(angle, 2.35, 0.55) + (taper * 0.55 + notch) * _bump(angle, np.pi, 0.32)
        r: Floats = (top - bottom + lean * np.sin(angle)) * (1 + (wide - 1) * np.sin(angle) ** 2)
        return r

    russet = colour_between(random, (35, 75), (0.4, 0.7), (0.4, 0.7))
    solid = Solid(_evened(outline), tilt, random.uniform(0.24, 0.36), random.uniform(0.45, 0.62), russet)
    streaks, speckles = random.uniform(0.4, 0.9), int(random.integers(20, 80))
    scene.paint(solid, replace(skin, streaks=streaks, speckles=speckles))
    if random.random() < 0.95:
        foot, length = stem_foot(solid), random.uniform(0.3, 0.55)
        _stem(scene, foot, random.normal(0, 0.35), length, random.uniform(0.07, 0.11))
        _maybe_a_leaf(scene, (foot[0], foot[1] - length * 0.5))


def _tomato(scene: Scene, skin: Skin) -> None:
    random = scene.random
    flat, lobe, count = random.uniform(0.82, 0.95), random.uniform(0.0, 0.035), int(random.integers(4, 7))

    def outline(angle: Floats) -> Floats:
        squat: Floats = 1 - np.float32(1 - flat) * np.cos(angle) ** 2
        return squat * (1 + np.float32(lobe) * np.cos(count * angle))

    solid = Solid(_evened(outline), tilt=random.uniform(0.3, 1.2), dent=0.1)
    ribs = count if random.random() < 0.6 else 0
    scene.paint(solid, replace(skin, ribs=ribs, gloss=max(skin.gloss, 0.4)))
    _star(scene, stem_foot(solid), solid.tilt)


def _star(scene: Scene, foot: Point, tilt: float) -> None:
    """Draw the five or six narrow green leaves on top of a tomato."""
    random = scene.random
    points, first = int(random.integers(5, 7)), random.uniform(0, 2 * np.pi)
    length, foreshortened = random.uniform(0.4, 0.65), max(float(np.sin(tilt)), 0.35)
    with _Pen(scene) as pen:
        colour = random_leaf_colour(random, random.uniform(0.3, 0.6))
        for point in range(points):
            angle = first + 2 * np.pi * point / points + random.normal(0, 0.15)
            reach = np.array([np.cos(angle), np.sin(angle) * foreshortened]) * length * random.uniform(0.75, 1.1)
            across, half = np.array([-reach[1], reach[0]]) * 0.16 + 1e-3, reach * 0.45
            corners = np.array([np.zeros(2), half + across, reach, half - across]) + foot
            pen.polygon([scene.at(x, y) for x, y in corners.tolist()], fill=colour)
        end = scene.at(foot[0] + random.normal(0, 0.05), foot[1] - random.uniform(0.08, 0.25))
        pen.line((*scene.at(*foot), *end), fill=random_leaf_colour(random, 0.4), width=scene.pen_width(0.09))


def _citrus(scene: Scene, skin: Skin, stretch: float, tip: float) -> None:
    random = scene.random
    width = random.uniform(0.2, 0.32)

    def outline(angle: Floats) -> Floats:
        ellipse = 1 / np.sqrt(np.sin(angle) ** 2 + (np.cos(angle) / stretch) ** 2)
        r: Floats = ellipse + tip * _bump(angle, 0, width) + 0.7 * tip * _bump(angle, np.pi, width)
        return r

    solid = Solid(_evened(outline), random.uniform(-0.2, 0.3) if tip else random.uniform(0.2, 1.2))
    scene.paint(solid, replace(skin, pores=random.uniform(0.04, 0.08), gloss=min(skin.gloss, 0.45)))
    foot = stem_foot(solid)
    with _Pen(scene) as pen:
        (x, y), w = scene.at(*foot), scene.radius * random.uniform(0.04, 0.08)
        pen.ellipse((x - w, y - w, x + w, y + w), fill=random_leaf_colour(random, 0.35))
    _maybe_a_leaf(scene, foot)


def _orange(scene: Scene, skin: Skin) -> None:
    _citrus(scene, skin, stretch=scene.random.uniform(0.92, 1.03), tip=0.0)


def _lemon(scene: Scene, skin: Skin) -> None:
    _citrus(_lying(scene), skin, stretch=scene.random.uniform(1.2, 1.45), tip=scene.random.uniform(0.1, 0.22))


def _lime(scene: Scene, skin: Skin) -> None:
    _citrus(_lying(scene), skin, stretch=scene.random.uniform(1.06, 1.25), tip=scene.random.uniform(0.05, 0.14))


def _lying(scene: Scene) -> Scene:
    """Return the scene with the fruit upright or on either side."""
    return replace(scene, turn=scene.turn + scene.random.choice([0.0, np.pi / 2, -np.pi / 2]))


def _pear(scene: Scene, skin: Skin) -> None:
    random = scene.random
    neck, width, bend = random.uniform(0.55, 0.9), random.uniform(0.4, 0.52), random.normal(0, 0.1)

    def outline(angle: Floats) -> Floats:
        r: Floats = 0.85 + neck * _bump(angle - np.float32(bend), 0, width)
        return r

    solid = Solid(_evened(outline), tilt=random.uniform(-0.1, 0.35))
    lower = replace(scene, middle=scene.at(0, 0.25), radius=scene.radius * 0.95)
    speckles, streaks = int(random.integers(0, 25)), random.uniform(0.0, 0.2)
    lower.paint(solid, replace(skin, speckles=speckles, streaks=streaks))
    x, y = stem_foot(solid)
    _stem(lower, (x + bend, y), random.normal(0, 0.5), random.uniform(0.25, 0.5), random.uniform(0.05, 0.09))
    _maybe_a_leaf(lower, (x, y - 0.15))


def _ball(scene: Scene, skin: Skin) -> None:
    random = scene.random
    if random.random() < 0.3:
        skin = replace(skin, stripe=colour_between(random, (0, 360), (0.0, 0.9), (0.6, 1.0)))
    if random.random() < 0.7:
        skin = replace(skin, blush_amount=-1.0)
    scene.paint(Solid(np.ones_like, tilt=random.uniform(-1.2, 1.2)), skin)


def _peach(scene: Scene, skin: Skin) -> None:
    random = scene.random
    point = random.uniform(0.02, 0.1)

    def outline(angle: Floats) -> Floats:
        r: Floats = 1 + point * _bump(angle, np.pi, 0.3)
        return r

    solid = Solid(_evened(outline), tilt=random.uniform(0.1, 0.6), dent=0.07, dent_width=0.35)
    scene.paint(solid, replace(skin, has_seam=True, gloss=0.08, streaks=random.uniform(0.1, 0.4)))
    _maybe_a_leaf(scene, stem_foot(solid))


def _cherries(scene: Scene, skin: Skin) -> None:
    random = scene.random
    joint = (random.normal(0, 0.2), -1.25)
    is_pair = random.random() < 0.75
    dip, size = random.uniform(0.04, 0.1), 0.68 if is_pair else 0.85

    def outline(angle: Floats) -> Floats:
        r: Floats = 1 - dip * _bump(angle, 0, 0.4)
        return r

    for side in (-0.62, 0.62) if is_pair else (0.0,):
        x, y = side + random.normal(0, 0.06), 0.35 + random.normal(0, 0.12)
        one = replace(scene, middle=scene.at(x, y), radius=scene.radius * size)
        solid = Solid(_evened(outline), tilt=random.uniform(0.1, 0.5), dent=0.12, dent_width=0.4)
        one.paint(solid, replace(skin, gloss=max(skin.gloss, 0.5)))
        foot = stem_foot(solid)
        start, end = np.array((x + foot[0] * size, y + foot[1] * size)), np.array(joint)
        bow = (start + end) / 2 + (0.12 * (start[0] - end[0]), -0.05)
        steps = np.linspace(0, 1, 9)[:, None]
        path = (1 - steps) ** 2 * start + 2 * steps * (1 - steps) * bow + steps**2 * end
        with _Pen(scene) as pen:
            green = random_leaf_colour(random, 0.45)
            pen.line([scene.at(*p) for p in path.tolist()], fill=green, width=scene.pen_width(0.05), joint="curve")
    _maybe_a_leaf(scene, joint)


def _banana(scene: Scene, skin: Skin) -> None:
    """Draw four bands of a ring, each narrower, a little higher and lighter than the one before."""
    random = scene.random
    ring = 1.75
    angles = np.linspace(-1, 1, 15) * random.uniform(0.75, 1.0)
    widths = random.uniform(0.36, 0.44) * np.clip(np.sin(np.linspace(0.25, np.pi - 0.25, 15)) ** 0.6, 0.3, 1)
    directions = np.stack((np.sin(angles), np.cos(angles)), axis=1)
    brightness = scene.light.ambient * 0.4 + 0.75
    with _Pen(scene) as pen:
        for band, tone in enumerate(np.linspace(0.62, 1.06, 4) * brightness):
            half = (widths * (1 - 0.2 * band))[:, None]
            rise = np.array((0.0, 0.72 * ring + 0.05 * band))
            outer, inner = directions * (ring + half) - rise, directions * (ring - half) - rise
            edge = [scene.at(x, y) for x, y in np.concatenate((outer, inner[::-1])).tolist()]
            pen.polygon(edge, fill=tuple(int(min(channel * tone, 1) * 255) for channel in skin.base))
        end = directions[0] * ring - (0.0, 0.72 * ring)
        tip = (*scene.at(*end.tolist()), *scene.at(*(end - 0.22).tolist()))
        pen.line(tip, fill=(70, 55, 25), width=scene.pen_width(0.12))


PAINTERS: dict[str, Callable[[Scene, Skin], None]] = {
    "apple": _apple, "tomato": _tomato, "cherries": _cherries, "ball": _ball, "lime": _lime, "pear": _pear,
    "lemon": _lemon, "banana": _banana, "orange": _orange, "peach": _peach,
}  # fmt: skip

KINDS_BY_FAMILY: dict[str, Sequence[str]] = {
    "red": ("tomato", "tomato", "ball", "cherries", "cherries", "pear"),
    "green": ("lime", "lime", "pear", "pear", "tomato", "ball"),
    "yellow": ("lemon", "lemon", "banana", "pear", "ball"),
    "mixed": ("peach", "peach", "orange", "orange", "pear", "tomato"),
}
"""What is no apple but may have an apple's colour; named twice, it is drawn twice as often."""


def _bump(angle: npt.NDArray[Any], place: float, width: float) -> Any:
    """Return 1 at the angles ±place, falling off over `width`."""
    return np.exp(-(((np.abs(angle) - place) / width) ** 2))


def _evened(outline: Outline) -> Outline:
    """Return the outline at the scale at which it encloses as much as a circle of radius 1."""
    around = np.linspace(-np.pi, np.pi, 256, dtype=np.float32)
    scale = np.float32(1 / np.sqrt(np.mean(outline(around) ** 2)))
    return lambda angle: (outline(angle) * scale).astype(np.float32)


def _stem(scene: Scene, foot: Point, lean: float, length: float, width: float) -> None:
    """Draw a woody stem that grows up from `foot` and bends towards its end; measures in radii."""
    bow = scene.random.normal(0, 0.25)
    steps = np.linspace(0, length, 6)
    xs, ys = foot[0] + steps * (np.sin(lean) + bow * steps / length), foot[1] - steps * np.cos(lean)
    path = [scene.at(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
    red, green, blue = colour_between(scene.random, (18, 45), (0.35, 0.7), (0.2, 0.5))
    thickness = max(scene.pen_width(width), 2)
    with _Pen(scene) as pen:
        pen.line(path, fill=(int(red * 255), int(green * 255), int(blue * 255)), width=thickness, joint="curve")
        (x, y), w = path[-1], thickness * 0.75
        pen.ellipse((x - w, y - w, x + w, y + w), fill=(int(red * 160), int(green * 160), int(blue * 160)))


def _maybe_a_leaf(scene: Scene, foot: Point) -> None:
    """Let a leaf grow at the stem, as often on one kind as on another."""
    random = scene.random
    if random.random() < 0.38:
        angle = random.uniform(-0.8, 0.3) if random.random() < 0.5 else np.pi + random.uniform(-0.3, 0.8)
        with _Pen(scene) as pen:
            length = scene.radius * random.uniform(0.5, 0.95)
            leaf(pen, random, scene.at(*foot), scene.turn + angle, length, random.random())


class _Pen:
    """Lends Pillow's drawing tools to the canvas: `with _Pen(scene) as pen`."""

    def __init__(self, scene: Scene) -> None:
        self.canvas = scene.canvas
        self.image = Image.fromarray((np.clip(scene.canvas, 0, 1) * 255).astype(np.uint8))

    def __enter__(self) -> Any:
        return ImageDraw.Draw(self.image)

    def __exit__(self, *_: object) -> None:
        np.divide(np.asarray(self.image), np.float32(255), out=self.canvas)
