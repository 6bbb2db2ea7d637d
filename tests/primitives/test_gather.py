"""Looking up rows and looking at pictures through a frame, against small cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.primitives import TABLE

ROW = np.array([1, 2, 3], np.float32)[None, None, :, None]


def look(frame: tuple[float, ...], fill: str, smooth: bool = False) -> list[float]:
    result = TABLE["look_through"].reference(ROW, np.array([frame], np.float32), fill=fill, smooth=smooth)
    return [float(number) for number in result.reshape(-1)]


@pytest.mark.parametrize(
    "fill,expected",
    [("constant", [0, 0, 1]), ("nearest", [1, 1, 1]), ("reflect", [2, 1, 1]), ("wrap", [2, 3, 1])],
)  # fmt: skip
def test_outside_the_picture_the_fill_decides(fill: str, expected: list[float]) -> None:
    assert look((1, 0, 0, 0, 1, -2), fill) == expected


@pytest.mark.parametrize("fill", ["constant", "nearest", "reflect", "wrap"])
def test_a_frame_that_does_not_move_changes_nothing(fill: str) -> None:
    assert look((1, 0, 0, 0, 1, 0), fill, smooth=True) == [1, 2, 3]


def test_a_smooth_frame_mixes_neighbours_by_distance() -> None:
    assert look((1, 0, 0, 0, 1, 0.25), "nearest", smooth=True) == [1.25, 2.25, 3]


def test_rows_for_one_place_add_up() -> None:
    result = TABLE["scatter_add"].reference(
        np.array([1, 1, 0], np.int32), np.array([[1.0], [2.0], [5.0]], np.float32), length=3
    )
    np.testing.assert_array_equal(result, [[5], [3], [0]])
