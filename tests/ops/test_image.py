"""Claims about ops.image, each checked against a plain computation."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pippin import Input, Model, ops
from pippin.errors import PippinError

RANDOM = np.random.default_rng(2)
PICTURES = RANDOM.uniform(size=(2, 6, 7, 3)).astype(np.float32)
image = ops.image


def first(x: Any) -> np.ndarray:
    """With the channels in front."""
    return np.moveaxis(np.asarray(x), -1, -3)


def test_hue_saturation_and_value_are_those_of_the_standard_library() -> None:
    expected = np.array([colorsys.rgb_to_hsv(*pixel) for pixel in PICTURES.reshape(-1, 3)]).reshape(PICTURES.shape)
    found = image.rgb_to_hsv(PICTURES)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(image.hsv_to_rgb(found), PICTURES, atol=1e-5)
    np.testing.assert_allclose(image.rgb_to_hsv(first(PICTURES[0]), "channels_first"), first(expected[0]), atol=1e-5)


def test_grey_weighs_the_colours() -> None:
    np.testing.assert_allclose(image.rgb_to_grayscale(PICTURES)[..., 0], PICTURES @ [0.2989, 0.587, 0.114], atol=1e-6)


def test_an_affine_transform_reads_where_it_says() -> None:
    moved = image.affine_transform(PICTURES, np.array([1, 0, 2, 0, 1, 1, 0, 0], np.float32), fill_value=9)
    np.testing.assert_allclose(moved[:, :-1, :-2], PICTURES[:, 1:, 2:], atol=1e-6)
    assert (moved[:, -1] == 9).all() and (moved[:, :, -2:] == 9).all()
    each = np.array([[1, 0, 0, 0, 1, 0, 0, 0], [-1, 0, 6, 0, 1, 0, 0, 0]], np.float32)
    turned = image.affine_transform(PICTURES, each, "nearest")
    np.testing.assert_array_equal(turned, np.stack([PICTURES[0], PICTURES[1, :, ::-1]]))


def test_equal_corners_change_nothing_and_others_move_there() -> None:
    corners = np.array([[0, 0], [6, 0], [0, 5], [6, 5]], np.float32)
    np.testing.assert_allclose(image.perspective_transform(PICTURES, corners, corners), PICTURES, atol=1e-4)
    ends = corners + np.array([1, 0], np.float32)
    moved = image.perspective_transform(PICTURES, corners, ends)
    np.testing.assert_allclose(moved[:, :, 1:], PICTURES[:, :, :-1], atol=1e-4)


@pytest.mark.parametrize("fill_mode", ["constant", "nearest", "wrap", "mirror", "reflect"])
def test_coordinates_are_read_with_every_border(fill_mode: str) -> None:
    """At whole places: what NumPy's padding puts there."""
    modes = {"constant": "constant", "nearest": "edge", "wrap": "wrap", "mirror": "reflect", "reflect": "symmetric"}
    table = RANDOM.normal(size=(4, 5)).astype(np.float32)
    places = np.stack(np.meshgrid(np.arange(-3, 7), np.arange(-3, 8), indexing="ij")).astype(np.float32)
    found = image.map_coordinates(table, places, 1, fill_mode)
    np.testing.assert_allclose(found, np.pad(table, 3, mode=modes[fill_mode]), atol=1e-6)  # type: ignore[call-overload]


def test_between_coordinates_is_between_numbers() -> None:
    line = np.array([0, 10, 30], np.float32)
    np.testing.assert_allclose(image.map_coordinates(line, [np.array([0.5, 1.25])], 1), [5, 15])
    np.testing.assert_allclose(image.map_coordinates(line, [np.array([0.6, 1.25])], 0), [10, 10])


def test_patches_hold_their_pixels() -> None:
    found = image.extract_patches(PICTURES, (2, 3), strides=(2, 2))
    assert found.shape == (2, 3, 3, 18)
    np.testing.assert_array_equal(found[1, 2, 1], PICTURES[1, 4:6, 2:5].reshape(-1))
    volumes = RANDOM.normal(size=(1, 4, 4, 4, 2)).astype(np.float32)
    found = image.extract_patches_3d(volumes, 2)
    np.testing.assert_array_equal(found[0, 1, 0, 1], volumes[0, 2:4, 0:2, 2:4].reshape(-1))


