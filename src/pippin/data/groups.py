"""Elements of a dataset in other groups: windows, buckets of like lengths, padded batches, several datasets in turn."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pippin.data.elements import each, given, require_positive, stack
from pippin.errors import DataError

INFINITE, UNKNOWN = -1, -2
"""What tf.data calls a count that never ends, or that only a full pass would tell."""


class Groups:
    """What a Dataset can do besides: the methods of tf.data that put elements together or take them apart."""

    _one_pass: Callable[[int], Iterator[Any]]
    _count: int

    def _derived(self, one_pass: Callable[[int], Iterator[Any]], count: int) -> Any:
        raise NotImplementedError

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:  # fmt: skip
        """Return a dataset of datasets: `size` elements, `stride` apart, each `shift` behind the one before. Elements
        that are tuples or dicts give tuples or dicts of datasets."""
        step = size if shift is None else shift
        for word, value in (("size", size), ("shift", step), ("stride", stride)):
            require_positive(word, value)
        reach = (size - 1) * stride + 1

        def one_pass(number: int) -> Iterator[Any]:
            elements, held = self._one_pass(number), []  # type: ignore[var-annotated]
            while True:
                held += itertools.islice(elements, reach - len(held))
                if not held or (len(held) < reach and drop_remainder):
                    return
                yield self._apart(held[:reach:stride])
                missing = step - len(held)
                held = held[step:]
                for _ in itertools.islice(elements, max(0, missing)):
                    pass

        return self._derived(one_pass, UNKNOWN)

    def _apart(self, elements: list[Any]) -> Any:
        """Elements as a dataset, or one for each part of theirs."""
        first = elements[0]
        if isinstance(first, tuple):
            return tuple(self._apart([element[place] for element in elements]) for place in range(len(first)))
        if isinstance(first, dict):
            return {key: self._apart([element[key] for element in elements]) for key in first}
        return self._derived(lambda _: iter(elements), len(elements))

    def interleave(
        self, map_func: Callable[..., Any], cycle_length: int | None = None, block_length: int = 1,
        num_parallel_calls: int | None = None, deterministic: bool | None = None, name: str | None = None,
    ) -> Any:  # fmt: skip
        """Return a dataset of the elements of the datasets that `map_func(element)` gives: `block_length` of each in
        turn, `cycle_length` of them (by default two) open at a time."""
        width = 2 if cycle_length in (None, -1) else cycle_length
        require_positive("cycle_length", width)
        require_positive("block_length", block_length)

        def one_pass(number: int) -> Iterator[Any]:
            sources = (given(map_func, element)._one_pass(number) for element in self._one_pass(number))
            opened: list[Iterator[Any] | None] = [None] * width
            for place in itertools.cycle(range(width)):
                if opened[place] is None:
                    opened[place] = next(sources, None)
                now = opened[place]
                if now is None:
                    if not any(opened):
                        return
                    continue
                block = list(itertools.islice(now, block_length))
                yield from block
                if len(block) < block_length:
                    opened[place] = None

        return self._derived(one_pass, UNKNOWN)

    def padded_batch(
        self, batch_size: int, padded_shapes: Any = None, padding_values: Any = None, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:  # fmt: skip
        """Return a dataset of `batch_size` elements at a time, each axis filled up to the longest, or to the length
        that `padded_shapes` says (None: the longest); with zeros or empty texts, unless `padding_values` says more."""
        require_positive("batch_size", batch_size)

        def one_pass(number: int) -> Iterator[Any]:
            elements = self._one_pass(number)
            while batch := list(itertools.islice(elements, batch_size)):
                if len(batch) == batch_size or not drop_remainder:
                    yield padded(batch, padded_shapes, padding_values)

        rounding = 0 if drop_remainder else batch_size - 1
        return self._derived(one_pass, self._count if self._count < 0 else (self._count + rounding) // batch_size)

    def bucket_by_sequence_length(
        self, element_length_func: Callable[..., Any], bucket_boundaries: Sequence[int],
        bucket_batch_sizes: Sequence[int], padded_shapes: Any = None, padding_values: Any = None,
        pad_to_bucket_boundary: bool = False, no_padding: bool = False, drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:  # fmt: skip
        """Return a dataset of padded batches of elements of like length: below the first boundary, from there to the
        second, ..., from the last on."""
        if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
            raise DataError(
                f"bucket_by_sequence_length: expected {len(bucket_boundaries) + 1} batch sizes, one more than "
                f"boundaries, received {len(bucket_batch_sizes)}."
            )
        if pad_to_bucket_boundary:
            raise DataError("bucket_by_sequence_length: expected padded_shapes, received pad_to_bucket_boundary.")

        def one_pass(number: int) -> Iterator[Any]:
            buckets: list[list[Any]] = [[] for _ in bucket_batch_sizes]
            together = stack if no_padding else lambda batch: padded(batch, padded_shapes, padding_values)
            for element in self._one_pass(number):
                place = bisect_right(list(bucket_boundaries), int(given(element_length_func, element)))
                buckets[place].append(element)
                if len(buckets[place]) == bucket_batch_sizes[place]:
                    yield together(buckets[place])
                    buckets[place] = []
            yield from (together(left) for left in buckets if left and not drop_remainder)

        return self._derived(one_pass, UNKNOWN)

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """Return a dataset that ends at the first element for which `predicate` is false."""
        return self._derived(
            lambda number: itertools.takewhile(lambda one: bool(given(predicate, one)), self._one_pass(number)), UNKNOWN
        )

    def scan(self, initial_state: Any, scan_func: Callable[[Any, Any], Any], name: str | None = None) -> Any:
        """Return a dataset of what `scan_func(state, element)` gives: (the next state, an element)."""

        def one_pass(number: int) -> Iterator[Any]:
            state = initial_state
            for element in self._one_pass(number):
                state, made = scan_func(state, each(np.asarray, element))
                yield made

        return self._derived(one_pass, self._count)

    def shard(self, num_shards: int, index: int, name: str | None = None) -> Any:
        """Return a dataset of every element number index, index + num_shards, ..."""
        require_positive("num_shards", num_shards)
        known = len(range(index, self._count, num_shards)) if self._count >= 0 else self._count
        return self._derived(lambda number: itertools.islice(self._one_pass(number), index, None, num_shards), known)

    def rebatch(self, batch_size: int, drop_remainder: bool = False, name: str | None = None) -> Any:
        """Return a dataset of batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)  # type: ignore[attr-defined]

    def apply(self, transformation_func: Callable[[Any], Any]) -> Any:
        """Return what a function makes of this dataset."""
        return transformation_func(self)

    def with_options(self, options: Any, name: str | None = None) -> Any:
        """Return the same dataset: how elements are made beside one another is not a choice here."""
        return self._derived(self._one_pass, self._count)

    def get_single_element(self, name: str | None = None) -> Any:
        """Return the only element. Raises DataError if there are others, or none."""
        found = list(itertools.islice(iter(self), 2))  # type: ignore[call-overload]
        if len(found) != 1:
            raise DataError(f"get_single_element: expected one element, received {'several' if found else 'none'}.")
        return found[0]


