"""Keras's random numbers of many kinds, each made from numbers between 0 and 1.

`seed` is a whole number (always the same numbers), a SeedGenerator (others at each call) or None (others at each call,
the same in every run that began with the same `set_random_seed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, pi, sqrt
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.ops.dtypes import is_float, is_whole, standardize_dtype
from pippin.ops.operation import operation
from pippin.ops.tensor import has_keras_tensor, make_node
from pippin.ops.types import Tensor
from pippin.primitives import TABLE
from pippin.random.seeds import draw_seed


@operation(1)
def _between_0_and_1(state: Tensor, shape: tuple[int, ...], call: int) -> Tensor:
    return state.trace.write(TABLE["random_uniform"], (state,), {"shape": shape, "call": call})


def _draw(state: Any, shape: Any, call: int = 0) -> Any:
    return _between_0_and_1(state, tuple(int(size) for size in shape), call)


def _float(word: str, dtype: Any) -> str:
    name = standardize_dtype(dtype)
    if not is_float(name):
        raise SettingError(f"`keras.random.{word}` requires a floating point `dtype`. Received: dtype={dtype} ")
    return name


def uniform(shape: Sequence[int], minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of 0 + minval or more and below maxval, all equally likely."""
    name = _float("uniform", dtype)
    return ops.cast(_draw(draw_seed(seed), shape) * (maxval - minval) + minval, name)


def _standard_normal(state: Any, shape: Any, call: int = 0) -> Any:
    """Source: Box and Muller, "A note on the generation of random normal deviates" (1958)."""
    radius = ops.sqrt(-2.0 * ops.log(1.0 - _draw(state, shape, call)))
    return radius * ops.cos(_draw(state, shape, call + 1) * (2 * pi))


def normal(shape: Sequence[int], mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normally distributed numbers."""
    name = _float("normal", dtype)
    return ops.cast(_standard_normal(draw_seed(seed), shape) * stddev + mean, name)


def truncated_normal(
    shape: Sequence[int], mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Normally distributed numbers at most two standard deviations from the mean: the inverse of the distribution's
    integral, between those two ends."""
    name = _float("truncated_normal", dtype)
    share = (_draw(draw_seed(seed), shape) * 2.0 - 1.0) * erf(sqrt(2))
    return ops.cast(ops.clip(ops.erfinv(share) * sqrt(2), -2.0, 2.0) * stddev + mean, name)


def randint(shape: Sequence[int], minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> Any:
    """Whole numbers of minval or more and below maxval."""
    name = standardize_dtype(dtype)
    if not is_whole(name):
        raise SettingError(f"`keras.random.randint` requires an integer `dtype`. Received: dtype={dtype} ")
    drawn = ops.floor(_draw(draw_seed(seed), shape) * ops.cast(maxval - minval, "float32"))
    return ops.cast(ops.cast(drawn, "int32") + minval, name)


def categorical(logits: Tensor, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Any:
    """(batch, num_samples) classes, drawn with the probabilities softmax(logits) of each row of (batch, classes).

    Source: Gumbel (1954): the largest of logits plus numbers of his distribution.
    """
    if len(logits.shape) != 2:
        raise ShapeError(
            f"`logits` should be a 2-D tensor with shape [batch_size, num_classes]. Received: logits={logits.shape}"
        )
    if has_keras_tensor(logits):
        return make_node(categorical, (logits, num_samples), {"dtype": dtype, "seed": seed})
    batch, classes = logits.shape
    drawn = _draw(draw_seed(seed), (batch, num_samples, classes))
    gumbel = -ops.log(-ops.log(ops.maximum(drawn, 1e-30)))
    return ops.cast(ops.argmax(ops.expand_dims(logits, 1) + gumbel, -1), dtype)


def dropout(inputs: Tensor, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Numbers set to 0 with probability `rate`, the others enlarged by 1 / (1 - rate)."""
    if has_keras_tensor(inputs):
        return make_node(dropout, (inputs, rate), {"noise_shape": noise_shape, "seed": seed})
    given = noise_shape if noise_shape is not None else [None] * len(inputs.shape)
    shape = [size if wanted is None else wanted for size, wanted in zip(inputs.shape, given, strict=True)]
    kept = _draw(draw_seed(seed), shape) >= rate
    enlarged = ops.multiply(inputs, 1.0 / (1.0 - rate) if rate < 1 else 0.0)
    return ops.cast(ops.where(kept, enlarged, 0.0), standardize_dtype(inputs.dtype))


def shuffle(x: Tensor, axis: int = 0, seed: Any = None) -> Any:
    """The entries along an axis in random order."""
    if has_keras_tensor(x):
        return make_node(shuffle, (x, axis), {"seed": seed})
    return ops.take(x, ops.argsort(_draw(draw_seed(seed), (x.shape[axis],))), axis)


_ROUNDS = 16
"""Of which each accepts with probability 0.95 or more: that all refuse happens less than once in 10^20 draws."""


def _gamma(state: Any, shape: tuple[int, ...], alpha: Any, call: int) -> Any:
    """Source: Marsaglia and Tsang, "A simple method for generating gamma variables" (2000)."""
    alpha = ops.broadcast_to(ops.cast(alpha, "float32"), shape)
    small = alpha < 1.0
    d = ops.where(small, alpha + 1.0, alpha) - 1 / 3
    c = 1.0 / ops.sqrt(9.0 * d)
    found = d
    for round_number in reversed(range(_ROUNDS)):
        x = _standard_normal(state, shape, call + 3 * round_number)
        u = 1.0 - _draw(state, shape, call + 3 * round_number + 2)
        root = 1.0 + c * x
        v = ops.power(ops.maximum(root, 1e-10), 3.0)
        accepted = ops.logical_and(root > 0.0, ops.log(u) < 0.5 * x * x + d - d * v + d * ops.log(v))
        found = ops.where(accepted, d * v, found)
    boost = ops.power(1.0 - _draw(state, shape, call + 3 * _ROUNDS), 1.0 / alpha)
    return ops.where(small, found * boost, found)


def gamma(shape: Sequence[int], alpha: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of the gamma distribution with shape alpha and scale 1."""
    name = _float("gamma", dtype)
    return ops.cast(_gamma(draw_seed(seed), tuple(shape), alpha, 0), name)


def beta(shape: Sequence[int], alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> Any:
    """Numbers of the beta distribution: the share that one number of the gamma distribution has of two."""
    name, state = _float("beta", dtype), draw_seed(seed)
    first = _gamma(state, tuple(shape), alpha, 0)
    second = _gamma(state, tuple(shape), beta, 4 * _ROUNDS)
    return ops.cast(first / (first + second), name)


def binomial(shape: Sequence[int], counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> Any:
    """How many of `counts` tries succeed, each with its probability. Every try is drawn, so counts must be known."""
    name = _float("binomial", dtype)
    tries = np.broadcast_to(np.asarray(counts), shape)
    most = int(tries.max(initial=0))
    drawn = _draw(draw_seed(seed), (*shape, most))
    chance = ops.expand_dims(ops.broadcast_to(ops.cast(probabilities, "float32"), shape), -1)
    among = np.arange(most) < tries[..., None]
    return ops.cast(ops.sum(ops.cast(ops.logical_and(drawn < chance, among), "float32"), -1), name)
