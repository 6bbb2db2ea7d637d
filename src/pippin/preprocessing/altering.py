"""One picture turned, moved, sheared, zoomed, lit or tinted: Keras 2's functions, in NumPy.

All take a picture of three axes and say which is which. Angles are in degrees; tx moves along rows, ty along columns,
in pixels. What is asked for outside of the picture is made by `fill_mode`: "nearest" repeats the edge (aaa|abcd|ddd),
"constant" gives `cval`, "reflect" mirrors (cba|abcd|dcb), "wrap" goes round.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, unknown

_FILL_MODES = ("constant", "nearest", "reflect", "wrap")


def apply_affine_transform(
    x: np.ndarray,
    theta: float = 0,
    tx: float = 0,
    ty: float = 0,
    shear: float = 0,
    zx: float = 1,
    zy: float = 1,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:
    """The picture turned by theta, moved by (tx, ty), sheared and zoomed, in this order, about its middle.

    `order` 1 mixes the four nearest pixels by their distance, 0 takes the nearest.
    """
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2]:
        raise SettingError(
            "apply_affine_transform: 'row_axis', 'col_axis', and 'channel_axis' must be distinct, and 0, 1 and 2; "
            f"received {row_axis}, {col_axis}, {channel_axis}."
        )
    if x.ndim != 3:
        raise ShapeError(f"apply_affine_transform: expected one picture with 3 axes, received shape {x.shape}.")
    if channel_axis == 1:
        raise SettingError("apply_affine_transform: channels are the first or the last axis, received channel_axis=1.")
    matrix = _matrix(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    height, width = x.shape[row_axis], x.shape[col_axis]
    middle = np.array([height / 2 - 0.5, width / 2 - 0.5])
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = middle, -middle
    matrix = there @ matrix @ back
    if col_axis > row_axis:
        # Keras reads the matrix as (column, row); its own trade of axes, also for pictures that are not square.
        matrix = matrix[[1, 0, 2]][:, [1, 0, 2]]
    channels = np.moveaxis(x, channel_axis, 0)
    altered = _sampled(channels, matrix, order, fill_mode, cval)
    return np.moveaxis(altered, 0, channel_axis)


def _matrix(theta: float, tx: float, ty: float, shear: float, zx: float, zy: float) -> np.ndarray | None:
    """From a place in the new picture to its place in the old one; None if nothing changes."""
    steps = []
    if theta != 0:
        turn = np.deg2rad(theta)
        steps.append([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    if tx != 0 or ty != 0:
        steps.append([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    if shear != 0:
        lean = np.deg2rad(shear)
        steps.append([[1, -np.sin(lean), 0], [0, np.cos(lean), 0], [0, 0, 1]])
    if zx != 1 or zy != 1:
        steps.append([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    if not steps:
        return None
    product = np.eye(3)
    for step in steps:
        product = product @ np.array(step, float)
    return product


def _sampled(channels: np.ndarray, matrix: np.ndarray, order: int, fill_mode: str, cval: float) -> np.ndarray:
    """`channels` (channels, rows, columns) read at matrix · (row, column, 1), as scipy.ndimage does."""
    if fill_mode not in _FILL_MODES:
        raise unknown("fill_mode", fill_mode, _FILL_MODES)
    if order not in (0, 1):
        raise SettingError(f"interpolation_order: expected 0 (the nearest pixel) or 1 (linear), received {order!r}.")
    rows, columns = np.meshgrid(*(np.arange(size, dtype=float) for size in channels.shape[1:]), indexing="ij")
    total = np.zeros(channels.shape, float)
    inside = np.ones(rows.shape, bool)
    taps = []
    for axis, size in enumerate(channels.shape[1:]):
        place = matrix[axis, 0] * rows + matrix[axis, 1] * columns + matrix[axis, 2]
        if fill_mode == "constant":
            inside &= (place >= 0) & (place <= size - 1)
        taps.append(_taps(place, size, order, fill_mode))
    for row, row_share in taps[0]:
        for column, column_share in taps[1]:
            total += channels[:, row, column] * (row_share * column_share)
    if fill_mode == "constant":
        total[:, ~inside] = cval
    return total.astype(channels.dtype)


def _taps(place: np.ndarray, size: int, order: int, fill_mode: str) -> list[tuple[np.ndarray, Any]]:
    """The pixels along one axis that a place is read from, and the share of each."""
    if fill_mode == "wrap":
        period = max(size - 1, 1)  # the first and the last pixel fall on one another
        place = np.where(place < 0, place + period * (np.floor(-place / period) + 1), place)
        place = np.where(place > size - 1, place % period, place)
    elif fill_mode != "reflect":
        place = np.clip(place, 0, size - 1)
    low = np.floor(place + 0.5 if order == 0 else place)
    share = place - low
    found: list[tuple[np.ndarray, Any]] = [(low, 1.0)] if order == 0 else [(low, 1 - share), (low + 1, share)]
    return [(_mirrored(number.astype(np.int64), size, fill_mode), part) for number, part in found]


def _mirrored(number: np.ndarray, size: int, fill_mode: str) -> np.ndarray:
    if fill_mode == "reflect":
        number = number % (2 * size)
        number = np.where(number >= size, 2 * size - 1 - number, number)
    return number.clip(0, size - 1)


def random_rotation(
    x: np.ndarray, rg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
    cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """The picture turned by -rg to rg degrees."""
    theta = np.random.uniform(-rg, rg)
    return apply_affine_transform(
        x, theta, 0, 0, 0, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def random_shift(
    x: np.ndarray, wrg: float, hrg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """The picture moved by up to the share `wrg` of its width and `hrg` of its height."""
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(
        x, 0, tx, ty, 0, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def random_shear(
    x: np.ndarray, intensity: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """The picture sheared by up to `intensity` degrees."""
    shear = np.random.uniform(-intensity, intensity)
    return apply_affine_transform(
        x, 0, 0, 0, shear, 1, 1, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def random_zoom(
    x: np.ndarray, zoom_range: Any, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0,
    fill_mode: str = "nearest", cval: float = 0.0, interpolation_order: int = 1,
) -> np.ndarray:  # fmt: skip
    """The picture zoomed by a number in `zoom_range`, another for each axis; below 1 is nearer."""
    if len(zoom_range) != 2:
        raise SettingError(f"`zoom_range` should be a tuple or list of two floats. Received: {zoom_range}")
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return apply_affine_transform(
        x, 0, 0, 0, 0, zx, zy, row_axis, col_axis, channel_axis, fill_mode, cval, interpolation_order
    )


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Every number moved by `intensity`, within the picture's own range."""
    return np.clip(x + intensity, x.min(), x.max())


def random_channel_shift(x: np.ndarray, intensity_range: float, channel_axis: int = 0) -> np.ndarray:
    """The same, by -intensity_range to intensity_range."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """The picture as bytes, times `brightness`. With `scale`, or if numbers lie outside of 0 to 255, its range is
    stretched to that first."""
    from PIL import ImageEnhance

    from pippin.utils.pictures import array_to_img, img_to_array

    low, high = x.min(), x.max()
    is_outside = bool(low < 0 or high > 255)
    picture = ImageEnhance.Brightness(array_to_img(x, scale=is_outside or scale)).enhance(brightness)
    lit = img_to_array(picture)
    return lit / 255 * (high - low) + low if is_outside and not scale else lit


def random_brightness(x: np.ndarray, brightness_range: Any, scale: bool = True) -> np.ndarray:
    """The same, by a number in `brightness_range`."""
    if len(brightness_range) != 2:
        raise SettingError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
    return apply_brightness_shift(x, np.random.uniform(*brightness_range), scale)
