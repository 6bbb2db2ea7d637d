"""What `fit` may be given, made one: arrays that can be indexed by row, or batches that come one after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pippin.errors import DataError
from pippin.primitives import Spec, spec_of
from pippin.tree import flatten, map_structure
from pippin.utils.py_dataset import PyDataset, one_pass


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
    """An array of numbers in row-major order; float64 becomes float32 and int64 int32, as in Keras. Sparse matrices
    become dense ones."""
    for densely in ("toarray", "todense"):  # SciPy's word, and JAX's
        if hasattr(thing, densely):
            thing = getattr(thing, densely)()
    _refuse_columns(thing, word)
    array = np.asarray(thing.to_numpy() if hasattr(thing, "to_numpy") else thing)
    if array.dtype == object:
        array = _from_objects(array, word)
    kind = array.dtype.kind
    if kind not in "fiub":
        cure = "Take .real, or split it into two features." if kind == "c" else "Convert it with .astype('float32')."
        raise DataError(
            f"{word}: expected numbers, received an array of {_kind(array)} (first: {array.reshape(-1)[:1].tolist()}). "
            f"{cure}"
        )
    if kind in "iu" and array.dtype.itemsize > 4 and array.size and (array.max() > 2**31 - 1 or array.min() < -(2**31)):
        extreme = array.max() if array.max() > 2**31 - 1 else array.min()
        raise DataError(
            f"{word}: expected whole numbers of at most 32 bits, received {extreme}. Use floats, or smaller numbers."
        )
    wanted = spec_of(array).dtype
    if kind == "f" and array.dtype.itemsize > 4:
        return _narrowed(array, word)
    return (
        array
        if array.dtype == wanted and array.flags.c_contiguous
        else np.ascontiguousarray(array, wanted).reshape(array.shape)
    )


def _narrowed(array: np.ndarray, word: str) -> np.ndarray:
    """float64 (or longer) as float32; a number that is too large for it would silently become infinity."""
    try:
        with np.errstate(over="raise"):
            return np.ascontiguousarray(array, np.float32).reshape(array.shape)
    except FloatingPointError:
        limit = float(np.finfo(np.float32).max)
        with np.errstate(all="ignore"):
            spoiled = np.argwhere(np.isfinite(array) & (np.abs(array) > limit))
        raise DataError(
            f"{word}: expected numbers that fit into 32 bits (up to {limit:.1e}), received {len(spoiled)} that don't "
            f"(first: {array[tuple(spoiled[0])]:.3g} at {place_of(spoiled[0], array)}). Scale the data down first."
        ) from None


def place_of(index: Any, array: np.ndarray) -> str:
    """ "row 3, column 1": where a number is, in words."""
    row, *rest = (int(number) for number in index)
    if not rest:
        return f"row {row}"
    return f"row {row}, column {rest[0]}" if array.ndim == 2 else f"row {row}, at {tuple(rest)}"


def _refuse_columns(thing: Any, word: str) -> None:
    """A table with columns that hold no numbers is refused by their names."""
    if not (hasattr(thing, "columns") and hasattr(thing, "dtypes")):
        return
    strange = [
        str(name)
        for name, dtype in zip(thing.columns, thing.dtypes, strict=True)
        if getattr(dtype, "kind", "O") not in "fiub"
    ]
    if strange:
        raise DataError(
            f"{word}: expected columns of numbers, received others: {', '.join(strange[:5])}. Drop them, or turn their "
            "words into numbers."
        )


def _from_objects(array: np.ndarray, word: str) -> np.ndarray:
    """An object array whose rows are equally long arrays of numbers becomes one array; anything else is refused."""
    rows = array.tolist()
    lengths = (
        [len(row) if hasattr(row, "__len__") and not isinstance(row, str) else None for row in rows]
        if array.ndim
        else []
    )
    if len(set(lengths)) > 1:
        other = next(place for place, length in enumerate(lengths) if length != lengths[0])
        raise DataError(
            f"{word}: expected rows of one length, received different ones (row 0: {_length(lengths[0])}, row {other}: "
            f"{_length(lengths[other])}). "
            "Pad or cut them to one length."
        )
    found = None
    with contextlib.suppress(ValueError, TypeError):
        found = np.array(rows)
    if found is None or found.dtype.kind not in "fiub":
        first = next(iter(array.reshape(-1)), None)
        raise DataError(
            f"{word}: expected numbers, received an array of objects (first: {first!r:.60}). Turn it into numbers "
            "first."
        )
    return found


def _length(length: int | None) -> str:
    return "a single thing" if length is None else f"{length}"


def _kind(array: np.ndarray) -> str:
    return {"U": "text", "S": "text", "M": "dates", "m": "durations"}.get(array.dtype.kind, str(array.dtype))


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


def make_feed(x: Any, y: Any = None, sample_weight: Any = None, shuffle: bool = False) -> Feed:
    """Sort out what x is: arrays (also lists, DataFrames, dicts of arrays), a Keras PyDataset, or an iterable of
    batches. Only the batches of a PyDataset can be put in random order here, with `shuffle`."""
    if _is_batches(x):
        if y is not None:
            raise DataError("y: expected none, because x gives batches of (x, y) itself.")
        return _batches_of(x, shuffle)
    arrays = map_structure(lambda leaf: as_array(leaf, "x"), _tidy(x))
    labels = map_structure(lambda leaf: None if leaf is None else as_array(leaf, "y"), _tidy(y))
    weights = map_structure(
        lambda leaf: None if leaf is None else as_array(leaf, "sample_weight").astype(np.float32), _tidy(sample_weight)
    )
    return ArrayFeed(arrays, labels, weights, _rows(arrays, labels, weights))


def _tidy(thing: Any) -> Any:
    """A list of arrays is a list of inputs; a list of numbers or of rows is one array."""
    if isinstance(thing, (list, tuple)) and not any(
        isinstance(part, np.ndarray) or hasattr(part, "to_numpy") for part in thing
    ):
        try:
            return np.asarray(thing)
        except ValueError:  # rows of different lengths, at whatever depth
            found = np.empty(len(thing), object)
            found[:] = thing
            return found
    return thing


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
        raise DataError(f"expected the same number of rows everywhere, but {told}. Cut or complete one of them.")
    if not lengths or lengths == {0}:
        raise DataError(
            "x: expected at least one row, received an empty array. Look at how the data were loaded or filtered."
        )
    return lengths.pop()


def _is_batches(x: Any) -> bool:
    if isinstance(x, (np.ndarray, list, tuple, dict)) or hasattr(x, "to_numpy") or hasattr(x, "toarray"):
        return False
    return hasattr(x, "__iter__") or hasattr(x, "__getitem__")


def _batches_of(x: Any, shuffle: bool) -> BatchFeed:
    if isinstance(x, PyDataset):
        numbered = x
        return BatchFeed(lambda: _split_batches(map(_as_tuple, one_pass(numbered, shuffle))), numbered.num_batches)
    steps = _batches_in(x)
    if hasattr(x, "__next__"):
        return BatchFeed(lambda: _split_batches(x), steps)

    def batches() -> Iterator[tuple[Any, Any, Any]]:
        return _split_batches(iter(x) if hasattr(x, "__iter__") else (x[number] for number in range(len(x))))

    return BatchFeed(batches, steps)


def _batches_in(batches: Any) -> int | None:
    """How many there are, if that is known: a dataset may have a length that it can't tell."""
    try:
        return len(batches) if hasattr(batches, "__len__") else None
    except TypeError:
        return None


