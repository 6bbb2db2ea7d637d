"""Philox 4x32-10 gives the words that its authors published, and numbers that depend on the counter alone."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.primitives.random import philox, uniform

# The known answers that come with the paper's own implementation (Random123, kat_vectors, philox4x32 with 10
# rounds).
KNOWN_ANSWERS = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]  # fmt: skip


@pytest.mark.parametrize("counter,key,expected", KNOWN_ANSWERS)
def test_philox_gives_the_published_words(
    counter: tuple[int, ...], key: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert tuple(int(word) for word in philox(counter, key)) == expected


def test_philox_works_on_many_counters_at_once() -> None:
    counters = np.array([counter for counter, _, _ in KNOWN_ANSWERS], np.uint64).T
    keys = np.array([key for _, key, _ in KNOWN_ANSWERS], np.uint64).T
    words = np.stack(philox(tuple(counters), tuple(keys)), axis=-1)
    np.testing.assert_array_equal(words, np.array([expected for _, _, expected in KNOWN_ANSWERS], np.uint64))


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    state = np.array([5, 9], np.uint32)
    np.testing.assert_array_equal(uniform(state, 1000, 0)[:37], uniform(state, 37, 0))


def test_uniform_numbers_lie_in_the_half_open_interval_and_are_spread_evenly() -> None:
    numbers = uniform(np.array([1, 0], np.uint32), 40_000, 0)
    assert numbers.min() >= 0 and numbers.max() < 1
    counts, _ = np.histogram(numbers, bins=20, range=(0, 1))
    # Each bin expects 2000 with a standard deviation of 44; five of those are met by chance once in 80 000
    # tries of 20 bins.
    assert np.abs(counts - 2000).max() < 5 * 44


@pytest.mark.parametrize("other", [([2, 0], 0), ([1, 1], 0), ([1, 0], 1)], ids=["seed", "counter", "call"])
def test_seed_counter_and_call_each_give_other_numbers(other: tuple[list[int], int]) -> None:
    state, call = other
    first = uniform(np.array([1, 0], np.uint32), 1000, 0)
    second = uniform(np.array(state, np.uint32), 1000, call)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.15
