"""Claims about who pushed a weight: the shares add up to the gradient, and each is what its example alone makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from glass.asked import NAMES, close_to, model_and_data, step_of
from glass.test_layer import small
from pippin import glass, layers
from pippin.glass import pushes as module


@pytest.mark.parametrize("name", NAMES)
def test_shares_and_rest_add_up_to_the_gradient(name: str) -> None:
    step = step_of(name)
    for path in step.weights:
        gradient = step.weight(path).gradient
        if gradient is not None:
            found = step.pushes(path)
            assert found.shares.shape == (step.batch, *gradient.shape)
            # float32, added in another order.
            assert close_to(found.total, gradient) < 1e-5, path


def test_without_layers_that_mix_examples_a_share_is_what_the_example_alone_makes() -> None:
    model, x, y, _ = model_and_data("article")
    whole = glass.step(model, x, y).pushes("dense_1/kernel")
    for example in (0, 7):
        alone = glass.step(model, x[example : example + 1], y[example : example + 1]).weight("dense_1/kernel").gradient
        assert alone is not None
        np.testing.assert_allclose(whole.shares[example], alone / len(x), rtol=1e-4, atol=1e-7)
    assert not np.any(whole.rest)


def test_what_a_regularizer_adds_is_nobodys() -> None:
    step = small(layers.Dense(2, kernel_regularizer="l2", name="one"))
    found = step.pushes("one/kernel")
    np.testing.assert_allclose(found.rest, 2 * 0.01 * step.weight("one/kernel").old, rtol=1e-6)
    assert "not about any example" in step.pushes("one/kernel", (0, 0)).tell()


def test_a_weight_of_zero_takes_an_example_out() -> None:
    model, x, y, weight = model_and_data("yes_or_no")
    weight = np.array([1, 0, 1, 1, 2, 1, 1], np.float32)
    shares = glass.step(model, x, y, weight).pushes("dense/kernel").shares
    assert not shares[1].any() and all(shares[other].any() for other in (0, 2, 3, 4, 5, 6))


def test_pushes_go_against_the_share() -> None:
    found = module.Pushes("w", (0,), np.array([0.5, -2.0, 0.0], np.float32), np.float32(0))
    assert found.strongest(2) == [(1, -2.0), (0, 0.5)]
    assert found.tell() == (
        "1 example pushed it up, 1 down. Example 1 pushed hardest, up: its share of the gradient is -2."
    )
    assert replace(found, shares=np.zeros(3)).tell() == "No example pushed it."
