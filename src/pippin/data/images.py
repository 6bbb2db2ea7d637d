"""Decode one picture of any kind into a uint8 array (height, width, channels). Knows nothing of folders or
classes.

Every picture is turned upright (EXIF), see-through parts are laid on white, more than 8 bits are scaled down
(never clipped), of several frames the first is taken. Colour profiles are not applied.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pippin.data.files import Skipped, Unreadable, read_file, what_it_seems
from pippin.data.resample import INTERPOLATIONS, resample
from pippin.errors import SettingError, unknown

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = npt.NDArray[np.uint8]

LARGEST_PICTURE = 178_956_970
"""Pixels, by the header, before anything is decoded: where Pillow speaks of a decompression bomb."""

_HUGE = 40_000_000
"""Pixels: 120 MB as RGB. Pictures beyond it are decoded one at a time, whatever the number of threads."""

_one_huge_picture = threading.Lock()

_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000", "QOI")
_EXTENSIONS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"), "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "PNG": (".png", ".apng"), "GIF": (".gif",), "BMP": (".bmp", ".dib"), "WEBP": (".webp",),
    "AVIF": (".avif", ".avifs"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"), "TIFF": (".tif", ".tiff"), "QOI": (".qoi",),
    "JPEG2000": (".jp2", ".j2k", ".jpc", ".jpf", ".jpx", ".j2c"),
}  # fmt: skip
_PARSER_WORDS = ("unpack", "Expected to read", "not identified", "cannot load", "decoder")
_FITS = ("crop", "stretch", "pad")


@dataclass(frozen=True)
class Decoding:
    """How pictures become arrays of one size. Part of a cache's key and of a trained classifier.

    `fit` says what happens when a picture has another shape than (height, width). "crop" (the default) cuts
    equal strips from the two longer ends: what is left keeps its true proportions, and a photo's subject is
    nearly always near the middle. "stretch" keeps every pixel but bends the shapes: a round apple in a tall
    photo becomes a flat one. "pad" adds black bars; where one class came from another camera, the network
    learns the bars.

    `interpolation` "smooth" averages all the pixels that fall on a new one (bilinear with antialias). The
    other names are Keras's, and mean what they mean there, antialias off.
    """

    height: int
    width: int
    channels: int = 3
    fit: str = "crop"
    interpolation: str = "smooth"

    def __post_init__(self) -> None:
        for name, value in (("height", self.height), ("width", self.width)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise SettingError(f"Picture {name}: expected a whole number of pixels, 1 or more; received {value!r}.")
        if self.channels not in (1, 3, 4):
            raise SettingError(
                f"Picture channels: expected 1 (grayscale), 3 (RGB) or 4 (RGBA); received {self.channels!r}."
            )
        if self.fit not in _FITS:
            raise unknown("way to fit a picture", self.fit, _FITS)
        if self.interpolation != "smooth" and self.interpolation not in INTERPOLATIONS:
            raise unknown("interpolation", self.interpolation, ("smooth", *INTERPOLATIONS))

    @property
    def shape(self) -> tuple[int, int, int]:
        """(height, width, channels)"""
        return (self.height, self.width, self.channels)


class Picture(NamedTuple):
    """A decoded picture, its format ("JPEG"), and what had to be done to it ("turned upright by EXIF", …)."""

    pixels: Pixels
    kind: str
    notes: tuple[str, ...]


def read_picture(path: str | os.PathLike[str], how: Decoding) -> Picture | Skipped:
    """Read and decode one file; whatever is wrong with it comes back as a Skipped, never as an exception."""
    name = os.fspath(path)
    try:
        picture = decode(read_file(name), how)
    except Unreadable as error:
        return Skipped(name, str(error), error.is_passing)
    except MemoryError:
        return Skipped(name, "not enough memory to decode it", is_passing=True)
    extension = Path(name).suffix.lower()
    if extension and extension not in _EXTENSIONS.get(picture.kind, ()):
        return picture._replace(notes=(*picture.notes, f"named {extension} but a {picture.kind} inside"))
    return picture


def decode(data: bytes, how: Decoding) -> Picture:
    """Decode the bytes of a picture file. Raises Unreadable, with a plain reason, when they are damaged."""
    if not data:
        raise Unreadable("empty file")
    image = _open(data)
    try:
        return _to_picture(image, how)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # Decoders raise a dozen types on damage: OSError, ValueError, struct.error, …
        raise Unreadable(_damage(image.format, data, error)) from error


@contextlib.contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silence Pillow's warnings about pictures: they name no file. Enter it once, around all threads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        yield


def _open(data: bytes) -> Image:
    """Read the header only."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(data), formats=_formats())
    except Image.DecompressionBombError as error:
        size = re.search(r"\d+", str(error))
        raise Unreadable(_too_large(int(size[0]) if size else LARGEST_PICTURE + 1)) from error
    except MemoryError:
        raise
    except Exception as error:  # UnidentifiedImageError, and whatever a parser trips over
        raise Unreadable(_why_not_opened(data)) from error
    pixels = image.width * image.height
    if pixels > LARGEST_PICTURE:
        raise Unreadable(_too_large(pixels))
    if pixels == 0:
        raise Unreadable(f"{image.format} of {image.width} × {image.height} pixels: nothing to see")
    return image


