"""The data and weights that recurrent models are asked with."""

from __future__ import annotations

from typing import Any

import numpy as np

from goldens.recipes import numbers


def sequences() -> np.ndarray:
    """(4, 6, 5), of which two end early and one has a gap."""
    x = numbers(301, (4, 6, 5))
    x[1, 3:] = x[3, 1:] = x[2, 1] = 0
    return x


def words() -> np.ndarray:
    """(4, 6) of 7 words; 0 is padding."""
    return np.array([[1, 2, 3, 4, 5, 6], [6, 5, 0, 0, 0, 0], [3, 0, 3, 1, 1, 0], [2, 2, 2, 2, 2, 0]], np.int32)


def inputs_of(model: Any) -> np.ndarray:
    """What a model is called with."""
    return sequences() if len(model.inputs[0].shape) == 3 else words()


def weights_of(model: Any) -> list[np.ndarray]:
    """The weights that it starts with."""
    return [numbers(310 + n, tuple(w.shape), -0.6, 0.6) for n, w in enumerate(model.get_weights())]


def target_of(answer: np.ndarray) -> np.ndarray:
    """What it shall learn."""
    return numbers(302, tuple(answer.shape))
