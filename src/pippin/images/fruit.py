"""Draw a folder of fruit pictures, apple and not_apple, to try the classifier on. Nothing is downloaded or
copied.

Colour alone does not decide: a colour family (red, green, yellow, mixed) is drawn by lot, and apples and
other fruit take their colours from the same families. What tells them apart is the shape: see `fruit_kinds`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from pippin.errors import DataError, SettingError
from pippin.images.fruit_kinds import KINDS_BY_FAMILY, PAINTERS, Scene, colour_between, skin_of
from pippin.images.scenery import background, cast_shadow, leaf
from pippin.images.solids import Light

Random = np.random.Generator

CLASS_NAMES = ("apple", "not_apple")

_FINER = 2
"""Everything is drawn this many times finer than it is saved, which smooths its edges."""

_FAMILIES = ("red", "green", "yellow", "mixed")
# A little as in a shop: more of the apples are red. A linear model on colours gets 60 to 65 % right; a test
# measures it.
_APPLE_FAMILIES = (0.42, 0.33, 0.13, 0.12)
_OTHER_FAMILIES = (0.28, 0.27, 0.23, 0.22)

_MARK = ".drawn-by-pippin.json"
_VERSION = 1
"""Goes up with every change of what is drawn, so that a folder drawn by an older Pippin is drawn anew."""


def draw(folder: str | os.PathLike[str], train: int = 400, test: int = 200, size: int = 96, seed: int = 0) -> str:
    """Draw `train` and `test` pictures into FOLDER/train/apple, FOLDER/train/not_apple, …; return its path.

    Half of each are apples. Pictures are JPEG, `size` × `size`, named after what they show. The same
    arguments draw the same pictures. A folder drawn earlier with the same arguments is left as it is, one
    with others is drawn anew; a folder with anything else in it raises DataError and is not touched.
    """
    for name, value, least in (("train", train, 2), ("test", test, 2), ("size", size, 16), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise SettingError(f"draw: expected {name} to be a whole number from {least}; received {value!r}.")
    root = Path(folder).absolute()
    settings = {"version": _VERSION, "train": train, "test": test, "size": size, "seed": seed}
    if _is_drawn(root, json.dumps(settings)):
        return str(root)
    for part, count in (("train", train), ("test", test)):
        for label, class_name in enumerate(CLASS_NAMES):
            place = root / part / class_name
            place.mkdir(parents=True)
            for number in range((count + 1 - label) // 2):
                random = np.random.default_rng([seed, part == "test", label, number])
                kind, image = picture(class_name == "apple", random, size)
                image.save(place / f"{kind}_{number + 1:04d}.jpg", quality=90)
    (root / _MARK).write_text(json.dumps(settings), encoding="utf-8")
    return str(root)


def _is_drawn(root: Path, settings: str) -> bool:
    """Return True for a folder that holds these pictures; else leave it empty, if it was ours to empty."""
    mark = root / _MARK
    if mark.is_file():
        if mark.read_text(encoding="utf-8") == settings:
            return True
        mark.unlink()
        for part in ("train", "test"):
            shutil.rmtree(root / part, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise DataError(f"{root} is not empty and was not drawn by Pippin. Give a new or an empty folder.")
    return False


def picture(is_apple: bool, random: Random, size: int) -> tuple[str, Image.Image]:
    """Draw one picture; return what is in it ("apple", "tomato", …) and the picture."""
    fine = size * _FINER
    backdrop = background(random, size).resize((fine, fine), Image.Resampling.BILINEAR)
    family = _FAMILIES[int(random.choice(4, p=_APPLE_FAMILIES if is_apple else _OTHER_FAMILIES))]
    kinds = ("apple",) if is_apple else KINDS_BY_FAMILY[family]
    kind = kinds[int(random.integers(len(kinds)))]
    radius = fine * random.uniform(0.29, 0.41)
    slack = (fine / 2 - radius * 0.9) * random.uniform(-0.5, 0.5, 2)
    middle = (fine / 2 + float(slack[0]), fine / 2 + float(slack[1]))
    from_above, towards = random.uniform(-np.pi + 0.4, -0.4), random.uniform(0.5, 0.9)
    flat = np.sqrt(1 - towards**2)
    direction = (float(np.cos(from_above) * flat), float(np.sin(from_above) * flat), towards)
    light = Light(direction, ambient=random.uniform(0.3, 0.55))
    turn = random.normal(0, 0.25) if random.random() < 0.93 else random.uniform(-np.pi, np.pi)
    canvas = np.array(backdrop, np.float32) / np.float32(255)
    scene = Scene(canvas, random, light, middle, radius, turn)
    cast_shadow(
        canvas,
        (middle[0] - radius * 0.5 * direction[0], middle[1] + radius * 0.92),
        radius,
        random.uniform(0.2, 0.65),
    )
    PAINTERS[kind](scene, skin_of(random, family))
    return kind, _photographed(scene, size)


def _photographed(scene: Scene, size: int) -> Image.Image:
    """Put something in front now and then, and give the picture the faults of a photo: tint, blur, grain."""
    random = scene.random
    image = Image.fromarray((np.clip(scene.canvas, 0, 1) * 255).astype(np.uint8))
    if random.random() < 0.12:
        _cover_an_edge(image, scene)
    image = image.reduce(_FINER)
    if random.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(size * random.uniform(0.003, 0.008)))
    tint = random.uniform(0.92, 1.08, 3).astype(np.float32) * np.float32(random.uniform(0.75, 1.15))
    grain = random.standard_normal((size, size, 1), dtype=np.float32) * np.float32(random.uniform(0.5, 3))
    return Image.fromarray(np.clip(np.asarray(image, np.float32) * tint + grain, 0, 255).astype(np.uint8))


def _cover_an_edge(image: Image.Image, scene: Scene) -> None:
    """Let leaves, or a plain round thing, hide a little of one side of the fruit."""
    random, radius = scene.random, scene.radius
    pen = ImageDraw.Draw(image)
    angle = random.uniform(0, 2 * np.pi)
    x = scene.middle[0] + radius * 1.35 * np.cos(angle)
    y = scene.middle[1] + radius * 1.35 * np.sin(angle)
    if random.random() < 0.6:
        for _ in range(3):
            inward = angle + np.pi + random.normal(0, 0.6)
            leaf(pen, random, (x, y), inward, radius * random.uniform(0.7, 1.0), random.random())
    else:
        red, green, blue = colour_between(random, (0, 360), (0.1, 0.6), (0.3, 0.9))
        w = radius * random.uniform(0.4, 0.75)
        pen.ellipse((x - w, y - w, x + w, y + w), fill=(int(red * 255), int(green * 255), int(blue * 255)))
