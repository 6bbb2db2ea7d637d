"""Layers that change hue and saturation of colour pictures in training, and all colours at once."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.layers.colours import Coloured, rescaled
from pippin.layers.draw import uniform
from pippin.layers.preprocessing import RandomBrightness, RandomContrast
from pippin.layers.views import RandomView, factor_range, value_range_of
from pippin.ops.colouring import hue_saturation_value, red_green_blue


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
