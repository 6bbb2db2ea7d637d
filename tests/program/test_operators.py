"""Variables and symbols are written with as arrays are: operators, comparisons and NumPy's functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import Variable, layers, models, ops

NUMBERS = np.array([[-3.0, 0.0, 2.0], [7.0, -1.0, 4.0]], np.float32)

WRITTEN: dict[str, Callable[[Any], Any]] = {
    "x == 0": lambda x: x == 0, "x != 0": lambda x: x != 0, "x < 1": lambda x: x < 1, "x >= 2": lambda x: x >= 2,
    "x // 2": lambda x: x // 2, "x % 3": lambda x: x % 3, "7 // (x + 0.5)": lambda x: 7 // (x + 0.5),
    "5 % (x + 0.5)": lambda x: 5 % (x + 0.5), "abs(x)": abs, "-x": lambda x: -x, "2 ** x": lambda x: 2.0**x,
    "~(x > 0)": lambda x: ~(x > 0), "(x > 0) & (x < 3)": lambda x: (x > 0) & (x < 3),
    "(x > 0) ^ (x < 3)": lambda x: (x > 0) ^ (x < 3), "x * list": lambda x: x * [1, 2, 3],
    "list - x": lambda x: [0.5, 1, 2] - x,
    "(x < 0) | (x > 3)": lambda x: (x < 0) | (x > 3), "x == array": lambda x: x == NUMBERS,
    "array - x": lambda x: NUMBERS - x, "array > x": lambda x: NUMBERS > x,  # noqa: SIM300
}  # fmt: skip


@pytest.mark.parametrize("word", WRITTEN)
def test_an_expression_is_the_same_of_a_variable_a_symbol_and_an_array(word: str) -> None:
    write = WRITTEN[word]
    expected = write(NUMBERS)

    class Written(layers.Layer):
        def call(self, x: Any) -> Any:
            return ops.cast(write(x), "float32")

    class OfVariable(layers.Layer):
        def build(self, shape: Any) -> None:
            self.numbers = self.add_weight(shape=NUMBERS.shape, initializer="zeros")
            self.numbers.assign(NUMBERS)

        def call(self, x: Any) -> Any:
            return ops.cast(write(self.numbers), "float32") + 0.0 * x

    np.testing.assert_array_equal(write(Variable(NUMBERS)), expected)
    for layer in (Written(), OfVariable()):
        np.testing.assert_array_equal(layer(NUMBERS), expected.astype("float32"))
        inputs = layers.Input((3,), batch_size=2)
        model = models.Model(inputs, layer(inputs))
        np.testing.assert_array_equal(model.predict(NUMBERS, verbose=0), expected.astype("float32"))


@pytest.mark.parametrize(
    "word", ["x != 0", "x < 1", "x // 2", "x % 3", "abs(x)", "~(x > 0)", "(x > 0) & (x < 3)", "(x < 0) | (x > 3)"]
)
def test_an_expression_of_tensors_of_the_functional_interface_is_the_same(word: str) -> None:
    inputs = layers.Input((3,))
    model = models.Model(inputs, ops.cast(WRITTEN[word](inputs), "float32"))
    np.testing.assert_array_equal(model.predict(NUMBERS, verbose=0), WRITTEN[word](NUMBERS).astype("float32"))


def test_functions_of_numpy_take_variables() -> None:
    variable = Variable(NUMBERS)
    for function in (np.sum, np.abs, np.exp, np.max, np.min, np.mean, np.isnan, np.square, np.ptp):
        np.testing.assert_array_equal(function(variable), function(NUMBERS))
    np.testing.assert_array_equal(np.add(variable, 1), NUMBERS + 1)
    total = np.ones_like(NUMBERS)
    total *= variable
    np.testing.assert_array_equal(total, NUMBERS)


def test_variables_are_found_in_lists_and_have_no_truth_value() -> None:
    one, other = Variable([1.0]), Variable([1.0])
    assert one in [other, one] and one not in [other]
    assert {one: 1}[one] == 1
    assert one != other and one != None  # noqa: E711  what old programs write
    with pytest.raises(TypeError, match="cannot be used as a boolean"):
        bool(one)


def test_counts_of_steps_compare_with_numbers() -> None:
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    assert model.optimizer.iterations == 0
    model.fit(np.ones((64, 2)), np.ones(64), verbose=0)
    assert model.optimizer.iterations == 2 and model.optimizer.iterations > 1


WHOLE = np.array([[1, 2, 5], [0, -3, 4]], np.int32)
PROMOTED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "x / 2": (lambda x: x / 2, "float32"), "x / (x + 1.5)": (lambda x: x / (x + 1.5), "float32"),
    "1 / (x + 0.5)": (lambda x: 1 / (x + 0.5), "float32"), "x * 0.5": (lambda x: x * 0.5, "float32"),
    "x > 1.5": (lambda x: x > 1.5, "bool"),
    "x ** 2": (lambda x: x**2, "int32"), "x ** 3": (lambda x: x**3, "int32"),
    "x + halves": (lambda x: x + WHOLE[0] / np.float32(2), "float32"),
    "(x > 1) * 2.5": (lambda x: (x > 1) * 2.5, "float32"), "(x > 1) + 1": (lambda x: (x > 1) + 1, "int32"),
    "1 - (x > 1)": (lambda x: 1 - (x > 1), "int32"), "x * (x > 1)": (lambda x: x * (x > 1), "int32"),
}  # fmt: skip


@pytest.mark.parametrize("word", PROMOTED)
def test_whole_numbers_and_truths_become_what_they_meet(word: str) -> None:
    """As Keras promotes them: nothing is cut off."""
    write, dtype = PROMOTED[word]

    class Written(layers.Layer):
        def call(self, x: Any) -> Any:
            return write(x)

    found = Written(dtype="int32")(WHOLE)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, write(WHOLE), rtol=1e-6)  # one rounding of float32
    inputs = layers.Input((3,), dtype="int32")
    assert models.Model(inputs, Written(dtype="int32")(inputs)).output.dtype == dtype


def test_numbers_are_added_to_inside_a_trace() -> None:
    """What is known while tracing is computed at once, and may still meet what isn't."""

    class Marked(layers.Layer):
        def call(self, x: Any) -> Any:
            marks = ops.ones((3,)) * 2.0
            marks = ops.add(marks, 1.0)
            marks += x
            share = ops.divide(1, 4)
            times = ops.concatenate([ops.expand_dims(x.shape[0], -1), ops.convert_to_tensor([1])], 0)
            return marks * share + ops.tile(ops.zeros((1, 3)), times)

    np.testing.assert_allclose(Marked()(NUMBERS), (NUMBERS + 3) / 4)
