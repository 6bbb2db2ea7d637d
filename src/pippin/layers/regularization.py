"""Layers that disturb signals in training, so that a network does not lean on single ones."""

from __future__ import annotations

from math import sqrt
from typing import Any

from pippin import ops, regularizers
from pippin.errors import SettingError
from pippin.layers.arguments import need_axes, whole
from pippin.layers.draw import normal, uniform
from pippin.layers.layer import Layer
from pippin.ops.windows import data_format_of
from pippin.random import SeedGenerator


class Dropout(Layer):
    """In training, each signal is 0 with probability `rate`, and the others grow by 1 / (1 - rate), which keeps the
    mean.

    `noise_shape` says which signals share a fate: a length of 1 means all along that axis, None the input's own length.
    Source: Srivastava et al., "Dropout" (2014), section 4, scaled in training instead of in use.
    """

    supports_masking = True
    ready_when_made = True

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        _share(type(self).__name__, "rate", rate)
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
        kept = uniform(self.seed_generator, self.shared(inputs.shape)) >= float(self.rate)
        return ops.where(kept, inputs * (1.0 / (1.0 - self.rate)), 0.0)

    def shared(self, shape: Any) -> list[int]:
        """The shape of what is drawn: signals that share a fate share a number."""
        if self.noise_shape is None:
            return list(shape)
        return [own if wanted is None else wanted for own, wanted in zip(shape, self.noise_shape, strict=True)]


class _SpatialDropout(Dropout):
    """Dropout of whole channels: all places of one share their fate.

    Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks" (2015), section 3.2.
    """

    rank: int
    data_format = "channels_last"

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)

    def check_input_shape(self, shape: Any) -> None:
        need_axes(self.described(), shape, self.rank, self.data_format)

    def shared(self, shape: Any) -> list[int]:
        places = [1] * self.rank
        if self.data_format == "channels_last":
            return [shape[0], *places, shape[-1]]
        return [shape[0], shape[1], *places]

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {word: value for word, value in config.items() if word != "trainable"}


class SpatialDropout1D(_SpatialDropout):
    """In training, whole channels of a sequence are 0 with probability `rate`."""

    rank = 1


class SpatialDropout2D(_SpatialDropout):
    """In training, whole channels of a picture are 0 with probability `rate`."""

    rank = 2

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(rate, seed, name, dtype)
        self.data_format = data_format_of(data_format)


class SpatialDropout3D(_SpatialDropout):
    """In training, whole channels of a volume are 0 with probability `rate`."""

    rank = 3

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(rate, seed, name, dtype)
        self.data_format = data_format_of(data_format)


class GaussianNoise(Layer):
    """In training, normal noise of this standard deviation is added."""

    supports_masking = True
    ready_when_made = True

    def __init__(self, stddev: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.stddev, self.seed = _share("GaussianNoise", "stddev", stddev), seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not training or self.stddev == 0:
            return inputs
        return inputs + normal(self.seed_generator, inputs.shape) * float(self.stddev)


class GaussianDropout(Layer):
    """In training, every signal times a normal number of mean 1 and variance rate / (1 - rate).

    Source: Srivastava et al., "Dropout" (2014), section 10.
    """

    supports_masking = True
    ready_when_made = True

    def __init__(self, rate: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.rate, self.seed = _share("GaussianDropout", "rate", rate), seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not training or self.rate == 0:
            return inputs
        spread = sqrt(self.rate / (1.0 - self.rate))
        return inputs * (normal(self.seed_generator, inputs.shape) * spread + 1.0)


class AlphaDropout(Dropout):
    """Dropout for SELU networks: what is dropped takes SELU's lowest value, and mean and variance are kept.

    Source: Klambauer et al., "Self-Normalizing Neural Networks" (2017), section 3.
    """

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if not training or self.rate == 0:
            return inputs
        lowest = -1.6732632423543772 * 1.0507009873554805
        factor = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
        kept = uniform(self.seed_generator, self.shared(inputs.shape)) >= float(self.rate)
        return ops.where(kept, inputs, lowest) * factor - factor * lowest * self.rate


class ActivityRegularization(Layer):
    """Gives on what it gets, and adds l1 · Σ|x| + l2 · Σx² of it to the loss."""

    supports_masking = True
    ready_when_made = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **keywords: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **keywords)
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {word: value for word, value in super().get_config().items() if word != "activity_regularizer"}


def _share(kind: str, argument: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise SettingError(
            f"{kind}: Invalid value received for argument `{argument}`. Expected a float value between 0 and 1. "
            f"Received: {argument}={value!r}"
        )
    return value
