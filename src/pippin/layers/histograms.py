"""Layers that spread the shades of pictures evenly: over all pictures, or around each place of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.layers.colours import rescaled
from pippin.layers.views import PictureLayer, value_range_of

SHADES = 256


class Equalization(PictureLayer):
    """Each channel's shades spread so that all are equally frequent, counted over all pictures of a batch; a channel of
    one shade stays."""

    def __init__(
        self, value_range: Any = (0, 255), bins: int = 256, data_format: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(data_format, **keywords)
        self.bins = bins
        self.value_range = value_range_of("Equalization", value_range)

    def changed(self, pictures: Any, transformation: Any) -> Any:
        x, bins = rescaled(pictures, self.value_range, (0, 255)), self.bins
        channels = x.shape[-1]
        places = ops.cast(ops.clip(x / 255.0 * (bins - 1), 0.0, float(bins - 1)), "int32")
        places = places + ops.arange(channels, dtype="int32") * bins
        counts = _counted(places, channels * bins)
        so_far = ops.cumsum(ops.reshape(counts, (channels, bins)), 1)
        total = so_far[:, -1:]
        first = ops.min(ops.where(ops.greater(so_far, 0.0), so_far, total), 1, keepdims=True)
        # A channel of one shade has nothing to spread.
        above = ops.maximum(total - first, 1.0)
        table = ops.clip(ops.round((so_far - first) * 255.0 / above), 0.0, 255.0)
        spread = ops.take(ops.reshape(table, (-1,)), places)
        is_flat = ops.reshape(ops.equal(total, first), (channels,))
        return rescaled(ops.where(is_flat, x, spread), (0, 255), self.value_range)


class ContrastLimitedAdaptiveHistogramEqualization(PictureLayer):
    """Shades spread evenly around each place: counted in each of `tile_grid_size` tiles, at most `clip_limit` times the
    mean for one shade (0: no limit), and blended between the middles of the tiles. In training and in use.

    Source: Zuiderveld, "Contrast limited adaptive histogram equalization" (Graphics Gems IV, 1994).
    """

    def __init__(
        self, value_range: Any = (0, 255), clip_limit: float = 4.0, tile_grid_size: Any = (8, 8),
        data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(data_format, **keywords)
        self.value_range = value_range_of("ContrastLimitedAdaptiveHistogramEqualization", value_range)
        self.clip_limit, self.tile_grid_size = clip_limit, tile_grid_size

    def call(self, data: Any, training: bool | None = True) -> Any:
        return super().call(data, training=True)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return ops.cast(super().transform_images(images, {}, True), images.dtype)

    def changed(self, pictures: Any, transformation: Any) -> Any:
        batch, height, width, channels = pictures.shape
        down, across = self.tile_grid_size
        tile_height, tile_width = -(-height // down), -(-width // across)
        rows, columns = _mirrored(height, tile_height * down), _mirrored(width, tile_width * across)
        x = ops.take(ops.take(rescaled(pictures, self.value_range, (0, 255)), rows, 1), columns, 2)
        shades = ops.cast(ops.clip(x, 0.0, 255.0), "int32")
        table = self._tables(shades, tile_height, tile_width)
        # Where each pixel lies among the middles of the tiles; beyond the outer ones their table goes on.
        top, from_top = _between(tile_height, down)
        left, from_left = _between(tile_width, across)
        first = np.arange(batch)[:, None, None, None] * (down * across)
        result: Any = 0.0
        for row, row_share in ((top, 1.0 - from_top), (np.minimum(top + 1, down + 1), from_top)):
            for column, column_share in ((left, 1.0 - from_left), (np.minimum(left + 1, across + 1), from_left)):
                tile_row, tile_column = np.clip(row - 1, 0, down - 1), np.clip(column - 1, 0, across - 1)
                tile = first + (tile_row[:, None] * across + tile_column[None, :])[None, :, :, None]
                start = ((tile * channels + np.arange(channels)) * SHADES).astype(np.int32)
                share = (row_share[:, None] * column_share[None, :])[None, :, :, None].astype(np.float32)
                result = result + ops.take(table, shades + start) * share
        return rescaled(result[:, :height, :width], (0, 255), self.value_range)

    def _tables(self, shades: Any, tile_height: int, tile_width: int) -> Any:
        """What each shade becomes in each tile: (batch · tiles · channels · shades,)."""
        batch, height, width, channels = shades.shape
        down, across = self.tile_grid_size
        tile_row, tile_column = np.arange(height) // tile_height, np.arange(width) // tile_width
        tile = np.arange(batch)[:, None, None] * (down * across) + tile_row[:, None] * across + tile_column
        start = ((tile[..., None] * channels + np.arange(channels)) * SHADES).astype(np.int32)
        counts = _counted(shades + start, batch * down * across * channels * SHADES)
        counts, pixels = ops.reshape(counts, (-1, SHADES)), tile_height * tile_width
        if self.clip_limit > 0:
            kept = ops.minimum(counts, float(self.clip_limit * pixels / SHADES))
            counts = kept + ops.sum(counts - kept, 1, keepdims=True) / float(SHADES)
        so_far = ops.cumsum(counts, 1)
        first = ops.min(so_far, 1, keepdims=True)
        above = float(pixels) - first
        spread = (so_far - first) * 255.0 / ops.where(ops.equal(above, 0.0), 1.0, above)
        return ops.reshape(ops.clip(spread, 0.0, 255.0), (-1,))


def _counted(places: Any, length: int) -> Any:
    """How often each of the numbers below `length` occurs."""
    flat = ops.reshape(places, (-1,))
    return ops.segment_sum(ops.ones_like(flat, dtype="float32"), flat, length)


def _mirrored(size: int, padded: int) -> np.ndarray:
    """The places 0 ... size - 1, then back again, for `padded` places."""
    there = np.arange(padded) % (2 * size)
    return np.where(there < size, there, 2 * size - 1 - there).astype(np.int32)


def _between(tile: int, tiles: int) -> tuple[np.ndarray, np.ndarray]:
    """For each place along an axis the middle of a tile before it, the first one being 1, and how far it is on."""
    place = (np.arange(tile * tiles) - tile / 2) / tile + 1
    before = np.floor(place)
    return before.astype(np.int64), (place - before)
