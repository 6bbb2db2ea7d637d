"""Layers that see each picture of a batch through a frame that is turned, stretched or moved at random."""

from __future__ import annotations

from math import pi
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.arguments import one_of
from pippin.layers.draw import uniform
from pippin.layers.views import RandomView, Range, factor_range
from pippin.primitives import TABLE

FILLS = ("reflect", "wrap", "constant", "nearest")


class _RandomFrame(RandomView):
    """Pictures seen through a moved frame. A subclass draws, for each picture, where row i and column j look:

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

    def changed(self, pictures: Any, *drawn: Any) -> Any:
        frame = ops.stack(list(drawn), 1)
        settings = {"fill": self.fill_mode, "smooth": self.interpolation == "bilinear"}
        if self.fill_mode == "constant" and self.fill_value:
            return TABLE["look_through"](pictures - float(self.fill_value), frame, **settings) + float(self.fill_value)
        return TABLE["look_through"](pictures, frame, **settings)


class RandomRotation(_RandomFrame):
    """Pictures turned around their middle, by `factor` of a full turn; positive is against the clock."""

    def __init__(
        self, factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear", seed: int | None = None,
        fill_value: float = 0.0, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **keywords)
        self.factor = factor_range("RandomRotation factor", factor, -1.0, 1.0)

    def drawn(self, batch: int, height: int, width: int) -> tuple[Any, ...]:
        low, high = self.factor
        angle = uniform(self.generator, (batch,), low * 2 * pi, high * 2 * pi)
        cosine, sine = ops.cos(angle), ops.sin(angle)
        middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
        down = middle_row - cosine * middle_row - sine * middle_column
        across = middle_column + sine * middle_row - cosine * middle_column
        return cosine, sine, down, -sine, cosine, across


class RandomZoom(_RandomFrame):
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

    def drawn(self, batch: int, height: int, width: int) -> tuple[Any, ...]:
        rows = uniform(self.generator, (batch,), 1.0 + self._rows[0], 1.0 + self._rows[1])
        columns = rows
        if self._columns is not None:
            columns = uniform(self.generator, (batch,), 1.0 + self._columns[0], 1.0 + self._columns[1])
        still = ops.zeros_like(rows)
        return (
            rows,
            still,
            (1.0 - rows) * ((height - 1) / 2),
            still,
            columns,
            (1.0 - columns) * ((width - 1) / 2),
        )


def _zoom_range(word: str, factor: Any) -> Range:
    lower, upper = factor_range(word, factor, -1.0, 1.0)
    if -1 in (factor if isinstance(factor, (list, tuple)) else (factor,)) or not -1 <= lower <= upper <= 1:
        raise SettingError(
            f"{word}: expected numbers above -1 (which would show a single point) up to 1, received {factor!r}."
        )
    return lower, upper


class RandomTranslation(_RandomFrame):
    """Pictures moved down and to the right by shares of their height and width (up and to the left if negative)."""

    def __init__(
        self, height_factor: Any, width_factor: Any, fill_mode: str = "reflect", interpolation: str = "bilinear",
        seed: int | None = None, fill_value: float = 0.0, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **keywords)
        self.height_factor, self.width_factor = height_factor, width_factor
        self._rows = factor_range("RandomTranslation height_factor", height_factor, -1.0, 1.0)
        self._columns = factor_range("RandomTranslation width_factor", width_factor, -1.0, 1.0)

    def drawn(self, batch: int, height: int, width: int) -> tuple[Any, ...]:
        down = uniform(self.generator, (batch,), *self._rows) * float(height)
        across = uniform(self.generator, (batch,), *self._columns) * float(width)
        still, same = ops.zeros_like(down), ops.ones_like(down)
        return same, still, -down, still, same, -across
