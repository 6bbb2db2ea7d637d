"""Claims about the network: any size of picture gets one, and only learning alters photos."""

from __future__ import annotations

import numpy as np
import pytest

from pippin.images.network import MOST_FILTERS, network


@pytest.mark.parametrize(("size", "channels", "classes"), [(8, 1, 2), (28, 1, 10), (33, 3, 3), (64, 3, 2), (96, 3, 5)])
def test_any_picture_becomes_probabilities(size: int, channels: int, classes: int) -> None:
    model = network(size, channels, classes, alter=1.0, dropout=0.3, filters=16)
    pixels = np.random.default_rng(0).integers(0, 256, (3, size, size, channels), np.uint8)
    probabilities = model.predict(pixels, verbose=0)
    assert probabilities.shape == (3, classes)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_a_photo_is_judged_as_it_is_not_altered() -> None:
    model = network(16, 3, 2, alter=1.0, dropout=0.5, filters=16)
    pixels = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    assert (model.predict(pixels, verbose=0) == model.predict(pixels, verbose=0)).all()


def test_what_a_photo_goes_through_is_inside_the_model() -> None:
    names = [type(layer).__name__ for layer in network(64, 3, 2, alter=1.0, dropout=0.3, filters=16).layers]
    assert names.index("Rescaling") > names.index("RandomRotation") > names.index("RandomFlip")
    assert names[-1] == "Dense"
    unaltered = [type(layer).__name__ for layer in network(64, 3, 2, alter=0.0, dropout=0.3, filters=16).layers]
    assert not any(name.startswith("Random") for name in unaltered)
    hardly = network(64, 3, 2, alter=0.01, dropout=0.3, filters=16)
    assert [type(layer).__name__ for layer in hardly.layers if type(layer).__name__.startswith("Random")] == [
        "RandomFlip"
    ]


def test_large_pictures_get_more_blocks_but_no_more_filters() -> None:
    def filters(size: int) -> list[int]:
        model = network(size, 3, 2, alter=0.0, dropout=0.3, filters=16)
        return [layer.filters for layer in model.layers if type(layer).__name__ == "Conv2D"]

    assert filters(16) == [16, 32]
    assert filters(64) == [16, 32, 64, 128]
    assert filters(256) == [16, 32, 64, 128, MOST_FILTERS, MOST_FILTERS]
