"""Divide examples into those to learn from and those held out, each class alike. Moves no data."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from pippin.errors import DataError, SettingError

Indices = npt.NDArray[np.intp]


def split(
    labels: npt.ArrayLike, fraction: float, seed: int = 0, groups: npt.ArrayLike | None = None
) -> tuple[Indices, Indices]:
    """Return (kept, held_out): the positions of the examples on each side, ascending. `fraction` is held out.

    Every class comes as close to `fraction` as whole examples allow, with at least one on each side where it
    has two. Examples with the same number in `groups` (exact duplicates) stay together, which may cost a
    class that closeness. The same seed gives the same split, on every machine.
    """
    if not 0 < fraction < 1:
        raise SettingError(f"split: expected a fraction between 0 and 1 to hold out, received {fraction!r}.")
    classes, class_of = np.unique(np.asarray(labels).reshape(-1), return_inverse=True)
    count = len(class_of)
    if count < 2:
        raise DataError(f"split: expected at least 2 examples to divide, received {count}.")
    group_of = np.arange(count) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    if len(group_of) != count:
        raise DataError(f"split: expected a group for each of the {count} labels, received {len(group_of)}.")

    sizes = np.bincount(class_of, minlength=len(classes))
    targets = np.floor(sizes * fraction + 0.5).astype(int)
    targets = np.clip(targets, np.minimum(1, sizes - 1), np.maximum(sizes - 1, 0))

    members: list[list[int]] = [[] for _ in range(int(group_of.max()) + 1)]
    for example, group in enumerate(group_of):
        members[group].append(example)
    inside = [Counter(int(class_of[example]) for example in group) for group in members]

    held = _choose(
        inside,
        targets.tolist(),
        np.random.Generator(np.random.Philox(seed)).permutation(len(members)).tolist(),
    )
    is_held = np.isin(group_of, held)
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def _choose(inside: list[Counter[int]], targets: list[int], order: list[int]) -> list[int]:
    """Return the groups to hold out: in random order, each that brings its classes nearer to target."""
    missing = list(targets)
    held: set[int] = set()
    for group in order:
        gain = sum(abs(missing[c]) - abs(missing[c] - n) for c, n in inside[group].items())
        if gain > 0:
            held.add(group)
            for c, n in inside[group].items():
                missing[c] -= n
    for c, target in enumerate(targets):
        # A class whose groups are all too large for its target got nothing: give it its smallest.
        own = [group for group in order if c in inside[group]]
        if target and len(own) > 1 and not held.intersection(own):
            held.add(min(own, key=lambda group: inside[group][c]))
        if target and len(own) > 1 and held.issuperset(own):
            held.remove(min(own, key=lambda group: inside[group][c]))
    return sorted(held)
