"""Which examples lie near which: as numbers of like scale, without learning anything. What a rule compares a network
with, or finds copies by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

WIDTH = 256
"""Numbers of an example that are compared; of larger ones means over stretches."""
PASS = 256
"""Rows compared at once."""


@dataclass(frozen=True)
class Near:
    """For each row the rows nearest to it in another set (the nearest first), and how far away they are."""

    rows: np.ndarray
    distances: np.ndarray


def features(x: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """(rows, few) numbers of like scale: those of `like`, or of `x` itself."""
    flat, base = _flat(x), _flat(x if like is None else like)
    mean, spread = base.mean(axis=0), base.std(axis=0)
    if x.ndim > 2:  # pictures and series: one scale for all, as their numbers are of one kind
        mean, spread = mean, np.full_like(spread, base.std() or 1.0)
    return np.asarray((flat - mean) / np.where(spread > 1e-9, spread, 1.0), np.float32)


def _flat(x: np.ndarray) -> np.ndarray:
    flat: np.ndarray = x.reshape(len(x), -1).astype(np.float32)
    if flat.shape[1] > WIDTH:
        edges = np.linspace(0, flat.shape[1], WIDTH + 1).astype(int)
        flat = np.add.reduceat(flat, edges[:-1], axis=1) / np.diff(edges)
    return flat


def nearest(ours: np.ndarray, theirs: np.ndarray, count: int = 1, is_same: bool = False) -> Near:
    """The nearest rows of `theirs` for each of `ours`; of the same set, without a row itself."""
    count = min(count, len(theirs) - int(is_same))
    rows, distances = [], []
    squares = (theirs**2).sum(axis=1)
    for first in range(0, len(ours), PASS):
        part = ours[first : first + PASS]
        far = (part**2).sum(axis=1)[:, None] - 2 * part @ theirs.T + squares
        if is_same:
            far[np.arange(len(part)), first + np.arange(len(part))] = np.inf
        chosen = np.argpartition(far, count - 1, axis=1)[:, :count]
        exact = np.sqrt(((part[:, None] - theirs[chosen]) ** 2).sum(axis=2))
        order = np.argsort(exact, axis=1, kind="stable")
        rows.append(np.take_along_axis(chosen, order, 1))
        distances.append(np.take_along_axis(exact, order, 1))
    return Near(np.concatenate(rows), np.concatenate(distances))


def votes(x: np.ndarray, y: np.ndarray, count: int = 5) -> np.ndarray:
    """What the nearest other examples say about each: the share of them in each class, or the mean of their numbers."""
    found = nearest(features(x), features(x), count, is_same=True)
    if y.dtype.kind in "iu":
        shares: Any = np.eye(int(y.max()) + 1, dtype=np.float32)[y[found.rows]]
        return np.asarray(shares.mean(axis=1))
    return np.asarray(y[found.rows].mean(axis=1))
