"""What weights hold before anything is learned. Keras's initializers; random ones take their numbers from Pippin's
seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod, sqrt
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, nearest, unknown
from pippin.random.arrays import draw_normal, draw_truncated_normal, draw_uniform
from pippin.random.seeds import SeedGenerator, make_seed
from pippin.saving.configured import Configured
from pippin.saving.named import find, table_of
from pippin.saving.serialize import serialize as described

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
    """All the same number, or an array that fits the shape."""

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return np.full(shape, self.value, dtype or "float32")


class Identity(Initializer):
    """1 on the diagonal (times gain), 0 elsewhere; for two axes only."""

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(f"Identity: expected a shape of two axes, received {tuple(shape)}.")
        return np.eye(*shape, dtype=dtype or "float32") * np.float32(self.gain)


class STFT(Initializer):
    """The kernel (samples of a frame, 1, frequencies) of a convolution that tells the frequencies in each frame: their
    real or their imaginary parts (`side`), of frames weighted by a window, scaled by its length ("density") or its sum
    ("spectrum")."""

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        if side not in ("real", "imag"):
            raise unknown("value of STFT for `side`", side, ("real", "imag"))
        if scaling not in ("density", "spectrum", None):
            raise unknown("value of STFT for `scaling`", scaling, ("density", "spectrum"))
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        from pippin.ops.fourier import frame_kernels

        if len(shape) != 3 or shape[1] != 1:
            raise ShapeError(f"STFT: expected a shape (samples, 1, frequencies), received {tuple(shape)}.")
        real, imaginary = frame_kernels(
            "STFT", shape[0], 2 * (shape[2] - 1), self.window, self.periodic, self.scaling
        )
        return (real if self.side == "real" else imaginary)[:, None].astype(dtype or "float32")


class _Random(Initializer):
    """An initializer with a seed: drawn once when it is made, so that the same object gives the same numbers. A
    SeedGenerator as the seed gives other numbers at each use."""

    def __init__(self, seed: Any = None) -> None:
        if isinstance(seed, dict) and seed.get("class_name") == "SeedGenerator":  # from a configuration
            seed = SeedGenerator.from_config(seed["config"])
        is_generator = isinstance(seed, SeedGenerator)
        is_whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
        if not (seed is None or is_generator or is_whole):
            raise SettingError(
                f"{type(self).__name__} seed: expected a whole number, a SeedGenerator or None, received {seed!r}."
            )
        self.seed = seed
        self._drawn = 0 if is_generator else make_seed(None if seed is None else int(seed))

    @property
    def _stream(self) -> int:
        return self.seed.next_seed() if isinstance(self.seed, SeedGenerator) else self._drawn


class RandomUniform(_Random):
    """Uniform between minval and maxval."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        span = np.float32(self.maxval - self.minval)
        return draw_uniform(tuple(shape), self._stream) * span + np.float32(self.minval)


class RandomNormal(_Random):
    """Normal with a mean and standard deviation."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return draw_normal(tuple(shape), self._stream) * np.float32(self.stddev) + np.float32(self.mean)


class TruncatedNormal(_Random):
    """Normal, but numbers more than two standard deviations away are drawn again."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        return draw_truncated_normal(tuple(shape), self._stream) * np.float32(self.stddev) + np.float32(self.mean)


class Orthogonal(_Random):
    """Rows (or columns, if there are fewer) at right angles to each other and of length `gain`; for two axes or more.

    Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning" (2014), section 3.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal: expected a shape of two axes or more, received {tuple(shape)}.")
        rows, columns = prod(shape[:-1]), shape[-1]
        drawn = draw_normal((max(rows, columns), min(rows, columns)), self._stream).astype(np.float64)
        q, r = np.linalg.qr(drawn)
        # The signs of the diagonal make every orthogonal matrix equally likely.
        q = q * np.sign(np.diag(r))
        return (self.gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype or "float32")


def fans(
    shape: Shape, input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[int, int]:
    """How many inputs feed one output, and how many outputs one input feeds: (fan_in, fan_out)."""
    if input_axes is not None and output_axes is not None:
        return prod(shape[axis] for axis in input_axes), prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    spots = prod(shape[:-2])
    return shape[-2] * spots, shape[-1] * spots


MODES, DISTRIBUTIONS = ("fan_in", "fan_out", "fan_avg"), ("truncated_normal", "untruncated_normal", "uniform")


class VarianceScaling(_Random):
    """Random weights whose spread keeps signals the same size from layer to layer.

    Sources: Glorot and Bengio (2010), equation 16; He et al. (2015), equation 10; LeCun et al. (1998), section 4.6.
    """

    def __init__(
        self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal", seed: int | None = None,
        input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(seed)
        if scale <= 0:
            raise SettingError(f"VarianceScaling: Argument `scale` must be positive float. Received: scale={scale}")
        if mode not in MODES:
            raise SettingError(
                f"VarianceScaling: Invalid `mode` argument: {mode}.{nearest(mode, MODES)} Expected one of "
                f"{', '.join(MODES)}."
            )
        distribution = {"normal": "truncated_normal"}.get(distribution.lower(), distribution.lower())
        if distribution not in DISTRIBUTIONS:
            raise SettingError(
                f"VarianceScaling: Invalid `distribution` argument: {distribution}."
                f"{nearest(distribution, DISTRIBUTIONS)} Expected one of {', '.join(DISTRIBUTIONS)}."
            )
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        shape = tuple(shape)
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
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
    """A VarianceScaling with a name of its own and a RULE: scale, mode and distribution."""

    RULE: tuple[float, str, str]

    def __init__(
        self,
        seed: int | None = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self.RULE, seed=seed, input_axes=input_axes, output_axes=output_axes)


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


ALL = table_of(
    (
        Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal, LecunUniform, Ones,
        Orthogonal,
        RandomNormal, RandomUniform, STFT, TruncatedNormal, VarianceScaling, Zeros,
    ),
    normal=RandomNormal, one=Ones, uniform=RandomUniform, zero=Zeros, IdentityInitializer=Identity,
    OrthogonalInitializer=Orthogonal, STFTInitializer=STFT,
)  # fmt: skip

# Keras's words in small letters are the classes themselves.
constant, identity, ones, orthogonal, zeros = Constant, Identity, Ones, Orthogonal, Zeros
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
stft = STFTInitializer = STFT
random_normal, random_uniform, truncated_normal, variance_scaling = (
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
glorot_normal, glorot_uniform, he_normal, he_uniform = GlorotNormal, GlorotUniform, HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform


def get(identifier: Any) -> Any:
    """The initializer for a name ("he_normal", "HeNormal"), a class, an object, a configuration, or an array of the
    weights."""
    if isinstance(identifier, np.ndarray):
        return _Given(identifier)
    return find("initializer", identifier, ALL, Initializer)


class _Given(Initializer):
    """The very numbers that were handed in."""

    def __init__(self, value: np.ndarray) -> None:
        self.value = value

    def __call__(self, shape: Shape, dtype: str | None = None) -> np.ndarray:
        if tuple(shape) != self.value.shape:
            raise ShapeError(
                f"initializer: Expected `shape` to be {self.value.shape}, that of the array. Received: {tuple(shape)}"
            )
        return self.value.astype(dtype or "float32")


def serialize(initializer: Any) -> Any:
    """An initializer as plain data: its class and its configuration, or the name of a function."""
    return described(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The initializer that `serialize` wrote; what is one's own is in `custom_objects` or registered."""
    return find("initializer", config, ALL, Initializer, custom_objects)
