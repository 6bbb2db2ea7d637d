"""Random numbers that depend only on a counter, so that they are the same on every engine and any number of threads.

Philox 4x32 with 10 rounds. Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC
2011), section 4.3; constants and the known answers of the tests from its table and reference vectors.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import FLOAT, UINT, Primitive, Sample, Spec

_MULTIPLY = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)


def philox(counter: tuple[Any, Any, Any, Any], key: tuple[Any, Any]) -> tuple[np.ndarray, ...]:
    """Four random 32-bit words for each counter. Arguments broadcast; results are uint64 arrays below 2^32."""
    mask, shift = np.uint64(0xFFFFFFFF), np.uint64(32)
    a, b, c, d = (np.asarray(word, np.uint64) for word in counter)
    left, right = (np.asarray(word, np.uint64) for word in key)
    for _ in range(10):
        first, second = a * np.uint64(_MULTIPLY[0]), c * np.uint64(_MULTIPLY[1])
        a, b, c, d = (second >> shift) ^ b ^ left, second & mask, (first >> shift) ^ d ^ right, first & mask
        left, right = (left + np.uint64(_WEYL[0])) & mask, (right + np.uint64(_WEYL[1])) & mask
    return a, b, c, d


def uniform(state: np.ndarray, size: int, call: int) -> np.ndarray:
    """`size` numbers in [0, 1), multiples of 2^-24, as float32, from a state (seed, counter)."""
    blocks = np.arange((size + 3) // 4, dtype=np.uint64)
    words = np.stack(philox((blocks, np.uint64(call), state[1], np.uint64(0)), (state[0], np.uint64(0))), axis=-1)
    return ((words.reshape(-1)[:size] >> np.uint64(8)).astype(np.float32)) * np.float32(2.0**-24)


def _product_words(jax: Any, a: Any, b: int) -> tuple[Any, Any]:
    """High and low 32 bits of a·b, from 16-bit halves: JAX has no 64-bit integers unless asked."""
    u32 = jax.numpy.uint32
    a_low, a_high, b_low, b_high = a & u32(0xFFFF), a >> 16, u32(b & 0xFFFF), u32(b >> 16)
    low, middle, other = a_low * b_low, a_high * b_low, a_low * b_high
    carry = ((low >> 16) + (middle & u32(0xFFFF)) + (other & u32(0xFFFF))) >> 16
    return a_high * b_high + (middle >> 16) + (other >> 16) + carry, a * u32(b)


def _jax_uniform(jax: Any, state: Any, *, shape: tuple[int, ...], call: int) -> Any:
    u32 = jax.numpy.uint32
    size = prod(shape)
    a = jax.numpy.arange((size + 3) // 4, dtype=u32)
    b, c, d = jax.numpy.full_like(a, call), jax.numpy.full_like(a, 0) + state[1], jax.numpy.zeros_like(a)
    left, right = state[0], u32(0)
    for _ in range(10):
        (high1, low1), (high2, low2) = _product_words(jax, a, _MULTIPLY[0]), _product_words(jax, c, _MULTIPLY[1])
        a, b, c, d = high2 ^ b ^ left, low2, high1 ^ d ^ right, low1
        left, right = left + u32(_WEYL[0]), right + u32(_WEYL[1])
    words = jax.numpy.stack([a, b, c, d], axis=-1).reshape(-1)[:size]
    return ((words >> 8).astype("float32") * np.float32(2.0**-24)).reshape(shape)


def _shape(state: Spec, *, shape: tuple[int, ...], call: int) -> Spec:
    if state != Spec((2,), UINT):
        raise ShapeError(f"random_uniform: expected a state of two uint32 numbers (seed, counter), received {state}.")
    return Spec(tuple(shape), FLOAT)


def _samples(rng: np.random.Generator) -> list[Sample]:
    cases = ((), (1,), (0,), (5,), (64, 3), (3, 7, 11))
    return [
        ((rng.integers(0, 2**32, 2, dtype=np.uint32),), {"shape": shape, "call": call})
        for shape in cases
        for call in (0, 3)
    ]


random_uniform = Primitive(
    "random_uniform", "y = random number from 0 up to 1",
    "Draws random numbers between 0 and 1 from a seed and a counter: the same seed always gives the same numbers.",
    _shape, reference=lambda state, *, shape, call: uniform(state, prod(shape), call).reshape(shape), jax=_jax_uniform,
    samples=_samples, derivative=lambda dy, y, state, **settings: (None,),
    flops=lambda result, state, **settings: 20.0 * result.size,
)  # fmt: skip
