"""`tf.io`: files as bytes, and pictures from them."""

from __future__ import annotations

import glob
import shutil
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from pippin.compat.tf.dtypes import as_text, kind_of
from pippin.errors import DataError
from pippin.program.eager import as_eager


def read_file(filename: Any, name: str | None = None) -> bytes:
    """All bytes of a file."""
    return Path(as_text(filename).item()).read_bytes()


def write_file(filename: Any, contents: bytes, name: str | None = None) -> None:
    """Make a file of these bytes, and the folders it lies in."""
    path = Path(as_text(filename).item())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)


_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def decode_image(
    contents: Any, channels: int = 0, dtype: Any = "uint8", name: str | None = None, expand_animations: bool = True
) -> Any:
    """(rows, columns, channels) of a picture's bytes: as many channels as it has for 0; floats lie between 0 and 1."""
    from PIL import Image, UnidentifiedImageError

    if channels not in (0, 1, 3, 4):
        raise DataError(f"decode_image: expected channels 0, 1, 3 or 4, received {channels}.")
    given = contents.item() if isinstance(contents, np.ndarray) else contents
    try:
        with Image.open(BytesIO(given)) as picture:
            own = {"L": 1, "I;16": 1, "RGBA": 4, "LA": 4}.get(picture.mode, 3)
            pixels = np.asarray(picture.convert(_MODES[channels or own]))
    except UnidentifiedImageError:
        raise DataError(
            "decode_image: expected the bytes of a JPEG, PNG, GIF or BMP picture, received others."
        ) from None
    array = pixels if pixels.ndim == 3 else pixels[..., np.newaxis]
    return as_eager(array if kind_of(dtype) == "uint8" else (array / 255.0).astype(kind_of(dtype)))


decode_jpeg = decode_png = decode_bmp = decode_gif = decode_image


def decode_raw(input_bytes: Any, out_type: Any, name: str | None = None, **unused: Any) -> Any:
    """The numbers that lie in these bytes."""
    return as_eager(np.frombuffer(input_bytes, kind_of(out_type)).copy())


gfile = SimpleNamespace(
    GFile=open,
    exists=lambda path: Path(path).exists(),
    isdir=lambda path: Path(path).is_dir(),
    listdir=lambda path: sorted(entry.name for entry in Path(path).iterdir()),
    makedirs=lambda path: Path(path).mkdir(parents=True, exist_ok=True),
    mkdir=lambda path: Path(path).mkdir(exist_ok=True),
    glob=lambda pattern: sorted(glob.glob(str(pattern))),  # noqa: PTH207
    remove=lambda path: Path(path).unlink(),
    rmtree=shutil.rmtree,
    copy=lambda src, dst, overwrite=False: shutil.copyfile(src, dst),
)
"""Files and folders under the names of TensorFlow."""
