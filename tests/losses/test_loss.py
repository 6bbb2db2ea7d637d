"""How losses become one number, and what users may bring of their own."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import pippin
from pippin import layers, losses, ops

TRUE = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
ZERO = np.zeros((2, 2), np.float32)


def test_weights_of_examples_count_for_all_that_lies_behind() -> None:
    true, predicted = np.ones((2, 3, 4), np.float32), np.zeros((2, 3, 4), np.float32)
    found = losses.MeanSquaredError(reduction="none")(true, predicted, sample_weight=[1.0, 3.0])
    np.testing.assert_array_equal(found, [[1, 1, 1], [3, 3, 3]])


def test_one_weight_for_all_may_be_a_number() -> None:
    assert float(losses.MeanAbsoluteError()(TRUE, ZERO, sample_weight=2.0)) == 5.0


def test_what_is_masked_counts_neither_in_the_sum_nor_in_the_mean() -> None:
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]], np.float32)
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    found = loss(np.array([0, 1, -1]), probabilities)
    assert float(found) == pytest.approx(float(np.mean(-np.log([0.5, 0.75]))), rel=1e-6)
    assert float(loss(np.array([-1, -1, -1]), probabilities)) == 0.0


def test_losses_of_users_train_models() -> None:
    class Tilted(losses.Loss):
        def __init__(self, slope: float = 3.0, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.slope = slope

        def call(self, y_true: Any, y_pred: Any) -> Any:
            error = y_true - y_pred  # whole numbers as labels are floats here, as in Keras
            return ops.mean(ops.maximum(error, -error * self.slope), axis=-1)

    def absolute(y_true, y_pred):  # type: ignore[no-untyped-def]
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    x, labels = np.ones((4, 1)), np.array([1, 2, 3, 4])
    for loss, expected in ((Tilted(name="tilted"), 2.5), (absolute, 2.5)):
        model = pippin.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
        model.compile(optimizer="sgd", loss=loss)
        assert model.test_on_batch(x, labels) == pytest.approx(expected)
        model.fit(x, labels, verbose=0)
    config = Tilted(2.0, name="t").get_config()
    assert config == {"slope": 2.0, "name": "t", "reduction": "sum_over_batch_size"}


def test_a_name_is_a_function_and_a_class_an_object() -> None:
    np.testing.assert_array_equal(losses.get("mse")(TRUE, ZERO), [2.5, 12.5])
    assert isinstance(losses.get("MeanSquaredError"), losses.MeanSquaredError)
    assert isinstance(losses.as_loss("mse"), losses.MeanSquaredError)
    assert losses.get(None) is None and losses.as_loss(None) is None
    described = {"class_name": "function", "config": "hinge", "module": "builtins", "registered_name": "function"}
    assert losses.get(described) is losses.hinge
    wrapped = losses.LossFunctionWrapper(losses.huber, name="own", delta=0.5)
    assert wrapped.delta == 0.5
    again = losses.deserialize(losses.serialize(wrapped))
    assert float(again(TRUE, ZERO)) == float(wrapped(TRUE, ZERO))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: losses.MeanSquaredError("average"), "Invalid value.*Received: reduction=average"),
        (lambda: losses.MeanSquaredError()(np.ones(3), np.ones((3, 3))),
         r'loss "mean_squared_error": expected targets of shape \(3, 3\) like the predictions, received \(3,\)'),
        (lambda: losses.CategoricalCrossentropy()(np.array([0, 1]), ZERO),
         r'loss "categorical_crossentropy": expected labels of shape \(2, 2\).*for sparse_categorical_crossentropy'),
        (lambda: losses.Loss()(TRUE, ZERO), "a loss defines call"),
        (lambda: losses.get(3), "Unknown loss: 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises((ValueError, NotImplementedError), match=words):
        act()


def test_columns_and_rows_of_numbers_find_each_other() -> None:
    column, row = np.array([[1.0], [3.0]]), np.array([1.0, 2.0])
    for true, predicted in ((column, row), (row, column)):
        assert float(losses.MeanSquaredError()(true, predicted)) == 0.5


def test_examples_that_cost_nothing_do_not_count_in_the_mean_of_circle() -> None:
    labels, rows = np.array([1, 1, 2]), np.array([[1.0, 0.0], [0.8, 0.6], [-1.0, 0.0]], np.float32)
    single = losses.circle(labels, rows, gamma=4.0)
    assert single[2] == 0.0 and single[0] > 0.0
    np.testing.assert_allclose(losses.Circle(gamma=4.0)(labels, rows), single[:2].mean(), rtol=1e-6)


def test_ctc_is_the_probability_of_all_ways_to_say_the_labels() -> None:
    stream = np.random.RandomState(0)
    scores = stream.normal(size=(1, 5, 3)).astype(np.float32)
    shares = np.exp(scores[0]) / np.exp(scores[0]).sum(-1, keepdims=True)
    for wanted in ([1, 2], [1, 1], [2]):
        ways = 0.0
        for path in itertools.product(range(3), repeat=5):
            said = [one for one, _ in itertools.groupby(path) if one]
            ways += np.prod([shares[t, one] for t, one in enumerate(path)]) if said == wanted else 0.0
        labels = np.array([wanted + [0] * (3 - len(wanted))])
        # Five sums of logarithms in float32.
        np.testing.assert_allclose(losses.ctc(labels, scores), [-np.log(ways)], rtol=1e-5)
    assert losses.ctc(np.array([[1, 1, 1, 1]]), scores)[0] > 1e4  # four times the same needs three blanks: seven steps


def test_ctc_reads_only_as_many_steps_as_there_are() -> None:
    scores = np.random.RandomState(1).normal(size=(2, 6, 3)).astype(np.float32)
    labels, counts = np.array([[1, 2], [2, 2]]), np.array([2, 1])
    found = ops.ctc_loss(labels, scores, counts, np.array([4, 6]))
    np.testing.assert_allclose(found[0], losses.ctc(labels[:1], scores[:1, :4])[0], rtol=1e-6)
    np.testing.assert_allclose(found[1], losses.ctc(np.array([[2, 0]]), scores[1:])[0], rtol=1e-6)


def test_what_a_loss_can_not_use_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="CategoricalGeneralizedCrossEntropy q: expected a number between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(q=1.0)
    with pytest.raises(ValueError, match=r"expected labels of shape \(batch, length\) and predictions"):
        losses.ctc(np.ones(3, np.int32), np.ones((1, 2, 3)))


def test_own_losses_come_back_from_custom_objects() -> None:
    def mine(y_true, y_pred):  # type: ignore[no-untyped-def]
        return y_pred - y_true

    found = losses.deserialize(losses.serialize(losses.LossFunctionWrapper(mine)), custom_objects={"mine": mine})
    assert found.fn is mine
    assert losses.deserialize("mine", custom_objects={"mine": mine}) is mine
