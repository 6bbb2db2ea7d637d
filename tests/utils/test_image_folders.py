"""Keras's image_dataset_from_directory: its arguments, order and messages; and what bad pictures do to it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.drawn import Tree, colours, encoded, two_classes
from pippin.errors import DataError, SettingError
from pippin.utils import image_dataset_from_directory

Plant = Callable[[Tree], Path]


@pytest.fixture(autouse=True)
def cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Write files, given by path and content, below a new folder; return the folder."""

    def write(tree: Tree) -> Path:
        for name, content in tree.items():
            place = tmp_path / "photos" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return tmp_path / "photos"

    return write


def short(dataset: Any) -> list[str]:
    return [Path(path).parent.name + "/" + Path(path).name for path in dataset.file_paths]


def one_by_one(dataset: Any) -> list[tuple[bytes, int]]:
    """One pass: the pixels and the label of each picture."""
    pairs = (pair for images, labels in dataset for pair in zip(images, labels, strict=True))
    return [(image.tobytes(), int(label)) for image, label in pairs]


# What it gives ---------------------------------------------------------------------------------------------


def test_the_defaults_are_keras_defaults(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = image_dataset_from_directory(plant(two_classes(20)))
    images, labels = next(iter(dataset))
    assert (images.shape, images.dtype) == ((32, 256, 256, 3), np.float32)
    assert (labels.shape, labels.dtype) == ((32,), np.int32)
    assert dataset.class_names == ["apple", "not_apple"]
    assert len(dataset) == int(dataset.cardinality()) == 2
    assert capsys.readouterr().out == "Found 40 files belonging to 2 classes.\n"


def test_pixels_are_those_of_the_files(plant: Plant) -> None:
    root = plant(two_classes())
    dataset = image_dataset_from_directory(root, image_size=(40, 60), shuffle=False, verbose=False)
    images, labels = next(iter(dataset))
    assert np.array_equal(images[0], colours(0))
    assert np.array_equal(images[5], colours(101))
    assert labels.tolist() == [0] * 4 + [1] * 4
    assert short(dataset) == [f"{name}/{i}.png" for name in ("apple", "not_apple") for i in range(4)]


def test_label_modes(plant: Plant) -> None:
    root = plant(two_classes())
    made = {}
    for mode in ("int", "binary", "categorical"):
        _, made[mode] = next(
            iter(image_dataset_from_directory(root, label_mode=mode, shuffle=False, image_size=(8, 8)))
        )
    assert made["binary"].tolist() == [[float(label)] for label in made["int"]]
    assert made["binary"].dtype == made["categorical"].dtype == np.float32
    assert made["categorical"].tolist() == [[1 - label, label] for label in made["int"]]
    for nothing in ({"label_mode": None}, {"labels": None}):
        images = next(iter(image_dataset_from_directory(root, image_size=(8, 8), **nothing)))
        assert images.shape == (8, 8, 8, 3)


def test_labels_may_be_given_for_the_files_in_alphabetical_order(
    plant: Plant, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plant({f"{i}.png": encoded(colours(i), "PNG") for i in (1, 2, 10)})
    dataset = image_dataset_from_directory(root, labels=[5, 3, 5], shuffle=False, image_size=(8, 8))
    assert short(dataset) == ["photos/1.png", "photos/10.png", "photos/2.png"]
    assert next(iter(dataset))[1].tolist() == [5, 3, 5]
    assert dataset.class_names == ["3", "5"]
    assert "Found 3 files belonging to 2 classes." in capsys.readouterr().out
    image_dataset_from_directory(root, labels=None)
    assert capsys.readouterr().out == "Found 3 files.\n"


def test_classes_are_numbered_as_keras_does_or_as_told(plant: Plant) -> None:
    root = plant(
        {f"{name}/{i}.png": encoded(colours(i), "PNG") for name in ("2", "10", "b", "A") for i in (1, 2)}
    )
    assert image_dataset_from_directory(root, image_size=(8, 8)).class_names == ["10", "2", "A", "b"]
    dataset = image_dataset_from_directory(root, image_size=(8, 8), class_names=["b", "2"], shuffle=False)
    assert dataset.class_names == ["b", "2"]
    assert short(dataset) == ["b/1.png", "b/2.png", "2/1.png", "2/2.png"]
    assert next(iter(dataset))[1].tolist() == [0, 0, 1, 1]


def test_a_seed_shuffles_and_splits_as_in_keras(plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    root = plant(two_classes())
    train, held_out = image_dataset_from_directory(
        root, image_size=(8, 8), validation_split=0.3, subset="both", seed=123
    )
    # What Keras 3.15 gives for these eight files and this seed.
    keras = [
        "apple/0",
        "apple/1",
        "apple/3",
        "not_apple/3",
        "not_apple/0",
        "apple/2",
        "not_apple/1",
        "not_apple/2",
    ]
    assert [name.removesuffix(".png") for name in short(train) + short(held_out)] == keras
    assert len(short(held_out)) == 2
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Using 6 files for training.",
        "Using 2 files for validation.",
    ]
    for subset, both in (("training", train), ("validation", held_out)):
        alone = image_dataset_from_directory(
            root, image_size=(8, 8), validation_split=0.3, subset=subset, seed=123
        )
        assert alone.file_paths == both.file_paths


def test_every_pass_has_its_own_order_and_the_right_labels(plant: Plant) -> None:
    dataset = image_dataset_from_directory(plant(two_classes(20)), image_size=(40, 60), batch_size=7, seed=1)
    orders = []
    for _ in range(2):
        passed = one_by_one(dataset)
        truth = {
            colours(100 * label + i).astype(np.float32).tobytes(): label
            for label in (0, 1)
            for i in range(20)
        }
        assert dict(passed) == truth
        assert len(passed) == 40
        orders.append([image for image, _ in passed])
    assert orders[0] != orders[1]
    again = image_dataset_from_directory(plant({}), image_size=(40, 60), batch_size=7, seed=1)
    assert [image.tobytes() for images, _ in again for image in images] == orders[0]


def test_without_batches_single_pictures_come(plant: Plant) -> None:
    dataset = image_dataset_from_directory(plant(two_classes()), image_size=(8, 9), batch_size=None)
    image, label = next(iter(dataset))
    assert (image.shape, label.shape) == ((8, 9, 3), ())
    assert len(dataset) == len(list(dataset)) == 8


@pytest.mark.parametrize(("mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
def test_color_modes(plant: Plant, mode: str, channels: int) -> None:
    dataset = image_dataset_from_directory(plant(two_classes()), color_mode=mode, image_size=16)
    assert next(iter(dataset))[0].shape == (8, 16, 16, channels)


def test_channels_may_come_first(plant: Plant) -> None:
    settings: Any = {"image_size": (8, 9), "shuffle": False}
    first, _ = next(
        iter(image_dataset_from_directory(plant(two_classes()), data_format="channels_first", **settings))
    )
    last, _ = next(iter(image_dataset_from_directory(plant(two_classes()), **settings)))
    assert np.array_equal(first, np.asarray(last).transpose(0, 3, 1, 2))


def test_aspect_ratio_is_kept_by_cropping_or_padding(plant: Plant) -> None:
    root = plant(two_classes())
    settings: Any = {"image_size": (20, 20), "shuffle": False}
    cropped, _ = next(iter(image_dataset_from_directory(root, crop_to_aspect_ratio=True, **settings)))
    padded, _ = next(iter(image_dataset_from_directory(root, pad_to_aspect_ratio=True, **settings)))
    assert np.abs(cropped[0] - colours(0)[::2, 10:50:2]).mean() < 8
    assert (padded[:, :3] == 0).all()
    assert (padded[:, -4:] == 0).all()
    assert padded[:, 4:-4].mean() > 20


def test_the_pipeline_of_a_common_script_works(plant: Plant) -> None:
    dataset = image_dataset_from_directory(plant(two_classes()), image_size=(8, 8), batch_size=2, seed=0)
    scaled = (
        dataset.map(lambda x, y: (x / 255, y), num_parallel_calls=-1)
        .cache()
        .shuffle(10)
        .prefetch(buffer_size=-1)
    )
    for images, labels in scaled.take(1):
        assert images[0].numpy().max() <= 1
        assert dataset.class_names[labels[0]] in ("apple", "not_apple")
    assert len(scaled) == 4


# What is bad ----------------------------------------------------------------------------------------------


def test_bad_pictures_are_skipped_with_a_warning_of_five_lines(plant: Plant) -> None:
    bad = {f"apple/bad{i}.jpg": b"" for i in range(9)}
    root = plant({**two_classes(), **bad})
    with pytest.warns(
        UserWarning, match=r"9 files can't be read and were skipped:\n.*bad0\.jpg: empty file"
    ) as told:
        dataset = image_dataset_from_directory(root, image_size=(8, 8), shuffle=False)
    assert len(str(told[0].message).splitlines()) == 1 + 5
    assert "… and 5 more" in str(told[0].message)
    assert len(dataset.file_paths) == 8
    assert [one.reason for one in dataset.skipped] == ["empty file"] * 9
    assert next(iter(dataset))[1].tolist() == [0] * 4 + [1] * 4


def test_pictures_that_keras_does_not_read_are_named(plant: Plant) -> None:
    root = plant({**two_classes(), "apple/x.webp": encoded(colours(9), "WEBP"), "apple/notes.txt": b"x"})
    with pytest.warns(
        UserWarning, match=r"1 files left out of the dataset:\n.*x\.webp: not one of Keras's formats"
    ):
        dataset = image_dataset_from_directory(root, image_size=(8, 8))
    assert len(dataset.file_paths) == 8


def test_more_pictures_than_fit_are_decoded_batch_by_batch(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant({**two_classes(10), "apple/9a.png": b""})
    settings: Any = {"image_size": (40, 60), "batch_size": 4, "seed": 2}
    with pytest.warns(UserWarning, match="skipped"):
        whole = image_dataset_from_directory(root, **settings)
    monkeypatch.setattr(sys.modules[image_dataset_from_directory.__module__], "_IN_MEMORY", 1000)
    lazy = image_dataset_from_directory(root, **settings)
    with pytest.warns(UserWarning, match=r"1 files can't be read and are skipped:\n.*9a\.png: empty file"):
        seen = one_by_one(lazy)
    assert sorted(seen) == sorted(one_by_one(whole))
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Told once.
        assert sum(len(labels) for _, labels in lazy) == 20


def test_an_empty_class_is_warned_about(plant: Plant) -> None:
    root = plant(two_classes())
    (root / "pear").mkdir()
    with pytest.warns(UserWarning, match="Class 'pear' has no images"):
        assert image_dataset_from_directory(root, image_size=(8, 8)).class_names == [
            "apple",
            "not_apple",
            "pear",
        ]


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"label_mode": "integer"}, SettingError, "Unknown label_mode"),
        ({"color_mode": "rgbb"}, SettingError, 'Did you mean "rgb'),
        ({"interpolation": "bilnear"}, SettingError, 'Did you mean "bilinear"'),
        ({"image_size": (1, 2, 3)}, SettingError, r"expected \(height, width\)"),
        ({"image_size": (0, 2)}, SettingError, "1 or more"),
        ({"labels": "infer"}, SettingError, '`labels` argument should be "inferred", None, or a list'),
        ({"labels": [0, 1]}, DataError, "to match the number of files, 8, received 2"),
        ({"labels": None, "class_names": ["a"]}, SettingError, 'need labels="inferred"'),
        ({"class_names": ["aple"]}, DataError, 'Did you mean "apple"'),
        ({"validation_split": 0.2}, SettingError, "go together"),
        ({"subset": "training"}, SettingError, "go together"),
        ({"validation_split": 2, "subset": "both"}, SettingError, "between 0 and 1"),
        ({"validation_split": 0.2, "subset": "train", "seed": 1}, SettingError, 'Did you mean "training"'),
        ({"validation_split": 0.2, "subset": "both"}, SettingError, "needs a seed"),
        ({"validation_split": 0.01, "subset": "both", "seed": 1}, DataError, "less than one file"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, SettingError, "at most"),
        ({"data_format": "first"}, SettingError, "channels_first"),
        ({"format": "torch"}, SettingError, '"tf" or "grain"'),
        ({"label_mode": "binary", "class_names": ["apple"]}, DataError, "exactly 2 classes"),
    ],
)
def test_mistakes_are_named(plant: Plant, settings: Any, error: type[Exception], words: str) -> None:
    root = plant(two_classes())
    with pytest.raises(error, match=words):
        image_dataset_from_directory(root, **{"image_size": (8, 8), **settings})


def test_folders_that_hold_nothing_are_refused(plant: Plant, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        image_dataset_from_directory(tmp_path / "missing")
    with pytest.raises(DataError, match="No images found in directory"):
        image_dataset_from_directory(plant({"1.png": b"x"}))
    with (
        pytest.warns(UserWarning, match="skipped"),
        pytest.raises(DataError, match="None of the pictures can be read"),
    ):
        image_dataset_from_directory(plant({"a/1.png": b"", "b/1.png": b""}), image_size=(8, 8))
