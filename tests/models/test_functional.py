"""What a functional model does with the graph it was made of."""

from __future__ import annotations

import numpy as np
import pytest

from pippin import layers, models


def test_what_a_run_is_stands_above_what_a_layer_was_called_with() -> None:
    x = layers.Input((4,))
    model = models.Model(x, layers.Dropout(0.5)(x, training=True))  # Keras 3.15 rests here too, and writes such files
    np.testing.assert_array_equal(model.predict(np.ones((2, 4)), verbose=0), np.ones((2, 4)))


def test_dicts_of_inputs_are_taken_by_name_whatever_the_order() -> None:
    first, second = layers.Input((2,), name="z"), layers.Input((3,), name="a")
    joined = layers.Concatenate()([first, second])
    model = models.Model([first, second], joined)
    one, two = np.ones((4, 2), "float32"), np.zeros((4, 3), "float32")
    expected = np.concatenate([one, two], 1)
    np.testing.assert_array_equal(model.predict({"a": two, "z": one}, verbose=0), expected)
    np.testing.assert_array_equal(model({"a": two, "z": one}), expected)

    keyed = models.Model({"left": first, "right": second}, joined)
    np.testing.assert_array_equal(keyed.predict({"right": two, "left": one}, verbose=0), expected)
    with pytest.raises(ValueError, match="expected an entry for each input, missing left, right; received a, z"):
        keyed({"z": one, "a": two})
    with pytest.warns(UserWarning, match="The structure of `inputs` doesn't match the expected structure"):
        keyed({"left": one, "right": two, "more": two})
    with pytest.warns(UserWarning, match="The structure of `inputs`"):
        np.testing.assert_array_equal(keyed([one, two]), expected)


def test_nested_dicts_of_inputs_go_in_as_they_were_made() -> None:
    first, second, third = layers.Input((1,)), layers.Input((2,)), layers.Input((3,))
    both = layers.Concatenate()([third, first])
    model = models.Model({"1": first, "others": {"2": second, "3": third}}, {"both": both})
    given = {"1": np.ones((2, 1)), "others": {"2": np.ones((2, 2)), "3": np.zeros((2, 3))}}
    np.testing.assert_array_equal(model(given)["both"], [[0, 0, 0, 1]] * 2)
    np.testing.assert_array_equal(model.predict(given, verbose=0)["both"], [[0, 0, 0, 1]] * 2)
