"""Layers that add a border of zeros to sequences, pictures and volumes, cut one off, or repeat what is there."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.arguments import need_axes, one_of, whole_sizes
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown
from pippin.ops.resizing import INTERPOLATIONS
from pippin.ops.windows import data_format_of

Sides = tuple[tuple[int, ...], ...]


def _sides(kind: str, argument: str, value: Any, axes: int) -> Sides:
    """Keras's three ways to say how much before and behind each axis: 1, (1, 2) or ((1, 1), (2, 0))."""
    if hasattr(value, "__index__"):
        return (whole_sizes(kind, argument, value, 2, least=0),) * axes
    if not isinstance(value, (list, tuple)) or len(value) != axes:
        raise SettingError(
            f"{kind}: `{argument}` should be a whole number, or {axes} of them or of pairs (before, behind). "
            f"Received: {argument}={value}."
        )
    return tuple(whole_sizes(kind, argument, side, 2, least=0) for side in value)


class _Bordering(Layer):
    rank: int

    def check_input_shape(self, shape: Any) -> None:
        need_axes(self.described(), shape, self.rank, self.data_format)

    data_format = "channels_last"

    @property
    def first_axis(self) -> int:
        return 1 if self.data_format == "channels_last" else 2


class _ZeroPadding(_Bordering):
    padding: Sides | tuple[int, ...]

    def padded(self, inputs: Any, sides: Sides) -> Any:
        widths: list[Any] = [(0, 0)] * (self.rank + 2)
        widths[self.first_axis : self.first_axis + self.rank] = sides
        return ops.pad(inputs, widths)

    def call(self, inputs: Any) -> Any:
        return self.padded(inputs, self.padding)  # type: ignore[arg-type]


class ZeroPadding1D(_ZeroPadding):
    """Steps of zeros before and behind a sequence: `padding` is how many, or (before, behind)."""

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.padding = whole_sizes("ZeroPadding1D", "padding", padding, 2, least=0)

    def call(self, inputs: Any) -> Any:
        return self.padded(inputs, (self.padding,))  # type: ignore[arg-type]


class ZeroPadding2D(_ZeroPadding):
    """Rows and columns of zeros around pictures: `padding` is how many, (rows, columns), or a pair for each."""

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.padding = _sides("ZeroPadding2D", "padding", padding, 2)


class ZeroPadding3D(_ZeroPadding):
    """Zeros around volumes: `padding` is how many, three numbers, or three pairs."""

    rank = 3

    def __init__(
        self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.padding = _sides("ZeroPadding3D", "padding", padding, 3)


class _Cropping(_Bordering):
    cropping: Sides | tuple[int, ...]

    @property
    def sides(self) -> Sides:
        return self.cropping  # type: ignore[return-value]

    def check_input_shape(self, shape: Any) -> None:
        super().check_input_shape(shape)
        if not isinstance(shape, tuple):
            return
        lengths = shape[self.first_axis : self.first_axis + self.rank]
        if any(n is not None and sum(side) >= n for n, side in zip(lengths, self.sides, strict=True)):
            told = (
                "`cropping` parameter of `Cropping1D` layer must be smaller than the input length."
                if self.rank == 1
                else "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the "
                "input."
            )
            raise ShapeError(
                f"{self.described()}: {told} Received: input_shape={shown(shape)}, cropping={self.cropping}"
            )

    def call(self, inputs: Any) -> Any:
        kept: list[slice] = [slice(None)] * (self.rank + 2)
        for axis, (before, behind) in enumerate(self.sides, self.first_axis):
            kept[axis] = slice(before, inputs.shape[axis] - behind)
        return inputs[tuple(kept)]


class Cropping1D(_Cropping):
    """A sequence without its first and last steps: `cropping` is how many, or (before, behind)."""

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cropping = whole_sizes("Cropping1D", "cropping", cropping, 2, least=0)

    @property
    def sides(self) -> Sides:
        return (self.cropping,)  # type: ignore[return-value]


class Cropping2D(_Cropping):
    """Pictures without their border: `cropping` is how much of it, (rows, columns), or a pair for each."""

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.cropping = _sides("Cropping2D", "cropping", cropping, 2)


class Cropping3D(_Cropping):
    """Volumes without their border: `cropping` is how much of it, three numbers, or three pairs."""

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.cropping = _sides("Cropping3D", "cropping", cropping, 3)


class UpSampling1D(_Bordering):
    """Every step `size` times in a row."""

    rank = 1

    def __init__(self, size: int = 2, **keywords: Any) -> None:
        super().__init__(**keywords)
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise SettingError(f"UpSampling1D: `size` should be a positive integer. Received: size={size!r}")
        self.size = int(size)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(inputs, self.size, axis=1)


class UpSampling2D(_Bordering):
    """Pictures larger by `size`: every spot repeated ("nearest"), or blended with its neighbours ("bilinear")."""

    rank = 2

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.size = whole_sizes("UpSampling2D", "size", size, 2)
        self.interpolation = one_of("UpSampling2D interpolation", str(interpolation).lower(), INTERPOLATIONS)

    def call(self, inputs: Any) -> Any:
        if self.interpolation == "nearest":
            return _repeated(inputs, self.size, self.first_axis)
        lengths = inputs.shape[self.first_axis : self.first_axis + 2]
        size = [length * times for length, times in zip(lengths, self.size, strict=True)]
        return ops.image.resize(inputs, size, self.interpolation, data_format=self.data_format)


class UpSampling3D(_Bordering):
    """Every spot of a volume repeated `size` times along each axis."""

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.data_format = data_format_of(data_format)
        self.size = whole_sizes("UpSampling3D", "size", size, 3)

    def call(self, inputs: Any) -> Any:
        return _repeated(inputs, self.size, self.first_axis)


def _repeated(inputs: Any, size: tuple[int, ...], first_axis: int) -> Any:
    for axis, times in enumerate(size, first_axis):
        inputs = ops.repeat(inputs, times, axis=axis)
    return inputs
