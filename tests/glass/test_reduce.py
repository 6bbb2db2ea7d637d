"""Claims about large arrays in a recording: what is kept of them is true of all their numbers."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.glass.reduce import BINS, SIDE, TOP, WHOLE, reduced


def test_small_arrays_are_kept_whole(rng: np.random.Generator) -> None:
    array = rng.normal(size=(4, WHOLE // 4)).astype(np.float32)
    found = reduced(array)
    assert found.keys() == {"shape", "whole"} and found["shape"] == [4, WHOLE // 4]
    np.testing.assert_array_equal(found["whole"], array)
    assert reduced(np.float32(3))["shape"] == []


@pytest.mark.parametrize("shape", [(8, 1000), (8, 13, 17, 5), (5000,), (3, 3, 40, 60), (2000, 1)])
def test_of_large_ones_extent_spread_top_and_picture(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    array = rng.normal(size=shape).astype(np.float32)
    found, flat = reduced(array), array.reshape(-1)
    assert (found["low"], found["high"]) == (float(flat.min()), float(flat.max()))
    assert len(found["counts"]) == BINS and found["counts"].sum() == flat.size
    np.testing.assert_array_equal(flat[found["places"]], found["top"])
    np.testing.assert_array_equal(np.abs(found["top"]), np.sort(np.abs(flat))[::-1][:TOP])
    assert max(found["picture"].shape) <= SIDE
    # Patches differ in size by one at most, so their mean is near that of all numbers, and exact where they are equal.
    assert abs(float(found["picture"].mean()) - float(flat.mean())) < 0.05
    assert sum(array.nbytes for array in found.values() if isinstance(array, np.ndarray)) < 2000


def test_equal_patches_have_the_mean_of_all() -> None:
    array = np.arange(64 * 32, dtype=np.float32).reshape(64, 32)
    picture = reduced(array)["picture"]
    assert picture.shape == (SIDE, SIDE)
    assert float(picture.mean()) == pytest.approx(float(array.mean()))


def test_numbers_that_are_none_do_not_spoil_the_rest() -> None:
    array = np.zeros((2, 1000), np.float32)
    array[0, 3], array[1, 5] = np.nan, np.inf
    found = reduced(array)
    assert found["counts"].sum() == 1998 and set(found["places"][:2]) == {3, 1005}
