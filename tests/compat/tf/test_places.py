"""Places and counts mean what they mean in TensorFlow: the figures are what TensorFlow 2.21 gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import layers, models
from pippin.compat import tf
from pippin.program.eager import as_eager

F = as_eager(np.array([[1, 2, 3], [4, 5, 6]], np.float32))

CASES: dict[str, tuple[Callable[[], Any], Any]] = {
    "cumsum": (lambda: tf.cumsum(F), [[1, 2, 3], [5, 7, 9]]),
    "cumsum along rows": (lambda: tf.cumsum(F, axis=1), [[1, 3, 6], [4, 9, 15]]),
    "cumsum exclusive": (lambda: tf.cumsum(F, axis=1, exclusive=True), [[0, 1, 3], [0, 4, 9]]),
    "cumsum reverse": (lambda: tf.cumsum(F, axis=1, reverse=True), [[6, 5, 3], [15, 11, 6]]),
    "cumprod both": (lambda: tf.cumprod(F, axis=1, exclusive=True, reverse=True), [[6, 3, 1], [30, 6, 1]]),
    "slice": (lambda: tf.slice(F, [0, 1], [2, -1]), [[2, 3], [5, 6]]),
    "gather_nd": (lambda: tf.gather_nd(F, [[0, 1], [1, 2]]), [2, 6]),
    "gather_nd of rows": (lambda: tf.gather_nd(F, [[1]]), [[4, 5, 6]]),
    "scatter": (lambda: tf.tensor_scatter_nd_update(F, [[0, 1]], [9.0]), [[1, 9, 3], [4, 5, 6]]),
    "scatter_add": (lambda: tf.tensor_scatter_nd_add(F, [[0, 1]], [9.0]), [[1, 11, 3], [4, 5, 6]]),
    "sequence_mask": (lambda: tf.sequence_mask([1, 3], 4), [[True, False, False, False], [True, True, True, False]]),
    "squared_difference": (lambda: tf.squared_difference(F, 1.0), [[0, 1, 4], [9, 16, 25]]),
    "count_nonzero": (lambda: tf.count_nonzero(F > 2), 4),
    "segment_sum": (lambda: tf.segment_sum(F, [0, 0]), [[5, 7, 9]]),
    "bincount": (lambda: tf.bincount([1, 1, 3]), [0, 2, 0, 1]),
    "ensure_shape": (lambda: tf.ensure_shape(F, [2, None]), F),
    "vectorized_map": (lambda: tf.vectorized_map(lambda row: row + 1, F), [[2, 3, 4], [5, 6, 7]]),
    "inv": (lambda: tf.linalg.inv(as_eager(np.float32([[2, 0], [0, 4]]))), [[0.5, 0], [0, 0.25]]),
}


@pytest.mark.parametrize("word", CASES)
def test_a_word_gives_what_tensorflow_gives(word: str) -> None:
    compute, expected = CASES[word]
    np.testing.assert_array_equal(compute(), expected)


def test_the_words_work_inside_a_layer() -> None:
    class Told(layers.Layer):
        def call(self, x: Any) -> Any:
            return tf.concat([tf.cumsum(x, axis=1, exclusive=True), tf.slice(x, [0, 1], [-1, 2])], axis=1)

    inputs = layers.Input((3,))
    model = models.Model(inputs, Told()(inputs))
    np.testing.assert_array_equal(model.predict(np.asarray(F), verbose=0), [[0, 1, 3, 2, 3], [0, 4, 9, 5, 6]])


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="not compatible"):
        tf.ensure_shape(F, [3, 3])
    with pytest.raises(TypeError, match="batch_dims=0"):
        tf.gather_nd(F, [[0]], batch_dims=1)
