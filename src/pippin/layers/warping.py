"""Layers that bend pictures in training: seen at a slant, or as if drawn on rubber."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.arguments import one_of
from pippin.layers.blurring import by_chance, chosen
from pippin.layers.boxes import clip_to_image_size, convert_format, joined, sides
from pippin.layers.draw import normal, uniform
from pippin.layers.views import RandomView, factor_range, value_range_of
from pippin.ops.filtering import gaussian
from pippin.ops.sampling import moved, seen_at, slant


class RandomPerspective(RandomView):
    """Pictures seen at a slant, some of them, by a chance drawn from `factor`: each corner moved by up to half of
    `scale` times its distance from the top left, which stays."""

    def __init__(
        self, factor: Any = 1.0, scale: float = 1.0, interpolation: str = "bilinear", fill_value: float = 0.0,
        seed: int | None = None, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomPerspective factor", factor, 0, 1)
        if not 0 <= scale <= 1:
            raise SettingError(f"RandomPerspective scale: expected a number from 0 to 1, received {scale!r}.")
        self.interpolation = one_of("RandomPerspective interpolation", interpolation, ("nearest", "bilinear"))
        self.scale, self.fill_value = scale, fill_value

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        drawn = super().get_random_transformation(data, training, seed)
        images = data["images"] if isinstance(data, dict) else data
        return None if drawn is None else {**drawn, "input_shape": tuple(images.shape)}

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        apply = by_chance(seed, batch, self.factor)
        moves = uniform(seed, (batch, 4, 2), -0.5 * self.scale, 0.5 * self.scale)
        corners = [[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]]
        start = np.tile(np.array(corners, np.float32), (batch, 1, 1))
        return {"apply_perspective": apply, "start_points": start, "end_points": start + start * moves}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        return self._slanted(pictures, transformation, self.interpolation)

    def _slanted(self, pictures: Any, transformation: Any, interpolation: str) -> Any:
        back = slant(*(ops.cast(transformation[word], "float32") for word in ("end_points", "start_points")))
        height, width = pictures.shape[1:3]
        y, x = np.meshgrid(np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32), indexing="ij")
        columns, rows = moved(back, x[None], y[None])
        seen = seen_at(pictures, rows, columns, "constant", interpolation == "bilinear", self.fill_value)
        return chosen(transformation["apply_perspective"], seen, pictures)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        masks = ops.cast(segmentation_masks, "float32")
        return self._with(lambda m, numbers: self._slanted(m, numbers, "nearest"), masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """The smallest boxes around where the corners come to lie; as in Keras 3.15 they are left in "xyxy"."""
        if not training or transformation is None:
            return bounding_boxes
        height, width = self.height_and_width(transformation["input_shape"])
        given = convert_format(bounding_boxes, self.bounding_box_format or "xyxy", "xyxy", height, width)
        there = slant(*(ops.cast(transformation[word], "float32") for word in ("start_points", "end_points")))
        x1, y1, x2, y2 = sides(given["boxes"])
        corners = [moved(there, x, y) for x, y in ((x1, y1), (x2, y1), (x1, y2), (x2, y2))]
        xs, ys = (ops.concatenate([corner[n] for corner in corners], -1) for n in (0, 1))
        ends = [least(side, -1, keepdims=True) for least in (ops.min, ops.max) for side in (xs, ys)]
        apply = ops.reshape(transformation["apply_perspective"], (-1, 1, 1))
        boxes = ops.where(apply, joined(ends), given["boxes"])
        return clip_to_image_size({**given, "boxes": boxes}, height, width)


class RandomElasticTransform(RandomView):
    """Pictures as if drawn on rubber, some of them, by a chance drawn from `factor`: each spot moved by smoothed noise.
    The bell that smooths is 1/20 of the shorter side wide and the moves 1/10 of the longer side long, times a number
    from `scale`.

    Source: Simard, Steinkraus and Platt, "Best practices for convolutional neural networks" (2003).
    """

    def __init__(
        self, factor: Any = 1.0, scale: Any = 1.0, interpolation: str = "bilinear", fill_mode: str = "reflect",
        fill_value: float = 0.0, value_range: Any = (0, 255), seed: int | None = None, data_format: str | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomElasticTransform factor", factor, 0, 1)
        self.scale = factor_range("RandomElasticTransform scale", scale, 0, 1)
        self.interpolation = one_of("RandomElasticTransform interpolation", interpolation, ("nearest", "bilinear"))
        fills = ("constant", "nearest", "wrap", "mirror", "reflect")
        self.fill_mode = one_of("RandomElasticTransform fill_mode", fill_mode, fills)
        self.fill_value = fill_value
        self.value_range = value_range_of("RandomElasticTransform", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        if self.scale[1] == 0 or self.factor[1] == 0:
            return None
        apply = by_chance(seed, batch, self.factor)
        return {"apply_transform": apply, "distortion_factor": uniform(seed, (), *self.scale), "seed": seed}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        return self._bent(pictures, transformation, self.interpolation)

    def _bent(self, pictures: Any, transformation: Any, interpolation: str) -> Any:
        batch, height, width, _ = pictures.shape
        factor, shorter = transformation["distortion_factor"], min(height, width)
        length, bell = factor * (0.1 * max(height, width)), factor * (0.05 * shorter) + 1e-6
        size = int(6 * 0.05 * shorter * self.scale[1]) | 1
        noise = normal(transformation["seed"], (batch, height, width, 2)) * bell
        moves = gaussian(noise, (size, size), (bell, bell)) * length
        y, x = np.meshgrid(np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32), indexing="ij")
        rows, columns = moves[..., 0] + y[None], moves[..., 1] + x[None]
        bent = seen_at(pictures, rows, columns, self.fill_mode, interpolation == "bilinear", self.fill_value)
        made = chosen(transformation["apply_transform"], bent, pictures)
        return ops.clip(made, *map(float, self.value_range))
