"""The input, dense layers and activations as layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models


def test_dense_layers_weigh_the_last_axis_whatever_lies_before() -> None:
    dense = layers.Dense(4)
    x = np.random.RandomState(0).normal(size=(2, 3, 5)).astype(np.float32)
    result = dense(x)
    np.testing.assert_allclose(result, x @ dense.get_weights()[0], rtol=1e-5, atol=1e-6)
    assert dense.compute_output_shape((None, 3, 5)) == (None, 3, 4)


def test_inputs_know_their_shape_type_and_name() -> None:
    tensor = layers.Input((28, 28), dtype="uint8", name="photo")
    assert (tensor.shape, tensor.dtype, tensor.name) == ((None, 28, 28), "uint8", "photo")
    assert layers.Input(7).shape == (None, 7)
    assert layers.Input((3,), batch_size=8).shape == (8, 3)
    assert layers.Input(batch_shape=(None, 2)).shape == (None, 2)
    assert layers.Input(tensor=tensor).dtype == "uint8"
    config = layers.InputLayer((3,), name="start").get_config()
    assert layers.InputLayer.from_config(config).batch_shape == (None, 3)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.Dense(0), "Dense units: expected a positive integer, received 0"),
        (lambda: layers.Dense(-3), "Dense units: .* received -3"),
        (lambda: layers.Dense(2.5), "Dense units: .* received 2.5"),
        (lambda: layers.Dense(True), "Dense units: .* received True"),
        (lambda: layers.Dense(2, "relo"), "Unknown activation: 'relo'. Did you mean \"relu\""),
        (lambda: layers.Dense(2, lora_rank=4), "Dense lora_rank: expected None, received 4"),
        (
            lambda: layers.Dense(2, name="d")(np.ones(3)),
            r'Dense "d": expected an input of shape \(batch, features\), received shape \(batch\)',
        ),
        (lambda: layers.Dense(2, name="d")(layers.Input((None,))), "expected a known number of features"),
        (lambda: layers.Input(), r"Input: expected a shape, for example Input\(shape=\(784,\)\)"),
        (lambda: layers.Input((3, -1)), r"Input: expected whole sizes .* received shape \(3, -1\)"),
        (lambda: layers.Input((3,), batch_shape=(None, 3)), "expected shape or batch_shape, received both"),
        (lambda: layers.Input((3,), sparse=True), "Input sparse: expected False"),
        (lambda: layers.InputLayer((3,), colour="red"), "expected only Keras's arguments, received colour"),
    ],
)
def test_impossible_settings_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()


def test_a_wrong_number_of_features_names_the_layer_and_the_cure() -> None:
    dense = layers.Dense(2, name="head")
    dense(np.ones((1, 784)))
    refused = '"head".*incompatible with the layer: expected 784 features.*'
    with pytest.raises(ValueError, match=refused + r"\(batch, 28, 28\). Add Flatten\(\)"):
        dense(np.ones((32, 28, 28)))
    with pytest.raises(ValueError, match=refused + r"received shape \(batch, 5\)\.$"):
        models.Sequential([layers.Input((5,)), dense])


def test_dense_layers_without_bias_have_none() -> None:
    dense = layers.Dense(2, use_bias=False)
    dense.build((None, 3))
    assert dense.bias is None and len(dense.weights) == 1


def test_an_embedding_leads_back_to_logits() -> None:
    embedding = layers.ReversibleEmbedding(5, 3, mask_zero=True)
    vectors = embedding(np.array([[1, 2]]))
    np.testing.assert_allclose(
        embedding(vectors, reverse=True), vectors @ embedding.embeddings.numpy().T, rtol=1e-5, atol=1e-7
    )
    own = layers.ReversibleEmbedding(5, 3, tie_weights=False, logit_soft_cap=0.5)
    logits = own(np.ones((2, 3), np.float32) * 100, reverse=True)
    assert [weight.shape for weight in own.weights] == [(5, 3), (3, 5)]
    assert logits.shape == (2, 5) and np.abs(logits).max() <= 0.5
