"""Keras's `to_categorical` and `normalize`: plain NumPy, before any network is involved."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pippin.errors import DataError


def to_categorical(x: npt.ArrayLike, num_classes: int | None = None) -> npt.NDArray[np.float64]:
    """Return whole-number labels as one-hot rows: [0, 2] becomes [[1, 0, 0], [0, 0, 1]].

    The new axis is the last; a last axis of length 1 is replaced by it. `num_classes` defaults to the largest
    label + 1. Raises DataError for labels that are negative, not whole, or at least `num_classes`.
    """
    labels = np.asarray(x)
    shape = labels.shape[:-1] if labels.ndim > 1 and labels.shape[-1] == 1 else labels.shape
    flat = labels.reshape(-1).astype(np.int64)
    if labels.dtype.kind == "f" and not np.array_equal(flat, labels.reshape(-1)):
        raise DataError("to_categorical: expected whole-number labels, received fractions (or NaN). Round them first.")
    if num_classes is None or num_classes == 0:
        if not flat.size:
            raise DataError("to_categorical: received no labels, so it can't tell how many classes. Give num_classes.")
        num_classes = int(flat.max()) + 1
    if flat.size and (flat.min() < 0 or flat.max() >= num_classes):
        hint = " They look 1-based: subtract 1." if flat.min() == 1 and flat.max() == num_classes else ""
        raise DataError(
            f"to_categorical: expected labels from 0 to {num_classes - 1} (num_classes={num_classes}), "
            f"received {flat.min()} to {flat.max()}.{hint}"
        )
    rows = np.zeros((flat.size, num_classes))
    rows[np.arange(flat.size), flat] = 1
    return rows.reshape(*shape, num_classes)


def normalize(x: npt.ArrayLike, axis: int = -1, order: Any = 2) -> npt.NDArray[Any]:
    """Return a copy in which every vector along `axis` has norm 1; vectors of zeros stay zeros."""
    values = np.asarray(x)
    norms = np.atleast_1d(np.linalg.norm(values, order, axis))
    norms[norms == 0] = 1
    result: npt.NDArray[Any] = values / np.expand_dims(norms, axis)
    return result