def test_borders_are_added_and_cut() -> None:
    padded = image.pad_images(PICTURES, 1, 2, target_height=9, target_width=10)
    np.testing.assert_array_equal(padded, np.pad(PICTURES, [(0, 0), (1, 2), (2, 1), (0, 0)]))
    cut = image.crop_images(padded, 1, 2, bottom_cropping=2, target_width=7)
    np.testing.assert_array_equal(cut, PICTURES)


def test_edges_of_a_slope_are_its_steepness() -> None:
    down, across = np.meshgrid(np.arange(6.0), np.arange(7.0), indexing="ij")
    edges = image.sobel_edges((3 * down + 2 * across).astype(np.float32)[None, ..., None])
    np.testing.assert_allclose(edges[0, 1:-1, 1:-1, 0], np.broadcast_to([24.0, 16.0], (4, 5, 2)), atol=1e-4)


def test_likeness_is_1_for_the_same_and_less_for_others() -> None:
    other = np.clip(PICTURES + RANDOM.normal(0, 0.2, PICTURES.shape), 0, 1).astype(np.float32)
    np.testing.assert_allclose(image.ssim(PICTURES, PICTURES, filter_size=5), [1, 1], atol=1e-5)
    assert (image.ssim(PICTURES, other, filter_size=5) < 0.95).all()
    one = image.ssim(PICTURES[0], other[0], filter_size=5)
    assert one.shape == () and one == pytest.approx(image.ssim(PICTURES, other, filter_size=5)[0], abs=1e-5)


def test_a_soft_picture_keeps_its_mean_and_rubber_its_seed() -> None:
    grey = np.full((1, 9, 9, 1), 0.5, np.float32)
    np.testing.assert_allclose(image.gaussian_blur(grey, 3, 1.0)[:, 1:-1, 1:-1], grey[:, 1:-1, 1:-1], atol=1e-6)
    bent = [image.elastic_transform(PICTURES, seed=seed) for seed in (1, 1, 2)]
    assert (bent[0] == bent[1]).all() and (bent[0] != bent[2]).any()


def test_stretched_and_moved() -> None:
    line = np.arange(4, dtype=np.float32)
    np.testing.assert_allclose(image.scale_and_translate(line, (4,), (1.0,), (1.0,), (0,), "linear"), [0, 0, 1, 2])
    np.testing.assert_allclose(
        image.scale_and_translate(line, (8,), (2.0,), (0.0,), (0,), "linear"),
        [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], atol=1e-6,
    )  # fmt: skip


def test_they_are_steps_of_models_too() -> None:
    x = Input((6, 7, 3))
    model = Model(x, image.rgb_to_grayscale(image.pad_images(x, 1, 1, 1, 1)))
    assert model.predict(PICTURES, verbose=0).shape == (2, 8, 9, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: image.rgb_to_hsv(PICTURES[0, 0]), "Invalid images rank"),
        (lambda: image.rgb_to_hsv(PICTURES[..., :2]), "3 channels"),
        (lambda: image.affine_transform(PICTURES, np.ones(6)), "Invalid transform rank"),
        (lambda: image.affine_transform(PICTURES, np.ones(8), "cubic"), "interpolation"),
        (lambda: image.map_coordinates(PICTURES, np.ones((2, 3)), 1), "First dim of `coordinates`"),
        (lambda: image.map_coordinates(PICTURES[0, 0], np.ones((2, 3)), 2), "expected 0 or 1"),
        (lambda: image.pad_images(PICTURES, 1), "exactly two"),
        (lambda: image.crop_images(PICTURES, 4, 0, 4, 0), "less than the size"),
        (lambda: image.extract_patches(PICTURES, 0), "Invalid `size`"),
        (lambda: image.ssim(PICTURES, PICTURES[:1]), "one shape"),
    ],
)
def test_what_cannot_be_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(PippinError, match=message):
        call()


def test_axes_are_rearranged_by_name() -> None:
    x = np.arange(24).reshape(2, 3, 4)
    np.testing.assert_array_equal(ops.rearrange(x, "a b c -> (c a) b"), x.transpose(2, 0, 1).reshape(8, 3))
    split = x.reshape(2, 3, 2, 2).transpose(0, 3, 1, 2)[:, None]
    np.testing.assert_array_equal(ops.rearrange(x, "a b (c d) -> a 1 d b c", c=2), split)
    for pattern in ("a b -> b a", "a b c -> a b", "a b (c d) -> a b c d"):
        with pytest.raises(PippinError, match="rearrange"):
            ops.rearrange(x, pattern)
