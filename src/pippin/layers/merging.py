"""Layers that make one tensor out of several: branches of a network meet here."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown
from pippin.ops.masks import mask_of


class _Merge(Layer):
    """Inputs of shapes that fit together (equal, or 1); missing axes are added behind the batch, as in Keras."""

    supports_masking = True

    def check_input_shape(self, shape: Any) -> None:
        if not shape or not all(isinstance(part, (list, tuple)) for part in shape):
            raise SettingError(
                f"{self.described()}: expected a list of inputs, received a single one. Write layer([a, b])."
            )
        self.check_together([tuple(part) for part in shape])

    def check_together(self, shapes: list[tuple[int | None, ...]]) -> None:
        """Raise if these shapes can't be merged."""
        rank = max(map(len, shapes))
        padded = [(1,) * (rank - len(shape)) + tuple(n or 1 for n in shape[1:]) for shape in shapes]
        try:
            np.broadcast_shapes(*padded)
        except ValueError:
            told = " and ".join(map(shown, shapes))
            raise ShapeError(
                f"{self.described()}: expected inputs whose shapes fit together, received {told}."
            ) from None

    def call(self, inputs: Any) -> Any:
        rank = max(len(x.shape) for x in inputs)
        masks = [None if mask_of(x) is None else _with_rank(ops.expand_dims(mask_of(x), -1), rank) for x in inputs]
        inputs = [_with_rank(x, rank) for x in inputs]
        return self.merge(inputs) if all(mask is None for mask in masks) else self.merge_masked(inputs, masks)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """What counts in any input counts in the result, if all have masks."""
        if mask is None or any(one is None for one in self.checked_masks(inputs, mask)):
            return None
        return reduce(ops.logical_or, mask)

    def checked_masks(self, inputs: Any, mask: Any) -> list[Any]:
        """The masks, one for each input; raises otherwise."""
        if not isinstance(mask, (list, tuple)) or not isinstance(inputs, (list, tuple)) or len(mask) != len(inputs):
            raise ShapeError(
                f"{self.described()}: `mask` should be a list. Expected one for each input, received {mask!r}."
            )
        return list(mask)

    def merge(self, inputs: list[Any]) -> Any:
        """One tensor from several of the same rank."""
        raise NotImplementedError(f"{self.described()}: a merging layer defines merge(inputs).")


    def merge_masked(self, inputs: list[Any], masks: list[Any]) -> Any:
        """The same where some inputs have masks; most layers merge what does not count, too."""
        return self.merge(inputs)


def _chosen(choose: Any, inputs: list[Any], masks: list[Any]) -> Any:
    """What `choose` makes of two inputs at a time, or the one that counts."""
    output, counts = inputs[0], masks[0]
    for x, mask in zip(inputs[1:], masks[1:], strict=True):
        other = x if mask is None else ops.where(mask, x, output)
        output = choose(output if counts is None else ops.where(counts, output, other), other)
        counts = None if mask is None or counts is None else ops.logical_or(counts, mask)
    return output


def _with_rank(x: Any, rank: int) -> Any:
    missing = rank - len(x.shape)
    return ops.reshape(x, (x.shape[0], *[1] * missing, *x.shape[1:])) if missing else x


class Add(_Merge):
    """All inputs added up, place by place."""

    def merge(self, inputs: list[Any]) -> Any:
        return reduce(ops.add, inputs)


class Subtract(_Merge):
    """The second of two inputs taken away from the first."""

    def check_together(self, shapes: list[tuple[int | None, ...]]) -> None:
        if len(shapes) != 2:
            raise SettingError(
                f"{self.described()}: the layer should be called on exactly 2 inputs, received {len(shapes)}."
            )
        super().check_together(shapes)

    def merge(self, inputs: list[Any]) -> Any:
        return ops.subtract(*inputs)


class Multiply(_Merge):
    """All inputs multiplied, place by place."""

    def merge(self, inputs: list[Any]) -> Any:
        return reduce(ops.multiply, inputs)

    def merge_masked(self, inputs: list[Any], masks: list[Any]) -> Any:
        parts = [x if m is None else ops.where(m, x, 1.0) for x, m in zip(inputs, masks, strict=True)]
        output = self.merge(parts)
        if any(mask is None for mask in masks):
            return output
        return ops.where(reduce(ops.logical_or, masks), output, 0.0)


class Average(_Merge):
    """The mean of all inputs, place by place."""

    def merge(self, inputs: list[Any]) -> Any:
        return ops.divide(reduce(ops.add, inputs), float(len(inputs)))


class Maximum(_Merge):
    """The largest of all inputs, place by place."""

    def merge(self, inputs: list[Any]) -> Any:
        return reduce(ops.maximum, inputs)

    def merge_masked(self, inputs: list[Any], masks: list[Any]) -> Any:
        return _chosen(ops.maximum, inputs, masks)


class Minimum(_Merge):
    """The smallest of all inputs, place by place."""

    def merge(self, inputs: list[Any]) -> Any:
        return reduce(ops.minimum, inputs)

    def merge_masked(self, inputs: list[Any], masks: list[Any]) -> Any:
        return _chosen(ops.minimum, inputs, masks)


