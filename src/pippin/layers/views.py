"""What all layers share that show a network a random view of each picture in training."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.layers.shapes import shown
from pippin.ops.windows import channels_last
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


class RandomView(Layer):
    """Pictures (batch, height, width, channels), or a single one without the batch, changed at random in training.

    Every picture of a batch gets numbers of its own. As in Keras, the layer is active unless `training` is False: `fit`
    says True, `evaluate` and `predict` say False.

    A subclass gives `drawn(batch, height, width)`, random numbers, and `changed(pictures, *drawn)`.
    """

    def __init__(self, seed: int | None, data_format: str | None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.seed = seed
        self.generator = SeedGenerator(seed)
        self.data_format = channels_last(data_format)

    def check_input_shape(self, shape: Any) -> None:
        if not isinstance(shape, tuple) or len(shape) not in (3, 4):
            told = shown(shape) if isinstance(shape, tuple) else "several inputs"
            raise ShapeError(
                f"{self.described()}: expected pictures (batch, height, width, channels), received shape {told}."
            )

    def call(self, inputs: Any, training: bool | None = True) -> Any:
        pictures = ops.cast(inputs, "float32")
        if training is not None and not training:
            return pictures
        single = len(pictures.shape) == 3
        batch = ops.expand_dims(pictures, 0) if single else pictures
        changed = self.changed(batch, *self.drawn(*batch.shape[:3]))
        return ops.squeeze(changed, 0) if single else changed

    def drawn(self, batch: int, height: int, width: int) -> tuple[Any, ...]:
        raise NotImplementedError(f"{self.described()}: expected drawn(batch, height, width).")

    def changed(self, pictures: Any, *drawn: Any) -> Any:
        raise NotImplementedError(f"{self.described()}: expected changed(pictures, *drawn).")
