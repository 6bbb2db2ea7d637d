"""Reductions where numbers are equal, missing or broken."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.engines.reference import ReferenceEngine
from pippin.primitives import TABLE, Spec
from pippin.program import trace_function
from pippin.transforms import gradients


def test_equal_maxima_share_the_blame_evenly() -> None:
    program = trace_function(lambda x: gradients(x.max((1,)).sum(), [x])[0], Spec((2, 4)))
    x = np.array([[1, 3, 3, 0], [5, 5, 5, 5]], np.float32)
    result = ReferenceEngine().compile(program)({"x0": x}, {})["y"]
    np.testing.assert_array_equal(result, [[0, 0.5, 0.5, 0], [0.25, 0.25, 0.25, 0.25]])


def test_argmax_takes_the_first_of_equals_and_nan_before_all() -> None:
    x = np.array([[2, 7, 7], [0, 0, 0], [1, np.nan, np.inf]], np.float32)
    np.testing.assert_array_equal(TABLE["argmax"].reference(x, axis=1), [1, 0, 1])


def test_the_sum_of_nothing_is_zero() -> None:
    np.testing.assert_array_equal(
        TABLE["sum"].reference(np.zeros((0, 3), np.float32), axes=(0,), keepdims=False), [0, 0, 0]
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_bad_number_anywhere_is_seen(bad: float) -> None:
    for place in (0, 31, 32, 999):
        x = np.ones(1000, np.float32)
        assert TABLE["all_finite"].reference(x)
        x[place] = bad
        assert not TABLE["all_finite"].reference(x)
