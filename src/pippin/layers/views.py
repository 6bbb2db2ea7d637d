"""What all layers share that change pictures, and what is known about them: labels, masks and boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown
from pippin.ops.resizing import picture_axes
from pippin.ops.windows import data_format_of
from pippin.random import SeedGenerator

Range = tuple[float, float]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def factor_range(word: str, factor: Any, low: float, high: float) -> Range:
    """What numbers a factor allows: 0.2 means from -0.2 to 0.2 (not below `low`), (0.1, 0.3) means what it says."""
    if _is_number(factor) and low <= factor <= high:
        return max(-abs(factor), low), abs(factor)
    if isinstance(factor, (list, tuple)) and len(factor) == 2 and all(map(_is_number, factor)):
        lower, upper = sorted(factor)
        # Keras lets one end of a pair lie outside.
        if lower <= high and upper >= low:
            return lower, upper
    raise SettingError(f"{word}: expected a number or a pair of numbers from {low} to {high}, received {factor!r}.")


def value_range_of(kind: str, value_range: Any) -> Range:
    if not isinstance(value_range, (list, tuple)) or len(value_range) != 2 or not all(map(_is_number, value_range)):
        raise SettingError(
            f"{kind} value_range: expected a pair of numbers, for example (0, 255), received {value_range!r}."
        )
    return min(value_range), max(value_range)


class PictureLayer(Layer):
    """Pictures (batch, height, width, channels), or a single one without the batch, changed in training.

    Given a dict with "images", it also changes what belongs to them: "segmentation_masks" (like pictures), "labels"
    (batch, classes) and "bounding_boxes" ({"boxes": (batch, boxes, 4), "labels": (batch, boxes)}, written in the way
    of `bounding_box_format`). As in Keras, the layer is active unless `training` is False: `fit` says True, `evaluate`
    and `predict` say False.

    A subclass gives `changed(pictures, transformation)` and, where chance decides, `drawn(batch, height, width, seed)`.
    """

    def __init__(self, data_format: str | None, bounding_box_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.bounding_box_format = bounding_box_format

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return config

    def check_input_shape(self, shape: Any) -> None:
        shape = shape.get("images", ()) if isinstance(shape, dict) else shape
        if not isinstance(shape, tuple) or len(shape) not in (3, 4):
            told = shown(shape) if isinstance(shape, tuple) else "several inputs"
            raise ShapeError(
                f"{self.described()}: expected pictures (batch, height, width, channels), received shape {told}."
            )

    def call(self, data: Any, training: bool | None = True) -> Any:
        training = training is None or bool(training)
        transformation = self.get_random_transformation(data, training=training)
        if not isinstance(data, dict):
            return self.transform_images(data, transformation, training)
        if "bounding_boxes" in data and not self.bounding_box_format:
            raise SettingError(
                f"{self.described()}: received data with 'bounding_boxes', and needs to know how they are written, for "
                "example bounding_box_format='xyxy'."
            )
        single = len(data["images"].shape) == 3
        changed = dict(data)
        for word, change in (
            ("images", self.transform_images),
            ("segmentation_masks", self.transform_segmentation_masks),
            ("labels", self.transform_labels),
            ("bounding_boxes", self.transform_bounding_boxes),
        ):
            if word in data:
                alone = single and word in ("labels", "bounding_boxes")
                given = _each(lambda part: ops.expand_dims(part, 0), data[word]) if alone else data[word]
                made = change(given, transformation, training)
                changed[word] = _each(lambda part: ops.squeeze(part, 0), made) if alone else made
        return changed

    # Keras's words, which subclasses outside and programs use -----------------------------------------------------

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """What chance decides for this batch: given to the functions below. None if nothing is to change."""
        if not training:
            return None
        images = data["images"] if isinstance(data, dict) else data
        height, width = self.height_and_width(images.shape)
        batch = images.shape[0] if len(images.shape) == 4 else 1
        return self.drawn(batch, height, width, seed)

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        """The pictures, changed as `transformation` says."""
        return self._with(self.changed, ops.cast(images, "float32"), transformation, training)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        """Masks (batch, height, width, channels) stay as they are, unless a layer moves pixels."""
        return segmentation_masks

    def transform_labels(self, labels: Any, transformation: Any, training: bool = True) -> Any:
        """Labels stay as they are, unless a layer mixes pictures."""
        return labels

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Boxes stay as they are, unless a layer moves pixels."""
        return bounding_boxes

    # What a subclass gives ------------------------------------------------------------------------------------------

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        """The numbers that change each picture; some layers need none."""
        return {}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        """Pictures (batch, height, width, channels) of floats, changed."""
        raise NotImplementedError(f"{self.described()}: expected changed(pictures, transformation).")

    # Help for subclasses --------------------------------------------------------------------------------------------

    def height_and_width(self, shape: Any) -> tuple[Any, Any]:
        """The size of pictures of this shape."""
        vertical, horizontal = picture_axes(tuple(shape), self.data_format)
        return shape[vertical], shape[horizontal]

    def _with(self, change: Callable[[Any, Any], Any], pictures: Any, transformation: Any, training: bool) -> Any:
        """`change` as a function of pictures with a batch in front and channels behind."""
        if not training or transformation is None:
            return pictures
        single, in_front = len(pictures.shape) == 3, self.data_format == "channels_first"
        batch = ops.expand_dims(pictures, 0) if single else pictures
        batch = ops.moveaxis(batch, 1, -1) if in_front else batch
        changed = change(batch, transformation)
        changed = ops.moveaxis(changed, -1, 1) if in_front else changed
        return ops.squeeze(changed, 0) if single else changed


class RandomView(PictureLayer):
    """A layer that shows a network a random view of each picture in training: every picture of a batch gets numbers of
    its own."""

    def __init__(self, seed: int | None, data_format: str | None, **keywords: Any) -> None:
        super().__init__(data_format, **keywords)
        self.seed = seed
        self.generator = SeedGenerator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        return super().get_random_transformation(data, training, self.generator if seed is None else seed)


def _each(function: Callable[[Any], Any], data: Any) -> Any:
    if isinstance(data, dict):
        return {word: function(part) for word, part in data.items()}
    return function(data)


def per_box(numbers: Any, boxes: Any) -> Any:
    """One number for each picture, as something that boxes (batch, boxes, 4), or (boxes, 4) of one picture, meet."""
    return ops.reshape(ops.cast(numbers, "float32"), (-1,) + (1,) * (len(np.shape(boxes)) - 1))
