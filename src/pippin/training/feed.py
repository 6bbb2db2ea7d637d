"""What `fit` may be given, made one: arrays that can be indexed by row, or batches that come one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pippin.errors import DataError
from pippin.primitives import Spec, spec_of
from pippin.tree import flatten, map_structure


@dataclass
class ArrayFeed:
    """Whole arrays in memory: x, y and sample_weight are structures of arrays with the same number of rows."""

    x: Any
    y: Any
    weight: Any
    rows: int


@dataclass
class BatchFeed:
    """Batches from an iterable: `batches()` starts a pass and yields (x, y, weight); `steps` is how many, if known."""

    batches: Callable[[], Iterator[tuple[Any, Any, Any]]]
    steps: int | None


Feed = ArrayFeed | BatchFeed


def as_array(thing: Any, word: str) -> np.ndarray:
    """An array of numbers in row-major order; float64 becomes float32 and int64 int32, as in Keras."""
    array = np.asarray(thing.to_numpy() if hasattr(thing, "to_numpy") else thing)
    if array.dtype == object:
        array = _from_objects(array, word)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{word}: expected numbers, received an array of {_kind(array)} (first: {array.reshape(-1)[:1].tolist()}). Convert it with .astype('float32').")
    if array.dtype.kind in "iu" and array.dtype.itemsize > 4 and array.size and (array.max() > 2**31 - 1 or array.min() < -(2**31)):
        raise DataError(f"{word}: expected whole numbers of at most 32 bits, received up to {array.max()}. Use floats, or smaller numbers.")
    return np.ascontiguousarray(array, spec_of(array).dtype if array.ndim else None).reshape(array.shape)


def _from_objects(array: np.ndarray, word: str) -> np.ndarray:
    """An object array whose rows are equally long arrays of numbers becomes one array; anything else is refused."""
    try:
        return np.array(array.tolist(), np.float32)
    except (ValueError, TypeError):
        lengths = {len(row) for row in array if hasattr(row, "__len__") and not isinstance(row, str)}
        told = f"rows of lengths {min(lengths)} to {max(lengths)}" if len(lengths) > 1 else f"things like {array.reshape(-1)[:1].tolist()}"
        raise DataError(f"{word}: expected numbers in rows of one length, received an object array with {told}. Pad or convert it first.") from None


def _kind(array: np.ndarray) -> str:
    return "text" if array.dtype.kind in "US" else str(array.dtype)


def specs_for(feed: ArrayFeed, rows: int, input_types: list[str]) -> tuple[Any, Any, Any]:
    """The specs of a batch of `rows` rows: inputs in the types the model asks for, labels and weights as they are."""
    types = iter(input_types * len(flatten(feed.x)) if len(input_types) == 1 else input_types)
    x = map_structure(lambda a: Spec((rows, *a.shape[1:]), next(types)), feed.x)
    y = map_structure(lambda a: None if a is None else Spec((rows, *a.shape[1:]), _label_type(a)), feed.y)
    weight = map_structure(lambda a: None if a is None else Spec((rows, *a.shape[1:]), "float32"), feed.weight)
    return x, y, weight


def _label_type(array: np.ndarray) -> str:
    """Labels keep whole numbers whole; bytes and truth values are read as whole numbers and floats."""
    return {"uint8": "int32", "uint32": "int32", "bool": "float32"}.get(array.dtype.name, array.dtype.name)


def make_feed(x: Any, y: Any = None, sample_weight: Any = None, batch_size: int | None = None) -> Feed:
    """Sort out what x is: arrays (also lists, DataFrames, dicts of arrays), a Keras Sequence, or an iterable of batches."""
    if _is_batches(x):
        if y is not None:
            raise DataError("y: expected none, because x gives batches of (x, y) itself.")
        return _batches_of(x)
    arrays = map_structure(lambda leaf: as_array(leaf, "x"), _tidy(x))
    labels = map_structure(lambda leaf: None if leaf is None else as_array(leaf, "y"), _tidy(y))
    weights = map_structure(lambda leaf: None if leaf is None else as_array(leaf, "sample_weight").astype(np.float32), _tidy(sample_weight))
    return ArrayFeed(arrays, labels, weights, _rows(arrays, labels, weights))


def _tidy(thing: Any) -> Any:
    """A list of arrays is a list of inputs; a list of numbers or of rows is one array."""
    if isinstance(thing, (list, tuple)) and not any(isinstance(part, np.ndarray) or hasattr(part, "to_numpy") for part in thing):
        return np.asarray(thing, dtype=object if _ragged(thing) else None)
    return thing


def _ragged(rows: Any) -> bool:
    lengths = {len(row) if isinstance(row, (list, tuple)) else -1 for row in rows}
    return len(lengths) > 1


def _rows(x: Any, y: Any, weight: Any) -> int:
    counts: dict[str, set[int]] = {}
    for word, structure in (("x", x), ("y", y), ("sample_weight", weight)):
        for leaf in flatten(structure):
            if leaf is None:
                continue
            if leaf.ndim == 0:
                raise DataError(f"{word}: expected an array with one row for each example, received a single number.")
            counts.setdefault(word, set()).add(len(leaf))
    lengths = set().union(*counts.values())
    if len(lengths) > 1:
        told = ", ".join(f"{word} has {'/'.join(map(str, sorted(found)))} rows" for word, found in counts.items())
        raise DataError(f"fit: expected the same number of rows everywhere, but {told}. Cut or complete one of them.")
    if not lengths or lengths == {0}:
        raise DataError("x: expected at least one row, received an empty array.")
    return lengths.pop()


def _is_batches(x: Any) -> bool:
    if isinstance(x, (np.ndarray, list, tuple, dict)) or hasattr(x, "to_numpy"):
        return False
    return hasattr(x, "__iter__") or hasattr(x, "__getitem__")


def _batches_of(x: Any) -> BatchFeed:
    sequence = not hasattr(x, "__iter__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))
    steps = len(x) if hasattr(x, "__len__") else None
    if hasattr(x, "__next__"):
        return BatchFeed(lambda: map(_split_batch, x), steps)

    def batches() -> Iterator[tuple[Any, Any, Any]]:
        items: Iterable[Any] = (x[number] for number in range(len(x))) if sequence and not hasattr(x, "__iter__") else x
        return map(_split_batch, items)

    return BatchFeed(batches, steps)


def _split_batch(batch: Any) -> tuple[Any, Any, Any]:
    """(x,), (x, y) or (x, y, weight) → (x, y, weight), as arrays."""
    if not isinstance(batch, tuple):
        batch = (batch,)
    if not 1 <= len(batch) <= 3:
        raise DataError(f"a batch: expected x, (x, y) or (x, y, sample_weight), received a tuple of {len(batch)}.")
    x, y, weight = (*batch, None, None)[:3]
    return (
        map_structure(lambda leaf: as_array(leaf, "x"), _tidy(x)),
        map_structure(lambda leaf: None if leaf is None else as_array(leaf, "y"), _tidy(y)),
        map_structure(lambda leaf: None if leaf is None else as_array(leaf, "sample_weight").astype(np.float32), _tidy(weight)),
    )
