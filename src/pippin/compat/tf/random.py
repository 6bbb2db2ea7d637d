"""`tf.random`: numbers drawn at once, or, inside a training step, anew in each. Python's and NumPy's seeds stay their
own."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin import ops, random
from pippin.compat.tf.dtypes import kind_of
from pippin.program.eager import as_eager


def set_seed(seed: int) -> None:
    """Start Pippin's random numbers from `seed`."""
    random.start_streams(int(seed))


def _sizes(shape: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in np.atleast_1d(np.asarray(shape, int)))


def normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: Any = None, name: str | None = None
) -> Any:
    """Normally distributed numbers."""
    return random.normal(_sizes(shape), mean, stddev, kind_of(dtype), seed)


def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32", seed: Any = None, name: str | None = None
) -> Any:
    """Normally distributed numbers at most two standard deviations from the mean."""
    return random.truncated_normal(_sizes(shape), mean, stddev, kind_of(dtype), seed)


def uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32", seed: Any = None, name: str | None = None
) -> Any:
    """Numbers from minval up to and without maxval; whole ones for whole types."""
    kind = kind_of(dtype)
    if "int" in kind:
        return random.randint(_sizes(shape), minval, maxval, kind, seed)
    return random.uniform(_sizes(shape), minval, 1.0 if maxval is None else maxval, kind, seed)


def categorical(logits: Any, num_samples: int, dtype: Any = "int64", seed: Any = None, name: str | None = None) -> Any:
    """(batch, num_samples) classes, drawn with the probabilities softmax(logits)."""
    return ops.cast(random.categorical(ops.convert_to_tensor(logits), num_samples, "int32", seed), kind_of(dtype))


def shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """The rows in random order."""
    if isinstance(value, (list, tuple, np.ndarray)):
        order = np.random.default_rng(random.make_seed(seed)).permutation(len(value))
        return as_eager(np.asarray(value)[order])
    return random.shuffle(value, 0, seed)


def draw_mask(shape: Any, rate: float, seed: Any) -> Any:
    """Numbers to multiply with: 0 with probability `rate`, else 1 / (1 - rate)."""
    kept = ops.greater_equal(uniform(shape, seed=seed), rate)
    return ops.multiply(ops.cast(kept, "float32"), 1.0 / (1.0 - rate))
