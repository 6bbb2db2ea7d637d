"""`K.argmax(x)` and its like mean what they meant in Keras 2, where `ops` has other defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import backend as K
from pippin import layers, models, ops

X = np.array([[3.0, -1.0, 2.0], [0.0, 5.0, -4.0]], np.float32)
PICTURE = np.arange(2 * 4 * 4 * 2, dtype=np.float32).reshape(2, 4, 4, 2) / 10
LONG = np.ones((1, 3, 3, 3, 1), np.float32)

CASES: dict[str, tuple[Callable[[], Any], Any]] = {
    "argmax": (lambda: K.argmax(X), [0, 1]),
    "argmin": (lambda: K.argmin(X), [1, 2]),
    "cumsum": (lambda: K.cumsum(X), np.cumsum(X, 0)),
    "cumprod": (lambda: K.cumprod(X), np.cumprod(X, 0)),
    "expand_dims": (lambda: K.expand_dims(X), X[..., None]),
    "squeeze": (lambda: K.squeeze(X[None], 0), X),
    "repeat": (lambda: K.repeat(X, 2), np.stack([X, X], 1)),
    "tile": (lambda: K.tile(X, [2, 1]), np.tile(X, (2, 1))),
    "tile on all axes": (lambda: K.tile(X, 2), np.tile(X, (2, 2))),
    "reshape": (lambda: K.reshape(x=X, shape=(3, 2)), X.reshape(3, 2)),
    "arange": (lambda: K.arange(3), np.arange(3, dtype=np.int32)),
    "eye": (lambda: K.eye(2), np.eye(2, dtype=np.float32)),
    "ones": (lambda: K.ones((2,), name="ones"), np.ones(2, np.float32)),
    "zeros_like": (lambda: K.zeros_like(X, name="zeros"), np.zeros_like(X)),
    "one_hot": (lambda: K.one_hot(indices=np.array([1, 0]), num_classes=2), np.eye(2)[[1, 0]]),
    "hard_sigmoid": (lambda: K.hard_sigmoid(X), np.clip(0.2 * X + 0.5, 0, 1)),
    "map_fn": (lambda: K.map_fn(lambda row: ops.sum(row), X), X.sum(1)),
    "foldl": (lambda: K.foldl(lambda total, row: total - row, X), X[0] - X[1]),
    "foldr": (lambda: K.foldr(lambda total, row: total - row, X), X[1] - X[0]),
    "foldl from a start": (lambda: K.foldl(lambda total, row: total + row, X, np.ones(3, np.float32)), 1 + X.sum(0)),
    "pool3d": (lambda: K.pool3d(LONG, (3, 3, 3)), np.ones((1, 1, 1, 1, 1))),
    "conv3d": (lambda: K.conv3d(LONG, np.ones((3, 3, 3, 1, 2), np.float32)), np.full((1, 1, 1, 1, 2), 27)),
}


@pytest.mark.parametrize("word", CASES)
def test_a_function_of_keras_2_means_what_it_meant(word: str) -> None:
    compute, expected = CASES[word]
    # 1e-6: one or two roundings of float32
    np.testing.assert_allclose(np.asarray(compute()), expected, rtol=1e-6)
    assert np.asarray(compute()).shape == np.shape(expected)


def test_separable_convolution_is_depthwise_then_pointwise() -> None:
    depthwise, pointwise = np.ones((2, 2, 2, 1), np.float32), np.ones((1, 1, 2, 3), np.float32)
    found = K.separable_conv2d(PICTURE, depthwise, pointwise)
    expected = K.conv2d(K.depthwise_conv2d(PICTURE, depthwise), pointwise)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_batch_normalization_takes_beta_before_gamma() -> None:
    mean, variance = X.mean(0), X.var(0)
    found = K.batch_normalization(X, mean, variance, np.float32([1, 2, 3]), np.float32([2, 2, 2]), epsilon=0.5)
    # 1e-5: a root and a division of float32
    np.testing.assert_allclose(found, 2 * (X - mean) / np.sqrt(variance + 0.5) + [1, 2, 3], rtol=1e-5)


def test_ctc_has_its_blank_last() -> None:
    probabilities = np.asarray(ops.softmax(np.linspace(-1, 1, 2 * 5 * 4).reshape(2, 5, 4).astype("float32")))
    labels, lengths = np.array([[0, 1], [2, 2]]), (np.array([[5], [5]]), np.array([[2], [1]]))
    found = np.asarray(K.ctc_batch_cost(labels, probabilities, *lengths))
    # The same with the blank first, as Keras 3 has it.
    first = np.log(np.roll(probabilities, 1, -1) + K.epsilon())
    expected = ops.ctc_loss(labels + 1, first, np.array([2, 1]), np.array([5, 5]))
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-5)  # sums over paths in another order
    assert found.shape == (2, 1)


def test_accuracy_written_with_argmax_counts_rows() -> None:
    def accuracy(y_true: Any, y_pred: Any) -> Any:
        return K.mean(K.cast(K.equal(K.argmax(y_true), K.argmax(y_pred)), "float32"))

    model = models.Sequential([layers.Input((3,)), layers.Activation("linear")])
    model.compile("sgd", "mse", metrics=[accuracy])
    truth = np.eye(3, dtype="float32")[[0, 0]]
    assert model.evaluate(X, truth, verbose=0, return_dict=True)["accuracy"] == 0.5
