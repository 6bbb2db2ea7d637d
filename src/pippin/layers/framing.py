"""Layers that see each picture of a batch through a frame that is turned, stretched, slanted or moved at random."""

from __future__ import annotations

from math import pi
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.arguments import one_of
from pippin.layers.boxes import affine_transform, clip_to_image_size, convert_format, joined, pad, sides
from pippin.layers.draw import uniform
from pippin.layers.views import RandomView, Range, factor_range, per_box
from pippin.ops.operation import operation
from pippin.primitives import TABLE

FILLS = ("reflect", "wrap", "constant", "nearest")


@operation(2)
def _look_through(pictures: Any, frame: Any, fill: str, smooth: bool) -> Any:
    return TABLE["look_through"](pictures, frame, fill=fill, smooth=smooth)


class RandomFrame(RandomView):
    """Pictures seen through a moved frame. A subclass says, for each picture, where row i and column j look:

    row a·i + b·j + c, column d·i + e·j + f. Spots outside are filled: "reflect" (d c b a | a b c d | d c b a),
    "wrap" (a b c d | a b c d | a b c d), "nearest" (a a a a | a b c d | d d d d), or "constant" (fill_value).
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **keywords: Any,
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        self.fill_mode = one_of(f"{type(self).__name__} fill_mode", fill_mode, FILLS)
        self.interpolation = one_of(f"{type(self).__name__} interpolation", interpolation, ("nearest", "bilinear"))
        self.fill_value = fill_value

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        drawn = super().get_random_transformation(data, training, seed)
        images = data["images"] if isinstance(data, dict) else data
        return None if drawn is None else {**drawn, "input_shape": tuple(images.shape)}

    def frame(self, transformation: Any, height: int, width: int) -> tuple[Any, ...]:
        """a, b, c, d, e, f, each (batch,)."""
        raise NotImplementedError(f"{self.described()}: expected frame(transformation, height, width).")

    def changed(self, pictures: Any, transformation: Any) -> Any:
        return self._looked(pictures, transformation, self.interpolation)

    def _looked(self, pictures: Any, transformation: Any, interpolation: str) -> Any:
        frame = ops.stack(list(self.frame(transformation, *pictures.shape[1:3])), 1)
        fill, smooth, outside = self.fill_mode, interpolation == "bilinear", float(self.fill_value)
        if fill == "constant" and outside:
            return _look_through(pictures - outside, frame, fill, smooth) + outside
        return _look_through(pictures, frame, fill, smooth)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        masks = ops.cast(segmentation_masks, "float32")
        return self._with(lambda m, numbers: self._looked(m, numbers, "nearest"), masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return bounding_boxes
        height, width = self.height_and_width(transformation["input_shape"])
        written = self.bounding_box_format or "xyxy"
        given = convert_format(bounding_boxes, written, "xyxy", height, width)
        moved = {**given, "boxes": self.moved_boxes(given["boxes"], transformation, height, width)}
        return convert_format(clip_to_image_size(moved, height, width), "xyxy", written, height, width)

    def moved_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        """Where boxes (left, top, right, bottom) come to lie."""
        raise NotImplementedError(f"{self.described()}: expected moved_boxes(boxes, ...).")


class RandomRotation(RandomFrame):
    """Pictures turned around their middle, by `factor` of a full turn; positive is against the clock."""

    def __init__(
        self, factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear", seed: int | None = None,
        fill_value: float = 0.0, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **keywords)
        self.factor = factor_range("RandomRotation factor", factor, -1.0, 1.0)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        drawn = super().get_random_transformation(data, training, seed)
        if drawn is not None:
            drawn["image_height"], drawn["image_width"] = self.height_and_width(drawn["input_shape"])
        return drawn

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {"angle": uniform(seed, (batch,), *(share * 360.0 for share in self.factor)), "batch_size": batch}

    def frame(self, transformation: Any, height: int, width: int) -> tuple[Any, ...]:
        angle = transformation["angle"] * (pi / 180)
        cosine, sine = ops.cos(angle), ops.sin(angle)
        middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
        down = middle_row - cosine * middle_row - sine * middle_column
        across = middle_column + sine * middle_row - cosine * middle_column
        return cosine, sine, down, -sine, cosine, across

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if transformation is not None and "input_shape" not in transformation:
            size = (transformation["image_height"], transformation["image_width"])
            shape = (*size, 3) if self.data_format == "channels_last" else (3, *size)
            transformation = {**transformation, "input_shape": shape}
        return super().transform_bounding_boxes(bounding_boxes, transformation, training)

    def moved_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        angle = ops.cast(transformation["angle"], "float32")
        none, same = ops.zeros_like(angle), ops.ones_like(angle)
        return affine_transform(boxes, angle, none, none, same, none, none, height, width)


class RandomZoom(RandomFrame):
    """Pictures made larger or smaller around their middle: -0.2 shows them 20 % closer, 0.2 from 20 % further away.

    Without `width_factor` the width follows the height.
    """

    def __init__(
        self, height_factor: Any, width_factor: Any = None, fill_mode: str = "reflect", interpolation: str = "bilinear",
        seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **keywords)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._rows = _zoom_range("RandomZoom height_factor", height_factor)
        self._columns = None if width_factor is None else _zoom_range("RandomZoom width_factor", width_factor)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        rows = uniform(seed, (batch, 1), 1.0 + self._rows[0], 1.0 + self._rows[1])
        columns = rows
        if self._columns is not None:
            columns = uniform(seed, (batch, 1), 1.0 + self._columns[0], 1.0 + self._columns[1])
        return {"height_zoom": rows, "width_zoom": columns}

    def frame(self, transformation: Any, height: int, width: int) -> tuple[Any, ...]:
        rows, columns = (ops.squeeze(transformation[word], 1) for word in ("height_zoom", "width_zoom"))
        still = ops.zeros_like(rows)
        return (
            rows,
            still,
            (1.0 - rows) * ((height - 1) / 2),
            still,
            columns,
            (1.0 - columns) * ((width - 1) / 2),
        )

    def moved_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        """Cut to what is seen, and stretched to the picture's size."""
        x1, y1, x2, y2 = sides(boxes)
        (x1, x2), (y1, y2) = (
            _seen(ends, ops.reshape(ops.cast(transformation[word], "float32"), (-1, 1, 1)), float(size))
            for ends, word, size in (((x1, x2), "width_zoom", width), ((y1, y2), "height_zoom", height))
        )
        return joined((x1, y1, x2, y2))