def padded(elements: list[Any], shapes: Any, values: Any) -> Any:
    """Elements of different lengths as one, along a new first axis."""
    first = elements[0]
    if isinstance(first, (tuple, dict)):
        keys = list(first) if isinstance(first, dict) else range(len(first))
        parts = {
            key: padded([element[key] for element in elements], _of(shapes, key, first), _of(values, key, first))
            for key in keys
        }
        return parts if isinstance(first, dict) else tuple(parts.values())
    arrays = [np.asarray(element) for element in elements]
    longest = [max(lengths) for lengths in zip(*(array.shape for array in arrays), strict=True)]
    asked = [None] * len(longest) if shapes is None else [None if size in (None, -1) else int(size) for size in shapes]
    sizes = [long if size is None else size for long, size in zip(longest, asked, strict=True)]
    if any(size < long for size, long in zip(sizes, longest, strict=True)):
        raise DataError(f"padded_batch: expected elements that fit into {tuple(sizes)}, received {tuple(longest)}.")
    filling = values if values is not None else "" if arrays[0].dtype.kind in "US" else 0
    common = np.result_type(*arrays) if arrays[0].dtype.kind in "US" else arrays[0].dtype
    whole = np.full((len(arrays), *sizes), filling, common)
    for row, array in enumerate(arrays):
        whole[row, ...][tuple(slice(length) for length in array.shape)] = array
    return whole


def _of(told: Any, key: Any, parts: Any) -> Any:
    """What was told for one part: all the same, or something for each."""
    return told[key] if isinstance(told, type(parts)) else told
