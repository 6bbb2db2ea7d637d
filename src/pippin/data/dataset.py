"""Batches that are made when they are asked for, with the manners of tf.data that scripts rely on. Reads no
files.

A Dataset is a recipe: each `for` loop over it starts a new pass. What a pass gives depends on the seeds and
on the number of the pass only, so a resumed run can go on with any of them. Functions of the user run in order, in
the asking thread, and never before they are asked for: one that draws random numbers would otherwise draw as many as
the clock allows. So `prefetch` and `num_parallel_calls` are accepted and change nothing; pictures that are decoded anew
in each pass are decoded ahead by themselves.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pippin.data.elements import each, given, leaves, require_positive, row, stack
from pippin.data.files import Skipped
from pippin.data.groups import INFINITE, UNKNOWN, Groups
from pippin.errors import DataError
from pippin.program.eager import as_eager

__all__ = ["INFINITE", "UNKNOWN", "Dataset", "random_of_pass", "seed_or_drawn"]


class Dataset(Groups):
    """A sequence of examples or batches: each an array, or a tuple or dict of arrays."""

    class_names: list[str] | None
    """Kept by everything that is derived from a dataset of pictures."""
    file_paths: list[str] | None
    """Of the dataset of pictures itself, in the order of its files, not of a shuffled pass."""
    skipped: tuple[Skipped, ...] = ()
    """Of the dataset of pictures itself: files that can't be read, with reasons."""
    passes: int = 0
    """How many passes were begun. Set it, and the next `for` loop gives the pass of that number."""

    def __init__(self, one_pass: Callable[[int], Iterator[Any]], count: int) -> None:
        self._one_pass = one_pass
        self._count = count

    @classmethod
    def from_tensor_slices(cls, arrays: Any) -> Dataset:
        """Return a dataset of the rows of an array, or of a tuple or dict of arrays of equal length."""
        whole = each(np.asarray, arrays)
        lengths = {len(array) for array in leaves(whole)}
        if len(lengths) != 1:
            raise DataError(f"Dataset: expected arrays with equally many rows, received {sorted(lengths)} rows.")
        length = lengths.pop()
        return cls(lambda _: map(functools.partial(row, whole), range(length)), length)

    def __iter__(self) -> Iterator[Any]:
        elements = self._one_pass(self.passes)
        self.passes += 1
        return (each(as_eager, element) for element in elements)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Begin a pass of plain NumPy arrays."""
        return (each(np.asarray, element) for element in self)

    def __len__(self) -> int:
        if self._count < 0:
            what = "is infinite" if self._count == INFINITE else "is only known after a pass"
            raise TypeError(f"The length of this dataset {what}. Use take(n) or steps_per_epoch.")
        return self._count

    def __bool__(self) -> bool:
        return True  # Without it, `if dataset` would ask for the length.

    def cardinality(self) -> Any:
        """Return the number of elements, -1 for infinite, -2 for unknown."""
        return as_eager(np.int64(self._count))

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Return a dataset of `map_func(element)`; the parts of a tuple are given as separate arguments."""

        def one_pass(number: int) -> Iterator[Any]:
            for element in self._one_pass(number):
                yield given(map_func, element)

        return self._derived(one_pass, self._count)

    def batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_calls: int | None = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Return a dataset of `batch_size` elements at a time, stacked along a new first axis."""
        require_positive("batch_size", batch_size)

        def one_pass(number: int) -> Iterator[Any]:
            elements = self._one_pass(number)
            while batch := list(itertools.islice(elements, batch_size)):
                if len(batch) == batch_size or not drop_remainder:
                    yield stack(batch)

        rounding = 0 if drop_remainder else batch_size - 1
        return self._derived(one_pass, self._count if self._count < 0 else (self._count + rounding) // batch_size)

    def unbatch(self, name: str | None = None) -> Dataset:
        """Return a dataset of the rows of each element."""

        def one_pass(number: int) -> Iterator[Any]:
            for element in self._one_pass(number):
                yield from map(functools.partial(row, element), range(len(next(leaves(element)))))

        return self._derived(one_pass, INFINITE if self._count == INFINITE else UNKNOWN)

    def counted(self, count: int) -> Dataset:
        """Return the same dataset for a caller who knows how many elements it has."""
        return self._derived(self._one_pass, count)

    def shuffle(
        self,
        buffer_size: int,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Return a dataset in random order, a new one each pass: drawn from the next `buffer_size`."""
        require_positive("buffer_size", buffer_size)
        drawn_seed = seed_or_drawn(seed)
        keeps_order = reshuffle_each_iteration is False

        def one_pass(number: int) -> Iterator[Any]:
            random = random_of_pass(drawn_seed, 0 if keeps_order else number)
            elements = self._one_pass(number)
            buffer = list(itertools.islice(elements, buffer_size))
            for element in elements:
                drawn = int(random.integers(len(buffer)))
                yield buffer[drawn]
                buffer[drawn] = element
            yield from (buffer[i] for i in random.permutation(len(buffer)))

        return self._derived(one_pass, self._count)

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """Return a dataset of `count` passes, one after the other; without end for None or -1."""
        if count is None or count < 0:
            if self._count == 0:
                return self.take(0)
            return self._derived(self._all_passes_from, INFINITE)

        def one_pass(number: int) -> Iterator[Any]:
            numbers = range(number * count, (number + 1) * count)
            return itertools.chain.from_iterable(map(self._one_pass, numbers))

        return self._derived(one_pass, self._count * count if self._count >= 0 or not count else self._count)

    def _all_passes_from(self, number: int) -> Iterator[Any]:
        for later in itertools.count(number):
            is_empty = True
            for element in self._one_pass(later):
                is_empty = False
                yield element
            if is_empty:
                return

    def take(self, count: int, name: str | None = None) -> Dataset:
        """Return a dataset of the first `count` elements, all of them for -1."""
        if count < 0:
            return self._derived(self._one_pass, self._count)
        known = count if self._count == INFINITE else min(count, self._count) if self._count >= 0 else UNKNOWN
        return self._derived(lambda number: itertools.islice(self._one_pass(number), count), known)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """Return a dataset without the first `count` elements, an empty one for -1."""
        if count < 0:
            return self.take(0)
        known = max(self._count - count, 0) if self._count >= 0 else self._count
        return self._derived(lambda number: itertools.islice(self._one_pass(number), count, None), known)

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """Return a dataset that remembers its elements, in memory, once a pass has come to its end."""
        remembered: list[list[Any]] = []

        def one_pass(number: int) -> Iterator[Any]:
            if remembered:
                yield from remembered[0]
                return
            elements = []
            for element in self._one_pass(number):
                elements.append(element)
                yield element
            remembered[:] = [elements]

        return self._derived(one_pass, self._count)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """Return a dataset of the elements for which `predicate` is true."""

        def one_pass(number: int) -> Iterator[Any]:
            for element in self._one_pass(number):
                if bool(given(predicate, element)):
                    yield element

        return self._derived(one_pass, INFINITE if self._count == INFINITE else UNKNOWN)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """Return a dataset of these elements, then those of another."""
        counts = (self._count, dataset._count)
        known = INFINITE if INFINITE in counts else UNKNOWN if UNKNOWN in counts else sum(counts)
        return self._derived(lambda number: itertools.chain(self._one_pass(number), dataset._one_pass(number)), known)

    def enumerate(self, start: int = 0, name: str | None = None) -> Dataset:
        """Return a dataset of (number, element)."""
        return self._derived(
            lambda number: (
                (np.asarray(place, np.int64), element) for place, element in enumerate(self._one_pass(number), start)
            ),
            self._count,
        )

    def flat_map(self, map_func: Callable[..., Dataset], name: str | None = None) -> Dataset:
        """Return a dataset of the elements of the datasets that `map_func(element)` gives."""

        def one_pass(number: int) -> Iterator[Any]:
            for element in self._one_pass(number):
                yield from given(map_func, element)._one_pass(number)

        return self._derived(one_pass, UNKNOWN)

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """Return the last state: `reduce_func(state, element)` gives the next one."""
        return functools.reduce(reduce_func, self, initial_state)

    def prefetch(self, buffer_size: int | None = None, name: str | None = None) -> Dataset:
        """Return the same dataset: a batch of decoded pictures takes less time to make than to hand over."""
        return self._derived(self._one_pass, self._count)

    def _derived(self, one_pass: Callable[[int], Iterator[Any]], count: int) -> Dataset:
        dataset = Dataset(one_pass, count)
        if hasattr(self, "class_names"):
            dataset.class_names = self.class_names
        return dataset


def seed_or_drawn(seed: int | None) -> int:
    """Return the seed, or one drawn from NumPy's global generator, which `set_random_seed` sets."""
    return int(np.random.randint(1_000_000)) if seed is None else int(seed)


def random_of_pass(seed: int, number: int) -> np.random.Generator:
    """Return the random generator of one pass: pass 3 does not need passes 1 and 2 to have been drawn."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([abs(seed), number])))
