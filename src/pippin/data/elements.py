"""What a dataset gives: arrays, or tuples and dicts of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError
from pippin.program.eager import as_eager


def row(element: Any, index: int) -> Any:
    """One row of every array of an element."""
    return each(lambda array: array[index], element)


def each(function: Callable[[Any], Any], element: Any) -> Any:
    """Apply a function to every array of an element, keeping its tuples and dicts, and datasets inside."""
    if hasattr(element, "_one_pass"):
        return element
    if isinstance(element, tuple):
        return tuple(each(function, part) for part in element)
    if isinstance(element, dict):
        return {key: each(function, part) for key, part in element.items()}
    return function(element)


def given(function: Callable[..., Any], element: Any) -> Any:
    """What a function of the user makes of an element; the parts of a tuple are arguments of their own."""
    batch = each(as_eager, element)
    return function(*batch) if isinstance(batch, tuple) else function(batch)


def leaves(element: Any) -> Iterator[Any]:
    """The arrays of an element, in order."""
    if isinstance(element, (tuple, dict)):
        for part in element.values() if isinstance(element, dict) else element:
            yield from leaves(part)
    else:
        yield element


def stack(elements: list[Any]) -> Any:
    """Elements as one, along a new first axis."""
    first = elements[0]
    if isinstance(first, tuple):
        return tuple(stack([element[i] for element in elements]) for i in range(len(first)))
    if isinstance(first, dict):
        return {key: stack([element[key] for element in elements]) for key in first}
    shapes = sorted({np.shape(element) for element in elements})
    if len(shapes) > 1:
        raise DataError(f"batch: expected elements of one shape, received {shapes}. Resize or pad them first.")
    return np.stack(elements)


def require_positive(name: str, value: Any) -> None:
    """Raise SettingError unless this is a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise SettingError(f"Dataset: expected {name} to be a whole number, 1 or more; received {value!r}.")
