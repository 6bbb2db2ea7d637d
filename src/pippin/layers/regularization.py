"""Layers that disturb signals in training, so that a network does not lean on single ones."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.layers.arguments import whole
from pippin.layers.draw import uniform
from pippin.layers.layer import Layer
from pippin.random import SeedGenerator


class Dropout(Layer):
    """In training, each signal is 0 with probability `rate`, and the others grow by 1 / (1 - rate), which keeps the
    mean.

    `noise_shape` says which signals share a fate: a length of 1 means all along that axis, None the input's own length.
    Source: Srivastava et al., "Dropout" (2014), section 4, scaled in training instead of in use.
    """

    supports_masking = True

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
            raise SettingError(f"Dropout rate: expected a number from 0 to 1, received {rate!r}.")
        if noise_shape is not None and (isinstance(noise_shape, str) or not hasattr(noise_shape, "__iter__")):
            raise SettingError(
                f"Dropout noise_shape: expected whole numbers or None for each axis, received {noise_shape!r}."
            )
        self.rate, self.seed = rate, seed
        self.noise_shape = None
        if noise_shape is not None:
            self.noise_shape = tuple(None if n is None else whole("Dropout noise_shape", n) for n in noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.zeros_like(inputs)
        shape = inputs.shape
        if self.noise_shape is not None:
            shape = [
                own if wanted is None else wanted for own, wanted in zip(inputs.shape, self.noise_shape, strict=True)
            ]
        kept = uniform(self.seed_generator, shape) >= float(self.rate)
        return ops.where(kept, inputs * (1.0 / (1.0 - self.rate)), 0.0)
