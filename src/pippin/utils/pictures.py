"""Keras's functions for one picture: load, turn into an array and back, save. Folders: see pippin.data."""

from __future__ import annotations

import io
import os
import pathlib
import warnings
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pippin.errors import SettingError, ShapeError, unknown

if TYPE_CHECKING:
    from PIL.Image import Image

_FILTERS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}


def load_img(
    path: str | bytes | os.PathLike[str] | io.BytesIO,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Image:
    """Return the picture in a file as a PIL image. `target_size` is (height, width).

    With `keep_aspect_ratio` the middle of the picture is cut out with the proportions of the target before
    resizing. As in Keras, the camera's orientation is not applied and see-through parts are dropped; the
    classifier's own `pippin.data.read_picture` does both properly.
    """
    from PIL import Image as pil

    if color_mode not in _MODES:
        raise unknown("color_mode", color_mode, _MODES)
    if interpolation not in _FILTERS:
        raise unknown("interpolation", interpolation, _FILTERS)
    if isinstance(path, io.BytesIO):
        image: Image = pil.open(path)
    elif isinstance(path, (str, bytes, os.PathLike)):
        image = pil.open(io.BytesIO(pathlib.Path(os.fsdecode(path)).read_bytes()))
    else:
        raise TypeError(f"load_img: expected a path or io.BytesIO, received {type(path).__name__}.")
    if image.mode != _MODES[color_mode] and not (color_mode == "grayscale" and image.mode in ("I;16", "I")):
        image = image.convert(_MODES[color_mode])
    if target_size is None or image.size == (target_size[1], target_size[0]):
        return image
    height, width = target_size
    box = None
    if keep_aspect_ratio:
        crop_width = min(image.width, image.height * width // height)
        crop_height = min(image.height, image.width * height // width)
        left, top = (image.width - crop_width) // 2, (image.height - crop_height) // 2
        box = (left, top, left + crop_width, top + crop_height)
    return image.resize((width, height), pil.Resampling[interpolation.upper()], box=box)


def img_to_array(img: Any, data_format: str | None = None, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return a PIL image as an array (height, width, channels), float32 unless another `dtype` is given."""
    array = np.asarray(img, dtype=dtype or np.float32)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3:
        raise ShapeError(f"img_to_array: expected a picture with 2 or 3 axes, received shape {array.shape}.")
    return array.transpose(2, 0, 1) if _is_channels_first(data_format) else array


def array_to_img(
    x: npt.ArrayLike, data_format: str | None = None, scale: bool = True, dtype: npt.DTypeLike | None = None
) -> Image:
    """Return an array (height, width, 1, 3 or 4 channels) as a PIL image.

    With `scale` the smallest value becomes 0 and the largest 255; without it the values are taken as 0..255.
    """
    from PIL import Image as pil

    array = np.asarray(x, dtype=dtype or np.float32)
    if array.ndim != 3:
        raise ShapeError(f"array_to_img: expected one picture with 3 axes, received shape {array.shape}.")
    if _is_channels_first(data_format):
        array = array.transpose(1, 2, 0)
    if scale:
        array = array - array.min()
        array = array / (array.max() or 1) * 255
    channels = array.shape[2]
    if channels not in (1, 3, 4):
        raise ShapeError(f"array_to_img: expected 1, 3 or 4 channels, received {channels} (shape {array.shape}).")
    if channels == 1 and array.max(initial=0) > 255:
        return pil.fromarray(array[:, :, 0].astype(np.int32))
    return pil.fromarray(array.astype(np.uint8)[:, :, 0] if channels == 1 else array.astype(np.uint8))


def save_img(
    path: str | os.PathLike[str] | IO[bytes],
    x: npt.ArrayLike,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Save an array as a picture file. The format is that of the extension unless `file_format` names one.

    The other arguments go to Pillow (`quality=90`). See-through parts are dropped for JPEG, with a warning.
    """
    if file_format is None and isinstance(path, (str, os.PathLike)):
        file_format = pathlib.Path(path).suffix[1:]
    if file_format and file_format.lower() == "jpg":
        file_format = "jpeg"
    image = array_to_img(x, data_format=data_format, scale=scale)
    if image.mode == "RGBA" and file_format and file_format.lower() == "jpeg":
        warnings.warn("JPEG has no see-through pixels: save_img drops the fourth channel.", stacklevel=2)
        image = image.convert("RGB")
    image.save(path, format=file_format or None, **kwargs)


def _is_channels_first(data_format: str | None) -> bool:
    if data_format not in (None, "channels_last", "channels_first"):
        raise SettingError(f'data_format: expected "channels_last" or "channels_first", received {data_format!r}.')
    return data_format == "channels_first"
