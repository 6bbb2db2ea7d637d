"""Texts and tokens as numbers. Expected vocabularies and numbers were made with keras 3.15.1 on TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pippin import layers, models
from pippin.data import Dataset
from pippin.errors import DataError, SettingError
from pippin.saving import load_model

TEXTS = np.array(["the cat sat", "dogs run fast", "a cat ran"])
LABELS = np.array([0.0, 1.0, 0.0])


def adapted(**settings: object) -> layers.TextVectorization:
    layer = layers.TextVectorization(**settings)  # type: ignore[arg-type]
    layer.adapt(TEXTS)
    return layer


def test_the_vocabulary_is_keras_own() -> None:
    layer = adapted(max_tokens=20, output_sequence_length=4)
    assert layer.get_vocabulary() == ["", "[UNK]", "cat", "the", "sat", "run", "ran", "fast", "dogs", "a"]
    assert layer.vocabulary_size() == 10
    np.testing.assert_array_equal(layer(TEXTS), [[3, 2, 4, 0], [8, 5, 7, 0], [9, 2, 6, 0]])
    np.testing.assert_array_equal(layer([["The CAT, unheard-of!"]]), [[3, 2, 1, 0]])
    assert layer("cat").tolist() == [2, 0, 0, 0]


def test_datasets_are_learned_from_batch_by_batch() -> None:
    layer = layers.TextVectorization()
    layer.adapt(Dataset.from_tensor_slices(TEXTS).batch(2))
    assert layer.get_vocabulary() == adapted().get_vocabulary()


def test_the_vocabulary_is_no_larger_than_asked() -> None:
    assert adapted(max_tokens=4).get_vocabulary() == ["", "[UNK]", "cat", "the"]


def test_texts_are_counted_and_weighed() -> None:
    assert adapted(output_mode="count")(["cat cat zebra"])[0, :3].tolist() == [1, 2, 0]
    assert adapted(output_mode="multi_hot")(["cat cat zebra"])[0, :3].tolist() == [1, 1, 0]
    padded = adapted(output_mode="multi_hot", max_tokens=15, pad_to_max_tokens=True)
    assert padded(TEXTS).shape == (3, 15)
    weighed = adapted(output_mode="tf_idf")(["cat the"])[0]
    # ln(1 + 3 texts / (1 + those with the word))
    np.testing.assert_allclose(weighed[1:3], [np.log(2), np.log(2.5)], rtol=1e-6)


def test_words_are_joined_split_and_standardized_as_asked() -> None:
    pairs = layers.TextVectorization(ngrams=2, vocabulary=["a b", "b"])
    assert pairs(["a b"]).tolist() == [[1, 3, 2]]
    letters = layers.TextVectorization(split="character", standardize=None, vocabulary=["A", "b"])
    assert letters(["Ab a"]).tolist() == [[2, 3, 1, 1]]
    own = layers.TextVectorization(
        standardize=lambda texts: np.char.replace(texts, "<br>", " "),
        split=lambda texts: [text.split() for text in texts],
        vocabulary=["good", "film"],
    )
    assert own(np.array(["good<br>film"])).tolist() == [[2, 3]]


def test_tokens_are_looked_up_and_back() -> None:
    there = layers.StringLookup(vocabulary=["a", "b"])
    back = layers.StringLookup(vocabulary=there.get_vocabulary(), invert=True)
    assert there([["a", "z", "b"]]).tolist() == [[1, 0, 2]]
    assert back(there([["a", "z", "b"]])).tolist() == [["a", "[UNK]", "b"]]
    assert layers.StringLookup(vocabulary=["a"], mask_token="")(["", "a", "z"]).tolist() == [0, 2, 1]
    assert layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(["b"]).tolist() == [[0, 0, 1]]
    numbers = layers.IntegerLookup(vocabulary=[30, 50], num_oov_indices=2)
    assert numbers([50, 7, 8]).tolist() == [3, 1, 0]


def test_a_vocabulary_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("cat\ndog\n", encoding="utf-8")
    assert layers.StringLookup(vocabulary=str(tmp_path / "words.txt"))(["dog"]).tolist() == [2]


def test_what_can_not_be_looked_up_is_refused() -> None:
    with pytest.raises(DataError, match="at least one repeated term"):
        layers.StringLookup(vocabulary=["a", "a"])
    with pytest.raises(DataError, match="empty vocabulary"):
        layers.StringLookup(vocabulary=[])
    with pytest.raises(DataError, match="all inputs should be in vocabulary"):
        layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"])
    with pytest.raises(SettingError, match="after setting a static vocabulary"):
        layers.StringLookup(vocabulary=["a"]).adapt(["b"])
    with pytest.raises(RuntimeError, match="must set the layer's vocabulary"):
        layers.StringLookup(output_mode="count")(["a"])
    with pytest.raises(SettingError, match="`standardize`"):
        layers.TextVectorization(standardize="upper")


@pytest.mark.parametrize("with_input", [False, True])
def test_a_model_that_begins_with_texts_learns_predicts_and_is_saved(with_input: bool, tmp_path: Path) -> None:
    start = [layers.Input((1,), dtype="string")] if with_input else []
    x = TEXTS[:, None] if with_input else TEXTS
    vectorize = adapted(max_tokens=20, output_sequence_length=4)
    model = models.Sequential([*start, vectorize, layers.Embedding(20, 3), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(x, LABELS, epochs=3, validation_data=(x, LABELS), verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    found = model.predict(x, verbose=0)
    rest = models.Sequential(model.layers[1:])
    np.testing.assert_array_equal(rest.predict(vectorize(x), verbose=0), found)
    np.testing.assert_allclose(model(x), found, rtol=1e-5)
    model.fit(Dataset.from_tensor_slices((x, LABELS)).batch(2), verbose=0)
    found = model.predict(x, verbose=0)
    model.save(tmp_path / "texts.keras")
    np.testing.assert_array_equal(load_model(tmp_path / "texts.keras").predict(x, verbose=0), found)


def test_a_layer_of_texts_behind_another_layer_is_refused() -> None:
    lookup = layers.IntegerLookup(vocabulary=[1])
    with pytest.raises(SettingError, match="outside of the compiled step"):
        models.Sequential([layers.Input((3,)), layers.Dense(2), lookup]).predict(np.zeros((1, 3)), verbose=0)
