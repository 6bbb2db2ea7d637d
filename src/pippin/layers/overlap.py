"""How much boxes overlap, and boxes as differences from others: what detectors are trained with."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError, unknown
from pippin.layers.boxes import convert_format, sides

EPSILON = 1e-7
ENCODINGS = ("center_xywh", "center_yxhw")


def compute_iou(
    boxes1: Any, boxes2: Any, bounding_box_format: str, use_masking: bool = False, mask_val: float = -1,
    image_shape: Any = None,
) -> Any:  # fmt: skip
    """The area that each of `boxes1` (..., m, 4) shares with each of `boxes2` (..., n, 4), divided by that of both
    together: (..., m, n). With `use_masking`, boxes of nothing but negative numbers get `mask_val`."""
    for word, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        if len(np.shape(boxes)) not in (2, 3):
            raise ShapeError(f"compute_iou {word}: expected rank 2 or 3, received shape {np.shape(boxes)}.")
    size = _size_for(bounding_box_format, image_shape)
    given = [convert_format(ops.convert_to_tensor(b), bounding_box_format, "xyxy", *size) for b in (boxes1, boxes2)]
    x1, y1, x2, y2 = sides(given[0])
    others = [ops.swapaxes(side, -1, -2) for side in sides(given[1])]
    across = ops.minimum(x2, others[2]) - ops.maximum(x1, others[0])
    down = ops.minimum(y2, others[3]) - ops.maximum(y1, others[1])
    shared = ops.maximum(across, 0.0) * ops.maximum(down, 0.0)
    together = (x2 - x1) * (y2 - y1) + (others[2] - others[0]) * (others[3] - others[1]) - shared
    overlap = shared / (together + EPSILON)
    if not use_masking:
        return overlap
    mine, theirs = (ops.less(ops.max(boxes, -1, keepdims=True), 0.0) for boxes in given)
    return ops.where(ops.logical_or(mine, ops.swapaxes(theirs, -1, -2)), float(mask_val), overlap)


def _size_for(written: str, image_shape: Any) -> tuple[Any, Any]:
    if "rel" in written and image_shape is None:
        raise SettingError(f"expected image_shape for boxes written as {written!r}, received None.")
    return (None, None) if image_shape is None else (image_shape[0], image_shape[1])


def compute_ciou(boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Any = None) -> Any:
    """The overlap of each box with the one at its place, less what their middles and their proportions differ by:
    (..., boxes). Source: Zheng et al., "Distance-IoU loss" (2020)."""
    size = _size_for(bounding_box_format, image_shape)
    one, other = (
        sides(convert_format(ops.convert_to_tensor(b), bounding_box_format, "xyxy", *size)) for b in (boxes1, boxes2)
    )
    (width1, height1), (width2, height2) = ((x2 - x1, y2 - y1 + EPSILON) for x1, y1, x2, y2 in (one, other))
    across = ops.minimum(one[2], other[2]) - ops.maximum(one[0], other[0])
    down = ops.minimum(one[3], other[3]) - ops.maximum(one[1], other[1])
    shared = ops.maximum(across, 0.0) * ops.maximum(down, 0.0)
    together = width1 * height1 + width2 * height2 - shared + EPSILON
    overlap = shared / (together + EPSILON)
    around_x = ops.maximum(one[2], other[2]) - ops.minimum(one[0], other[0])
    around_y = ops.maximum(one[3], other[3]) - ops.minimum(one[1], other[1])
    apart_x, apart_y = ((one[n] + one[n + 2] - other[n] - other[n + 2]) / 2.0 for n in (0, 1))
    distance = (ops.square(apart_x) + ops.square(apart_y)) / (ops.square(around_x) + ops.square(around_y) + EPSILON)
    turn = ops.arctan(width2 / height2) - ops.arctan(width1 / height1)
    proportion = ops.square(turn) * (4 / pi**2)
    weight = proportion / (proportion - overlap + (1.0 + EPSILON))
    return ops.squeeze(overlap - (distance + proportion * weight), -1)


def encode_box_to_deltas(
    anchors: Any, boxes: Any, anchor_format: str, box_format: str, encoding_format: str = "center_yxhw",
    variance: Any = None, image_shape: Any = None,
) -> Any:  # fmt: skip
    """How boxes differ from anchors: middles in shares of the anchor's size, sizes as logarithms of their ratio, all
    divided by `variance` (four numbers)."""
    anchors, boxes = (
        convert_format(ops.convert_to_tensor(thing), written, *_encoding(encoding_format, image_shape))
        for thing, written in ((anchors, anchor_format), (boxes, box_format))
    )
    size, wanted = (ops.maximum(thing[..., 2:], EPSILON) for thing in (anchors, boxes))
    deltas = ops.concatenate([(boxes[..., :2] - anchors[..., :2]) / size, ops.log(wanted / size)], axis=-1)
    return deltas if variance is None else deltas / _variance(variance)


def decode_deltas_to_boxes(
    anchors: Any, boxes_delta: Any, anchor_format: str, box_format: str, encoded_format: str = "center_yxhw",
    variance: Any = None, image_shape: Any = None,
) -> Any:  # fmt: skip
    """The boxes that `encode_box_to_deltas` encoded; dicts of levels are decoded level by level."""
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        settings = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {name: decode_deltas_to_boxes(anchors[name], boxes_delta[name], *settings) for name in anchors}
    encoding = _encoding(encoded_format, image_shape)
    start = convert_format(ops.convert_to_tensor(anchors), anchor_format, *encoding)
    deltas = ops.convert_to_tensor(boxes_delta)
    deltas = deltas if variance is None else deltas * _variance(variance)
    size = start[..., 2:]
    boxes = ops.concatenate([deltas[..., :2] * size + start[..., :2], ops.exp(deltas[..., 2:]) * size], axis=-1)
    return convert_format(boxes, encoded_format, box_format, *encoding[1:])


def _encoding(encoding: str, image_shape: Any) -> tuple[str, Any, Any]:
    if encoding not in ENCODINGS:
        raise unknown("encoding of boxes", encoding, ENCODINGS)
    return (encoding, *((None, None) if image_shape is None else image_shape[:2]))


def _variance(variance: Any) -> np.ndarray:
    numbers = np.asarray(variance, np.float32)
    if numbers.shape[-1:] != (4,):
        raise SettingError(f"variance: expected four numbers, received {variance!r}.")
    return numbers
