"""What lasts through a process and what old programs asked about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pippin.naming import clear_names
from pippin.ops.tensor import KerasTensor

_uids: defaultdict[str, int] = defaultdict(int)


def clear_session(free_memory: bool = True) -> None:
    """Start names of layers afresh: the next dense layer is "dense" again. Nothing else is kept between models."""
    clear_names()
    reset_uids()


def get_uid(prefix: str = "") -> int:
    """1, 2, 3, ...: a number that this prefix didn't have yet."""
    _uids[prefix] += 1
    return _uids[prefix]


def reset_uids() -> None:
    """Start the numbers of `get_uid` afresh."""
    _uids.clear()


def is_keras_tensor(x: Any) -> bool:
    """Whether x is a tensor of the functional API."""
    return isinstance(x, KerasTensor)


def learning_phase() -> int:
    """0: layers are told whether they train by their argument `training`, not by the process."""
    return 0


def set_learning_phase(value: int) -> None:
    """Keras 1's switch between training and use; layers are told by their argument `training`, so only 0 can be set."""
    if value not in (0, 1, False, True):
        raise ValueError(f"set_learning_phase: expected 0 or 1, received {value!r}.")


@contextmanager
def name_scope(name: str) -> Iterator[str]:
    """A name for what is computed inside; programs name lines by their layers, so nothing follows from it."""
    if not name or not isinstance(name, str):
        raise ValueError(f"Argument `name` must be a string and cannot be empty. Received: name={name}")
    yield name
