"""All variables of a model as nested dicts, out and back in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, models
from pippin.errors import SettingError


def network() -> Any:
    pippin.backend.clear_session()  # the same names each time
    model = models.Sequential([layers.Input((3,)), layers.Dense(4, name="one"), layers.BatchNormalization(name="norm")])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.eye(3), np.ones((3, 4)), verbose=0)
    return model


def test_a_tree_holds_every_variable_under_its_path_and_goes_back_in() -> None:
    model, other = network(), network()
    tree = model.get_state_tree()
    assert set(tree) == {"trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables"}
    np.testing.assert_array_equal(tree["trainable_variables"]["one"]["kernel"], model.layers[0].kernel)
    assert int(tree["optimizer_variables"]["adam"]["iteration"]) == 1
    assert set(tree["metrics_variables"]) == {"loss", "mean_absolute_error"}
    other.set_state_tree(tree)
    x = np.linspace(0, 1, 6).reshape(2, 3)
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))
    history = [one.fit(x, np.ones((2, 4)), shuffle=False, verbose=0).history for one in (model, other)]
    assert history[0] == history[1]


def test_a_tree_of_another_model_is_refused_by_name() -> None:
    with pytest.raises(SettingError, match="Unknown variable among the trainable_variables: 'two/kernel'"):
        network().set_state_tree({"trainable_variables": {"two": {"kernel": np.zeros((3, 4))}}})
    with pytest.raises(SettingError, match="Unknown kind of variables: 'weights'"):
        network().set_state_tree({"weights": {}})
    with pytest.raises(SettingError, match="value_format"):
        network().get_state_tree("list")
