"""Keras's `ops` that lay pictures and sequences out anew: windows as rows, blocks as depth, and back."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, unknown
from pippin.ops.arrange import take
from pippin.ops.dtypes import as_made
from pippin.ops.operation import operation
from pippin.ops.types import Tensor
from pippin.ops.whole import floor_divide, mod
from pippin.primitives import INT, TABLE


def _pair(word: str, value: Any) -> tuple[int, int]:
    found = (value, value) if isinstance(value, int) else tuple(value)
    if len(found) != 2:
        raise SettingError(f"{word}: expected one whole number or two, received {value!r}.")
    return found


def _windows(
    word: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]:
    return (
        _pair(f"{word} kernel_size", kernel_size), _pair(f"{word} dilation", dilation),
        _pair(f"{word} padding", padding), _pair(f"{word} stride", stride),
    )  # fmt: skip


@operation(1)
def unfold(x: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of pictures (batch, channels, height, width) as columns: (batch, channels · window, places)."""
    size, apart, pad, steps = _windows("unfold", kernel_size, dilation, padding, stride)
    if x.rank != 4:
        raise ShapeError(f"unfold: expected pictures (batch, channels, height, width), received shape {x.shape}.")
    wide = x.pad([0, 0, *pad], [0, 0, *pad], [0] * 4)
    reach = [wide.shape[2 + n] - apart[n] * (size[n] - 1) for n in (0, 1)]
    parts = [
        wide.slice([0, 0, i * apart[0], j * apart[1]], [*x.shape[:2], i * apart[0] + reach[0], j * apart[1] + reach[1]],
                   [1, 1, *steps])
        for i, j in product(range(size[0]), range(size[1]))
    ]  # fmt: skip
    places = parts[0].shape[2] * parts[0].shape[3]
    rows = [part.reshape((*x.shape[:2], 1, places)) for part in parts]
    stacked = TABLE["concatenate"](*rows, axis=2) if len(rows) > 1 else rows[0]
    return stacked.reshape((x.shape[0], x.shape[1] * len(rows), places))


@operation(1)
def fold(
    x: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Pictures (batch, channels, *output_size) made of columns as `unfold` gives them; where windows overlap they are
    added up."""
    size, apart, pad, steps = _windows("fold", kernel_size, dilation, padding, stride)
    output = _pair("fold output_size", output_size)
    wide = [output[n] + 2 * pad[n] for n in (0, 1)]
    counts = [(wide[n] - apart[n] * (size[n] - 1) - 1) // steps[n] + 1 for n in (0, 1)]
    window = size[0] * size[1]
    if x.rank != 3 or x.shape[1] % window or x.shape[2] != counts[0] * counts[1]:
        raise ShapeError(
            f"fold: expected (batch, channels · {window}, {counts[0] * counts[1]}) for pictures of {output}, "
            f"received shape {x.shape}."
        )
    channels = x.shape[1] // window
    columns = x.reshape((x.shape[0], channels, window, *counts))
    total: Any = 0
    for number, (i, j) in enumerate(product(range(size[0]), range(size[1]))):
        ends = (x.shape[0], channels, number + 1, *counts)
        part = columns.slice([0, 0, number, 0, 0], ends, [1] * 5).reshape((x.shape[0], channels, *counts))
        low = [i * apart[0], j * apart[1]]
        high = [wide[n] - low[n] - (counts[n] - 1) * steps[n] - 1 for n in (0, 1)]
        total = total + part.pad([0, 0, *low], [0, 0, *high], [0, 0, steps[0] - 1, steps[1] - 1])
    return total.slice([0, 0, *pad], [*total.shape[:2], pad[0] + output[0], pad[1] + output[1]], [1] * 4)


def _blocks(word: str, x: Tensor, block_size: int, data_format: str | None) -> bool:
    """Whether channels come first; errors of what both ways have in common."""
    if not isinstance(block_size, int) or block_size < 2:
        raise SettingError(f"{word} block_size: expected a whole number of 2 or more, received {block_size!r}.")
    if data_format not in (None, "channels_last", "channels_first"):
        raise unknown(f"data_format of {word}", data_format, ("channels_last", "channels_first"))
    if x.rank != 4:
        raise ShapeError(f"{word}: expected pictures of four axes, received shape {x.shape}.")
    return data_format == "channels_first"


@operation(1)
def space_to_depth(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """Blocks of block_size × block_size pixels become one pixel with so many times the channels."""
    first = _blocks("space_to_depth", x, block_size, data_format)
    x = x.transpose([0, 2, 3, 1]) if first else x
    batch, height, width, channels = x.shape
    if height % block_size or width % block_size:
        raise ShapeError(
            f"space_to_depth: expected a height and a width that block_size={block_size} divides, received {x.shape}."
        )
    rows, columns = height // block_size, width // block_size
    split = x.reshape((batch, rows, block_size, columns, block_size, channels)).transpose([0, 1, 3, 2, 4, 5])
    made = split.reshape((batch, rows, columns, block_size**2 * channels))
    return made.transpose([0, 3, 1, 2]) if first else made


@operation(1)
def depth_to_space(x: Tensor, block_size: int, data_format: str | None = "channels_last") -> Tensor:
    """The way back of `space_to_depth`: each pixel's channels become a block of pixels."""
    first = _blocks("depth_to_space", x, block_size, data_format)
    x = x.transpose([0, 2, 3, 1]) if first else x
    batch, height, width, channels = x.shape
    if channels % block_size**2:
        raise ShapeError(
            f"depth_to_space: expected channels that block_size²={block_size**2} divides, received {channels}."
        )
    depth = channels // block_size**2
    split = x.reshape((batch, height, width, block_size, block_size, depth)).transpose([0, 1, 3, 2, 4, 5])
    made = split.reshape((batch, height * block_size, width * block_size, depth))
    return made.transpose([0, 3, 1, 2]) if first else made


@operation(1)
def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    """Frames of the last axis, one every sequence_stride numbers: (..., n) → (..., frames, sequence_length)."""
    frames = (x.shape[-1] - sequence_length) // sequence_stride + 1
    if sequence_length < 1 or sequence_stride < 1 or frames < 1:
        raise SettingError(
            f"extract_sequences: expected a length and a stride of 1 or more, the length at most {x.shape[-1]}; "
            f"received sequence_length={sequence_length}, sequence_stride={sequence_stride}."
        )
    places = np.arange(frames)[:, None] * sequence_stride + np.arange(sequence_length)
    return take(x, x.trace.symbol(places.astype(np.int32)), x.rank - 1)


@operation(1, as_made)
def _unraveled(indices: Tensor, shape: tuple[int, ...]) -> list[Tensor]:
    rest, found = indices.cast(INT), []
    for size in reversed(shape):
        found.append(mod(rest, size))
        rest = floor_divide(rest, size)
    return found[::-1]


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """Where numbers that are counted through an array of this shape stand along each of its axes."""
    return tuple(_unraveled(indices, tuple(int(size) for size in shape)))
