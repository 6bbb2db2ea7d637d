"""What weights hold before anything is learned. Keras's initializers; random ones take their numbers from Pippin's seeds."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from pippin.errors import SettingError, unknown
from pippin.random import draw_normal, draw_truncated_normal, draw_uniform, make_seed
from pippin.saving.configured import Configured

Shape = tuple[int, ...]


class Initializer(Configured):
    """Called with a shape, gives a float32 array."""

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        raise NotImplementedError("an initializer defines __call__(shape, dtype)")

    def clone(self) -> Any:
        return type(self).from_config(self.get_config())


class Zeros(Initializer):
    """All 0."""

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return np.zeros(shape, dtype or "float32")


class Ones(Initializer):
    """All 1."""

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return np.ones(shape, dtype or "float32")


class Constant(Initializer):
    """All the same number."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return np.full(shape, self.value, dtype or "float32")


class Identity(Initializer):
    """1 on the diagonal (times gain), 0 elsewhere; for two axes only."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        if len(shape) != 2:
            raise SettingError(f"Identity: expected a shape of two axes, received {shape}.")
        return np.eye(*shape, dtype=dtype or "float32") * np.float32(self.gain)


class _Random(Initializer):
    """An initializer with a seed: drawn once when it is made, so that the same object gives the same numbers."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed
        self._stream = make_seed(seed)


class RandomUniform(_Random):
    """Uniform between minval and maxval."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        span = np.float32(self.maxval - self.minval)
        return draw_uniform(shape, self._stream) * span + np.float32(self.minval)


class RandomNormal(_Random):
    """Normal with a mean and standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return draw_normal(shape, self._stream) * np.float32(self.stddev) + np.float32(self.mean)


class TruncatedNormal(_Random):
    """Normal, but numbers more than two standard deviations away are drawn again."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return draw_truncated_normal(shape, self._stream) * np.float32(self.stddev) + np.float32(self.mean)


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs feed one output, and how many outputs one input feeds: (fan_in, fan_out)."""
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    spots = int(np.prod(shape[:-2]))
    return shape[-2] * spots, shape[-1] * spots


class VarianceScaling(_Random):
    """Random weights whose spread keeps signals the same size from layer to layer.

    Sources: Glorot and Bengio (2010), equation 16; He et al. (2015), equation 10; LeCun et al. (1998), section 4.6.
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal", seed: int | None = None) -> None:
        super().__init__(seed)
        if scale <= 0:
            raise SettingError(f"VarianceScaling: expected a scale above 0, received {scale}.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise unknown("mode of VarianceScaling", mode, ("fan_in", "fan_out", "fan_avg"))
        distributions = ("truncated_normal", "untruncated_normal", "uniform", "normal")
        if distribution not in distributions:
            raise unknown("distribution of VarianceScaling", distribution, distributions)
        self.scale, self.mode, self.distribution = scale, mode, distribution

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        fan_in, fan_out = fans(tuple(shape))
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, fan)
        if self.distribution == "uniform":
            limit = np.float32(sqrt(3 * variance))
            return draw_uniform(shape, self._stream) * (2 * limit) - limit
        if self.distribution == "untruncated_normal":
            return draw_normal(shape, self._stream) * np.float32(sqrt(variance))
        # 0.8796...: the standard deviation of a standard normal cut off at ±2.
        return draw_truncated_normal(shape, self._stream) * np.float32(sqrt(variance) / 0.87962566103423978)


class _Named(VarianceScaling):
    """A VarianceScaling with a name of its own, whose only argument is the seed."""

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.RULE, seed=seed)

    RULE: tuple[float, str, str]


class GlorotUniform(_Named):
    """Uniform within ±√(6 / (inputs + outputs)): Keras's default for kernels."""

    RULE = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal with variance 2 / (inputs + outputs)."""

    RULE = (1.0, "fan_avg", "truncated_normal")


class HeUniform(_Named):
    """Uniform within ±√(6 / inputs): for ReLU."""

    RULE = (2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal with variance 2 / inputs: for ReLU."""

    RULE = (2.0, "fan_in", "truncated_normal")


class LecunUniform(_Named):
    """Uniform within ±√(3 / inputs): for SELU."""

    RULE = (1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal with variance 1 / inputs: for SELU."""

    RULE = (1.0, "fan_in", "truncated_normal")


ALL: dict[str, type[Initializer]] = {
    "zeros": Zeros, "ones": Ones, "constant": Constant, "identity": Identity, "random_uniform": RandomUniform,
    "random_normal": RandomNormal, "truncated_normal": TruncatedNormal, "variance_scaling": VarianceScaling,
    "glorot_uniform": GlorotUniform, "glorot_normal": GlorotNormal, "he_uniform": HeUniform, "he_normal": HeNormal,
    "lecun_uniform": LecunUniform, "lecun_normal": LecunNormal,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """The initializer for a name ("he_normal", "HeNormal"), a class, an object or a configuration."""
    if identifier is None or isinstance(identifier, Initializer):
        return identifier
    if isinstance(identifier, dict):
        return _from_config(identifier)
    if isinstance(identifier, str):
        by_class = {cls.__name__: cls for cls in ALL.values()}
        if identifier not in ALL and identifier not in by_class:
            raise unknown("initializer", identifier, ALL)
        return (ALL.get(identifier) or by_class[identifier])()
    if isinstance(identifier, type):
        return identifier()
    if callable(identifier):
        return identifier
    return Constant(float(identifier))


def _from_config(described: dict[str, Any]) -> Any:
    by_class = {cls.__name__: cls for cls in ALL.values()}
    name = described["class_name"]
    cls = by_class.get(name) or ALL.get(name)
    if cls is None:
        raise unknown("initializer", name, ALL)
    return cls.from_config(described.get("config", {}))