class Concatenate(_Merge):
    """All inputs one after the other along `axis`."""

    def __init__(self, axis: int = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.axis = axis

    def check_together(self, shapes: list[tuple[int | None, ...]]) -> None:
        if not all(-len(shape) <= self.axis < len(shape) for shape in shapes):
            raise ShapeError(f"{self.described()}: expected inputs with an axis {self.axis}, received {shapes}.")
        others = {tuple(n for place, n in enumerate(shape) if place != self.axis % len(shape)) for shape in shapes}
        if len(others) > 1:
            told = " and ".join(map(shown, shapes))
            raise ShapeError(
                f"{self.described()}: expected shapes that differ only along axis {self.axis}, received {told}."
            )

    def call(self, inputs: Any) -> Any:
        is_float = any("float" in str(x.dtype) for x in inputs)
        return ops.concatenate([ops.cast(x, "float32") if is_float else x for x in inputs], self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks one after the other; what has none counts whole."""
        if mask is None or all(one is None for one in self.checked_masks(inputs, mask)):
            return None
        masks = []
        for x, one in zip(inputs, mask, strict=True):
            everywhere = ops.ones_like(x, dtype="bool")
            if one is None or one.ndim >= x.ndim:
                masks.append(everywhere if one is None else one)
            else:
                masks.append(ops.logical_and(ops.expand_dims(one, -1), everywhere))
        return ops.any(ops.concatenate(masks, self.axis), axis=-1)


class Dot(_Merge):
    """Products of two inputs summed along an axis of each, example by example; of vectors, their cosine if
    `normalize`."""

    def __init__(self, axes: Any, normalize: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(f"Dot: Invalid type for argument `axes`: it should be a list or an int. Received: {axes}")
        if not isinstance(axes, int) and (len(axes) != 2 or not all(isinstance(axis, int) for axis in axes)):
            raise SettingError(
                f"Dot: Invalid format for argument `axes`: it should contain two elements, integers. Received: {axes}"
            )
        self.axes, self.normalize = axes, normalize

    def check_together(self, shapes: list[tuple[int | None, ...]]) -> None:
        if len(shapes) != 2:
            raise SettingError(
                f"{self.described()}: A `Dot` layer should be called on a list of 2 inputs, on exactly 2 inputs. "
                f"Received {len(shapes)}."
            )
        first, second = self.places(*map(len, shapes))
        if 0 in (first, second):
            raise SettingError(f"{self.described()}: expected axes behind the batch, received axes={self.axes}.")
        if None not in (shapes[0][first], shapes[1][second]) and shapes[0][first] != shapes[1][second]:
            raise ShapeError(
                f"{self.described()}: Incompatible input shapes: axis values {shapes[0][first]} (at axis {first}) != "
                f"{shapes[1][second]} (at axis {second}). Full input shapes: {shapes[0]}, {shapes[1]}"
            )

    def places(self, *ranks: int) -> tuple[int, int]:
        """The axis of each input."""
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return axes[0] % ranks[0], axes[1] % ranks[1]

    def call(self, inputs: Any) -> Any:
        a, b = inputs
        first, second = self.places(len(a.shape), len(b.shape))
        if self.normalize:
            a, b = ops.normalize(a, first), ops.normalize(b, second)
        letters = "abcdefghijklmnop"
        a_word = letters[: len(a.shape)]
        b_word = "a" + letters[len(a.shape) : len(a.shape) + len(b.shape) - 1]
        b_word = b_word[:second] + a_word[first] + b_word[second + 1 :]
        result = a_word[:first] + a_word[first + 1 :] + b_word[1:second] + b_word[second + 1 :]
        product = ops.einsum(f"{a_word},{b_word}->{result}", a, b)
        return product if len(result) > 1 else ops.expand_dims(product, -1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the axes are others."""
        return None


def add(inputs: Any, **keywords: Any) -> Any:
    """Add()(inputs)."""
    return Add(**keywords)(inputs)


def subtract(inputs: Any, **keywords: Any) -> Any:
    """Subtract()(inputs)."""
    return Subtract(**keywords)(inputs)


def multiply(inputs: Any, **keywords: Any) -> Any:
    """Multiply()(inputs)."""
    return Multiply(**keywords)(inputs)


def average(inputs: Any, **keywords: Any) -> Any:
    """Average()(inputs)."""
    return Average(**keywords)(inputs)


def maximum(inputs: Any, **keywords: Any) -> Any:
    """Maximum()(inputs)."""
    return Maximum(**keywords)(inputs)


def minimum(inputs: Any, **keywords: Any) -> Any:
    """Minimum()(inputs)."""
    return Minimum(**keywords)(inputs)


def concatenate(inputs: Any, axis: int = -1, **keywords: Any) -> Any:
    """Concatenate(axis)(inputs)."""
    return Concatenate(axis, **keywords)(inputs)


def dot(inputs: Any, axes: Any = -1, **keywords: Any) -> Any:
    """Dot(axes)(inputs)."""
    return Dot(axes, **keywords)(inputs)
