"""Layers that bring pictures to one size: stretched, cut out of the middle, or cut out anywhere."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.arguments import one_of, whole
from pippin.layers.boxes import clip_to_image_size, convert_format, joined, pad, sides
from pippin.layers.draw import uniform
from pippin.layers.views import PictureLayer
from pippin.ops.dtypes import is_whole, standardize_dtype
from pippin.ops.resizing import INTERPOLATIONS, picture_axes
from pippin.random import SeedGenerator


class _Sized(PictureLayer):
    """Pictures (batch, height, width, channels), or one without the batch → the same, `height` × `width`; masks and
    boxes with them."""

    ready_when_made = True

    def __init__(self, height: int, width: int, data_format: str | None, **keywords: Any) -> None:
        super().__init__(data_format, **keywords)
        kind = type(self).__name__
        self.height, self.width = whole(f"{kind} height", height), whole(f"{kind} width", width)

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = list(input_shape)
        if any(isinstance(size, (list, tuple)) for size in sizes) or len(sizes) not in (3, 4):
            raise ShapeError(f"{self.described()}: expected a shape of rank 3 or 4, received {tuple(input_shape)}.")
        for axis, size in zip(picture_axes(tuple(sizes), self.data_format), (self.height, self.width), strict=True):
            sizes[axis] = size
        return tuple(sizes)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """The size of the pictures as they come."""
        return self.height_and_width((data["images"] if isinstance(data, dict) else data).shape)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        height, width = transformation
        written = self.bounding_box_format or "xyxy"
        given = convert_format(bounding_boxes, written, "xyxy", height, width)
        moved = {**given, "boxes": self.moved_boxes(given["boxes"], height, width)}
        cut = clip_to_image_size(moved, self.height, self.width)
        return convert_format(cut, "xyxy", written, self.height, self.width)

    def moved_boxes(self, boxes: Any, height: int, width: int) -> Any:
        """Where boxes (left, top, right, bottom) of pictures of that size come to lie."""
        raise NotImplementedError(f"{self.described()}: expected moved_boxes(boxes, height, width).")

    def resized(self, images: Any, **settings: Any) -> Any:
        """Pictures of the wanted size. Whole numbers stay whole numbers."""
        made = ops.image.resize(images, (self.height, self.width), data_format=self.data_format, **settings)
        dtype = standardize_dtype(images.dtype)
        return ops.cast(ops.round(made), dtype) if is_whole(dtype) and "float" in str(made.dtype) else made

    def cut(self, images: Any, top: Any, left: Any) -> Any:
        """The part of pictures that begins there, as far as they reach; a symbol may say where."""
        axes = picture_axes(images.shape, self.data_format)
        for axis, start, size in zip(axes, (top, left), (self.height, self.width), strict=True):
            if isinstance(start, int):
                size = min(size, images.shape[axis] - start)
            images = ops.take(images, ops.arange(size, dtype="int32") + start, axis)
        return images

    def room(self, height: int, width: int) -> tuple[int, int]:
        """How many more rows and columns pictures of that size have than are asked for."""
        return height - self.height, width - self.width

    def middle_part(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Top, left, height and width of the largest middle part that has the wanted aspect ratio."""
        part_height = max(1, min(height, int(width * self.height / self.width)))
        part_width = max(1, min(width, int(height * self.width / self.height)))
        return (height - part_height) // 2, (width - part_width) // 2, part_height, part_width


