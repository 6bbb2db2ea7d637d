"""Convolution and pooling against their definitions, written as loops over every number."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pippin.primitives import TABLE
from pippin.primitives.conv import result_length
from pippin.primitives.primitive import Sample

CONV_SAMPLES = TABLE["conv2d"].samples(np.random.default_rng(3))
POOL_SAMPLES = TABLE["max_pool"].samples(np.random.default_rng(3))


def terms(
    x: np.ndarray,
    place: tuple[int, int, int],
    window: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[int, ...],
    dilation: tuple[int, int],
) -> list[tuple[int, int, int, int]]:
    """Which numbers of a picture a window sees: [(u, v, row, column)], padding left out."""
    _, i, j = place
    spots = []
    for u, v in itertools.product(range(window[0]), range(window[1])):
        row = i * strides[0] + u * dilation[0] - padding[0]
        column = j * strides[1] + v * dilation[1] - padding[2]
        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
            spots.append((u, v, row, column))
    return spots


@pytest.mark.parametrize("sample", CONV_SAMPLES, ids=lambda sample: str(sample[1]["strides"]))
def test_a_convolution_is_the_sum_that_its_record_says(sample: Sample) -> None:
    (x, kernel), settings = sample
    result = TABLE["conv2d"].reference(x.astype(np.float64), kernel.astype(np.float64), **settings)
    for place in itertools.product(*map(range, result.shape[:3])):
        expected = np.zeros(kernel.shape[3])
        for u, v, row, column in terms(x, place, kernel.shape[:2], **settings):
            expected += x[place[0], row, column].astype(np.float64) @ kernel[u, v].astype(np.float64)
        np.testing.assert_allclose(result[place], expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("sample", POOL_SAMPLES, ids=lambda sample: f"{sample[1]['size']}")
def test_pooling_takes_the_largest_or_the_mean_of_each_window_without_padding(sample: Sample) -> None:
    (x,), settings = sample
    largest = TABLE["max_pool"].reference(x, **settings)
    mean = TABLE["average_pool"].reference(x.astype(np.float64), **settings)
    window = {
        "window": settings["size"],
        "strides": settings["strides"],
        "padding": settings["padding"],
        "dilation": (1, 1),
    }
    for place in itertools.product(*map(range, largest.shape[:3])):
        seen = np.array([x[place[0], row, column] for _, _, row, column in terms(x, place, **window)])
        np.testing.assert_array_equal(largest[place], seen.max(0))
        np.testing.assert_allclose(mean[place], seen.mean(0, dtype=np.float64), rtol=1e-12)


def test_the_result_is_as_long_as_there_are_places_for_the_window() -> None:
    for size, window, stride, before, after, dilation in itertools.product(
        (1, 5, 8), (1, 3), (1, 2, 3), (0, 1), (0, 2), (1, 2)
    ):
        whole, reach = size + before + after, dilation * (window - 1) + 1
        places = [start for start in range(0, whole, stride) if start + reach <= whole]
        assert max(0, result_length(size, window, stride, before, after, dilation)) == len(places)
