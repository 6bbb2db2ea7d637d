"""Who wins a window.

The first of equals, NaN before all, padding never; and the blame goes where the winner stands.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.primitives import TABLE

SETTINGS: dict[str, Any] = {"size": (2, 2), "strides": (2, 2), "padding": (0, 0, 0, 0)}


def picture(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32)[None, :, :, None]


def test_the_first_of_equals_gets_all_the_blame() -> None:
    blame = TABLE["max_pool_place"].reference(picture((3, 3), (3, 3)), picture((5,)), **SETTINGS)
    np.testing.assert_array_equal(blame, picture((5, 0), (0, 0)))


def test_nan_is_not_hidden_by_pooling() -> None:
    assert np.isnan(TABLE["max_pool"].reference(picture((9, np.nan), (1, 2)), **SETTINGS)).all()


def test_padding_never_wins() -> None:
    padded = {"size": (2, 2), "strides": (1, 1), "padding": (1, 0, 1, 0)}
    result = TABLE["max_pool"].reference(picture((-5, -7), (-6, -8)), **padded)
    np.testing.assert_array_equal(result, picture((-5, -5), (-5, -5)))


def test_padding_never_wins_over_a_window_of_nothing_but_minus_infinity() -> None:
    padded = {"size": (2, 2), "strides": (2, 2), "padding": (1, 1, 1, 1)}
    lowest = picture((-np.inf, -np.inf), (-np.inf, -np.inf))
    four = picture((1, 2), (3, 4))
    np.testing.assert_array_equal(TABLE["max_pool_pick"].reference(lowest, four, **padded), four)
    np.testing.assert_array_equal(TABLE["max_pool_place"].reference(lowest, four, **padded), four)


def test_overlapping_windows_add_their_blame() -> None:
    overlapping = {"size": (2, 2), "strides": (1, 1), "padding": (0, 0, 0, 0)}
    blame = TABLE["max_pool_place"].reference(
        picture((0, 0, 0), (0, 9, 0), (0, 0, 0)), picture((1, 2), (3, 4)), **overlapping
    )
    np.testing.assert_array_equal(blame, picture((0, 0, 0), (0, 10, 0), (0, 0, 0)))
