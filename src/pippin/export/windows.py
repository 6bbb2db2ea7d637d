"""Emitters for windows that slide over pictures. ONNX wants channels before height and width; runtimes take two turns
that meet out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pippin.export.writer import Pair, Writer, emits

IN, OUT = (0, 3, 1, 2), (0, 2, 3, 1)


def _pads(padding: Sequence[int]) -> list[int]:
    top, bottom, left, right = padding
    return [top, left, bottom, right]


def _turned(write: Writer, name: str, axes: Sequence[int]) -> str:
    return str(write.node("Transpose", name, perm=axes))


def _depthwise_kernel(write: Writer, name: str) -> str:
    """(height, width, channels) as one filter for each channel: (channels, 1, height, width)."""
    return str(write.node("Unsqueeze", _turned(write, name, (2, 0, 1)), write.whole(1)))


def _convolution(pair: Pair, write: Writer, kind: str, kernel: str, group: int, **more: Any) -> str:
    settings = pair.settings
    y = write.node(
        kind, _turned(write, pair.inputs[0], IN), kernel, strides=settings["strides"], group=group,
        dilations=settings["dilation"], pads=_pads(settings["padding"]), kernel_shape=pair.spec(1).shape[:2], **more,
    )  # fmt: skip
    return _turned(write, y, OUT)


@emits("conv2d")
def conv2d(pair: Pair, write: Writer) -> str:
    return _convolution(pair, write, "Conv", _turned(write, pair.inputs[1], (3, 2, 0, 1)), 1)


@emits("depthwise_conv2d")
def depthwise_conv2d(pair: Pair, write: Writer) -> str:
    return _convolution(pair, write, "Conv", _depthwise_kernel(write, pair.inputs[1]), pair.spec(0).shape[3])


def _left_over(pair: Pair) -> list[int]:
    """What the picture is larger than the windows reach, where their stride left something over."""
    settings, found = pair.settings, []
    top, bottom, left, right = settings["padding"]
    for axis, border in enumerate((top + bottom, left + right)):
        places, window = pair.spec(0).shape[axis + 1], pair.spec(1).shape[axis]
        reached = (places - 1) * settings["strides"][axis] + (window - 1) * settings["dilation"][axis] + 1 - border
        found.append(settings["size"][axis] - reached)
    return found


@emits("conv2d_input_gradient")
def conv2d_transposed(pair: Pair, write: Writer) -> str:
    kernel = _turned(write, pair.inputs[1], (3, 2, 0, 1))
    return _convolution(pair, write, "ConvTranspose", kernel, 1, output_padding=_left_over(pair))


@emits("depthwise_conv2d_input_gradient")
def depthwise_transposed(pair: Pair, write: Writer) -> str:
    kernel = _depthwise_kernel(write, pair.inputs[1])
    return _convolution(
        pair, write, "ConvTranspose", kernel, pair.spec(0).shape[3], output_padding=_left_over(pair)
    )


def _pool(pair: Pair, write: Writer, kind: str, **more: Any) -> str:
    settings = pair.settings
    y = write.node(
        kind, _turned(write, pair.inputs[0], IN), kernel_shape=settings["size"], strides=settings["strides"],
        pads=_pads(settings["padding"]), **more,
    )  # fmt: skip
    return _turned(write, y, OUT)


@emits("max_pool")
def max_pool(pair: Pair, write: Writer) -> str:
    return _pool(pair, write, "MaxPool")


@emits("average_pool")
def average_pool(pair: Pair, write: Writer) -> str:
    return _pool(pair, write, "AveragePool", count_include_pad=0)
