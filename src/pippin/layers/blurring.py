"""Layers that make pictures sharper or softer in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.colours import Coloured
from pippin.layers.draw import uniform
from pippin.layers.views import RandomView, factor_range, value_range_of
from pippin.ops.filtering import gaussian


def by_chance(seed: Any, batch: int, factor: tuple[float, float]) -> Any:
    """For each picture whether it is changed, (batch,): with a probability that is drawn from `factor`."""
    probability = uniform(seed, (batch,), *factor)
    return ops.less(uniform(seed, (batch,)), probability)


def chosen(apply: Any, changed: Any, pictures: Any) -> Any:
    """The changed ones of those pictures that `by_chance` says, else the pictures."""
    return ops.where(ops.reshape(apply, (-1, 1, 1, 1)), changed, pictures)


class RandomSharpness(Coloured):
    """Pictures moved away from a softened copy of themselves: a number from `factor` of 0 is the copy, 0.5 changes
    nothing, 1 is sharper by as much."""

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), data_format: str | None = None, seed: int | None = None,
        **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomSharpness factor", factor, 0, 1)
        self.value_range = value_range_of("RandomSharpness", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        return {"factor": uniform(seed, (batch,), *self.factor)}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        sharpness = ops.reshape(transformation["factor"] * 2.0, (-1, 1, 1, 1))
        window = np.full((3, 3), 1 / 13, np.float32)
        window[1, 1] = 5 / 13
        kernel = np.tile(window[:, :, None, None], (1, 1, pictures.shape[-1], 1))
        soft = ops.depthwise_conv(pictures, kernel, 1, "same", data_format="channels_last")
        return ops.clip(pictures + (1.0 - sharpness) * (soft - pictures), *map(float, self.value_range))


class RandomGaussianBlur(RandomView):
    """Pictures softened by a bell of a width drawn from `sigma`, some of them, by a chance drawn from `factor`."""

    def __init__(
        self, factor: Any = 1.0, kernel_size: Any = 3, sigma: Any = 1.0, value_range: Any = (0, 255),
        data_format: str | None = None, seed: int | None = None, **keywords: Any,
    ) -> None:  # fmt: skip
        super().__init__(seed, data_format, **keywords)
        self.factor = factor_range("RandomGaussianBlur factor", factor, 0, 1)
        self.sigma = factor_range("RandomGaussianBlur sigma", sigma, 0, 1)
        sizes = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        if not isinstance(sizes, (list, tuple)) or len(sizes) != 2 or any(size % 2 == 0 for size in sizes):
            raise SettingError(f"RandomGaussianBlur kernel_size: expected odd numbers, received {kernel_size!r}.")
        self.kernel_size = tuple(int(size) for size in sizes)
        self.value_range = value_range_of("RandomGaussianBlur", value_range)

    def drawn(self, batch: int, height: int, width: int, seed: Any) -> Any:
        apply = by_chance(seed, batch, self.factor)
        return {"should_apply_blur": apply, "blur_factor": uniform(seed, (2,), *self.sigma) + 1e-6}

    def changed(self, pictures: Any, transformation: Any) -> Any:
        widths = transformation["blur_factor"]
        across, down = self.kernel_size
        soft = gaussian(pictures, (across, down), (widths[0], widths[1]))
        made = chosen(transformation["should_apply_blur"], soft, pictures)
        return ops.clip(made, *map(float, self.value_range))
