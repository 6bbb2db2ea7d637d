"""What the sets of house prices share: shuffle by a seed, then cut off the rows to test on."""

from __future__ import annotations

import numpy as np

from pippin.errors import SettingError

Split = tuple[np.ndarray, np.ndarray]


def shuffled_split(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> tuple[Split, Split]:
    """The same rows as in Keras for the same seed."""
    if not 0 <= test_split < 1:
        raise SettingError(f"test_split: expected a number from 0 to below 1, received {test_split!r}.")
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    cut = int(len(x) * (1 - test_split))
    return (x[order[:cut]], y[order[:cut]]), (x[order[cut:]], y[order[cut:]])
