"""Dividing examples: every class alike, duplicates together, the same seed the same split."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from pippin.data import split
from pippin.errors import DataError, SettingError

labels_lists = some.lists(some.integers(0, 4), min_size=2, max_size=80)
fractions = some.floats(0.05, 0.95)


@given(labels_lists, fractions, some.integers(0, 2**32))
def test_every_example_is_on_exactly_one_side(labels: list[int], fraction: float, seed: int) -> None:
    kept, held_out = split(labels, fraction, seed)
    assert sorted([*kept, *held_out]) == list(range(len(labels)))
    assert list(kept) == sorted(kept)
    assert list(held_out) == sorted(held_out)


@given(labels_lists, fractions, some.integers(0, 2**32))
def test_every_class_is_as_close_to_the_fraction_as_whole_examples_allow(
    labels: list[int], fraction: float, seed: int
) -> None:
    _, held_out = split(labels, fraction, seed)
    for label in set(labels):
        count, held = labels.count(label), sum(labels[i] == label for i in held_out)
        if count == 1:
            assert held == 0
        else:
            assert 1 <= held <= count - 1
            assert held in (1, count - 1) or abs(held - fraction * count) <= 0.5 + 1e-9


@given(
    some.lists(some.tuples(some.integers(0, 3), some.integers(0, 12)), min_size=2, max_size=60),
    fractions,
    some.integers(0, 99),
)
def test_groups_stay_together_and_no_class_is_lost(
    pairs: list[tuple[int, int]], fraction: float, seed: int
) -> None:
    labels, groups = [a for a, _ in pairs], [10 * a + b for a, b in pairs]
    kept, held_out = split(labels, fraction, seed, groups)
    assert not {groups[i] for i in kept} & {groups[i] for i in held_out}
    for label in set(labels):
        if len({group for other, group in zip(labels, groups, strict=True) if other == label}) > 1:
            assert any(labels[i] == label for i in kept)
            assert any(labels[i] == label for i in held_out)


def test_a_large_group_costs_little_closeness() -> None:
    labels = [0] * 100 + [1] * 100
    groups = [0] * 5 + list(range(5, 200))
    _, held_out = split(labels, 0.2, 0, groups)
    assert 18 <= sum(i < 100 for i in held_out) <= 22
    assert sum(i >= 100 for i in held_out) == 20


def test_the_seed_decides() -> None:
    labels = [0, 1] * 50
    assert np.array_equal(split(labels, 0.2, 7)[1], split(labels, 0.2, 7)[1])
    assert not np.array_equal(split(labels, 0.2, 7)[1], split(labels, 0.2, 8)[1])


def test_the_split_of_a_seed_never_changes() -> None:
    assert split([0, 1, 1, 0, 2, 2, 2, 1, 0, 0], 0.3, seed=1)[1].tolist() == [0, 2, 6]


def test_every_example_is_held_out_as_often_as_another() -> None:
    held = np.zeros(20)
    for seed in range(400):
        held[split([0] * 10 + [1] * 10, 0.3, seed)[1]] += 1
    assert np.abs(held / 400 - 0.3).max() < 0.1  # 4 standard deviations


def test_names_may_be_labels() -> None:
    assert len(split(["a", "b", "a", "b"], 0.5)[1]) == 2


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_an_impossible_fraction_is_refused(fraction: float) -> None:
    with pytest.raises(SettingError, match="expected a fraction between 0 and 1"):
        split([0, 1, 0, 1], fraction)


def test_too_few_examples_and_missing_groups_are_refused() -> None:
    with pytest.raises(DataError, match="at least 2 examples"):
        split([0], 0.5)
    with pytest.raises(DataError, match="a group for each of the 3 labels, received 2"):
        split([0, 1, 1], 0.5, groups=[0, 1])