def _why_not_opened(data: bytes) -> str:
    """Say what is wrong with bytes in which no format's parser found a picture."""
    from PIL import Image

    seems = what_it_seems(data)
    if seems:
        return seems
    for kind in _formats():
        parser, accepts = Image.OPEN[kind]
        if accepts and accepts(data[:16]) is True:
            try:
                parser(io.BytesIO(data), "")
            except Exception as error:  # The one that Pillow swallowed
                return _damage(kind, data, error)
    return f"not a picture in a known format (starts with bytes {data[:8].hex(' ')})"


def _too_large(pixels: int) -> str:
    return f"{pixels / 1e6:,.0f} megapixels; the limit is {LARGEST_PICTURE / 1e6:.0f}"


def _formats() -> tuple[str, ...]:
    """Return the formats that this Pillow can read: of a closed list, so no exotic parser is reachable."""
    from PIL import Image

    if not _available:
        Image.init()
        _available.extend(name for name in _FORMATS if name in Image.OPEN)
    return tuple(_available)


_available: list[str] = []


def _to_picture(image: Image, how: Decoding) -> Picture:
    notes: list[str] = []
    if getattr(image, "is_animated", False):
        notes.append("has several frames: the first was used")
    side = max(image.size)
    if how.interpolation == "smooth":
        # JPEG decodes at 1/2, 1/4 or 1/8 size in a fraction of the time. A photo on its side is turned later.
        side = max(_scaled_size(image.size, how) + _scaled_size(image.size[::-1], how))
    image.draft("L" if how.channels == 1 else "RGB", (side, side))
    with _one_huge_picture if image.width * image.height > _HUGE else contextlib.nullcontext():
        transparent_colour = _transparent_colour(image)
        image.load()
        turn = _turn_to_upright(image)
        plain = _plain(image, how.channels, transparent_colour, notes)
        if turn is not None:
            plain = plain.transpose(turn)
            notes.append("turned upright by EXIF")
        bend = (plain.width * how.height) / (plain.height * how.width)
        if max(bend, 1 / bend) > 2 and how.fit != "pad":
            notes.append(
                "more than twice too long for the size: " + ("half is cut off" if how.fit == "crop" else "bent")
            )
        pixels = _fit(plain, how)
    return Picture(pixels, image.format or "", tuple(notes))


def _turn_to_upright(image: Image) -> Any:
    """Return the PIL transposition that undoes the camera's orientation, or None."""
    from PIL.Image import Transpose

    try:
        orientation = image.getexif().get(0x0112, 1)
    except Exception:  # A damaged EXIF block is no reason to lose the picture.
        return None
    return {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
    }.get(orientation)  # fmt: skip


def _transparent_colour(image: Image) -> Any:
    """Return the colour that means "see-through" (tRNS), in 8 bits where Pillow scales the pixels to 8."""
    colour = image.info.get("transparency")
    sixteen_bits = any("16" in str(tile[3]) for tile in getattr(image, "tile", []))
    if isinstance(colour, tuple) and sixteen_bits:
        return tuple(value >> 8 for value in colour)
    return colour


