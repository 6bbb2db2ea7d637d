"""The interpolations of Keras's picture folders."""

import numpy as np
import pytest

from pippin.data import resample as module
from pippin.data.resample import INTERPOLATIONS, resample

PICTURE = [
    [0, 37, 74, 111, 148, 185],
    [222, 3, 40, 77, 114, 151],
    [188, 225, 6, 43, 80, 117],
    [154, 191, 228, 9, 46, 83],
]
# What tf.image.resize of TensorFlow 2.x makes of it at 3 × 4, clipped to 0..255 and rounded.
TENSORFLOW = {
    "bilinear": [[36, 59, 115, 170], [182, 46, 69, 125], [169, 192, 24, 79]],
    "nearest": [[0, 74, 111, 185], [188, 6, 43, 117], [154, 228, 9, 83]],
    "bicubic": [[26, 60, 117, 175], [203, 22, 70, 128], [165, 216, 6, 80]],
    "area": [[47, 53, 115, 164], [175, 53, 72, 122], [175, 182, 30, 79]],
    "lanczos3": [[25, 59, 115, 177], [225, 0, 77, 128], [164, 225, 0, 82]],
    "lanczos5": [[25, 63, 111, 176], [241, 0, 76, 125], [156, 229, 0, 88]],
    "gaussian": [[42, 59, 112, 168], [181, 48, 68, 124], [171, 180, 32, 80]],
    "mitchellcubic": [[35, 58, 115, 171], [192, 36, 69, 126], [169, 197, 19, 80]],
}


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_every_interpolation_gives_tensorflows_pixels(interpolation: str) -> None:
    ours = resample(np.array(PICTURE, np.uint8)[..., None], 3, 4, interpolation)[..., 0].astype(int)
    # A half may be rounded either way; TensorFlow's bicubic looks its weights up in a table of 1024.
    assert np.abs(ours - TENSORFLOW[interpolation]).max() <= (interpolation in ("area", "bicubic"))


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("size", [(1, 1), (3, 50), (50, 3), (7, 9)])
def test_a_plain_picture_stays_plain_at_every_size(interpolation: str, size: tuple[int, int]) -> None:
    plain = np.full((7, 9, 3), 200, np.uint8)
    assert (resample(plain, *size, interpolation) == 200).all()
    assert resample(plain, *size, interpolation).shape == (*size, 3)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"])
def test_the_same_size_changes_nothing(interpolation: str, rng: np.random.Generator) -> None:
    pixels = rng.integers(0, 256, (11, 13, 3)).astype(np.uint8)
    assert np.array_equal(resample(pixels, 11, 13, interpolation), pixels)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_compiled_code_gives_the_bytes_that_numpy_gives(
    interpolation: str, channels: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    if module._native is None:
        pytest.skip("the native engine is not built here")
    for old, new in (((7, 9), (7, 9)), ((50, 61), (20, 13)), ((3, 5), (31, 8)), ((1, 1), (4, 4))):
        # Two levels only: their means lie on halves, where rounding shows.
        for pixels in (rng.integers(0, 256, (*old, channels)), rng.integers(0, 2, (*old, channels))):
            picture = pixels.astype(np.uint8)
            ours = resample(picture, *new, interpolation)
            with monkeypatch.context() as patch:
                patch.setattr(module, "_native", None)
                assert np.array_equal(ours, resample(picture, *new, interpolation))


def test_compiled_code_refuses_rows_that_the_picture_does_not_have() -> None:
    if module._native is None:
        pytest.skip("the native engine is not built here")
    picture, made = np.zeros((2, 2, 3), np.uint8), np.zeros((1, 1, 3), np.uint8)
    whole, weight = np.ones((1, 1), np.int32), np.ones((1, 1), np.float32)
    for row in (-1, 2):
        with pytest.raises(ValueError, match="that the picture has"):
            module._native.resample(picture, np.full((1, 1), row, np.int32), weight, whole, weight, made)
    with pytest.raises(ValueError, match="expected 3 axes of uint8, received float32"):
        module._native.resample(picture.astype(np.float32), whole, weight, whole, weight, made)
    with pytest.raises(ValueError, match="as many channels as before"):
        module._native.resample(picture[..., :1].copy(), whole, weight, whole, weight, made)
    with pytest.raises(ValueError, match="a weight for each number"):
        module._native.resample(picture, whole, np.ones((1, 2), np.float32), whole, weight, made)
