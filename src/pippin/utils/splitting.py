"""`split_dataset`: one dataset made two, such as for training and for testing."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.data.dataset import Dataset, seed_or_drawn
from pippin.errors import SettingError

Size = float | int | None


def split_dataset(
    dataset: Any, left_size: Size = None, right_size: Size = None, shuffle: bool = False, seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:  # fmt: skip
    """Two datasets of examples, from a dataset, an array, or a tuple, list or dict of arrays with equally many rows.

    Sizes are numbers of examples, or fractions of all; one of them follows from the other. With `shuffle`, examples are
    put in random order before they are dealt out.
    """
    if left_size is None and right_size is None:
        raise SettingError("split_dataset: expected left_size or right_size, received neither.")
    if preferred_backend == "torch":
        raise SettingError("split_dataset: expected no preferred_backend='torch'; Pippin gives its own datasets.")
    examples = _examples(dataset)
    left, right = _sizes(len(examples), left_size, right_size)
    order = np.arange(len(examples))
    if shuffle:
        np.random.RandomState(seed_or_drawn(seed)).shuffle(order)
    first, second = order[:left], order[len(order) - right :]
    return tuple(Dataset(_pass_over(examples, part), len(part)) for part in (first, second))  # type: ignore[return-value]


def _pass_over(examples: list[Any], part: np.ndarray) -> Any:
    return lambda number: (examples[place] for place in part)


def _examples(dataset: Any) -> list[Any]:
    if isinstance(dataset, (np.ndarray, tuple, list, dict)):
        arrays = tuple(dataset) if isinstance(dataset, list) and not np.isscalar(dataset[0]) else dataset
        whole = Dataset.from_tensor_slices(np.asarray(arrays) if isinstance(arrays, list) else arrays)
        return list(whole._one_pass(0))
    if not hasattr(dataset, "__iter__") or isinstance(dataset, (str, bytes)):
        raise TypeError(
            f"split_dataset: expected a dataset, or arrays with equally many rows, received {type(dataset).__name__}."
        )
    return list(dataset)


def _sizes(total: int, left: Size, right: Size) -> tuple[int, int]:
    for word, size in (("left_size", left), ("right_size", right)):
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, (int, float, np.integer, np.floating)):
            raise TypeError(f"split_dataset: expected {word} as a number, received {size!r}.")
        most = 1 if isinstance(size, (float, np.floating)) else total
        if not 0 < size < most:
            raise SettingError(
                f"split_dataset: expected {word} to be a fraction between 0 and 1, or a whole number between 0 and the "
                f"{total} examples, received {size!r}."
            )
    a = total - _count(right, total) if left is None else _count(left, total)
    b = total - a if right is None else _count(right, total)
    if a + b > total or not a or not b:
        raise SettingError(
            f"split_dataset: expected two parts of together at most {total} examples, neither of them empty, received "
            f"{a} and {b}."
        )
    return a, b


def _count(size: Size, total: int) -> int:
    return round(size * total) if isinstance(size, (float, np.floating)) else int(size or 0)