def _as_tuple(batch: Any) -> Any:
    """A PyDataset may give [x, y] for (x, y)."""
    return tuple(batch) if isinstance(batch, list) else batch


def _split_batches(batches: Iterator[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Each batch as (x, y, weight); what goes wrong in one is told with its number."""
    number = 0
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except Exception as error:
            error.add_note(f"It was raised by the data, for batch {number}.")
            raise
        try:
            yield _split_batch(batch)
        except DataError as error:
            raise DataError(f"batch {number}: {error}") from None
        number += 1


def _split_batch(batch: Any) -> tuple[Any, Any, Any]:
    """(x,), (x, y) or (x, y, weight) → (x, y, weight), as arrays."""
    if not isinstance(batch, tuple):
        batch = (batch,)
    if not 1 <= len(batch) <= 3 or batch[0] is None:
        told = "None" if batch and batch[0] is None else f"a tuple of {len(batch)}"
        raise DataError(f"expected x, (x, y) or (x, y, sample_weight), received {told}.")
    x, y, weight = (*batch, None, None)[:3]
    found = (
        map_structure(lambda leaf: as_array(leaf, "x"), _tidy(x)),
        map_structure(lambda leaf: None if leaf is None else as_array(leaf, "y"), _tidy(y)),
        map_structure(
            lambda leaf: None if leaf is None else as_array(leaf, "sample_weight").astype(np.float32), _tidy(weight)
        ),
    )
    _rows(*found)
    return found
