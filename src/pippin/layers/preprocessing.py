"""Layers that prepare pictures: rescaling always; in training also mirrored, of another contrast, lighter or darker."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.layers.arguments import one_of
from pippin.layers.boxes import clip_to_image_size, convert_format, joined, sides
from pippin.layers.draw import uniform
from pippin.layers.layer import Layer
from pippin.layers.views import RandomView, factor_range, value_range_of


class Rescaling(Layer):
    """inputs · scale + offset, as floats: Rescaling(1 / 255) brings bytes to the range from 0 to 1."""

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        x = ops.multiply(ops.cast(inputs, "float32"), _numbers(self.scale))
        return ops.add(x, _numbers(self.offset))


def _numbers(value: Any) -> Any:
    """One number, or one for each channel."""
    return np.asarray(value, np.float32) if np.ndim(value) else float(value)


class RandomFlip(RandomView):
    """Every second picture, by chance, is mirrored: left to right, top to bottom, or both at once."""

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        self.mode = one_of("RandomFlip mode", mode, ("horizontal", "vertical", "horizontal_and_vertical"))

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        drawn = super().get_random_transformation(data, training, seed)
        images = data["images"] if isinstance(data, dict) else data
        return None if drawn is None else {**drawn, "input_shape": tuple(images.shape)}

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {"flips": uniform(seed, (batch, 1, 1, 1)) <= 0.5}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        axes = {"horizontal": (2,), "vertical": (1,)}.get(self.mode, (1, 2))
        return ops.where(transformation["flips"], ops.flip(pictures, axes), pictures)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return self._with(self.changed, segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return bounding_boxes
        size = dict(zip(("height", "width"), self.height_and_width(transformation["input_shape"]), strict=True))
        shares = convert_format(bounding_boxes, self.bounding_box_format or "xyxy", "rel_xyxy", **size)
        x1, y1, x2, y2 = sides(shares["boxes"])
        if self.mode != "vertical":
            x1, x2 = 1.0 - x2, 1.0 - x1
        if self.mode != "horizontal":
            y1, y2 = 1.0 - y2, 1.0 - y1
        flips = ops.reshape(transformation["flips"], (-1,) + (1,) * (len(shares["boxes"].shape) - 1))
        boxes = ops.where(flips, joined((x1, y1, x2, y2)), shares["boxes"])
        cut = clip_to_image_size({**shares, "boxes": boxes}, bounding_box_format="rel_xyxy")
        return convert_format(cut, "rel_xyxy", self.bounding_box_format or "xyxy", **size)


class RandomContrast(RandomView):
    """Each channel's distance from its mean, times a number from 1 - lower to 1 + upper, kept in value_range.

    `factor` is (lower, upper); a single number is the upper one, with a lower of 0, as in Keras 3.15.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomContrast factor", factor, 0, 1)
        self.value_range = value_range_of("RandomContrast", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {"contrast_factor": uniform(seed, (batch, 1, 1, 1), 1.0 - self.factor[0], 1.0 + self.factor[1])}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        middle = ops.mean(pictures, (1, 2), keepdims=True)
        farther = (pictures - middle) * transformation["contrast_factor"] + middle
        return ops.clip(farther, *map(float, self.value_range))


class RandomBrightness(RandomView):
    """Pictures made lighter or darker by a share of value_range, and kept in it."""

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomBrightness factor", factor, -1.0, 1.0)
        self.value_range = value_range_of("RandomBrightness", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        span = float(self.value_range[1] - self.value_range[0])
        return {"rgb_delta": uniform(seed, (batch, 1, 1, 1), *self.factor) * span}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        return ops.clip(pictures + transformation["rgb_delta"], *map(float, self.value_range))
