"""Draw a folder of fruit pictures, apple and not_apple, to try the classifier on. Nothing is downloaded or copied.

Colour alone does not decide: a colour family (red, green, yellow, mixed) is drawn first, and apples and other fruit take
their colours from the same family. What tells them apart is the shape: an apple's shoulders, its dent and its stem,
against a tomato's star, a citrus's pores and tips, a pear's neck, a cherry's long stem, a plain ball.
"""

from __future__ import annotations

import colorsys
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from pippin.errors import DataError, SettingError
from pippin.images.scenery import background, cast_shadow, leaf, random_leaf_colour
from pippin.images.solids import Colour, Floats, Light, Outline, Skin, Solid, paint, stem_end

Random = np.random.Generator
Point = tuple[float, float]

_FINER = 2
"""Everything is drawn this many times finer than it is saved, which smooths its edges."""

_MARK = ".drawn-by-pippin.json"
_VERSION = 1
CLASS_NAMES = ("apple", "not_apple")


def draw(folder: str | os.PathLike[str], train: int = 400, test: int = 200, size: int = 96, seed: int = 0) -> str:
    """Draw `train` and `test` pictures into FOLDER/train/apple, FOLDER/train/not_apple, FOLDER/test/…; return its path.

    Half of each are apples. Pictures are JPEG, `size` × `size`. The same arguments draw the same pictures. A folder
    drawn earlier with the same arguments is left as it is, one with others is drawn anew; a folder with anything else
    in it raises DataError and is not touched.
    """
    for name, value, least in (("train", train, 2), ("test", test, 2), ("size", size, 16)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise SettingError(f"draw: expected {name} to be a whole number, {least} or more; received {value!r}.")
    root = os.path.abspath(os.fspath(folder))
    mark = os.path.join(root, _MARK)
    settings = {"version": _VERSION, "train": train, "test": test, "size": size, "seed": seed}
    if os.path.isfile(mark):
        with open(mark, encoding="utf-8") as file:
            if file.read() == json.dumps(settings):
                return root
        for part in ("train", "test"):
            shutil.rmtree(os.path.join(root, part), ignore_errors=True)
        os.unlink(mark)
    elif os.path.exists(root) and (not os.path.isdir(root) or os.listdir(root)):
        raise DataError(f"{root} is there already and was not drawn by Pippin. Give a new or an empty folder to draw into.")
    for part, count in (("train", train), ("test", test)):
        for label, class_name in enumerate(CLASS_NAMES):
            os.makedirs(os.path.join(root, part, class_name), exist_ok=True)
            for number in range((count + 1 - label) // 2):
                random = np.random.default_rng([seed, part == "test", label, number])
                kind, image = picture(class_name == "apple", random, size)
                name = f"{kind}_{number + 1:04d}.jpg"
                image.save(os.path.join(root, part, class_name, name), quality=90)
    with open(mark, "w", encoding="utf-8") as file:
        file.write(json.dumps(settings))
    return root


@dataclass(frozen=True)
class _Scene:
    """Everything a fruit needs to be painted: where, how large, how turned, in what light."""

    canvas: Floats
    random: Random
    light: Light
    middle: Point
    radius: float
    turn: float

    def at(self, x: float, y: float) -> Point:
        """Return the pixel of a point given in radii from the middle, turned with the fruit."""
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return (
            self.middle[0] + self.radius * float(x * cos - y * sin),
            self.middle[1] + self.radius * float(y * cos + x * sin),
        )


def picture(is_apple: bool, random: Random, size: int) -> tuple[str, Image.Image]:
    """Draw one picture; return what is in it ("apple", "tomato", …) and the picture."""
    fine = size * _FINER
    canvas = np.asarray(background(random, size).resize((fine, fine), Image.Resampling.BILINEAR), np.float32) / 255
    canvas = np.ascontiguousarray(canvas)
    family = _FAMILIES[int(random.choice(4, p=_APPLE_FAMILIES if is_apple else _OTHER_FAMILIES))]
    kinds = ("apple",) if is_apple else _OTHERS[family]
    kind = kinds[int(random.integers(len(kinds)))]
    radius = fine * random.uniform(0.32, 0.45)
    slack = max(fine / 2 - radius * 0.9, 0)
    middle = (fine / 2 + slack * random.uniform(-0.6, 0.6), fine / 2 + slack * random.uniform(-0.6, 0.6))
    angle, height = random.uniform(-np.pi, 0), random.uniform(0.45, 0.9)
    flat = np.sqrt(1 - height**2)
    light = Light((float(np.cos(angle) * flat), float(np.sin(angle) * flat), height), random.uniform(0.3, 0.55))
    turn = random.normal(0, 0.25) if random.random() < 0.93 else random.uniform(-np.pi, np.pi)
    scene = _Scene(canvas, random, light, middle, radius, turn)
    foot = (middle[0] - radius * 0.5 * light.direction[0], middle[1] + radius * 0.92)
    cast_shadow(canvas, foot, radius, random.uniform(0.2, 0.65))
    _PAINTERS[kind](scene, _skin(random, family))
    return kind, _finish(scene, size)


def _finish(scene: _Scene, size: int) -> Image.Image:
    """Put something in front now and then, and give the picture the faults of a photo: tint, blur, grain."""
    random = scene.random
    image = Image.fromarray((np.clip(scene.canvas, 0, 1) * 255).astype(np.uint8))
    if random.random() < 0.2:
        _cover_an_edge(image, scene)
    image = image.reduce(_FINER)
    if random.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.3, size / 130)))
    pixels = np.asarray(image, np.float32)
    tint = random.uniform(0.92, 1.08, 3).astype(np.float32) * np.float32(random.uniform(0.75, 1.15))
    grain = random.standard_normal((size, size, 1), dtype=np.float32) * np.float32(random.uniform(0.5, 5))
    return Image.fromarray(np.clip(pixels * tint + grain, 0, 255).astype(np.uint8))


