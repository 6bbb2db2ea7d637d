"""Where datasets come from besides arrays, and how several become one: tf.data's class methods as functions."""

from __future__ import annotations

import glob
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pippin.data.dataset import INFINITE, UNKNOWN, Dataset, random_of_pass, seed_or_drawn
from pippin.errors import DataError


def from_tensors(tensors: Any) -> Dataset:
    """A dataset of a single element."""
    return Dataset(lambda _: iter([tensors]), 1)


def from_range(*bounds: int, output_type: Any = "int64") -> Dataset:
    """The whole numbers of Python's `range`."""
    numbers = range(*bounds)
    return Dataset(lambda _: (np.asarray(number, str(output_type)) for number in numbers), len(numbers))


def from_generator(
    generator: Callable[..., Any],
    output_types: Any = None,
    output_shapes: Any = None,
    args: Any = (),
    output_signature: Any = None,
) -> Dataset:
    """What `generator(*args)` yields; each pass calls it anew. Elements get the types that are told."""
    told = output_types if output_signature is None else output_signature

    def typed(element: Any, wanted: Any) -> Any:
        if isinstance(element, (tuple, list)) and isinstance(wanted, (tuple, list)):
            return tuple(typed(part, one) for part, one in zip(element, wanted, strict=True))
        if isinstance(element, dict) and isinstance(wanted, dict):
            return {name: typed(part, wanted[name]) for name, part in element.items()}
        kind = str(getattr(wanted, "dtype", wanted))
        return np.asarray(element) if wanted is None or kind == "string" else np.asarray(element, kind)

    return Dataset(lambda _: (typed(element, told) for element in generator(*args)), UNKNOWN)


def list_files(file_pattern: Any, shuffle: bool | None = None, seed: int | None = None) -> Dataset:
    """The names of files that match one or several patterns, in random order unless `shuffle=False`."""
    patterns = [file_pattern] if isinstance(file_pattern, (str, Path)) else list(file_pattern)
    names = sorted(itertools.chain.from_iterable(glob.glob(str(pattern)) for pattern in patterns))  # noqa: PTH207
    if not names:
        raise DataError(f"list_files: No files matched pattern: {', '.join(map(str, patterns))}. Look at the folder.")
    dataset = Dataset.from_tensor_slices(np.array(names))
    return dataset if shuffle is False else dataset.shuffle(len(names), seed)


def text_lines(filenames: Any) -> Dataset:
    """The lines of one or several text files, without their ends."""
    names = [filenames] if isinstance(filenames, (str, Path)) else list(filenames)

    def lines(_: int) -> Iterator[Any]:
        for name in names:
            with Path(str(name)).open(encoding="utf-8") as file:
                for line in file:
                    yield np.asarray(line.rstrip("\r\n"))

    return Dataset(lines, UNKNOWN)


def zipped(datasets: Any) -> Dataset:
    """Elements side by side, until the first dataset ends: `datasets` is a tuple or dict of them."""
    parts = list(datasets.values()) if isinstance(datasets, dict) else list(datasets)
    counts = [part._count for part in parts]
    finite = [count for count in counts if count >= 0]
    count = UNKNOWN if UNKNOWN in counts else min(finite) if finite else INFINITE

    def one_pass(number: int) -> Iterator[Any]:
        for elements in zip(*(part._one_pass(number) for part in parts), strict=False):
            yield dict(zip(datasets, elements, strict=True)) if isinstance(datasets, dict) else elements

    return Dataset(one_pass, count)


def sampled(datasets: Any, weights: Any = None, seed: int | None = None) -> Dataset:
    """Elements of several datasets, each drawn from one by chance, until all have ended."""
    drawn_seed = seed_or_drawn(seed)
    shares = np.ones(len(datasets)) if weights is None else np.asarray(weights, float)

    def one_pass(number: int) -> Iterator[Any]:
        random = random_of_pass(drawn_seed, number)
        passes, left = [part._one_pass(number) for part in datasets], shares.copy()
        while left.sum() > 0:
            chosen = int(random.choice(len(passes), p=left / left.sum()))
            try:
                yield next(passes[chosen])
            except StopIteration:
                left[chosen] = 0

    return Dataset(one_pass, UNKNOWN)