class Resizing(_Sized):
    """Pictures stretched to a size; with crop_to_aspect_ratio or pad_to_aspect_ratio as in ops.image.resize."""

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(height, width, data_format, **keywords)
        self.interpolation = one_of("Resizing interpolation", interpolation, INTERPOLATIONS)
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_mode, self.fill_value, self.antialias = fill_mode, fill_value, bool(antialias)

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        return self._stretched(images, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        return self._stretched(segmentation_masks, "nearest")

    def _stretched(self, images: Any, interpolation: str) -> Any:
        return self.resized(
            images, interpolation=interpolation, antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio, pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode, fill_value=self.fill_value,
        )  # fmt: skip

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        boxes = bounding_boxes["boxes"]
        fillers = ops.logical_or(
            ops.all(ops.equal(boxes, -1), -1, keepdims=True), ops.all(ops.equal(boxes, 0), -1, keepdims=True)
        )
        made = super().transform_bounding_boxes(bounding_boxes, transformation, training)
        return {**made, "boxes": ops.where(fillers, 0.0, made["boxes"])}

    def moved_boxes(self, boxes: Any, height: int, width: int) -> Any:
        down, across = self.height / height, self.width / width
        top = left = 0.0
        if self.pad_to_aspect_ratio or self.crop_to_aspect_ratio:
            down = across = min(down, across) if self.pad_to_aspect_ratio else max(down, across)
            top, left = (self.height - height * down) // 2, (self.width - width * across) // 2
            if self.crop_to_aspect_ratio and not self.pad_to_aspect_ratio:
                top, left = -((height * down - self.height) // 2), -((width * across - self.width) // 2)
        x1, y1, x2, y2 = sides(boxes)
        return pad(joined((x1 * across, y1 * down, x2 * across, y2 * down)), top, left)


class CenterCrop(_Sized):
    """The middle of pictures. Pictures that are smaller are stretched, the largest part with the aspect ratio of the
    result."""

    def __init__(self, height: int, width: int, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(height, width, data_format, **keywords)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        return {"input_shape": tuple((data["images"] if isinstance(data, dict) else data).shape)}

    def transform_images(self, images: Any, transformation: Any = None, training: bool = True) -> Any:
        x = ops.cast(images, "float32")
        rows, columns = self.room(*self.height_and_width(x.shape))
        if rows < 0 or columns < 0:
            return self.resized(x, crop_to_aspect_ratio=True)
        return self.cut(x, rows // 2, columns // 2)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return self.transform_images(segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        size = self.height_and_width(transformation["input_shape"])
        return super().transform_bounding_boxes(bounding_boxes, size, training)

    def moved_boxes(self, boxes: Any, height: int, width: int) -> Any:
        rows, columns = self.room(height, width)
        if rows >= 0 and columns >= 0:
            return pad(boxes, -(rows // 2), -(columns // 2))
        top, left, part_height, part_width = self.middle_part(height, width)
        x1, y1, x2, y2 = sides(pad(boxes, -top, -left))
        down, across = self.height / part_height, self.width / part_width
        return joined((x1 * across, y1 * down, x2 * across, y2 * down))


class RandomCrop(_Sized):
    """In training a part of the pictures from anywhere, the same place for all of a batch; pictures that are no larger
    are cut in the middle and stretched. Otherwise the pictures as they are, as in Keras 3.15: give them the size
    before, or let the layers behind take any.

    As in Keras, the layer is active unless `training` is False.
    """

    def __init__(
        self, height: int, width: int, seed: int | None = None, data_format: str | None = None,
        name: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(height, width, data_format, name=name, **keywords)
        self.seed = seed
        self.generator = SeedGenerator(seed)

    def get_random_transformation(self, data: Any, training: bool = True, seed: Any = None) -> Any:
        """Top and left of what is cut out."""
        height, width = self.height_and_width((data["images"] if isinstance(data, dict) else data).shape)
        if height is None or width is None:
            raise SettingError(f"{self.described()}: expected pictures of known size, received {(height, width)}.")
        room = self.room(height, width)
        if not training or min(room) <= 0:
            return self.middle_part(height, width)[:2]
        stream = self.generator if seed is None else seed
        top, left = (ops.cast(ops.floor(uniform(stream, (), 0.0, float(most + 1))), "int32") for most in room)
        return top, left

    def transform_images(self, images: Any, transformation: Any, training: bool = True) -> Any:
        x = ops.cast(images, "float32")
        if not training:
            return x
        part = self.cut(x, *transformation)
        return part if self.height_and_width(part.shape) == (self.height, self.width) else self.resized(part)

    def transform_segmentation_masks(self, segmentation_masks: Any, transformation: Any, training: bool = True) -> Any:
        return self.transform_images(segmentation_masks, transformation, training)

    def transform_bounding_boxes(self, bounding_boxes: Any, transformation: Any, training: bool = True) -> Any:
        """Boxes moved with the part that is cut out, and cut with it.

        Keras 3.15 takes the top away from the sides and the left from the heights, and cuts only where they begin.
        """
        if not training:
            return bounding_boxes
        size, written = (self.height, self.width), self.bounding_box_format or "xyxy"
        given = convert_format(bounding_boxes, written, "xyxy", *size)
        top, left = (ops.cast(start, "float32") for start in transformation)
        cut = clip_to_image_size({**given, "boxes": pad(given["boxes"], -top, -left)}, *size)
        return convert_format(cut, "xyxy", written, *size)
