"""Boxes around things in pictures, (..., boxes, 4), in the ways people write them down: between ways, moved and cut.

"xyxy" is left, top, right, bottom; "yxyx" top, left, bottom, right; "xywh" left, top, width, height; "center_xywh" the
middle, width, height; "center_yxhw" the same the other way round. After "rel_" they are shares of width and height.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError, unknown

Four = tuple[Any, Any, Any, Any]

_TO_CORNERS: dict[str, Callable[..., Four]] = {
    "xyxy": lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    "yxyx": lambda y1, x1, y2, x2: (x1, y1, x2, y2),
    "xywh": lambda x, y, w, h: (x, y, x + w, y + h),
    "center_xywh": lambda x, y, w, h: (x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0),
    "center_yxhw": lambda y, x, h, w: (x - w / 2.0, y - h / 2.0, x + w / 2.0, y + h / 2.0),
}
_FROM_CORNERS: dict[str, Callable[..., Four]] = {
    "xyxy": lambda x1, y1, x2, y2: (x1, y1, x2, y2),
    "yxyx": lambda x1, y1, x2, y2: (y1, x1, y2, x2),
    "xywh": lambda x1, y1, x2, y2: (x1, y1, x2 - x1, y2 - y1),
    "center_xywh": lambda x1, y1, x2, y2: (x1 + (x2 - x1) / 2.0, y1 + (y2 - y1) / 2.0, x2 - x1, y2 - y1),
    "center_yxhw": lambda x1, y1, x2, y2: (y1 + (y2 - y1) / 2.0, x1 + (x2 - x1) / 2.0, y2 - y1, x2 - x1),
}
FORMATS = (*_TO_CORNERS, "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")


def sides(boxes: Any) -> Four:
    """The four numbers of each box, each (..., boxes, 1)."""
    first, second, third, fourth = (boxes[..., n : n + 1] for n in range(4))
    return first, second, third, fourth


def joined(numbers: Any) -> Any:
    """Boxes of four numbers that `sides` took apart."""
    return ops.concatenate(list(numbers), axis=-1)


def convert_format(
    boxes: Any, source: str, target: str, height: Any = None, width: Any = None, dtype: str = "float32"
) -> Any:
    """Boxes written in the way of `source`, in that of `target`; in a dict, those under "boxes". Between shares and
    pixels, `height` and `width` of the pictures are needed."""
    if isinstance(boxes, dict):
        return {**boxes, "boxes": convert_format(boxes["boxes"], source, target, height, width, dtype)}
    source, target = source.lower(), target.lower()
    if boxes.shape[-1] != 4:
        raise ShapeError(f"`boxes` must be a tensor with the last dimension of 4. Received: boxes.shape={boxes.shape}")
    for word in (source, target):
        if word not in FORMATS:
            raise unknown("format of boxes", word, FORMATS)
    if "rel_" in source + target and (width is None or height is None):
        raise SettingError(
            f"convert_format: expected height and width to go from {source!r} to {target!r}, received height={height} "
            f"and width={width}."
        )
    boxes = ops.cast(boxes, dtype)
    if source == target:
        return boxes
    corners = _TO_CORNERS[source.removeprefix("rel_")](*sides(boxes))
    from_shares, to_shares = source.startswith("rel_"), target.startswith("rel_")
    if from_shares != to_shares:
        size = (width, height, width, height)
        scale = ops.multiply if from_shares else ops.divide
        corners = tuple(scale(side, _number(most)) for side, most in zip(corners, size, strict=True))
    return joined(_FROM_CORNERS[target.removeprefix("rel_")](*corners))


def _number(size: Any) -> Any:
    return float(size) if isinstance(size, int) else size


def clip_to_image_size(
    bounding_boxes: dict[str, Any], height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> dict[str, Any]:
    """Boxes cut at the borders of their picture; the label of a box of which nothing is left becomes -1."""
    if bounding_box_format not in ("xyxy", "rel_xyxy"):
        raise NotImplementedError(f"Boxes are cut in 'xyxy' or 'rel_xyxy'. Received: {bounding_box_format!r}")
    if bounding_box_format == "xyxy" and (height is None or width is None):
        raise SettingError("`height` and `width` must be set if `format='xyxy'`.")
    across, down = (1.0, 1.0) if bounding_box_format == "rel_xyxy" else (_number(width), _number(height))
    x1, y1, x2, y2 = sides(bounding_boxes["boxes"])
    x1, x2 = (_between(x, across) for x in (x1, x2))
    y1, y2 = (_between(y, down) for y in (y1, y2))
    cut = {**bounding_boxes, "boxes": joined((x1, y1, x2, y2))}
    if bounding_boxes.get("labels") is not None:
        area = ops.squeeze((x2 - x1) * (y2 - y1), -1)
        cut["labels"] = ops.where(ops.greater(area, 0.0), bounding_boxes["labels"], -1)
    return cut


def _between(numbers: Any, most: Any) -> Any:
    return ops.minimum(ops.maximum(numbers, 0.0), most)


def crop(boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy") -> Any:
    """Boxes as they are in the part of the picture that begins at (top, left) and is height × width."""
    x1, y1, x2, y2 = sides(pad(boxes, -top, -left, bounding_box_format=bounding_box_format))
    across, down = _number(width), _number(height)
    return joined((_between(x1, across), _between(y1, down), _between(x2, across), _between(y2, down)))


def pad(
    boxes: Any, top: Any, left: Any, height: Any = None, width: Any = None, bounding_box_format: str = "xyxy"
) -> Any:
    """Boxes as they are in a picture with so much added above and to the left."""
    if bounding_box_format != "xyxy":
        raise NotImplementedError(f"Boxes are moved in 'xyxy'. Received: {bounding_box_format!r}")
    x1, y1, x2, y2 = sides(boxes)
    return joined((x1 + left, y1 + top, x2 + left, y2 + top))


def affine_transform(
    boxes: Any, angle: Any, translate_x: Any, translate_y: Any, scale: Any, shear_x: Any, shear_y: Any, height: Any,
    width: Any, center_x: float | None = None, center_y: float | None = None, bounding_box_format: str = "xyxy",
) -> Any:  # fmt: skip
    """The smallest boxes around those of pictures that were sheared, scaled, turned (degrees, each (batch,)) around
    (center_x, center_y) and moved, the last two in shares of the size."""
    if bounding_box_format != "xyxy":
        raise NotImplementedError(f"Boxes are turned in 'xyxy'. Received: {bounding_box_format!r}")
    middle_x = (0.5 if center_x is None else center_x) * (width - 1)
    middle_y = (0.5 if center_y is None else center_y) * (height - 1)
    turn, skew_x, skew_y = (ops.multiply(degrees, -pi / 180) for degrees in (angle, shear_x, shear_y))
    a = ops.cos(turn - skew_y) / ops.cos(skew_y)
    b = a * ops.tan(skew_x) + ops.sin(turn)
    c = -ops.sin(turn - skew_y) / ops.cos(skew_y)
    d = ops.cos(turn) - c * ops.tan(skew_x)
    from_x = middle_x - ops.multiply(translate_x, width - 1)
    from_y = middle_y - ops.multiply(translate_y, height - 1)
    rows = ((d * scale, -b * scale, middle_x), (-c * scale, a * scale, middle_y))
    x1, y1, x2, y2 = sides(ops.cast(boxes, "float32"))
    moved = []
    for of_x, of_y, middle in rows:
        of_x, of_y = (ops.reshape(number, (-1, 1, 1)) for number in (of_x, of_y))
        start = middle - of_x * ops.reshape(from_x, (-1, 1, 1)) - of_y * ops.reshape(from_y, (-1, 1, 1))
        corners = [of_x * x + of_y * y + start for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]
        moved.append(ops.concatenate(corners, -1))
    x, y = moved
    ends = (ops.min(x, -1), ops.min(y, -1), ops.max(x, -1), ops.max(y, -1))
    return ops.stack(list(ends), -1)
