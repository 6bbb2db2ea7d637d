"""Arrays of random numbers that depend on a seed alone: what initializers draw."""

from __future__ import annotations

import numpy as np

from pippin.primitives.random import uniform


def draw_uniform(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """float32 numbers in [0, 1) that depend on the seed alone."""
    return uniform(np.array([seed, 0], np.uint64), int(np.prod(shape)), 0).reshape(shape)


def draw_normal(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """float32 numbers of the standard normal distribution. Source: Box and Muller (1958)."""
    state = np.array([seed, 0], np.uint64)
    size = int(np.prod(shape))
    radius: np.ndarray = np.sqrt(-2 * np.log(1.0 - uniform(state, size, 0).astype(np.float64)))
    return (radius * np.cos(2 * np.pi * uniform(state, size, 1).astype(np.float64))).astype(np.float32).reshape(shape)


def draw_truncated_normal(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Standard normal numbers between -2 and 2: those outside are drawn again."""
    state = np.array([seed, 0], np.uint64)
    size = int(np.prod(shape))
    found = np.zeros(0, np.float64)
    call = 0
    while len(found) < size:
        count = max(16, int((size - len(found)) * 1.2))
        radius: np.ndarray = np.sqrt(-2 * np.log(1.0 - uniform(state, count, call).astype(np.float64)))
        numbers = radius * np.cos(2 * np.pi * uniform(state, count, call + 1).astype(np.float64))
        found = np.concatenate([found, numbers[np.abs(numbers) <= 2]])
        call += 2
    return found[:size].astype(np.float32).reshape(shape)
