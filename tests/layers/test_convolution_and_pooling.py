"""Layers of pictures refuse what is no picture, by name, with the cure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import layers, models

X = np.random.RandomState(0).uniform(size=(2, 6, 6, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "kind", ["Conv2D", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D"]
)
def test_flat_data_is_told_how_to_become_pictures(kind: str) -> None:
    settings = {"Conv2D": (2, 3), "AveragePooling2D": (2,)}.get(kind, ())
    layer = getattr(layers, kind)(*settings, name="eye")
    with pytest.raises(
        ValueError,
        match=rf'{kind} "eye": expected pictures \(batch, height, width, channels\).*\(batch, 784\). Add Reshape',
    ):
        layer(np.ones((2, 784)))
    with pytest.raises(ValueError, match=r"Add Reshape\(\(28, 28, 1\)\) before it"):
        models.Sequential([layers.Input((28, 28)), layer])


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: layers.Conv2D(0, 3), "Invalid value for argument `filters`. Expected a strictly positive value"),
        (lambda: layers.Conv2D(2, (3, 3, 3)), "Conv2D: The `kernel_size` argument must be a tuple of 2 integers"),
        (lambda: layers.Conv2D(2, (3, 0)), r"Received kernel_size=\(3, 0\), including values \{0\} that do"),
        (lambda: layers.Conv2D(2, 3, strides=0), "Conv2D: The `strides` argument"),
        (lambda: layers.Conv2D(2, 3, padding="full"), "Conv2D padding: expected 'valid' or 'same', received 'full'"),
        (lambda: layers.Conv2D(2, 3, strides=2, dilation_rate=2), "`strides > 1` not supported in conjunction with"),
        (lambda: layers.Conv2D(3, 3, groups=2), "filters must be evenly divisible by the number of groups. Received"),
        (lambda: layers.Conv2D(2, 3, groups=0), "The number of groups must be a positive integer. Received: groups=0"),
        (lambda: layers.Conv2D(2, 3, groups=2, name="c")(X), r'"c": expected a number of channels that 2 groups'),
        (lambda: layers.Conv2D(2, 3, data_format="first"), "data_format: expected .channels_last. or .channels_first."),
        (lambda: layers.Conv2DTranspose(2, 3, strides=2, output_padding=2), "must be strictly less than `strides`"),
        (lambda: layers.DepthwiseConv2D(2, depth_multiplier=0), "Invalid value for argument `depth_multiplier`"),
        (lambda: layers.Conv2D(2, 9, name="c")(X), r'Conv2D "c": .*at least as large as the window.*6x6.*9x9'),
        (lambda: layers.MaxPooling2D(7, name="p")(X), r'MaxPooling2D "p": .*at least as large as the window'),
        (lambda: layers.MaxPooling2D(0), "MaxPooling2D: The `pool_size` argument"),
        (lambda: layers.AveragePooling2D(2, strides=(1, 2, 3)), "AveragePooling2D: The `strides` argument"),
    ],
)  # fmt: skip
def test_impossible_windows_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()


def test_another_number_of_channels_is_refused() -> None:
    conv = layers.Conv2D(2, 3, name="c")
    conv(X)
    with pytest.raises(
        ValueError, match=r'Conv2D "c": expected data with 3 channels.*received shape \(batch, 6, 6, 1\)'
    ):
        conv(X[..., :1])


def test_other_names_of_keras_mean_the_same_layers() -> None:
    assert layers.Convolution2D is layers.Conv2D
    assert layers.MaxPool2D is layers.MaxPooling2D and layers.AvgPool2D is layers.AveragePooling2D
    assert layers.GlobalAvgPool2D is layers.GlobalAveragePooling2D


def test_bytes_are_pictures_too() -> None:
    bytes_ = (X * 255).astype(np.uint8)
    for layer in (
        layers.Conv2D(1, 3, kernel_initializer="ones"),
        layers.MaxPooling2D(),
        layers.GlobalAveragePooling2D(),
    ):
        np.testing.assert_allclose(layer(bytes_), layer(bytes_.astype(np.float32)), rtol=1e-6)


def test_pools_and_convolutions_say_their_output_shape_beforehand() -> None:
    assert layers.Conv2D(4, 3, strides=2, padding="same").compute_output_shape((None, 7, 9, 2)) == (None, 4, 5, 4)
    assert layers.MaxPooling2D((2, 3), strides=2).compute_output_shape((None, 7, 9, 2)) == (None, 3, 4, 2)
    assert layers.GlobalMaxPooling2D(keepdims=True).compute_output_shape((None, 7, 9, 2)) == (None, 1, 1, 2)
