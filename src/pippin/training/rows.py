"""What is done to rows before they are trained on: some are set aside, all are weighted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from pippin.engines import shuffled
from pippin.errors import SettingError
from pippin.training.feed import ArrayFeed, BatchFeed, Feed
from pippin.tree import map_structure


def steps_of(feed: Feed, batch: int) -> int | None:
    """Steps of one epoch, if known."""
    return -(-feed.rows // batch) if isinstance(feed, ArrayFeed) else feed.steps


def split_off(feed: Feed, share: float) -> tuple[Feed, Any]:
    """The last `share` of the rows become validation data, as in Keras."""
    if not isinstance(feed, ArrayFeed):
        raise SettingError(
            "validation_split: expected arrays to split, received batches. Pass validation_data instead."
        )
    if not 0 < share < 1:
        raise SettingError(f"validation_split: expected a number between 0 and 1, received {share}.")
    cut = int(feed.rows * (1 - share))
    if cut == 0 or cut == feed.rows:
        raise SettingError(
            f"validation_split: expected rows on both sides, but {share} of {feed.rows} rows leaves {cut} to train on "
            f"and {feed.rows - cut} to validate."
        )

    def part(structure: Any, rows: slice) -> Any:
        return map_structure(lambda leaf: None if leaf is None else leaf[rows], structure)

    front, back = slice(0, cut), slice(cut, None)
    kept = ArrayFeed(part(feed.x, front), part(feed.y, front), part(feed.weight, front), cut)
    return kept, (part(feed.x, back), part(feed.y, back), part(feed.weight, back))


def weighted(feed: ArrayFeed, class_weight: Any) -> ArrayFeed:
    """class_weight becomes sample_weight."""
    return ArrayFeed(feed.x, feed.y, class_weights(feed.y, class_weight, feed.weight), feed.rows)


def class_weights(y: Any, class_weight: Any, weight: Any) -> Any:
    """The weight of each row: that of its class, times its own."""
    if class_weight is None:
        return weight
    if not isinstance(y, np.ndarray):
        raise SettingError("class_weight: expected a model with a single output and its labels.")
    classes = y.argmax(-1) if y.ndim > 1 and y.shape[-1] > 1 else y.reshape(-1)
    strange = [key for key in class_weight if not isinstance(key, (int, np.integer))]
    if strange:
        raise SettingError(f"class_weight: expected class numbers as keys, received {strange[0]!r}.")
    found = np.ones(len(classes), np.float32)
    for number, share in class_weight.items():
        found[classes == number] = share
    return found if weight is None else weight * found


def one_by_one(feed: ArrayFeed, batch: int, seed: Callable[[], int | None]) -> BatchFeed:
    """Arrays whose batches somebody wants to see: each pass goes through them once, shuffled anew."""
    turns = count()
    return BatchFeed(lambda: _one_round(feed, batch, seed(), next(turns)), steps_of(feed, batch))


def _one_round(feed: ArrayFeed, batch: int, seed: int | None, turn: int) -> Iterator[tuple[Any, Any, Any]]:
    order = np.arange(feed.rows) if seed is None else shuffled(seed, turn, feed.rows)
    for start in range(0, feed.rows, batch):
        rows = order[start : start + batch]
        yield tuple(
            map_structure(lambda a, rows=rows: None if a is None else a[rows], part)
            for part in (feed.x, feed.y, feed.weight)
        )
