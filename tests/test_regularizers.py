"""Penalties on weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, regularizers


def test_a_penalty_is_added_to_the_loss_but_not_to_the_metrics() -> None:
    model = pippin.Sequential(
        [layers.Input((2,)), layers.Dense(1, "linear", False, "ones", kernel_regularizer=regularizers.L1(0.5))]
    )
    model.compile(loss="mse", metrics=["mse"])
    found = model.test_on_batch(np.zeros((3, 2)), np.zeros((3, 1)), return_dict=True)
    assert found == pytest.approx({"loss": 1.0, "mse": 0.0})


def test_both_penalties_in_one() -> None:
    w = np.array([1.0, -2.0], np.float32)
    assert float(regularizers.L1L2(0.1, 0.2)(w)) == pytest.approx(0.3 + 1.0)
    assert float(regularizers.l1_l2()(w)) == 0.0
    assert regularizers.L1(None).l1 == 0.01


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf"), "much", True])
def test_factors_are_numbers_of_zero_or_more(bad: Any) -> None:
    for kind in (regularizers.L1, regularizers.L2, regularizers.L1L2):
        with pytest.raises(ValueError, match="expected a number of 0 or more"):
            kind(bad)


def test_a_function_serves_as_a_regularizer() -> None:
    def own(w):  # type: ignore[no-untyped-def]
        return pippin.ops.sum(w) * 0.1

    assert regularizers.get(own) is own
    assert regularizers.get("l1_l2") is not regularizers.get("L1L2")