def _cover_an_edge(image: Image.Image, scene: _Scene) -> None:
    """Let leaves, or a plain thing such as a hand or a cloth, hide a little of one side of the fruit."""
    random, radius = scene.random, scene.radius
    pen = ImageDraw.Draw(image)
    angle = random.uniform(0, 2 * np.pi)
    x = scene.middle[0] + radius * 1.35 * np.cos(angle)
    y = scene.middle[1] + radius * 1.35 * np.sin(angle)
    if random.random() < 0.6:
        for _ in range(3):
            leaf(pen, random, (x, y), angle + np.pi + random.normal(0, 0.6), radius * random.uniform(0.7, 1.0), random.random())
    else:
        red, green, blue = colorsys.hsv_to_rgb(random.random(), random.uniform(0.1, 0.6), random.uniform(0.3, 0.9))
        w = radius * random.uniform(0.4, 0.75)
        pen.ellipse((x - w, y - w, x + w, y + w), fill=(int(red * 255), int(green * 255), int(blue * 255)))


def _hsv(random: Random, hue: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
    return colorsys.hsv_to_rgb(random.uniform(*hue) / 360 % 1, random.uniform(*saturation), random.uniform(*value))


def _skin(random: Random, family: str) -> Skin:
    """Return a surface in one of the family's colours: the same choice for apples and for what is no apple."""
    red = _hsv(random, (-14, 9), (0.7, 0.95), (0.5, 0.88))
    green = _hsv(random, (70, 108), (0.5, 0.85), (0.5, 0.85))
    yellow = _hsv(random, (42, 58), (0.6, 0.92), (0.78, 0.98))
    amber = _hsv(random, (24, 42), (0.65, 0.92), (0.75, 0.98))
    plain = random.random() < 0.5
    amount = random.uniform(-0.9, -0.5) if plain else random.uniform(-0.5, 0.3)
    gloss = random.uniform(0.15, 0.75)
    if family == "red":
        return Skin(red, _hsv(random, (-14, 6), (0.75, 1.0), (0.4, 0.7)), amount, gloss=gloss)
    if family == "green":
        return Skin(green, yellow, amount, gloss=gloss)
    if family == "yellow":
        return Skin(yellow, green if random.random() < 0.5 else amber, amount, gloss=gloss)
    return Skin(amber if plain else yellow, red if random.random() < 0.8 else amber, random.uniform(-0.4, 0.4), gloss=gloss)


def _bump(angle: npt.NDArray[Any], place: float, width: float) -> Any:
    """Return 1 at the angles ±place, falling off over `width`."""
    return np.exp(-(((np.abs(angle) - place) / width) ** 2))


def _evened(outline: Outline) -> Outline:
    """Return the outline at the scale at which it encloses as much as a circle of radius 1, so no kind is larger."""
    around = np.linspace(-np.pi, np.pi, 256, dtype=np.float32)
    scale = np.float32(1 / np.sqrt(np.mean(outline(around) ** 2)))
    return lambda angle: (outline(angle) * scale).astype(np.float32)


def _apple(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    tilt = random.uniform(0.15, 0.95)
    upright = float(np.cos(tilt))
    dip, shoulder, taper = random.uniform(0.12, 0.22) * upright, random.uniform(0.03, 0.09), random.uniform(0.02, 0.16)
    notch, lean, wide = random.uniform(0.0, 0.07) * upright, random.normal(0, 0.025), random.uniform(0.95, 1.08)

    def outline(angle: Floats) -> Floats:
        r = 1 - dip * _bump(angle, 0, 0.42) + shoulder * _bump(angle, 0.8, 0.45) - taper * _bump(angle, 2.35, 0.55)
        r = r - (taper * 0.55 + notch) * _bump(angle, np.pi, 0.32) + lean * np.sin(angle)
        return r * (1 + (wide - 1) * np.sin(angle) ** 2)

    russet = _hsv(random, (35, 75), (0.4, 0.7), (0.4, 0.7))
    solid = Solid(_evened(outline), tilt, random.uniform(0.2, 0.34), random.uniform(0.42, 0.6), russet)
    skin = replace(skin, streaks=random.uniform(0.15, 0.8), speckles=int(random.integers(0, 60)))
    paint(scene.canvas, solid, skin, scene.light, scene.middle, scene.radius, scene.turn, random)
    foot, _ = stem_end(solid, 0.0)
    if random.random() < 0.9:
        length = random.uniform(0.28, 0.55)
        _stem(scene, foot, random.normal(0, 0.35), length, random.uniform(0.05, 0.09))
        if random.random() < 0.4:
            _own_leaf(scene, (foot[0], foot[1] - length * 0.5))


def _tomato(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    flat, lobe, count = random.uniform(0.82, 0.95), random.uniform(0.0, 0.035), int(random.integers(4, 7))
    solid = Solid(
        _evened(lambda angle: (1 - (1 - flat) * np.cos(angle) ** 2) * (1 + lobe * np.cos(count * angle))),
        random.uniform(0.3, 1.2), 0.1, 0.5,
    )  # fmt: skip
    skin = replace(skin, ribs=count if random.random() < 0.6 else 0, gloss=max(skin.gloss, 0.4))
    paint(scene.canvas, solid, skin, scene.light, scene.middle, scene.radius, scene.turn, random)
    foot, _ = stem_end(solid, 0.0)
    _star(scene, foot, solid.tilt)


def _star(scene: _Scene, foot: Point, tilt: float) -> None:
    """Draw the five or six narrow green leaves on top of a tomato."""
    random = scene.random
    points = int(random.integers(5, 7))
    first, length = random.uniform(0, 2 * np.pi), random.uniform(0.4, 0.65)
    with _Pen(scene) as pen:
        colour = random_leaf_colour(random, random.uniform(0.3, 0.6))
        for i in range(points):
            angle = first + 2 * np.pi * i / points + random.normal(0, 0.15)
            reach = np.array([np.cos(angle), np.sin(angle) * max(np.sin(tilt), 0.35)]) * length * random.uniform(0.75, 1.1)
            across = np.array([-reach[1], reach[0]]) * 0.16 + 1e-3
            half = reach * 0.45
            shape = [np.zeros(2), half + across, reach, half - across]
            pen.polygon([scene.at(foot[0] + p[0], foot[1] + p[1]) for p in shape], fill=colour)
        end = scene.at(foot[0] + random.normal(0, 0.05), foot[1] - random.uniform(0.08, 0.25))
        pen.line((*scene.at(*foot), *end), fill=random_leaf_colour(random, 0.4), width=max(int(scene.radius * 0.09), 1))


def _citrus(scene: _Scene, skin: Skin, *, longer: tuple[float, float], tip: tuple[float, float]) -> None:
    random = scene.random
    stretch, nipple, width = random.uniform(*longer), random.uniform(*tip), random.uniform(0.2, 0.32)

    def outline(angle: Floats) -> Floats:
        ellipse = 1 / np.sqrt(np.sin(angle) ** 2 + (np.cos(angle) / stretch) ** 2)
        return ellipse + nipple * _bump(angle, 0, width) + 0.7 * nipple * _bump(angle, np.pi, width)

    solid = Solid(_evened(outline), random.uniform(0.2, 1.2) if stretch < 1.1 else random.uniform(-0.2, 0.3))
    skin = replace(skin, pores=random.uniform(0.04, 0.09), gloss=min(skin.gloss, 0.45))
    paint(scene.canvas, solid, skin, scene.light, scene.middle, scene.radius, scene.turn, random)
    foot, _ = stem_end(solid, 0.0)
    with _Pen(scene) as pen:
        x, y = scene.at(*foot)
        w = scene.radius * random.uniform(0.04, 0.08)
        pen.ellipse((x - w, y - w, x + w, y + w), fill=random_leaf_colour(random, 0.35))
    if random.random() < 0.35:
        _own_leaf(scene, foot)


def _orange(scene: _Scene, skin: Skin) -> None:
    _citrus(scene, skin, longer=(0.92, 1.03), tip=(0.0, 0.0))


def _lemon(scene: _Scene, skin: Skin) -> None:
    sideways = replace(scene, turn=scene.turn + scene.random.choice([0.0, np.pi / 2, -np.pi / 2]))
    _citrus(sideways, skin, longer=(1.2, 1.45), tip=(0.1, 0.22))


def _lime(scene: _Scene, skin: Skin) -> None:
    sideways = replace(scene, turn=scene.turn + scene.random.choice([0.0, np.pi / 2, -np.pi / 2]))
    _citrus(sideways, skin, longer=(1.06, 1.25), tip=(0.05, 0.14))


def _pear(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    neck, width, bend = random.uniform(0.55, 0.9), random.uniform(0.4, 0.52), random.normal(0, 0.1)
    solid = Solid(_evened(lambda angle: 0.85 + neck * _bump(angle - bend, 0, width)), random.uniform(-0.1, 0.35))
    skin = replace(skin, speckles=int(random.integers(0, 60)), streaks=random.uniform(0.0, 0.3))
    lower = replace(scene, middle=scene.at(0, 0.25), radius=scene.radius * 0.95)
    paint(scene.canvas, solid, skin, scene.light, lower.middle, lower.radius, scene.turn, random)
    foot, _ = stem_end(solid, 0.0)
    _stem(lower, (foot[0] + bend, foot[1]), random.normal(0, 0.5), random.uniform(0.25, 0.5), random.uniform(0.05, 0.09))
    if random.random() < 0.35:
        _own_leaf(lower, (foot[0], foot[1] - 0.15))


def _ball(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    if random.random() < 0.3:
        skin = replace(skin, stripe=_hsv(random, (0, 360), (0.0, 0.9), (0.6, 1.0)))
    skin = replace(skin, blush_amount=skin.blush_amount if random.random() < 0.3 else -1.0)
    solid = Solid(lambda angle: np.ones_like(angle), random.uniform(-1.2, 1.2))
    paint(scene.canvas, solid, skin, scene.light, scene.middle, scene.radius, scene.turn, random)


def _peach(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    point = random.uniform(0.02, 0.1)
    solid = Solid(_evened(lambda angle: 1 + point * _bump(angle, np.pi, 0.3) + 0.0 * angle), random.uniform(0.1, 0.6), 0.07, 0.35)
    skin = replace(skin, seam=True, gloss=0.08, streaks=random.uniform(0.1, 0.4))
    paint(scene.canvas, solid, skin, scene.light, scene.middle, scene.radius, scene.turn, random)
    if random.random() < 0.35:
        _own_leaf(scene, stem_end(solid, 0.0)[0])


def _cherries(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    joint = (random.normal(0, 0.2), -1.25)
    sides = (-0.62, 0.62) if random.random() < 0.75 else (0.0,)
    size = 0.68 if len(sides) == 2 else 0.85
    for side in sides:
        x, y = side + random.normal(0, 0.06), 0.35 + random.normal(0, 0.12)
        dip = random.uniform(0.04, 0.1)
        solid = Solid(_evened(lambda angle, dip=dip: 1 - dip * _bump(angle, 0, 0.4)), random.uniform(0.1, 0.5), 0.12, 0.4)  # type: ignore[misc]
        glossy = replace(skin, gloss=max(skin.gloss, 0.5))
        paint(scene.canvas, solid, glossy, scene.light, scene.at(x, y), scene.radius * size, scene.turn, random)
        foot = stem_end(solid, 0.0)[0]
        with _Pen(scene) as pen:
            start, end = np.array((x + foot[0] * size, y + foot[1] * size)), np.array(joint)
            bow = (start + end) / 2 + (0.12 * (start[0] - end[0]), -0.05)
            path = [scene.at(*((1 - t) ** 2 * start + 2 * t * (1 - t) * bow + t * t * end)) for t in np.linspace(0, 1, 9)]
            pen.line(path, fill=random_leaf_colour(random, 0.45), width=max(int(scene.radius * 0.05), 1), joint="curve")
    if random.random() < 0.4:
        _own_leaf(scene, joint)


def _banana(scene: _Scene, skin: Skin) -> None:
    random = scene.random
    half, thick, bend = random.uniform(0.75, 1.0), random.uniform(0.36, 0.44), 1.75
    path = [((np.sin(a) * bend), (np.cos(a) - 0.72) * bend) for a in np.linspace(-half, half, 15)]
    widths = thick * np.clip(np.sin(np.linspace(0.25, np.pi - 0.25, 15)) ** 0.6, 0.3, 1)
    tones = np.linspace(0.62, 1.06, 4) * (scene.light.ambient * 0.4 + 0.75)
    with _Pen(scene) as pen:
        for band, tone in enumerate(tones):
            fill = tuple(int(np.clip(channel * tone, 0, 1) * 255) for channel in skin.base)
            shrink = 1 - band * 0.2
            outer = [scene.at(x * (1 + w * shrink / bend), (y + 0.72 * bend) * (1 + w * shrink / bend) - 0.72 * bend - band * 0.05) for (x, y), w in zip(path, widths, strict=True)]
            inner = [scene.at(x * (1 - w * shrink / bend), (y + 0.72 * bend) * (1 - w * shrink / bend) - 0.72 * bend - band * 0.05) for (x, y), w in zip(path, widths, strict=True)]
            pen.polygon(outer + inner[::-1], fill=fill)
        dark = (70, 55, 25)
        pen.line((*scene.at(*path[0]), *scene.at(path[0][0] - 0.22, path[0][1] - 0.22)), fill=dark, width=max(int(scene.radius * 0.12), 1))


def _stem(scene: _Scene, foot: Point, lean: float, length: float, width: float) -> None:
    """Draw a woody stem that grows up from `foot`, in radii, and bends towards its end."""
    random = scene.random
    bow = random.normal(0, 0.25)
    path = [
        scene.at(foot[0] + length * t * (np.sin(lean) + bow * t), foot[1] - length * t * np.cos(lean)) for t in np.linspace(0, 1, 6)
    ]
    red, green, blue = _hsv(random, (18, 45), (0.35, 0.7), (0.2, 0.5))
    thickness = max(int(scene.radius * width), 2)
    with _Pen(scene) as pen:
        pen.line(path, fill=(int(red * 255), int(green * 255), int(blue * 255)), width=thickness, joint="curve")
        x, y = path[-1]
        w = thickness * 0.75
        pen.ellipse((x - w, y - w, x + w, y + w), fill=(int(red * 160), int(green * 160), int(blue * 160)))


def _own_leaf(scene: _Scene, foot: Point) -> None:
    random = scene.random
    angle = scene.turn + (random.uniform(-0.8, 0.3) if random.random() < 0.5 else np.pi + random.uniform(-0.3, 0.8))
    with _Pen(scene) as pen:
        leaf(pen, random, scene.at(*foot), angle, scene.radius * random.uniform(0.5, 0.95), random.random())


class _Pen:
    """Lends Pillow's drawing tools to the canvas: `with _Pen(scene) as pen`."""

    def __init__(self, scene: _Scene) -> None:
        self.canvas = scene.canvas
        self.image = Image.fromarray((np.clip(scene.canvas, 0, 1) * 255).astype(np.uint8))

    def __enter__(self) -> Any:
        return ImageDraw.Draw(self.image)

    def __exit__(self, *_: object) -> None:
        self.canvas[:] = np.asarray(self.image, np.float32) / 255


_PAINTERS: dict[str, Callable[[_Scene, Skin], None]] = {
    "apple": _apple, "tomato": _tomato, "cherries": _cherries, "ball": _ball, "lime": _lime, "pear": _pear,
    "lemon": _lemon, "banana": _banana, "orange": _orange, "peach": _peach,
}  # fmt: skip
_FAMILIES = ("red", "green", "yellow", "mixed")
# A little like the market: more apples are red. It is worth about 60 %, where 50 % is chance; a test measures it.
_APPLE_FAMILIES, _OTHER_FAMILIES = (0.42, 0.33, 0.13, 0.12), (0.28, 0.27, 0.23, 0.22)
_OTHERS = {
    "red": ("tomato", "tomato", "ball", "cherries", "cherries", "pear"),
    "green": ("lime", "lime", "pear", "pear", "tomato", "ball"),
    "yellow": ("lemon", "lemon", "banana", "pear", "ball"),
    "mixed": ("peach", "peach", "orange", "orange", "pear", "tomato"),
}
