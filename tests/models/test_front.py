"""Functional models may begin with layers of strings, beside other inputs: they are applied before the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin import layers, models
from pippin.data import Dataset
from pippin.errors import SettingError

COLOURS = np.array(["red", "green", "blue", "red"])[:, None]
SIZES = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)


def colour_and_size() -> Any:
    colour, size = layers.Input((1,), dtype="string", name="colour"), layers.Input((1,), name="size")
    lookup = layers.StringLookup(output_mode="one_hot", name="lookup")
    lookup.adapt(COLOURS)
    seen = layers.Concatenate()([lookup(colour), size])
    model = models.Model([colour, size], layers.Dense(1, name="head")(seen))
    model.compile("sgd", "mse")
    return model


def test_they_train_and_predict_as_the_part_behind_does() -> None:
    model = colour_and_size()
    hot = model.get_layer("lookup")(COLOURS)
    behind = models.Sequential([layers.Input((5,)), layers.Dense(1)])
    behind.set_weights(model.get_weights())
    behind.compile("sgd", "mse")
    model.fit([COLOURS, SIZES], SIZES, epochs=3, shuffle=False, verbose=0)
    behind.fit(np.concatenate([hot, SIZES], 1), SIZES, epochs=3, shuffle=False, verbose=0)
    for ours, theirs in zip(model.get_weights(), behind.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_lists_dicts_and_datasets_give_the_same() -> None:
    model = colour_and_size()
    expected = model.predict([COLOURS, SIZES], verbose=0)
    np.testing.assert_array_equal(model.predict({"colour": COLOURS, "size": SIZES}, verbose=0), expected)
    np.testing.assert_array_equal(model([COLOURS, SIZES]), expected)
    batches = Dataset.from_tensor_slices(((COLOURS, SIZES), SIZES)).batch(3)
    np.testing.assert_allclose(model.predict(batches, verbose=0), expected, rtol=1e-6)
    assert model.evaluate(batches, verbose=0) == pytest.approx(model.evaluate([COLOURS, SIZES], SIZES, verbose=0))


def test_they_are_saved_with_their_vocabulary_and_cloned(tmp_path: Path) -> None:
    model = colour_and_size()
    model.save(tmp_path / "model.keras")
    again = models.load_model(tmp_path / "model.keras")
    expected = model.predict([COLOURS, SIZES], verbose=0)
    np.testing.assert_array_equal(again.predict([COLOURS, SIZES], verbose=0), expected)
    clone = models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict([COLOURS, SIZES], verbose=0), expected)


def test_texts_may_come_as_a_list_of_strings() -> None:
    words = layers.TextVectorization(output_sequence_length=3)
    words.adapt(["a b c", "b c d"])
    start = layers.Input((1,), dtype="string")
    whole = models.Model(start, layers.Embedding(10, 2)(words(start)))
    texts = ["a b", "d"]
    np.testing.assert_array_equal(whole.predict(texts, verbose=0), whole.predict(np.array(texts)[:, None], verbose=0))
    alone = models.Model(start, words(start))
    np.testing.assert_array_equal(alone.predict(np.array(texts), verbose=0), words(texts))
    np.testing.assert_array_equal(alone(np.array(texts)), words(texts))


def test_they_can_not_stand_inside_another_model() -> None:
    start = layers.Input((1,), dtype="string")
    with pytest.raises(SettingError, match="begins with layers of strings"):
        colour_and_size()([start, layers.Input((1,))])


def test_single_numbers_and_texts_need_no_axis_of_their_own() -> None:
    model = colour_and_size()
    full = model.predict([COLOURS, SIZES], verbose=0)
    flat = {"colour": COLOURS[:, 0], "size": SIZES[:, 0]}
    np.testing.assert_array_equal(model.predict(flat, verbose=0), full)
    batches = Dataset.from_tensor_slices((flat, SIZES)).batch(2)
    assert model.evaluate(batches, verbose=0) == pytest.approx(model.evaluate([COLOURS, SIZES], SIZES, verbose=0))


@pytest.mark.parametrize("kind", ["functional", "sequential"])
def test_a_column_of_numbers_is_rows_of_one(kind: str) -> None:
    x = layers.Input((1,), name="size")
    head = layers.Dense(1, name="head")
    model = models.Model(x, head(x)) if kind == "functional" else models.Sequential([x, head])
    model.compile("sgd", "mse")
    np.testing.assert_array_equal(model.predict(SIZES[:, 0], verbose=0), model.predict(SIZES, verbose=0))
    model.fit(SIZES[:, 0], SIZES[:, 0], validation_data=(SIZES[:, 0], SIZES), epochs=1, verbose=0)
    model.train_on_batch(SIZES[:, 0], SIZES)
    batches = Dataset.from_tensor_slices((SIZES[:, 0], SIZES)).batch(2)
    assert model.evaluate(batches, verbose=0) == pytest.approx(model.evaluate(SIZES, SIZES, verbose=0))
