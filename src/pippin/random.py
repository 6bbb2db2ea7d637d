"""Seeds: where every random number of a run begins. One global seed; each layer and initializer gets its own stream
from it."""

from __future__ import annotations

import os
import random as python_random
from typing import Any

import numpy as np

from pippin.primitives.random import philox, uniform
from pippin.program import Variable

SEED_LIMIT = 2**31 - 1


class _GlobalStream:
    """The seed of the process and how many streams were taken from it."""

    def __init__(self) -> None:
        self.seed = int.from_bytes(os.urandom(4), "little") % SEED_LIMIT
        self.taken = 0

    def next(self) -> int:
        """A seed nobody else has, the same in every run that starts from the same global seed."""
        word = philox((np.uint64(self.taken), 0, 0, 1), (np.uint64(self.seed), np.uint64(0)))[0]
        self.taken += 1
        return int(word) % SEED_LIMIT


_stream = _GlobalStream()


def set_random_seed(seed: int) -> None:
    """Start Python's, NumPy's and Pippin's random numbers from `seed` (0 to 2^32 - 1): the same script, the same
    bits."""
    if not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**32:
        raise ValueError(f"set_random_seed: expected a whole number from 0 to {2**32 - 1}, received {seed!r}.")
    python_random.seed(int(seed))
    np.random.seed(int(seed))
    start_streams(int(seed))


def start_streams(seed: int) -> None:
    """Start Pippin's own random numbers from `seed`; Python's and NumPy's stay where they are, as with
    tf.random.set_seed."""
    _stream.seed, _stream.taken = seed, 0


def make_seed(seed: int | None = None) -> int:
    """`seed`, or the next one of the global stream."""
    return _stream.next() if seed is None else int(seed)


def random_state() -> dict[str, Any]:
    """Where Pippin's, Python's and NumPy's random numbers are, as plain data and arrays: part of the state of a run."""
    version, words, normal = python_random.getstate()
    return {
        "pippin": [_stream.seed, _stream.taken],
        "python": {"version": version, "words": np.array(words, np.uint32), "normal": normal},
        "numpy": np.random.get_state(legacy=False),
    }


def restore_random_state(state: dict[str, Any]) -> None:
    """Go on with the random numbers that `random_state` gave notice of."""
    _stream.seed, _stream.taken = state["pippin"]
    python = state["python"]
    python_random.setstate((python["version"], tuple(int(word) for word in python["words"]), python["normal"]))
    np.random.set_state(state["numpy"])


class SeedGenerator:
    """A stream of random numbers with a state (seed, counter) that moves on by one at each use. As in Keras."""

    def __init__(self, seed: int | None = None, name: str | None = None, **unused: Any) -> None:
        self.seed = seed
        self.name = name or "seed_generator"
        self.state = Variable(
            np.array([make_seed(seed), 0], np.uint32), name="seed_generator_state", trainable=False, dtype="uint32"
        )

    def next(self) -> Any:
        """The present state; the counter moves on."""
        now = self.state + np.array([0, 0], np.uint32)
        self.state.assign(self.state + np.array([0, 1], np.uint32))
        return now

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}


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
