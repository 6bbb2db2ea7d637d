"""Layers that mix the pictures of a batch with one another, and their labels, or put noise in place of a part."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops, random
from pippin.errors import SettingError
from pippin.layers.blurring import by_chance
from pippin.layers.draw import normal, uniform
from pippin.layers.views import RandomView, factor_range, value_range_of


def _order(seed: Any, batch: int) -> Any:
    """The places of a batch in random order."""
    return random.shuffle(ops.arange(batch, dtype="int32"), seed=seed)


def _blended(things: Any, order: Any, share: Any) -> Any:
    """`share` of each, and the rest of the one that stands at its place in the order."""
    things = ops.cast(things, "float32")
    share = ops.cast(share, "float32")
    if len(np.shape(share)) > 0:
        share = ops.reshape(share, (-1,) + (1,) * (len(things.shape) - 1))
    return things * share + ops.take(things, order, 0) * (1.0 - share)


def _part(seed: Any, batch: int, length: int, share: Any) -> tuple[Any, Any]:
    """Where a part of such a share of a side begins and ends, (batch,)."""
    size = share * float(length)
    start = uniform(seed, (batch,)) * (float(length) - size)
    return start, start + size


def _within(height: int, width: int, rows: tuple[Any, Any], columns: tuple[Any, Any]) -> Any:
    """Which pixels lie in the parts, (batch, height, width, 1)."""
    y, x = (np.arange(size, dtype=np.float32) for size in (height, width))
    found = None
    for places, (start, end) in ((y[None, :, None, None], rows), (x[None, None, :, None], columns)):
        start, end = (ops.reshape(edge, (-1, 1, 1, 1)) for edge in (start, end))
        inside = ops.logical_and(ops.greater_equal(places, start), ops.less(places, end))
        found = inside if found is None else ops.logical_and(found, inside)
    return found


class MixUp(RandomView):
    """Each picture blended with another of the batch, labels and masks in the same shares, drawn from the distribution
    beta(alpha, alpha); each keeps the boxes of both.

    Source: Zhang et al., "mixup: Beyond empirical risk minimization" (2018).
    """

    def __init__(
        self, alpha: float = 0.2, data_format: str | None = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        self.alpha = alpha

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        order = _order(seed, batch)
        return {"permutation_order": order, "mix_weight": random.beta((batch,), self.alpha, self.alpha, seed=seed)}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        order = ops.convert_to_tensor(transformation["permutation_order"])
        return _blended(pictures, order, transformation["mix_weight"])

    def transform_labels(self, labels: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return labels
        return _blended(labels, transformation["permutation_order"], transformation["mix_weight"])

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return self.transform_labels(segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """The boxes of both, side by side; the labels of the other behind, as in Keras 3.15 along the batch."""
        if not training or transformation is None:
            return bounding_boxes
        order = transformation["permutation_order"]
        return {
            word: ops.concatenate([part, ops.take(part, order, 0)], 1 if word == "boxes" else 0)
            for word, part in bounding_boxes.items()
        }


class CutMix(RandomView):
    """A part of each picture taken from another of the batch; labels in the shares of the areas, which are drawn from
    the distribution beta(a, a), a from `factor`.

    Source: Yun et al., "CutMix: Regularization strategy to train strong classifiers" (2019).
    """

    def __init__(
        self, factor: Any = 1.0, seed: int | None = None, data_format: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("CutMix factor", factor, 0, 1)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        images = data["images"] if isinstance(data, dict) else data
        # One picture has no other.
        return super().get_random_transformation(data, training and len(images.shape) == 4, seed)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        alpha = uniform(seed, (), *self.factor) + 1e-6
        share = ops.sqrt(1.0 - random.beta((batch,), alpha, alpha, seed=seed))
        columns, rows = _part(seed, batch, width, share), _part(seed, batch, height, share)
        taken = (columns[1] - columns[0]) * (rows[1] - rows[0]) / float(width * height)
        masks = _within(height, width, rows, columns)
        if self.data_format == "channels_first":
            masks = ops.moveaxis(masks, -1, 1)
        return {"permutation_order": _order(seed, batch), "batch_masks": masks, "mix_weight": 1.0 - taken}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        pictures = ops.cast(images, "float32")
        if not training or transformation is None:
            return pictures
        others = ops.take(pictures, transformation["permutation_order"], 0)
        return ops.where(transformation["batch_masks"], others, pictures)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return self.transform_images(segmentation_masks, transformation, training)

    def transform_labels(self, labels: Any, transformation: Any, training: bool = True) -> Any:
        if not training or transformation is None:
            return labels
        weight = ops.reshape(transformation["mix_weight"], (-1,))
        return _blended(labels, transformation["permutation_order"], weight)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        raise NotImplementedError(f"{self.described()}: boxes are not cut and mixed, as in Keras.")


class RandomErasing(RandomView):
    """A part of some pictures replaced by noise, or by `fill_value` (a number, or one for each channel): shares of
    height and width are the roots of numbers from `scale`.

    Source: Zhong et al., "Random erasing data augmentation" (2020).
    """

    def __init__(
        self, factor: Any = 1.0, scale: Any = (0.02, 0.33), fill_value: Any = None, value_range: Any = (0, 255),
        seed: int | None = None, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomErasing factor", factor, 0, 1)
        self.scale = factor_range("RandomErasing scale", scale, 0, 1)
        if not (fill_value is None or isinstance(fill_value, (int, float)) or np.shape(fill_value) == (3,)):
            raise SettingError(f"RandomErasing fill_value: expected a number or three, received {fill_value!r}.")
        self.fill_value = fill_value
        self.value_range = value_range_of("RandomErasing", value_range)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        drawn = super().get_random_transformation(data, training, seed)
        if drawn is None:
            return None
        low, high = map(float, self.value_range)
        if self.fill_value is not None:
            return {**drawn, "fill_value": np.clip(np.asarray(self.fill_value, np.float32), low, high)}
        shape = (data["images"] if isinstance(data, dict) else data).shape
        channels = shape[-1] if self.data_format == "channels_last" else shape[-3]
        noise = normal(self.generator if seed is None else seed, (*drawn.pop("size"), channels))
        return {**drawn, "fill_value": ops.clip(noise * high, low, high)}

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        share = ops.sqrt(uniform(seed, (batch, 2), *self.scale))
        columns = _part(seed, batch, width, share[:, 0])
        rows = _part(seed, batch, height, share[:, 1])
        apply = by_chance(seed, batch, self.factor)
        masks = _within(height, width, rows, columns)
        if self.data_format == "channels_first":
            masks = ops.moveaxis(masks, -1, 1)
        return {"batch_masks": masks, "apply_erasing": apply, "size": (batch, height, width)}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        masks = ops.convert_to_tensor(transformation["batch_masks"])
        masks = ops.moveaxis(masks, 1, -1) if self.data_format == "channels_first" else masks
        apply = ops.reshape(transformation["apply_erasing"], (-1, 1, 1, 1))
        return ops.where(ops.logical_and(masks, apply), transformation["fill_value"], pictures)
