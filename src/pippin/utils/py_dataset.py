"""Keras's `PyDataset` (once `Sequence`): batches by number, made when they are asked for, ahead by threads if asked."""

from __future__ import annotations

import itertools
import random
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any


class PyDataset:
    """A subclass gives `__getitem__(number)`, a batch as (x,), (x, y) or (x, y, sample_weight), and `__len__` or
    `num_batches` (None if there is no end).

    With `workers` above 1, threads make up to `max_queue_size` batches ahead, in order. `use_multiprocessing` is
    accepted and means threads too: a forked process would lack the threads of the engine.
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: expected __getitem__(number), which gives a batch.")

    @property
    def num_batches(self) -> int | None:
        """How many batches; None without end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__}: expected __len__ or the property num_batches.")

    def __iter__(self) -> Iterator[Any]:
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        return (self[number] for number in (itertools.count() if count is None else range(count)))

    def on_epoch_begin(self) -> None:
        """Called before every epoch."""

    def on_epoch_end(self) -> None:
        """Called after every epoch."""


def one_pass(dataset: PyDataset, shuffle: bool = False) -> Iterator[Any]:
    """The batches of an epoch, in random order (Python's own random numbers, as in Keras) if asked."""
    count = dataset.num_batches
    numbers: Iterable[int] = itertools.count() if count is None else range(count)
    if shuffle and count is not None:
        numbers = random.sample(range(count), count)
    workers, ahead = _workers_of(dataset)
    batches = (
        _made_ahead(dataset, iter(numbers), workers, ahead) if workers > 1 else (dataset[number] for number in numbers)
    )
    dataset.on_epoch_begin()
    for place, batch in enumerate(batches, 1):
        if place == count:  # here, because who counts steps never asks for one more
            dataset.on_epoch_end()
        yield batch


def _workers_of(dataset: PyDataset) -> tuple[int, int]:
    try:
        return dataset.workers, max(1, dataset.max_queue_size)
    except AttributeError:
        warnings.warn(
            "Your `PyDataset` class should call `super().__init__(**kwargs)` in its constructor. `**kwargs` can "
            "include `workers`, `use_multiprocessing`, `max_queue_size`. Do not pass these arguments to `fit()`, as "
            "they will be ignored.",
            stacklevel=3,
        )
        return 1, 1


def _made_ahead(dataset: PyDataset, numbers: Iterator[int], workers: int, most: int) -> Iterator[Any]:
    """The same batches in the same order; what goes wrong in one is raised where it would have been given."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers, "pippin-batches") as pool:
        coming = deque(pool.submit(dataset.__getitem__, number) for number in itertools.islice(numbers, most))
        try:
            while coming:
                batch = coming.popleft().result()
                coming.extend(pool.submit(dataset.__getitem__, number) for number in itertools.islice(numbers, 1))
                yield batch
        finally:
            for future in coming:
                future.cancel()


Sequence = PyDataset