def _plain(image: Image, channels: int, transparent_colour: Any, notes: list[str]) -> Image:
    """Return the picture in mode L, RGB or RGBA, whatever mode it came in."""
    from PIL import Image as pil

    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    if image.mode.startswith("I") or image.mode == "F":
        notes.append("more than 8 bits a pixel: scaled to 8")
        return pil.fromarray(_to_bytes(np.asarray(image), transparent_colour)).convert(mode)
    if transparent_colour is not None:
        image.info["transparency"] = transparent_colour
    if not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode)
    notes.append("see-through parts laid on white" if channels != 4 else "has see-through parts")
    colours = image.convert("RGBA")
    if channels == 4:
        return colours
    white = pil.new("RGBA", colours.size, "white")
    return pil.alpha_composite(white, colours).convert(mode)


def _to_bytes(values: npt.NDArray[Any], transparent: Any) -> Pixels:
    """Scale 16-bit, 32-bit or float gray to 0..255.

    16 bits keep their meaning (0..65535). Floats in 0..1 or 0..255 do too. Anything else says nothing about
    what is white, so its own darkest and brightest values become 0 and 255.
    """
    clean = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=np.nan, neginf=np.nan)
    finite = clean[np.isfinite(clean)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    ranges = [(0.0, 1.0), (0.0, 255.0)] if values.dtype.kind == "f" else [(0.0, 65535.0)]
    first, last = next((r for r in ranges if r[0] <= low and high <= r[1]), (low, max(high, low + 1e-30)))
    infinite = np.where(values == np.inf, last, first)
    scaled = (np.where(np.isfinite(clean), clean, infinite) - first) * (255.0 / (last - first))
    if isinstance(transparent, int):
        scaled[values == transparent] = 255.0
    return np.rint(np.clip(scaled, 0.0, 255.0)).astype(np.uint8)


def _scaled_size(size: tuple[int, int], how: Decoding) -> tuple[int, int]:
    """Return the (width, height) that the whole picture gets, before cropping or padding."""
    if how.fit == "stretch":
        return how.width, how.height
    width, height = size
    is_wider = width * how.height > height * how.width
    if is_wider == (how.fit == "pad"):
        return how.width, max(height * how.width // width, 1)
    return max(width * how.height // height, 1), how.height


def _fit(image: Image, how: Decoding) -> Pixels:
    """Resize to (height, width) in the way asked for, and return the array."""
    if how.fit == "pad":
        width, height = _scaled_size(image.size, how)
        pixels = np.zeros(how.shape, np.uint8)
        top, left = (how.height - height) // 2, (how.width - width) // 2
        pixels[top : top + height, left : left + width] = _resize(image, (width, height), None, how)
        return pixels
    return _resize(image, (how.width, how.height), _middle(image.size, how) if how.fit == "crop" else None, how)


def _middle(size: tuple[int, int], how: Decoding) -> tuple[int, int, int, int]:
    """Return the largest centred box (left, top, right, bottom) with the proportions asked for."""
    width, height = size
    crop_width = max(min(width, height * how.width // how.height), 1)
    crop_height = max(min(height, width * how.height // how.width), 1)
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    return left, top, left + crop_width, top + crop_height


def _resize(image: Image, size: tuple[int, int], box: tuple[int, int, int, int] | None, how: Decoding) -> Pixels:
    from PIL.Image import Resampling

    if how.interpolation == "smooth":
        # The gap shrinks large pictures by whole pixels first: far quicker, hardly a level of difference.
        resized = image.resize(size, Resampling.BILINEAR, box=box, reducing_gap=3.0)
        return np.asarray(resized, dtype=np.uint8).reshape(size[1], size[0], how.channels)
    pixels = np.asarray(image.crop(box) if box else image, dtype=np.uint8)
    return resample(pixels.reshape(pixels.shape[0], pixels.shape[1], how.channels), size[1], size[0], how.interpolation)


def _damage(kind: str | None, data: bytes, error: Exception) -> str:
    """Say in plain words how a file that began well went wrong."""
    words = str(error)
    if isinstance(error, EOFError) or any(
        w in words.lower() for w in ("truncated", "not enough image", "no more images")
    ):
        return f"{kind} ends early at {len(data):,} bytes"
    if not isinstance(error, (OSError, SyntaxError)) or any(clue in words for clue in _PARSER_WORDS):
        return f"damaged {kind}: garbled, or cut short at {len(data):,} bytes"
    return f"damaged {kind}: {words}"
