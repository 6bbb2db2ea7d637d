"""Numbers that are the same everywhere and always, so that the recorded answers of Keras need not carry their
questions."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np


def numbers(seed: int, shape: Sequence[int], low: float = -1.0, high: float = 1.0) -> np.ndarray:
    """float32 numbers between low and high. RandomState's stream is frozen: NumPy promises that it never
    changes."""
    drawn = np.random.RandomState(seed).uniform(low, high, prod(shape))
    return np.round(drawn, 4).astype(np.float32).reshape(tuple(shape))


def classes(seed: int, shape: Sequence[int], count: int) -> np.ndarray:
    """Whole numbers from 0 to count - 1."""
    return np.random.RandomState(seed).randint(0, count, tuple(shape)).astype(np.int32)


def one_hot(seed: int, rows: int, count: int) -> np.ndarray:
    """Rows with a single 1."""
    return np.eye(count, dtype=np.float32)[classes(seed, (rows,), count)]


def probabilities(seed: int, shape: Sequence[int]) -> np.ndarray:
    """Positive rows that add up to 1."""
    drawn = numbers(seed, shape, 0.05, 1.0)
    return (drawn / drawn.sum(-1, keepdims=True)).astype(np.float32)


def unit(seed: int, shape: Sequence[int]) -> np.ndarray:
    """Rows of length 1."""
    drawn = numbers(seed, shape)
    return (drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)).astype(np.float32)


MAKERS = {"numbers": numbers, "classes": classes, "one_hot": one_hot, "probabilities": probabilities, "unit": unit}


def made(recipe: Sequence[object]) -> np.ndarray:
    """The array of a recipe as it stands in a file: ["numbers", seed, shape, low, high]."""
    maker, *arguments = recipe
    return MAKERS[str(maker)](*arguments)  # type: ignore[operator]
