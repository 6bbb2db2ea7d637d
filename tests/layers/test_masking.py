"""Masks go with tensors from layer to layer, by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models, ops
from pippin.ops.masks import mask_of

WORDS = np.array([[1, 2, 0, 0], [3, 0, 0, 0], [4, 5, 6, 1]])
COUNTS = WORDS != 0


class Asks(layers.Layer):
    """Keeps the mask that it was handed, and hands it on."""

    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        self.was_given = mask is not None
        return inputs if mask is None else inputs * ops.expand_dims(ops.cast(mask, "float32"), -1)


def test_arrays_carry_masks_between_calls() -> None:
    vectors = layers.Embedding(7, 3, mask_zero=True)(WORDS)
    np.testing.assert_array_equal(mask_of(vectors), COUNTS)
    asks = Asks()
    np.testing.assert_array_equal(mask_of(asks(layers.Dropout(0.5)(vectors))), COUNTS)
    assert asks.was_given
    assert mask_of(vectors.copy()) is None


def test_symbolic_tensors_say_that_they_will_have_a_mask() -> None:
    x = layers.Embedding(7, 3, mask_zero=True)(layers.Input((4,), dtype="int32"))
    assert x._keras_mask.shape == (None, 4) and x._keras_mask.dtype == "bool"
    assert layers.Dense(2)(x)._keras_mask is not None
    assert layers.LSTM(2)(x)._keras_mask is None


@pytest.mark.parametrize("kind", ["sequential", "functional", "subclassed", "nested"])
def test_every_kind_of_model_hands_masks_on(kind: str) -> None:
    embedding, asks = layers.Embedding(7, 3, mask_zero=True), Asks()

    class Own(models.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = embedding, asks

        def call(self, inputs: Any) -> Any:
            return self.second(self.first(inputs))

    start = layers.Input((4,), dtype="int32")
    vectors = layers.Input((4, 3))
    model = {
        "sequential": lambda: models.Sequential([start, embedding, asks]),
        "functional": lambda: models.Model(start, asks(embedding(start))),
        "subclassed": Own,
        "nested": lambda: models.Sequential([start, embedding, models.Model(vectors, asks(vectors))]),
    }[kind]()
    result = model.predict(WORDS, verbose=0)
    assert asks.was_given
    np.testing.assert_array_equal((result != 0).any(-1), COUNTS)


def test_a_mask_that_is_given_is_the_one_that_counts() -> None:
    given = np.array([[True, False, True, False]] * 3)
    vectors = layers.Embedding(7, 3, mask_zero=True)(WORDS)
    np.testing.assert_array_equal((Asks()(vectors, mask=given) != 0).any(-1), given)


def test_inputs_by_name_bring_their_masks() -> None:
    class Two(Asks):
        def call(self, a: Any, b: Any, a_mask: Any = None, b_mask: Any = None) -> Any:  # type: ignore[override]
            self.was_given = a_mask is not None and b_mask is not None
            return a + b

    vectors, layer = layers.Embedding(7, 3, mask_zero=True)(WORDS), Two()
    for call in (lambda: layer(vectors, vectors), lambda: layer(a=vectors, b=vectors)):
        layer.was_given = False
        np.testing.assert_array_equal(mask_of(call()), COUNTS)
        assert layer.was_given


def test_a_layer_that_loses_a_mask_says_so() -> None:
    vectors = layers.Embedding(7, 3, mask_zero=True)(WORDS)
    with pytest.warns(UserWarning, match="Reshape.*does not support masks"):
        layers.Reshape((12,))(vectors)


def test_what_is_skipped_changes_nothing() -> None:
    layer = layers.GRU(3, return_sequences=True)
    x = np.random.default_rng(1).normal(size=(3, 4, 2)).astype(np.float32)
    before = layer(x, mask=COUNTS)
    x[~COUNTS] = 9.0
    after = layer(x, mask=COUNTS)
    np.testing.assert_array_equal(after, before)
    np.testing.assert_array_equal(after[1, 1:], np.broadcast_to(after[1, 0], (3, 3)))  # the last output stays


def test_merging_layers_join_masks() -> None:
    one, other = layers.Embedding(7, 3, mask_zero=True), layers.Embedding(7, 3)
    a, b, c = one(WORDS), other(WORDS), one(WORDS[:, ::-1])
    np.testing.assert_array_equal(mask_of(layers.Add()([a, c])), COUNTS | COUNTS[:, ::-1])
    assert mask_of(layers.Add()([a, b])) is None
    np.testing.assert_array_equal(mask_of(layers.Concatenate(axis=1)([a, c])), np.hstack([COUNTS, COUNTS[:, ::-1]]))
    assert mask_of(layers.Concatenate()([a, b])).all()


def test_masked_steps_count_neither_in_the_loss_nor_in_metrics() -> None:
    model = models.Sequential([
        layers.Input((4,), dtype="int32"), layers.Embedding(7, 2, mask_zero=True), layers.Dense(1),
    ])  # fmt: skip
    model.compile("sgd", "mse", metrics=["mae"])
    truth = np.random.default_rng(2).normal(size=(3, 4, 1)).astype(np.float32)
    missed = (model.predict(WORDS, verbose=0) - truth)[COUNTS]
    loss, mae = model.evaluate(WORDS, truth, verbose=0)
    assert loss == pytest.approx((missed**2).mean(), rel=1e-5)
    # As in Keras: the mean of examples, each of which counts as much as it has steps that count.
    assert mae == pytest.approx(np.abs(missed).mean(), rel=1e-5)


def test_a_shortcut_is_not_taken_past_a_mask() -> None:
    layer = layers.SimpleRNN(3)
    x = np.ones((3, 4, 2), np.float32)
    plain = layer(x)
    layer(x)  # the same call again: a shortcut is there now
    masked = layers.Masking(mask_value=5.0)(np.where(COUNTS[..., None], x, np.float32(5.0)))
    assert not np.array_equal(layer(masked), plain)
