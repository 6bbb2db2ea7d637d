"""Claims about the update of a weight: the optimizer's own arithmetic, with the weight's own numbers."""

from __future__ import annotations

import numpy as np
import pytest

import pippin
from glass.asked import NAMES, step_of
from glass.test_layer import small
from pippin import layers
from pippin.errors import SettingError


@pytest.mark.parametrize("name", NAMES)
def test_the_last_equation_gives_the_new_number(name: str) -> None:
    step = step_of(name)
    for path in step.weights:
        weight = step.weight(path)
        if weight.new_value == weight.value:
            continue
        last = weight.equations()[-1]
        assert last.name == f"new {path.rpartition('/')[2]}"
        assert last.result == weight.new[weight.place()]


def formulas(optimizer: object) -> dict[str, str]:
    step = small(layers.Dense(2, name="one"), optimizer=optimizer)
    return {equation.name: equation.formula for equation in step.weight("one/kernel").equations((0, 1))}


def test_plain_descent_goes_against_the_gradient() -> None:
    assert formulas("sgd") == {"new kernel": "kernel - gradient * learning_rate"}


def test_momentum_is_remembered() -> None:
    assert formulas(pippin.optimizers.SGD(0.1, momentum=0.9)) == {
        "new momentum": "momentum * 0.9 - gradient * learning_rate", "new kernel": "kernel + new momentum",
    }  # fmt: skip


def test_adam_shows_its_mean_its_spread_and_their_corrections() -> None:
    found = formulas("adam")
    rate = next(name for name in found if name.startswith("%"))
    assert found == {
        "new iteration": "iteration + 1",
        rate: "learning_rate * √(1 - 0.999 ^ new iteration) / (1 - 0.9 ^ new iteration)",
        "new momentum": "momentum + (gradient - momentum) * 0.1",
        "new velocity": "velocity + (gradient * gradient - velocity) * 0.001",
        "new kernel": f"kernel - new momentum * {rate} / (√new velocity + 1e-07)",
    }


def test_decay_and_constraints_are_part_of_it() -> None:
    assert "kernel * (learning_rate * 0.004)" in formulas("adamw")["new kernel"]
    step = small(layers.Dense(2, kernel_constraint="non_neg", name="one"))
    assert "max(" in step.weight("one/kernel").equations()[-1].formula


def test_numbers_stand_where_the_names_stood() -> None:
    weight = small(layers.Dense(2, name="one"), optimizer="adam").weight("one/kernel")
    momentum = next(e for e in weight.equations((0, 1)) if e.name == "new momentum")
    gradient = f"{float(weight.gradient[0, 1]):.4g}"  # type: ignore[index]
    assert momentum.numbers == f"0 + ({gradient} - 0) * 0.1"
    assert str(momentum).splitlines()[2].split(" = ")[1] == f"{float(momentum.result):.4g}"


def test_the_place_may_be_left_out_and_is_checked() -> None:
    weight = step_of("article").weight("dense/kernel")
    assert weight.gradient is not None
    assert abs(weight.gradient[weight.place()]) == np.abs(weight.gradient).max()
    assert weight.place((-1, 0)) == (15, 0)
    with pytest.raises(SettingError, match=r"within shape \(16, 32\), received \(16, 0\)"):
        weight.equations((16, 0))
    with pytest.raises(SettingError, match="received"):
        weight.equations(3)


def test_it_is_told_which_way_it_moves_and_why() -> None:
    weight = small(layers.Dense(2, name="one")).weight("one/kernel")
    assert weight.gradient is not None
    for spot in np.ndindex(weight.old.shape):
        told = " ".join(weight.tell(1, spot).split())
        assert ("the loss falls when this weight grows" in told) == (weight.gradient[spot] < 0)
        assert ("moves it up" in told) == (weight.change[spot] > 0)