def _seen(ends: tuple[Any, Any], zoom: Any, size: float) -> tuple[Any, ...]:
    start = (1.0 - zoom) * ((size - 1.0) / 2)
    shown = zoom * size
    return tuple((ops.minimum(ops.maximum(end, start), start + shown) - start) / shown * size for end in ends)


def _zoom_range(word: str, factor: Any) -> Range:
    lower, upper = factor_range(word, factor, -1.0, 1.0)
    if -1 in (factor if isinstance(factor, (list, tuple)) else (factor,)) or not -1 <= lower <= upper <= 1:
        raise SettingError(
            f"{word}: expected numbers above -1 (which would show a single point) up to 1, received {factor!r}."
        )
    return lower, upper


class RandomTranslation(RandomFrame):
    """Pictures moved down and to the right by shares of their height and width (up and to the left if negative)."""

    def __init__(
        self, height_factor: Any, width_factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear",
        seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **keywords)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._rows = _range_inside("RandomTranslation height_factor", height_factor, -1.0)
        self._columns = _range_inside("RandomTranslation width_factor", width_factor, -1.0)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        down = uniform(seed, (batch, 1), *self._rows) * float(height)
        across = uniform(seed, (batch, 1), *self._columns) * float(width)
        return {"translations": ops.concatenate([across, down], 1)}

    def frame(self, transformation: Any, height: int, width: int) -> tuple[Any, ...]:
        across, down = transformation["translations"][:, 0], transformation["translations"][:, 1]
        still, same = ops.zeros_like(down), ops.ones_like(down)
        return same, still, -down, still, same, -across

    def moved_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        across, down = (per_box(transformation["translations"][:, n], boxes) for n in (0, 1))
        return pad(boxes, down, across)


class RandomShear(RandomFrame):
    """Pictures slanted: each row moved by its distance from the top times a number from `x_factor`, each column by its
    distance from the left times one from `y_factor`, both to one side or both to the other, by chance."""

    def __init__(
        self, x_factor: Any = 0.0, y_factor: Any = 0.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
        fill_value: float = 0.0, data_format: str | None = None, seed: int | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **keywords)
        self.x_factor, self.y_factor = x_factor, y_factor
        self._across, self._down = _shear_range("x_factor", x_factor), _shear_range("y_factor", y_factor)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        side = ops.where(ops.greater(uniform(seed, (batch, 1)), 0.5), -1.0, 1.0)
        down = uniform(seed, (batch, 1), *self._down)
        across = uniform(seed, (batch, 1), *self._across)
        return {"shear_factor": ops.concatenate([across, down], 1) * side}

    def frame(self, transformation: Any, height: int, width: int) -> tuple[Any, ...]:
        across, down = transformation["shear_factor"][:, 0], transformation["shear_factor"][:, 1]
        still, same = ops.zeros_like(down), ops.ones_like(down)
        return same, down, still, across, same, still

    def moved_boxes(self, boxes: Any, transformation: Any, height: int, width: int) -> Any:
        """The slant of shares of the size, as in Keras, which keeps boxes upright."""
        slants = ops.cast(transformation["shear_factor"], "float32")
        across, down = (ops.reshape(slants[:, n], (-1, 1, 1)) for n in (0, 1))
        x1, y1, x2, y2 = sides(convert_format(boxes, "xyxy", "rel_xyxy", height, width))
        left, right = ops.less(across, 0.0), ops.greater(down, 0.0)
        x1, x2 = (
            ops.where(left, x1 - across * y1, x1 - across * y2),
            ops.where(left, x2 - across * y2, x2 - across * y1),
        )
        y1 = ops.where(right, y1 - down * x2, y1 - down * x1)
        y2 = ops.where(right, y2 - down * x1, y2 - down * x2)
        return convert_format(joined((x1, y1, x2, y2)), "rel_xyxy", "xyxy", height, width)


def _shear_range(word: str, factor: Any) -> Range:
    """A number means as much to either side. Keras writes it into files as a pair (-0.3, 0.3), and refuses that."""
    if isinstance(factor, (list, tuple)) and len(factor) == 2 and isinstance(factor[1], float):
        factor = factor[1] if factor[0] == -factor[1] else factor
    lower, upper = _range_inside(f"RandomShear {word}", factor, 0.0)
    return (lower, upper) if isinstance(factor, (list, tuple)) else (-upper, upper)


def _range_inside(word: str, factor: Any, low: float) -> Range:
    """A factor of which neither end may lie outside."""
    lower, upper = factor_range(word, factor, low, 1.0)
    if not low <= lower <= upper <= 1:
        raise SettingError(f"{word}: expected numbers from {low} to 1.0, received {factor!r}.")
    return lower, upper
