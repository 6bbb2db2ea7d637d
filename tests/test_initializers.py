"""What weights hold before anything is learned: spreads, bounds, seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pippin
from pippin import initializers, random

SHAPE = (60, 50)


@pytest.mark.parametrize(
    ("made", "spread"),
    [
        (initializers.RandomNormal(0.5, 0.2, seed=1), 0.2),
        (initializers.RandomUniform(-0.3, 0.3, seed=1), 0.6 / 12**0.5),
        (initializers.TruncatedNormal(0.0, 0.2, seed=1), 0.2 * 0.87962566),
        (initializers.GlorotUniform(seed=1), (2 / 110) ** 0.5),
        (initializers.GlorotNormal(seed=1), (2 / 110) ** 0.5),
        (initializers.HeUniform(seed=1), (2 / 60) ** 0.5),
        (initializers.HeNormal(seed=1), (2 / 60) ** 0.5),
        (initializers.LecunUniform(seed=1), (1 / 60) ** 0.5),
        (initializers.LecunNormal(seed=1), (1 / 60) ** 0.5),
        (initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal", seed=1), (3 / 50) ** 0.5),
        (initializers.HeNormal(seed=1, input_axes=[1], output_axes=[0]), (2 / 50) ** 0.5),
    ],
)
def test_random_weights_have_the_spread_their_rule_says(made: Any, spread: float) -> None:
    drawn = made(SHAPE)
    assert drawn.dtype == np.float32 and drawn.shape == SHAPE
    assert drawn.std() == pytest.approx(spread, rel=0.05)


def test_bounds_are_kept() -> None:
    assert np.abs(initializers.TruncatedNormal(0.0, 1.0, seed=2)((5000,))).max() <= 2
    uniform = initializers.RandomUniform(2.0, 3.0, seed=2)((5000,))
    assert uniform.min() >= 2 and uniform.max() < 3
    assert np.abs(initializers.GlorotUniform(seed=2)(SHAPE)).max() <= (6 / 110) ** 0.5


@pytest.mark.parametrize("shape", [(8, 5), (5, 8), (3, 3, 2, 7)])
def test_orthogonal_rows_or_columns_are_at_right_angles(shape: tuple[int, ...]) -> None:
    drawn = initializers.Orthogonal(gain=2.0, seed=0)(shape).reshape(-1, shape[-1]).astype(np.float64)
    product = drawn.T @ drawn if drawn.shape[0] >= drawn.shape[1] else drawn @ drawn.T
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


def test_a_seed_means_the_same_numbers_and_none_means_others() -> None:
    pippin.random.set_random_seed(5)
    first, second = initializers.get("glorot_uniform"), initializers.get("glorot_uniform")
    assert not np.array_equal(first(SHAPE), second(SHAPE))
    np.testing.assert_array_equal(first(SHAPE), first(SHAPE))
    pippin.random.set_random_seed(5)
    np.testing.assert_array_equal(initializers.get("glorot_uniform")(SHAPE), first(SHAPE))
    np.testing.assert_array_equal(initializers.HeNormal(seed=3)(SHAPE), initializers.HeNormal(seed=3)(SHAPE))


def test_fans_count_what_feeds_and_what_is_fed() -> None:
    assert initializers.fans((7,)) == (7, 7)
    assert initializers.fans(()) == (1, 1)
    assert initializers.fans((4, 9)) == (4, 9)
    assert initializers.fans((3, 5, 2, 8)) == (30, 120)


def test_constants_are_constants() -> None:
    np.testing.assert_array_equal(initializers.Identity(2.0)((2, 3)), [[2, 0, 0], [0, 2, 0]])
    np.testing.assert_array_equal(initializers.Constant([1.0, 2.0])((3, 2)), [[1, 2]] * 3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: initializers.Identity()((2,)), r"Identity: expected a shape of two axes, received \(2,\)"),
        (lambda: initializers.STFT()((8, 2, 9)), r"STFT: expected a shape \(samples, 1, frequencies\)"),
        (lambda: initializers.STFT(side="left"), "value of STFT for `side`"),
        (lambda: initializers.Orthogonal()((2,)), "Orthogonal: expected a shape of two axes or more"),
        (lambda: initializers.VarianceScaling(scale=0), "Argument `scale` must be positive float. Received: scale=0"),
        (lambda: initializers.VarianceScaling(mode="fan"), 'Invalid `mode` argument: fan. Did you mean "fan_'),
        (lambda: initializers.VarianceScaling(distribution="gauss"), "Invalid `distribution` argument: gauss"),
        (lambda: initializers.HeNormal(seed="a"), "HeNormal seed: .* or None, received 'a'"),
        (lambda: initializers.deserialize({"class_name": "GlorotNorml", "config": {}}), 'Did you mean "GlorotNormal"'),
    ],
)
def test_impossible_settings_are_refused_in_words(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_a_kernel_of_stft_tells_the_frequencies_of_a_frame() -> None:
    frame = np.random.default_rng(0).normal(size=8)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(8) / 7)
    expected = np.fft.rfft(frame * window / np.sqrt((window**2).sum()), 16)
    for side in ("real", "imag"):
        np.testing.assert_allclose(frame @ initializers.STFT(side)((8, 1, 9))[:, 0], getattr(expected, side), atol=1e-6)
    flat = initializers.get({"class_name": "STFT", "config": {"window": None, "scaling": "spectrum"}})
    np.testing.assert_allclose(frame @ flat((8, 1, 9))[:, 0], np.fft.rfft(frame, 16).real, atol=1e-6)


def test_a_seed_generator_gives_other_numbers_at_each_use_and_the_same_in_the_same_order() -> None:
    first, second = (initializers.GlorotUniform(seed=random.SeedGenerator(7)) for _ in range(2))
    drawn = [first((3, 3)), first((3, 3))]
    assert not np.array_equal(*drawn)
    np.testing.assert_array_equal(drawn, [second((3, 3)), second((3, 3))])
    again = initializers.deserialize(initializers.serialize(first))
    np.testing.assert_array_equal(again((3, 3)), drawn[0])
