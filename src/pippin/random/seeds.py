"""Seeds: where every random number of a run begins. One global seed; each layer and initializer gets its own stream
from it."""

from __future__ import annotations

import os
import random as python_random
from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.primitives.random import philox
from pippin.program import Variable, current_trace

SEED_LIMIT = 2**31 - 1


class _GlobalStream:
    """The seed of the process and how many streams were taken from it."""

    def __init__(self) -> None:
        self.seed = int.from_bytes(os.urandom(4), "little") % SEED_LIMIT
        self.taken = 0

    def next(self) -> int:
        """A seed nobody else has, the same in every run that starts from the same global seed."""
        self.taken += 1
        return _seed_from(self.seed, self.taken - 1)


def _seed_from(seed: int, count: int) -> int:
    """The seed number `count` of those that follow from one."""
    return int(philox((np.uint64(count), 0, 0, 1), (np.uint64(seed), np.uint64(0)))[0]) % SEED_LIMIT


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
    _of_process.clear()


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

    def __init__(self, seed: int | None = None, name: str | None = None, **unknown: Any) -> None:
        if unknown:
            raise SettingError(f"SeedGenerator: Unrecognized keyword arguments: {', '.join(unknown)}.")
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer))):
            raise SettingError(f"Argument `seed` must be an integer. Received: seed={seed}")
        self._initial_seed = seed
        self.name = name or "seed_generator"
        words = np.array([make_seed(seed) % 2**32, 0], np.uint32)
        self.state = Variable(words, name="seed_generator_state", trainable=False, dtype="uint32")

    def next(self, ordered: bool = True) -> Any:
        """The present state; the counter moves on."""
        now = self.state + np.array([0, 0], np.uint32)
        self.state.assign(self.state + np.array([0, 1], np.uint32))
        return now

    def next_seed(self) -> int:
        """A seed that follows from the present state; the counter moves on. At once, also inside of a trace."""
        seed, counter = (int(word) for word in self.state.value)
        self.state.value[1] += 1
        return _seed_from(seed, counter)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        return cls(**config)


_of_process: list[SeedGenerator] = []


def draw_seed(seed: Any) -> Any:
    """The state (seed, counter) that random numbers start from: a whole number always gives the same, a SeedGenerator
    the next one, None the next one of the process."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, bool) or not (seed is None or isinstance(seed, (int, np.integer))):
        raise SettingError(
            "Argument `seed` must be either an integer or an instance of `SeedGenerator`. "
            f"Received: seed={seed} (of type {type(seed)})"
        )
    if seed is not None:
        return np.array([int(seed) % 2**32, 0], np.uint32)
    if current_trace() is None:
        return np.array([make_seed(), 0], np.uint32)
    if not _of_process:
        _of_process.append(SeedGenerator())
    return _of_process[0].next()
