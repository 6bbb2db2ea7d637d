"""Layers that change hue and saturation of colour pictures in training, and all colours at once."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.layers.colours import Coloured, rescaled
from pippin.layers.draw import uniform
from pippin.layers.preprocessing import RandomBrightness, RandomContrast
from pippin.layers.views import RandomView, factor_range, value_range_of


def hue_saturation_value(pictures: Any) -> tuple[Any, Any, Any]:
    """Hue (a share of the circle of colours, from red), saturation and value, each (..., 1).

    Source: Smith, "Color gamut transform pairs" (1978).
    """
    red, green, blue = (pictures[..., n : n + 1] for n in range(3))
    value = ops.max(pictures, -1, keepdims=True)
    span = value - ops.min(pictures, -1, keepdims=True)
    is_grey = ops.equal(span, 0.0)
    sixth = 1.0 / (6.0 * ops.where(is_grey, 1.0, span))
    hue = ops.where(ops.equal(value, green), (blue - red) * sixth + 2 / 6, (red - green) * sixth + 4 / 6)
    hue = ops.where(ops.equal(value, red), (green - blue) * sixth, hue)
    hue = ops.where(is_grey, 0.0, ops.where(ops.less(hue, 0.0), hue + 1.0, hue))
    is_black = ops.less_equal(value, 0.0)
    return hue, ops.where(is_black, 0.0, span / ops.where(is_black, 1.0, value)), value


def red_green_blue(hue: Any, saturation: Any, value: Any) -> Any:
    """The pictures whose hue, saturation and value those are."""
    turn = hue * 6.0
    shares = (
        ops.abs(turn - 3.0) - 1.0,
        2.0 - ops.abs(turn - 2.0),
        2.0 - ops.abs(turn - 4.0),
    )
    channels = [(1.0 - saturation + saturation * ops.clip(share, 0.0, 1.0)) * value for share in shares]
    return ops.concatenate(channels, -1)


class RandomHue(Coloured):
    """Colours turned around the circle of hues, by up to half of it times a number from `factor`, either way."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None, seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomHue factor", factor, 0, 1)
        self.value_range = value_range_of("RandomHue", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        side = ops.where(ops.greater(uniform(seed, (batch,)), 0.5), -1.0, 1.0)
        return {"factor": side * uniform(seed, (batch,), *self.factor) * 0.5}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        hue, saturation, value = hue_saturation_value(rescaled(pictures, self.value_range, (0, 1)))
        hue = hue + ops.reshape(transformation["factor"], (-1, 1, 1, 1))
        hue = ops.where(ops.greater(hue, 1.0), hue - 1.0, ops.where(ops.less(hue, 0.0), hue + 1.0, hue))
        made = ops.clip(red_green_blue(hue, saturation, value), 0.0, 1.0)
        return rescaled(made, (0, 1), self.value_range)


class RandomSaturation(Coloured):
    """Colours made more or less vivid: the saturation times f / (1 - f), f drawn from `factor`; 0 leaves grey, 0.5
    changes nothing, 1 is as vivid as can be.

    As in Keras 3.15 the saturation is kept in `value_range`, which is that of the colours.
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None, seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomSaturation factor", factor, -1, 1)
        self.value_range = value_range_of("RandomSaturation", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        factor = uniform(seed, (batch,), *self.factor)
        return {"factor": factor / (1.0 - factor + 1e-7)}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        hue, saturation, value = hue_saturation_value(pictures)
        vivid = saturation * ops.reshape(transformation["factor"], (-1, 1, 1, 1))
        return red_green_blue(hue, ops.clip(vivid, *map(float, self.value_range)), value)


class RandomColorJitter(RandomView):
    """Brightness, contrast, saturation and hue changed one after the other, those whose factor is given: as
    RandomBrightness, RandomContrast, RandomSaturation and RandomHue do."""

    def __init__(
        self, value_range: Any = (0, 255), brightness_factor: Any = None, contrast_factor: Any = None,
        saturation_factor: Any = None, hue_factor: Any = None, seed: int | None = None, data_format: str | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.value_range = value_range_of("RandomColorJitter", value_range)
        self.brightness_factor, self.contrast_factor = brightness_factor, contrast_factor
        self.saturation_factor, self.hue_factor = saturation_factor, hue_factor
        # Pictures reach them with the channels last.
        kinds: dict[str, Any] = {
            "brightness": (RandomBrightness, brightness_factor), "contrast": (RandomContrast, contrast_factor),
            "saturation": (RandomSaturation, saturation_factor), "hue": (RandomHue, hue_factor),
        }  # fmt: skip
        self.parts = {
            word: kind(factor, value_range=self.value_range, seed=seed, data_format="channels_last")
            for word, (kind, factor) in kinds.items()
            if factor is not None
        }

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {word: part.drawn(batch, height, width, seed) for word, part in self.parts.items()}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        for word, part in self.parts.items():
            pictures = part.changed(pictures, transformation[word])
        return pictures
