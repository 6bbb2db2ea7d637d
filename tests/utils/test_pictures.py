"""Keras's functions for one picture."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pippin.errors import SettingError, ShapeError
from pippin.utils import array_to_img, img_to_array, load_img, save_img


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Red, green, blue squares side by side: 60 wide, 20 high."""
    image = Image.new("RGB", (60, 20), "red")
    image.paste((0, 255, 0), (20, 0, 40, 20))
    image.paste((0, 0, 255), (40, 0, 60, 20))
    image.save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


def test_a_picture_goes_to_an_array_and_back(wide: Path) -> None:
    image = load_img(wide)
    array = img_to_array(image)
    assert (array.shape, array.dtype) == ((20, 60, 3), np.float32)
    assert np.array_equal(np.asarray(array_to_img(array, scale=False)), np.asarray(image))
    assert img_to_array(image, data_format="channels_first").shape == (3, 20, 60)
    assert img_to_array(image, dtype="uint8").dtype == np.uint8


@pytest.mark.parametrize(("mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
def test_color_mode_decides_the_channels(wide: Path, mode: str, channels: int) -> None:
    assert img_to_array(load_img(wide, color_mode=mode)).shape == (20, 60, channels)


def test_target_size_is_height_and_width(wide: Path) -> None:
    assert load_img(wide, target_size=(10, 30)).size == (30, 10)
    squeezed = img_to_array(load_img(str(wide), target_size=(8, 8)))
    assert squeezed[4, 0].tolist() == [255, 0, 0]
    middle = img_to_array(load_img(io.BytesIO(wide.read_bytes()), target_size=(8, 8), keep_aspect_ratio=True))
    assert (middle == [0, 255, 0]).all()


def test_sixteen_bit_gray_is_kept(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 40_000, np.uint16)).save(tmp_path / "deep.png")
    assert img_to_array(load_img(tmp_path / "deep.png", color_mode="grayscale")).max() == 40_000


def test_scale_stretches_to_the_full_range() -> None:
    image = np.asarray(array_to_img(np.linspace(-1, 1, 12).reshape(2, 2, 3)))
    assert (image.min(), image.max()) == (0, 255)
    assert np.asarray(array_to_img(np.full((2, 2, 1), 7.0))).max() == 0
    assert array_to_img(np.full((2, 2, 1), 300.0), scale=False).mode == "I"
    assert array_to_img(np.zeros((3, 5, 4)), data_format="channels_last").mode == "RGBA"
    assert array_to_img(np.zeros((3, 4, 5)), data_format="channels_first").size == (5, 4)


def test_saving_and_loading_give_the_same_picture(tmp_path: Path, rng: np.random.Generator) -> None:
    pixels = rng.integers(0, 256, (5, 6, 3)).astype(np.float32)
    save_img(tmp_path / "a.png", pixels, scale=False)
    assert np.array_equal(img_to_array(load_img(tmp_path / "a.png")), pixels)
    file = io.BytesIO()
    save_img(file, pixels, file_format="png", scale=False)
    assert file.getvalue()[:4] == b"\x89PNG"
    save_img(str(tmp_path / "a.jpg"), pixels, quality=50)
    with pytest.warns(UserWarning, match="drops the fourth channel"):
        save_img(tmp_path / "b.jpg", np.ones((4, 4, 4)))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: load_img(io.BytesIO(), color_mode="RGB"), SettingError, 'Did you mean "rgb"'),
        (lambda: load_img(io.BytesIO(), interpolation="bicubik"), SettingError, 'Did you mean "bicubic"'),
        (lambda: load_img(3), TypeError, "received int"),  # type: ignore[arg-type]
        (lambda: array_to_img(np.zeros((2, 2))), ShapeError, r"received shape \(2, 2\)"),
        (lambda: array_to_img(np.zeros((2, 2, 2))), ShapeError, "received 2"),
        (lambda: img_to_array(np.zeros(3)), ShapeError, "2 or 3 axes"),
        (lambda: img_to_array(np.zeros((2, 2)), data_format="last"), SettingError, "channels_last"),
    ],
)
def test_mistakes_are_named(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
