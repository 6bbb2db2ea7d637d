"""`ImageDataGenerator` and its iterators. scipy's affine_transform is what Keras itself alters pictures with."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pippin import layers, models
from pippin.errors import DataError, FileError, SettingError, ShapeError
from pippin.preprocessing.image import (
    ImageDataGenerator,
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)

PICTURES = np.random.RandomState(0).randint(0, 256, (6, 9, 7, 3)).astype(np.float32)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("mode", ["nearest", "constant", "reflect", "wrap"])
@pytest.mark.parametrize("how", [{"theta": 37}, {"tx": 3.3, "ty": -20}, {"shear": 20}, {"zx": 0.6, "zy": 1.9}])
def test_a_picture_is_altered_as_scipy_does_it(how: dict[str, float], mode: str, order: int) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    # A square one, where Keras's trade of axes means what it says.
    picture = PICTURES[0, :7]
    found = apply_affine_transform(picture, **how, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode, cval=7.0,
                                   order=order)  # fmt: skip
    middle = np.array([3.0, 3.0])
    matrix = {
        "theta": [[np.cos(np.deg2rad(37)), np.sin(np.deg2rad(37))], [-np.sin(np.deg2rad(37)), np.cos(np.deg2rad(37))]],
        "tx": np.eye(2),
        "shear": [[np.cos(np.deg2rad(20)), 0], [-np.sin(np.deg2rad(20)), 1]],
        "zx": [[1.9, 0], [0, 0.6]],
    }[next(iter(how))]
    offset = middle - np.asarray(matrix) @ middle + ([-20, 3.3] if "tx" in how else [0, 0])
    for channel in range(3):
        expected = ndimage.affine_transform(picture[..., channel], matrix, offset, order=order, mode=mode, cval=7.0)
        # Two orders of float64 sums, rounded to float32.
        np.testing.assert_allclose(found[..., channel], expected, rtol=1e-5, atol=1e-4)


def test_channels_may_come_first() -> None:
    last = apply_affine_transform(PICTURES[0], theta=20, row_axis=0, col_axis=1, channel_axis=2)
    first = apply_affine_transform(PICTURES[0].transpose(2, 0, 1), theta=20)
    np.testing.assert_array_equal(first.transpose(1, 2, 0), last)
    with pytest.raises(SettingError, match="must be distinct"):
        apply_affine_transform(PICTURES[0], row_axis=1, col_axis=1)


def test_light_and_tint_stay_in_the_range_of_the_picture() -> None:
    tinted = apply_channel_shift(PICTURES[0], 30, 2)
    assert tinted.max() == PICTURES[0].max()
    lit = apply_brightness_shift(PICTURES[0], 0.5, scale=False)
    np.testing.assert_allclose(lit, PICTURES[0] * 0.5, atol=1)  # bytes in between
    small = apply_brightness_shift(PICTURES[0] - 128, 1.0, scale=False)
    np.testing.assert_allclose(small, PICTURES[0] - 128, atol=1.5)


def test_random_functions_keep_the_shape() -> None:
    for function, argument in ((random_rotation, (30,)), (random_shift, (0.2, 0.2)), (random_shear, (10,)),
                               (random_zoom, ((0.5, 1.5),))):  # fmt: skip
        assert function(PICTURES[0], *argument, row_axis=0, col_axis=1, channel_axis=2).shape == (9, 7, 3)  # type: ignore[operator]


def test_an_array_flows_in_batches_without_end() -> None:
    batches = ImageDataGenerator(rescale=1 / 255).flow(PICTURES, np.arange(6), batch_size=4, shuffle=False)
    assert len(batches) == 2
    x, y = next(batches)
    np.testing.assert_allclose(x, PICTURES[:4] / 255, rtol=1e-6)
    assert y.tolist() == [0, 1, 2, 3]
    assert batches.next()[1].tolist() == [4, 5]
    assert next(batches)[1].tolist() == [0, 1, 2, 3]
    assert batches[1][1].tolist() == [4, 5]
    np.testing.assert_array_equal(PICTURES, np.random.RandomState(0).randint(0, 256, (6, 9, 7, 3)))


def test_weights_and_further_inputs_flow_along() -> None:
    batches = ImageDataGenerator().flow(
        (PICTURES, np.arange(6) * 10), np.arange(6), sample_weight=np.arange(6) / 6, batch_size=6, seed=1
    )
    (_, other), y, weight = next(batches)
    np.testing.assert_array_equal(other, y * 10)
    np.testing.assert_allclose(weight, y / 6)


def test_the_same_seed_gives_the_same_pictures() -> None:
    generator = ImageDataGenerator(rotation_range=30, zoom_range=0.2, width_shift_range=0.1, horizontal_flip=True)
    first = next(generator.flow(PICTURES, batch_size=3, seed=7))
    np.testing.assert_array_equal(next(generator.flow(PICTURES, batch_size=3, seed=7)), first)
    assert not np.array_equal(next(generator.flow(PICTURES, batch_size=3, seed=8)), first)


def test_statistics_are_learned_and_taken_away() -> None:
    generator = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
    with pytest.warns(UserWarning, match="hasn't been fit"):
        generator.standardize(PICTURES[0].copy())
    generator.fit(PICTURES)
    whole = np.concatenate([generator.flow(PICTURES, batch_size=6, shuffle=False)[0]])
    np.testing.assert_allclose(whole.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(whole.std((0, 1, 2)), 1, rtol=1e-4)


def test_each_picture_is_brought_to_its_own_scale() -> None:
    with pytest.warns(UserWarning, match="overrides setting of `samplewise_center`"):
        generator = ImageDataGenerator(samplewise_std_normalization=True)
    one = generator.standardize(PICTURES[0].copy())
    np.testing.assert_allclose([one.mean(), one.std()], [0, 1], atol=1e-5)


def test_whitening_leaves_no_two_pixels_alike() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        generator = ImageDataGenerator(zca_whitening=True, zca_epsilon=1e-3)
    pictures = np.random.RandomState(1).rand(200, 3, 3, 1).astype(np.float32)
    pictures[:, 1] = pictures[:, 0] + 0.1 * pictures[:, 1]
    generator.fit(pictures)
    white = generator.standardize(pictures.copy()).reshape(200, -1)
    np.testing.assert_allclose(white.T @ white / 200, np.eye(9), atol=0.01)


def test_settings_that_make_no_sense_are_refused() -> None:
    for settings in ({"zoom_range": (1, 2, 3)}, {"validation_split": 1.5}, {"brightness_range": 0.5},
                     {"data_format": "last"}):  # fmt: skip
        with pytest.raises(SettingError, match="should be|must be"):
            ImageDataGenerator(**settings)  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="should have rank 4"):
        ImageDataGenerator().flow(PICTURES[0])
    with pytest.raises(DataError, match="should have the same length"):
        ImageDataGenerator().flow(PICTURES, np.arange(5))


def test_arrays_are_split_in_two() -> None:
    generator = ImageDataGenerator(validation_split=0.5)
    y = np.array([0, 1, 1, 0, 0, 1])
    assert generator.flow(PICTURES, y, subset="validation").n == 3
    batch = next(generator.flow(PICTURES, y, subset="training", shuffle=False))
    np.testing.assert_array_equal(batch[0], PICTURES[3:])
    with pytest.raises(DataError, match="different number of classes"):
        generator.flow(PICTURES, np.array([0, 0, 0, 1, 1, 1]), subset="training")


# Folders -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("cats", "dogs")):
        (tmp_path / name).mkdir()
        for place in range(4 + number):
            colour = (number * 200, place * 10, 0)
            Image.new("RGB", (8, 6), colour).save(tmp_path / name / f"{place}.png")
    (tmp_path / "cats" / "notes.txt").write_text("no picture")
    return tmp_path


def test_a_folder_of_classes_flows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batches = ImageDataGenerator(rescale=1 / 255).flow_from_directory(
        folder, target_size=(5, 4), batch_size=3, shuffle=False
    )
    assert capsys.readouterr().out == "Found 9 images belonging to 2 classes.\n"
    assert batches.class_indices == {"cats": 0, "dogs": 1}
    assert batches.filenames[:2] == ["cats/0.png", "cats/1.png"]
    assert batches.classes.tolist() == [0] * 4 + [1] * 5
    assert (batches.samples, batches.num_classes, len(batches), batches.image_shape) == (9, 2, 3, (5, 4, 3))
    x, y = next(batches)
    assert x.shape == (3, 5, 4, 3)
    np.testing.assert_allclose(x[1, 0, 0], [0, 10 / 255, 0], rtol=1e-6)
    assert y.tolist() == [[1, 0]] * 3


@pytest.mark.parametrize(
    ("mode", "expected"), [("binary", [0.0, 0.0]), ("sparse", [0.0, 0.0]), ("categorical", [[1, 0], [1, 0]])]
)
def test_labels_are_given_as_asked(folder: Path, mode: str, expected: list[Any]) -> None:
    _, y = next(ImageDataGenerator().flow_from_directory(folder, class_mode=mode, batch_size=2, shuffle=False))
    assert y.tolist() == expected
    assert y.dtype == np.float32


def test_pictures_may_come_alone_or_as_their_own_labels(folder: Path) -> None:
    flow = ImageDataGenerator().flow_from_directory
    assert next(flow(folder, class_mode=None, color_mode="grayscale")).shape == (9, 256, 256, 1)
    x, y = next(flow(folder, class_mode="input", target_size=(4, 4)))
    np.testing.assert_array_equal(x, y)


def test_a_share_of_each_class_is_for_validation(folder: Path) -> None:
    generator = ImageDataGenerator(validation_split=0.25)
    kept = generator.flow_from_directory(folder, subset="training", shuffle=False)
    held_out = generator.flow_from_directory(folder, subset="validation", shuffle=False)
    assert held_out.filenames == ["cats/0.png", "dogs/0.png"]
    assert sorted(kept.filenames + held_out.filenames) == kept.filenames[:0] + sorted(
        [f"cats/{n}.png" for n in range(4)] + [f"dogs/{n}.png" for n in range(5)]
    )


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no folder .*nowhere"):
        ImageDataGenerator().flow_from_directory(tmp_path / "nowhere")
    with pytest.raises(SettingError, match="Invalid class_mode"):
        ImageDataGenerator().flow_from_directory(tmp_path, class_mode="words")


def test_altered_pictures_can_be_looked_at(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    seen = tmp_path_factory.mktemp("seen")
    next(ImageDataGenerator().flow_from_directory(folder, save_to_dir=seen, save_prefix="look", batch_size=2))
    assert len(list(seen.glob("look_*.png"))) == 2


def test_a_model_learns_from_a_folder(folder: Path) -> None:
    generator = ImageDataGenerator(rescale=1 / 255, rotation_range=20, validation_split=0.25)
    train = generator.flow_from_directory(folder, (6, 8), class_mode="binary", batch_size=2, subset="training", seed=1)
    held_out = generator.flow_from_directory(folder, (6, 8), class_mode="binary", subset="validation")
    model = models.Sequential([layers.Input((6, 8, 3)), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(train, epochs=2, steps_per_epoch=len(train), validation_data=held_out, verbose=0)
    assert len(history.history["val_accuracy"]) == 2
    assert model.predict(held_out, verbose=0).shape == (2, 1)
