"""Keras's `ops` that slide windows over sequences, pictures and volumes: convolutions, their transposes, and pooling.

There is one kind of window that runs: over pictures, channels last. A sequence is a picture of height 1, a volume a
pile of pictures whose neighbours stand beside each other as channels; channels that come first are moved to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any

from pippin import config
from pippin.errors import SettingError, ShapeError
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import TABLE
from pippin.primitives.conv import result_length

Sizes = int | Sequence[int]
Pads = list[tuple[int, int]]
FORMATS = ("channels_last", "channels_first")


def data_format_of(data_format: str | None) -> str:
    """ "channels_last" (batch, height, width, channels) or "channels_first"; what the process is set to if none is
    named."""
    if data_format is None:
        return config.image_data_format()
    if str(data_format).lower() not in FORMATS:
        raise SettingError(f'data_format: expected "channels_last" or "channels_first", received {data_format!r}.')
    return str(data_format).lower()


def per_axis(word: str, value: Sizes, axes: int) -> tuple[int, ...]:
    """(3, 3) for 3 and two axes."""
    sizes = (value,) * axes if isinstance(value, int) else tuple(value)
    if len(sizes) != axes:
        raise SettingError(f"{word}: expected one whole number or {axes} of them, received {value!r}.")
    return sizes


def padding_sides(
    sizes: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: str, dilation: Sequence[int]
) -> Pads:
    """Keras's "valid", "same" or "causal" as zeros (before, after) on each axis; an odd one of "same" goes behind."""
    word = str(padding).lower()
    if word == "valid":
        return [(0, 0)] * len(window)
    if word not in ("same", "causal"):
        raise SettingError(f'padding: expected "valid" or "same", received {padding!r}.')
    sides = []
    for size, reach, stride, spread in zip(sizes, window, strides, dilation, strict=True):
        if word == "causal":
            sides.append((spread * (reach - 1), 0))
            continue
        places = -(-size // stride)
        total = max(0, (places - 1) * stride + spread * (reach - 1) + 1 - size)
        sides.append((total // 2, total - total // 2))
        assert result_length(size, reach, stride, *sides[-1], spread) == places
    return sides


def _in_last(function: Callable[..., Tensor], x: Tensor, data_format: str | None, *arguments: Any) -> Tensor:
    """A function of channels-last data, on data in either order of axes."""
    if not 3 <= x.rank <= 5:
        raise ShapeError(
            f"{function.__name__.strip('_')}: expected sequences (batch, steps, channels), pictures (batch, height, "
            f"width, channels) or volumes, received shape {x.shape}."
        )
    if data_format_of(data_format) == "channels_last":
        return function(as_float(x), *arguments)
    last = as_float(x).transpose((0, *range(2, x.rank), 1))
    return function(last, *arguments).transpose((0, x.rank - 1, *range(1, x.rank - 1)))


def _as_picture(x: Tensor) -> Tensor:
    """A sequence as a picture of height 1."""
    return x if x.rank > 3 else x.reshape((x.shape[0], 1, *x.shape[1:]))


def _as_before(y: Tensor, x: Tensor) -> Tensor:
    """The picture that a sequence became, as a sequence again."""
    return y if x.rank > 3 else y.reshape((y.shape[0], *y.shape[2:]))


def _flat(pairs: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(size for pair in pairs for size in pair)


# Convolution ----------------------------------------------------------------------------------------------------------


@operation(2)
def conv(
    inputs: Tensor, kernel: Tensor, strides: Sizes = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Tensor:  # fmt: skip
    """Convolution of sequences, pictures or volumes with a kernel (*window, channels, filters).

    Where the kernel has fewer channels than the data, these fall into groups of so many channels, and each group has
    its share of the filters.
    """
    return _in_last(_conv, inputs, data_format, kernel, strides, padding, dilation_rate)


def _conv(x: Tensor, kernel: Tensor, strides: Sizes, padding: str, dilation_rate: Sizes) -> Tensor:
    axes = x.rank - 2
    if kernel.rank != x.rank:
        raise ShapeError(f"conv: expected a kernel with {x.rank} axes for data {x.shape}, received {kernel.shape}.")
    steps, spread = per_axis("strides", strides, axes), per_axis("dilation_rate", dilation_rate, axes)
    sides = padding_sides(x.shape[1:-1], kernel.shape[:axes], steps, padding, spread)
    groups = _groups(x, kernel)
    if groups == 1:
        return _of_one_group(x, kernel, steps, sides, spread)
    if kernel.shape[-2] == 1 and axes < 3:
        window, filters = kernel.shape[:axes], kernel.shape[-1]
        own = kernel.reshape((*window, groups, filters // groups))
        return _depthwise(x, own, steps, sides, spread)
    parts, filters = x.shape[-1] // groups, kernel.shape[-1] // groups
    results = [
        _of_one_group(
            x[..., group * parts : (group + 1) * parts], kernel[..., group * filters : (group + 1) * filters],
            steps, sides, spread,
        )
        for group in range(groups)
    ]  # fmt: skip
    return TABLE["concatenate"](*results, axis=x.rank - 1)


def _groups(x: Tensor, kernel: Tensor) -> int:
    channels, own, filters = x.shape[-1], kernel.shape[-2], kernel.shape[-1]
    if own == 0 or channels % own or (own and filters % max(1, channels // own)):
        raise ShapeError(
            f"conv: expected {own} channels for kernel {kernel.shape}, or a multiple of them that divides its filters "
            f"into groups, received data {x.shape}."
        )
    return int(channels // own)


def _of_one_group(
    x: Tensor, kernel: Tensor, strides: Sequence[int], sides: Pads, dilation: Sequence[int]
) -> Tensor:  # fmt: skip
    if x.rank == 5:
        x, kernel = _stacked(x, kernel, strides[0], sides[0], dilation[0])
        batch, depth = x.shape[:2]
        pictures = _of_one_group(x.reshape((batch * depth, *x.shape[2:])), kernel, strides[1:], sides[1:], dilation[1:])
        return pictures.reshape((batch, depth, *pictures.shape[1:]))
    if x.rank == 3:
        kernel = kernel.reshape((1, *kernel.shape))
        strides, sides, dilation = (1, *strides), [(0, 0), *sides], (1, *dilation)
    settings = {"strides": tuple(strides), "padding": _flat(sides), "dilation": tuple(dilation)}
    return _as_before(TABLE["conv2d"](_as_picture(x), kernel, **settings), x)


def _stacked(x: Tensor, kernel: Tensor, stride: int, side: tuple[int, int], dilation: int) -> tuple[Tensor, Tensor]:
    """The neighbours in depth that a window sees, side by side as channels; and a kernel that takes them so."""
    before, after = side
    x = x.pad((0, before, 0, 0, 0), (0, after, 0, 0, 0))
    taps = kernel.shape[0]
    places = result_length(x.shape[1], taps, stride, 0, 0, dilation)
    if places < 1:
        raise ShapeError(f"conv: expected a depth of at least {dilation * (taps - 1) + 1}, received data {x.shape}.")
    seen = [x[:, tap * dilation : tap * dilation + (places - 1) * stride + 1 : stride] for tap in range(taps)]
    order = kernel.transpose((1, 2, 0, 3, 4))
    return (
        TABLE["concatenate"](*seen, axis=4),
        order.reshape((*order.shape[:2], order.shape[2] * order.shape[3], order.shape[4])),
    )


@operation(2)
def depthwise_conv(
    inputs: Tensor, kernel: Tensor, strides: Sizes = 1, padding: str = "valid", data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Tensor:  # fmt: skip
    """Every channel convolved on its own, with a kernel (*window, channels, multiplier): so many results of each."""
    return _in_last(_depthwise_conv, inputs, data_format, kernel, strides, padding, dilation_rate)


def _depthwise_conv(x: Tensor, kernel: Tensor, strides: Sizes, padding: str, dilation_rate: Sizes) -> Tensor:
    axes = x.rank - 2
    if axes > 2 or kernel.rank != x.rank or kernel.shape[-2] != x.shape[-1]:
        raise ShapeError(
            f"depthwise_conv: expected sequences or pictures and a kernel (*window, channels, multiplier) for their "
            f"{x.shape[-1]} channels, received data {x.shape} and kernel {kernel.shape}."
        )
    steps, spread = per_axis("strides", strides, axes), per_axis("dilation_rate", dilation_rate, axes)
    sides = padding_sides(x.shape[1:-1], kernel.shape[:axes], steps, padding, spread)
    return _depthwise(x, kernel, steps, sides, spread)


def _depthwise(x: Tensor, kernel: Tensor, strides: Sequence[int], sides: Pads, dilation: Sequence[int]) -> Tensor:
    if x.rank == 3:
        kernel = kernel.reshape((1, *kernel.shape))
        strides, sides, dilation = (1, *strides), [(0, 0), *sides], (1, *dilation)
    picture = _as_picture(x)
    channels, times = kernel.shape[2:]
    if times > 1:
        apart = picture.reshape((*picture.shape, 1)).broadcast_to((*picture.shape, times))
        picture = apart.reshape((*picture.shape[:3], channels * times))
    own = kernel.reshape((*kernel.shape[:2], channels * times))
    settings = {"strides": tuple(strides), "padding": _flat(sides), "dilation": tuple(dilation)}
    return _as_before(TABLE["depthwise_conv2d"](picture, own, **settings), x)


@operation(3)
def separable_conv(
    inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, strides: Sizes = 1, padding: str = "valid",
    data_format: str | None = None, dilation_rate: Sizes = 1,
) -> Tensor:  # fmt: skip
    """A depthwise convolution, then one of windows of size 1, in which the channels meet."""
    spread = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(spread, pointwise_kernel, 1, "valid", data_format)


# Transposed convolution -----------------------------------------------------------------------------------------------


@operation(2)
def conv_transpose(
    inputs: Tensor, kernel: Tensor, strides: Sizes = 1, padding: str = "valid",
    output_padding: Sizes | None = None, data_format: str | None = None, dilation_rate: Sizes = 1,
) -> Tensor:  # fmt: skip
    """What a convolution with these settings would carry back to its data: every number is spread over its window.

    The kernel is (*window, filters, channels). The result has `size · stride` places on an axis with "same" padding,
    `(size - 1) · stride + window` (at least `size · stride`) with "valid"; `output_padding` adds so many behind.
    """
    return _in_last(_conv_transpose, inputs, data_format, kernel, strides, padding, output_padding, dilation_rate)


def transposed_length(
    size: int, window: int, stride: int, padding: str, output_padding: int | None, dilation: int = 1
) -> tuple[int, tuple[int, int]]:
    """How long an axis of a transposed convolution gets, and how much is cut (below 0: added) before and behind."""
    reach = dilation * (window - 1) + 1
    if str(padding).lower() == "valid":
        behind = max(reach, stride) - reach if output_padding is None else output_padding
        cut = (0, -behind)
    else:
        # As TensorFlow has it: the convolution that this one carries back pads one more behind than before.
        kept = stride + reach - 2 if output_padding is None else reach + reach % 2 - 2 + output_padding
        before = min(kept // 2 + kept % 2, reach - 1)
        cut = (reach - 1 - before, reach - 1 - (kept - before))
    return (size - 1) * stride + reach - sum(cut), cut


def _conv_transpose(
    x: Tensor, kernel: Tensor, strides: Sizes, padding: str, output_padding: Sizes | None, dilation_rate: Sizes
) -> Tensor:
    axes = x.rank - 2
    if kernel.rank != x.rank or kernel.shape[-1] != x.shape[-1]:
        raise ShapeError(
            f"conv_transpose: expected a kernel (*window, filters, channels) for {x.shape[-1]} channels, received data "
            f"{x.shape} and kernel {kernel.shape}."
        )
    steps, spread = per_axis("strides", strides, axes), per_axis("dilation_rate", dilation_rate, axes)
    more = (None,) * axes if output_padding is None else per_axis("output_padding", output_padding, axes)
    found = [
        transposed_length(size, window, step, padding, extra, apart)
        for size, window, step, extra, apart in zip(
            x.shape[1:-1], kernel.shape[:axes], steps, more, spread, strict=True
        )
    ]
    sizes, cuts = [size for size, _ in found], [cut for _, cut in found]
    if axes == 3:
        return _transposed_volume(x, kernel, steps, spread, sizes, cuts)
    return _transposed(x, kernel, steps, spread, sizes, cuts)


def _transposed(
    x: Tensor, kernel: Tensor, strides: Sequence[int], dilation: Sequence[int], sizes: Sequence[int], cuts: Pads
) -> Tensor:
    if x.rank == 3:
        kernel = kernel.reshape((1, *kernel.shape))
        strides, dilation, sizes, cuts = (1, *strides), (1, *dilation), [1, *sizes], [(0, 0), *cuts]
    sides = [(before, max(0, behind)) for before, behind in cuts]
    settings = {"strides": tuple(strides), "padding": _flat(sides), "dilation": tuple(dilation), "size": tuple(sizes)}
    return _as_before(TABLE["conv2d_input_gradient"](_as_picture(x), kernel, **settings), x)


def _transposed_volume(
    x: Tensor, kernel: Tensor, strides: Sequence[int], dilation: Sequence[int], sizes: Sequence[int], cuts: Pads
) -> Tensor:
    """Each tap in depth spreads all pictures to where it stands; what falls on one place is added up."""
    batch, depth = x.shape[:2]
    pictures = x.reshape((batch * depth, *x.shape[2:]))
    full = (depth - 1) * strides[0] + dilation[0] * (kernel.shape[0] - 1) + 1
    total = None
    for tap in range(kernel.shape[0]):
        made = _transposed(pictures, kernel[tap], strides[1:], dilation[1:], sizes[1:], cuts[1:])
        made = made.reshape((batch, depth, *made.shape[1:]))
        low = tap * dilation[0]
        high = full - low - (depth - 1) * strides[0] - 1
        placed = made.pad((0, low, 0, 0, 0), (0, high, 0, 0, 0), (0, strides[0] - 1, 0, 0, 0))
        total = placed if total is None else total + placed
    before, behind = cuts[0]
    result: Tensor = total
    kept = result[:, before : full - max(0, behind)]
    return kept.pad((0,) * 5, (0, max(0, -behind), 0, 0, 0))


# Pooling --------------------------------------------------------------------------------------------------------------


@operation(1)
def max_pool(
    inputs: Tensor, pool_size: Sizes, strides: Sizes | None = None, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The largest number of each window, channel by channel."""
    return _in_last(_pool, inputs, data_format, "max_pool", pool_size, strides, padding)


@operation(1)
def average_pool(
    inputs: Tensor, pool_size: Sizes, strides: Sizes | None = None, padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:  # fmt: skip
    """The mean of each window, channel by channel; the border of "same" is not counted."""
    return _in_last(_pool, inputs, data_format, "average_pool", pool_size, strides, padding)


def _pool(x: Tensor, name: str, pool_size: Sizes, strides: Sizes | None, padding: str) -> Tensor:
    axes = x.rank - 2
    size = per_axis("pool_size", pool_size, axes)
    steps = per_axis("strides", size if strides is None else strides, axes)
    sides = padding_sides(x.shape[1:-1], size, steps, padding, (1,) * axes)
    if axes == 3:
        # A mean of means, each of equally many numbers, is the mean; and so for the largest.
        batch, depth = x.shape[:2]
        flat = _pool_pictures(x.reshape((batch * depth, *x.shape[2:])), name, size[1:], steps[1:], sides[1:])
        piled = flat.reshape((batch, depth, prod(flat.shape[1:3]), x.shape[-1]))
        pooled = _pool_pictures(piled, name, (size[0], 1), (steps[0], 1), [sides[0], (0, 0)])
        return pooled.reshape((batch, pooled.shape[1], *flat.shape[1:]))
    if axes == 1:
        size, steps, sides = (1, *size), (1, *steps), [(0, 0), *sides]
    return _as_before(_pool_pictures(_as_picture(x), name, size, steps, sides), x)


def _pool_pictures(x: Tensor, name: str, size: Sequence[int], strides: Sequence[int], sides: Pads) -> Tensor:
    return TABLE[name](x, size=tuple(size), strides=tuple(strides), padding=_flat(sides))


@operation(1)
def adaptive_average_pool(inputs: Tensor, output_size: Sizes, data_format: str | None = None) -> Tensor:
    """The mean of windows that are chosen so that `output_size` of them cover each axis as evenly as can be."""
    return _in_last(_adaptive, inputs, data_format, output_size, lambda part, axes: part.mean(axes))


@operation(1)
def adaptive_max_pool(inputs: Tensor, output_size: Sizes, data_format: str | None = None) -> Tensor:
    """The largest number of windows that are chosen so that `output_size` of them cover each axis as evenly as can
    be."""
    return _in_last(_adaptive, inputs, data_format, output_size, lambda part, axes: part.max(axes))


def _adaptive(x: Tensor, output_size: Sizes, of_window: Callable[..., Tensor]) -> Tensor:
    axes = x.rank - 2
    wanted = per_axis("output_size", output_size, axes)
    windows = [
        [slice(place * size // count, -(-(place + 1) * size // count)) for place in range(count)]
        for size, count in zip(x.shape[1:-1], wanted, strict=True)
    ]
    found = [of_window(x[(slice(None), *window)], tuple(range(1, axes + 1))) for window in product(*windows)]
    parts = [part.reshape((x.shape[0], 1, x.shape[-1])) for part in found]
    return TABLE["concatenate"](*parts, axis=1).reshape((x.shape[0], *wanted, x.shape[-1]))
