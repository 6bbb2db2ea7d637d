"""The reference's own functions (not NumPy's).

The error function and the sigmoid are right to the last digits.
"""

from __future__ import annotations

import math

import numpy as np

from pippin.primitives import TABLE


def test_erf_is_right_to_fourteen_digits_in_float64() -> None:
    x = np.concatenate([np.linspace(-7, 7, 1401), [2.5, -2.5, np.nextafter(2.5, 3), 1e-300, 0.0]])
    expected = np.array([math.erf(number) for number in x])
    np.testing.assert_allclose(TABLE["erf"].reference(x), expected, rtol=2e-14, atol=1e-300)


def test_erf_keeps_its_limits() -> None:
    result = TABLE["erf"].reference(np.array([np.inf, -np.inf, 30.0, -30.0]))
    np.testing.assert_array_equal(result, [1, -1, 1, -1])
    assert np.isnan(TABLE["erf"].reference(np.array([np.nan])))[0]


def test_sigmoid_neither_overflows_nor_loses_small_results() -> None:
    x = np.array([-1000.0, -700.0, -40.0, 0.0, 40.0, 1000.0])
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        result = TABLE["sigmoid"].reference(x)
    np.testing.assert_allclose(
        result, [0, math.exp(-700), math.exp(-40) / (1 + math.exp(-40)), 0.5, 1, 1], rtol=1e-14
    )
