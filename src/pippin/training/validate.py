"""The one validator in front of all engines: data that would train garbage is refused before the first step, in the same words everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError, ShapeError
from pippin.training.feed import ArrayFeed
from pippin.tree import flatten


def whole(word: str, value: Any, least: int = 1) -> int:
    """`value` if it is a whole number of at least `least`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise SettingError(f"{word}: expected a whole number of {least} or more, received {value!r}.")
    return int(value)


def check_training_data(model: Any, feed: ArrayFeed) -> None:
    """Refuse NaN and infinity, by row and column."""
    for word, structure in (("x", feed.x), ("y", feed.y), ("sample_weight", feed.weight)):
        for leaf in flatten(structure):
            if leaf is not None:
                _finite(word, leaf)


def _finite(word: str, array: np.ndarray) -> None:
    if array.dtype.kind != "f":
        return
    with np.errstate(all="ignore"):
        if np.isfinite(array.sum(dtype=np.float64)):
            return
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        first = bad[0]
        kind = "NaN" if np.isnan(array[tuple(first)]) else "infinity"
        place = f"row {first[0]}" + (f", column {first[1]}" if array.ndim == 2 else f", at {tuple(map(int, first[1:]))}" if array.ndim > 2 else "")
        rows = len(np.unique(bad[:, 0]))
        raise DataError(f"{word}: expected finite numbers, received {kind} in {rows} of {len(array)} rows (first: {place}). Drop those rows or fill them, for example with np.nan_to_num.")


def check_inputs(model: Any, x: Any) -> None:
    """Refuse inputs whose shape the model was not made for."""
    try:
        tensors = model.inputs
    except AttributeError:
        return
    leaves = flatten(x)
    if len(leaves) != len(tensors):
        return
    for tensor, leaf in zip(tensors, leaves, strict=True):
        wanted, got = tensor.shape[1:], leaf.shape[1:]
        if len(wanted) != len(got) or any(w is not None and w != g for w, g in zip(wanted, got, strict=False)):
            hint = ""
            if tuple(leaf.shape) == tuple(wanted):
                hint = " It looks like a single example: add the batch axis with x[None]."
            elif int(np.prod(got)) == int(np.prod([w or 1 for w in wanted])):
                hint = f" Reshape it: x.reshape(-1, {', '.join(map(str, wanted))}), or start the model with another Input."
            raise ShapeError(f'Input "{tensor.name}" of {model.described()}: expected shape (rows, {", ".join(map(str, wanted))}), received {leaf.shape}.{hint}')


def check_against_model(model: Any, feed: ArrayFeed) -> None:
    """Refuse inputs and labels that don't fit the model and its loss."""
    check_inputs(model, feed.x)
