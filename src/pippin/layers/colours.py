"""Layers that change the colours of pictures in training: grey, inverted, fewer shades, more contrast."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.draw import uniform
from pippin.layers.views import RandomView, Range, factor_range, value_range_of

_GREY = (0.2989, 0.5870, 0.1140)
"""What red, green and blue give to lightness. Source: ITU-R BT.601."""


def grey(pictures: Any) -> Any:
    """The lightness of pictures, in one channel."""
    return sum(pictures[..., n : n + 1] * share for n, share in enumerate(_GREY))


def rescaled(x: Any, from_range: Range, to_range: Range) -> Any:
    (low, high), (start, end) = from_range, to_range
    return x if from_range == to_range else (x - float(low)) / float(high - low) * float(end - start) + float(start)


class Coloured(RandomView):
    """Each picture changed by one number of its own, or not at all."""

    value_range: Range

    def in_bytes(self, pictures: Any) -> Any:
        return rescaled(pictures, self.value_range, (0, 255))

    def from_bytes(self, pictures: Any) -> Any:
        return rescaled(pictures, (0, 255), self.value_range)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)


class AutoContrast(Coloured):
    """Each channel stretched over the whole `value_range`, in training and in use; one of a single shade stays."""

    def __init__(self, value_range: Any = (0, 255), data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(None, data_format, **keywords)
        self.value_range = value_range_of("AutoContrast", value_range)

    def call(self, data: Any, training: bool | None = True) -> Any:
        return super().call(data, training=True)

    def changed(self, pictures: Any, transformation: Any) -> Any:
        x = self.in_bytes(pictures)
        low, high = ops.min(x, (1, 2), keepdims=True), ops.max(x, (1, 2), keepdims=True)
        is_flat = ops.equal(low, high)
        stretched = (x - low) / ops.where(is_flat, 1.0, high - low) * 255.0
        return ops.where(is_flat, pictures, self.from_bytes(stretched))

    def get_config(self) -> dict[str, Any]:
        return {word: value for word, value in super().get_config().items() if word != "seed"}


class Solarization(Coloured):
    """What is lighter than a threshold is inverted, after something was added: shares of 255, from 0 (or the lower of a
    pair) to the number given."""

    def __init__(
        self, addition_factor: Any = 0.0, threshold_factor: Any = 0.0, value_range: Any = (0, 255),
        seed: int | None = None, data_format: str | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.addition_factor = _shares("addition_factor", addition_factor)
        self.threshold_factor = _shares("threshold_factor", threshold_factor)
        self.value_range = value_range_of("Solarization", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        # The lower end is no share, but a number from 0 to 255: so it is in Keras 3.15.
        ranges = ((low, high * 255) for low, high in (self.addition_factor, self.threshold_factor))
        added, threshold = (uniform(seed, (batch, 1, 1, 1), low, high) for low, high in ranges)
        return {"additions": added, "thresholds": threshold}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        x = ops.clip(self.in_bytes(pictures) + transformation["additions"], 0.0, 255.0)
        return self.from_bytes(ops.where(ops.less(x, transformation["thresholds"]), x, 255.0 - x))


def _shares(word: str, factor: Any) -> Range:
    lower, upper = (0, factor) if isinstance(factor, (int, float)) else factor
    if not 0 <= min(lower, upper) <= max(lower, upper) <= 1:
        raise SettingError(f"Solarization {word}: expected a number or a pair from 0 to 1, received {factor!r}.")
    return min(lower, upper), max(lower, upper)


class RandomGrayscale(Coloured):
    """Colour pictures made grey, a share of `factor` of them, by chance."""

    def __init__(
        self, factor: float = 0.5, data_format: str | None = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(seed, data_format, **keywords)
        if not 0 <= factor <= 1:
            raise SettingError(f"`factor` should be between 0 and 1. Received: factor={factor}")
        self.factor = factor

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {"should_apply": ops.less(uniform(seed, (batch, 1, 1, 1)), float(self.factor))}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        return ops.where(transformation["should_apply"], grey(pictures), pictures)


class RandomInvert(Coloured):
    """Pictures turned into their negatives, by a chance that is drawn from `factor`."""

    def __init__(
        self, factor: Any = 1.0, value_range: Any = (0, 255), seed: int | None = None, data_format: str | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomInvert factor", factor, 0, 1)
        self.value_range = value_range_of("RandomInvert", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        chance = uniform(seed, (batch,), *self.factor)
        return {"apply_inversion": ops.less(uniform(seed, (batch,)), chance)}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        apply = ops.reshape(transformation["apply_inversion"], (-1, 1, 1, 1))
        return ops.where(apply, float(self.value_range[1]) - pictures, pictures)


class RandomPosterization(Coloured):
    """Pictures with fewer shades: so many bits of each colour, from 1 to 8, as drawn from `factor`."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None, seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomPosterization factor", factor, 1, 8)
        self.value_range = value_range_of("RandomPosterization", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        low, high = self.factor
        # Whole numbers from the lower to below the upper; the upper alone if they are the same.
        return {"shift_factor": 8.0 - ops.floor(uniform(seed, (batch, 1, 1, 1), float(low), float(high)))}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        step = ops.power(2.0, transformation["shift_factor"])
        shades = ops.floor(ops.clip(self.in_bytes(pictures), 0.0, 255.0))
        return self.from_bytes(ops.floor(shades / step) * step)


class RandomColorDegeneration(Coloured):
    """Colour pictures brought towards grey, by a share drawn from `factor`: 0 changes nothing, 1 leaves grey."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None, seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomColorDegeneration factor", factor, -1, 1)
        self.value_range = value_range_of("RandomColorDegeneration", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {"factor": uniform(seed, (batch, 1, 1, 1), *self.factor)}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        towards = pictures + transformation["factor"] * (grey(pictures) - pictures)
        return ops.clip(towards, *map(float, self.value_range))
