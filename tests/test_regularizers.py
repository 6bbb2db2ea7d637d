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


def test_rows_at_right_angles_cost_nothing_and_others_their_mean_cosine() -> None:
    w = np.array([[1.0, 0.0], [0.0, 3.0]], np.float32)
    assert float(regularizers.OrthogonalRegularizer(0.5)(w)) == 0.0
    w = np.array([[1.0, 0.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
    # Of the three pairs, one stands at 45 degrees, two at right angles. The sums are of float32.
    assert float(regularizers.orthogonal_regularizer(0.3)(w)) == pytest.approx(0.3 * np.sqrt(0.5) / 3, rel=1e-6)
    flat = np.array([[1.0, 1.0], [0.0, 0.0]], np.float32)
    assert float(regularizers.OrthogonalRegularizer(0.3, mode="columns")(flat)) == pytest.approx(0.3, rel=1e-6)


def test_an_orthogonal_regularizer_refuses_what_is_no_matrix() -> None:
    with pytest.raises(ValueError, match="must have rank 2"):
        regularizers.OrthogonalRegularizer()(np.ones((2, 3, 4), np.float32))
    with pytest.raises(ValueError, match="rows"):
        regularizers.OrthogonalRegularizer(mode="row")


@pytest.mark.parametrize("home", [regularizers, pippin.constraints, pippin.initializers, pippin.activations])
def test_what_is_ones_own_is_found_by_its_name_where_it_is_given(home: Any) -> None:
    def own(x: Any, dtype: Any = None) -> Any:
        return x

    assert home.deserialize("own", custom_objects={"own": own}) is own
    with pippin.utils.custom_object_scope({"own": own}):
        assert home.get("own") is own
    with pytest.raises(ValueError, match="own"):
        home.deserialize("own")
    assert home.serialize(own) == "own"
