"""What a person may ask for, and what is chosen where they asked for nothing: from how many photos there are
and how large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pippin.data import PictureFile
from pippin.errors import SettingError

LARGEST_DEFAULT_SIZE = 64
"""Pixels. 96 took twice as long on photos of a grocer's and was right no more often."""
SMALLEST_SIZE = 8
FILES_LOOKED_AT = 64
"""To learn how large photos are. Cameras give all theirs one size; only the header of a file is read."""


@dataclass(frozen=True)
class Settings:
    """What was asked for. None, or the default, leaves the choice to `choose`."""

    size: int | None = None
    """Pixels of each side of the square the network sees."""
    epochs: int | None = None
    time: float | None = None
    """Seconds that learning may take; it then gets as many epochs as fit."""
    batch: int | None = None
    learning_rate: float | None = None
    validation: float = 0.2
    """Fraction of the photos held out to choose the best epoch, where no validation folder is given."""
    seed: int = 0
    grayscale: bool | None = None
    """True: colours are dropped. None: kept, unless no photo has any."""
    augment: bool = True
    """Show each photo turned, moved, zoomed and in another light each time."""

    def __post_init__(self) -> None:
        for word, value, least in (
            ("size", self.size, SMALLEST_SIZE),
            ("epochs", self.epochs, 1),
            ("batch", self.batch, 1),
        ):
            if value is not None and (isinstance(value, bool) or not hasattr(value, "__index__") or value < least):
                raise SettingError(f"{word}: expected a whole number of {least} or more, received {value!r}.")
        for word, number in (("time", self.time), ("learning_rate", self.learning_rate)):
            if number is not None and not 0 < number < float("inf"):
                raise SettingError(f"{word}: expected a number above 0, received {number!r}.")
        if not 0 < self.validation < 1:
            raise SettingError(
                f"validation: expected a fraction between 0 and 1 to hold out, received {self.validation!r}."
            )
        if isinstance(self.seed, bool) or not hasattr(self.seed, "__index__") or not 0 <= self.seed < 2**32:
            raise SettingError(f"seed: expected a whole number from 0 to {2**32 - 1}, received {self.seed!r}.")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """What was chosen: how long and in what steps which network learns."""

    epochs: int
    batch: int
    learning_rate: float
    alter: float = 0.0
    """How much photos are altered to learn more from them, from not at all, 0, to as much as is good for few photos,
    1."""
    filters: int = 16
    """Of the network's first block."""


def choose(settings: Settings, photos: int) -> Plan:
    """Choose for so many photos to learn from.

    Few photos are seen often and many seldom: between a fixed number of passes, which a large folder doesn't need, and
    a fixed number of steps, with which it would learn no more than a small one. 400 photos: 100 epochs; 60,000: 13.
    Altering photos makes up for having few of them; with many it only makes the task harder. What many photos can teach
    needs more room: on 60,000 pictures of clothes, without altering and with twice the filters, 91 % are right after
    5 epochs, and 82 % with the settings that are best for 400.
    """
    epochs = settings.epochs or round(min(150, max(5, 1100 / photos**0.4)))
    batch = settings.batch or next((size for size in (32, 16) if photos >= 8 * size), 8)
    return Plan(
        epochs=epochs,
        batch=min(batch, photos),
        learning_rate=settings.learning_rate or 0.003,
        alter=min(1.0, 1000 / photos) if settings.augment else 0.0,
        filters=16 if photos < 5000 else 32,
    )


def choose_size(settings: Settings, files: Sequence[PictureFile]) -> int:
    """The side of the square the network sees: that of typical photos, where these are small already."""
    return settings.size or fitting_size(typical_side(files))


def fitting_size(side: int | None) -> int:
    """The default size for photos whose shorter side has so many pixels; None if that is not known."""
    return max(SMALLEST_SIZE, min(side or LARGEST_DEFAULT_SIZE, LARGEST_DEFAULT_SIZE))


def typical_side(files: Sequence[PictureFile]) -> int | None:
    """The median of the shorter sides of some of the photos, in pixels; None when none can be opened."""
    from PIL import Image

    from pippin.data.images import quiet_pillow

    sides = []
    with quiet_pillow():
        for file in files[:: max(1, len(files) // FILES_LOOKED_AT)]:
            if not Path(file.path).is_file():
                continue
            try:
                with Image.open(file.path) as image:
                    sides.append(min(image.size))
            except Exception:  # Any way in which a file is no picture; it is named when it is read in earnest.
                continue
    return sorted(sides)[len(sides) // 2] if sides else None
