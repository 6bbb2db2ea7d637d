"""Large arrays made small for a recording: the largest numbers, how all are spread, and a picture of them."""

from __future__ import annotations

from typing import Any

import numpy as np

WHOLE = 1024
"""Arrays of up to so many numbers are kept as they are."""
TOP, BINS, SIDE = 16, 64, 16


def reduced(array: np.ndarray) -> dict[str, Any]:
    """An array as it is recorded: `whole`, or `top` (the largest in size, with their places in the flat array),
    `counts` of 64 equal bins between `low` and `high`, and `picture`, means over a grid of at most 16 × 16 patches
    (the rows are the first axis that is not the batch alone, the columns all the rest)."""
    numbers = np.ascontiguousarray(array, np.float32)
    if numbers.size <= WHOLE:
        return {"shape": list(array.shape), "whole": numbers}
    flat = numbers.reshape(-1)
    finite = flat[np.isfinite(flat)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    counts, _ = np.histogram(finite, BINS, (low, high) if high > low else (low - 0.5, low + 0.5))
    sizes = np.abs(np.nan_to_num(flat, nan=np.inf))
    top = np.argpartition(sizes, -TOP)[-TOP:]
    top = top[np.lexsort((top, -sizes[top]))]
    return {
        "shape": list(array.shape), "low": low, "high": high, "counts": counts.astype(np.int32),
        "top": flat[top], "places": top.astype(np.int32), "picture": _picture(numbers),
    }  # fmt: skip


def _picture(array: np.ndarray) -> np.ndarray:
    """Means over patches of the array as rows and columns."""
    rows = max(range(1, array.ndim), key=lambda axis: min(array[0].size, array.shape[axis]), default=0)
    table = np.moveaxis(array, rows, 0).reshape(array.shape[rows], -1)
    for axis in (0, 1):
        edges = np.linspace(0, table.shape[axis], min(SIDE, table.shape[axis]) + 1).astype(int)
        sums = np.add.reduceat(table.astype(np.float64), edges[:-1], axis=axis)
        sizes = np.diff(edges)
        table = sums / (sizes[:, None] if axis == 0 else sizes)
    return np.asarray(table, np.float32)
