"""Claims about reading and dividing photos: nothing is lost in silence, and nothing that judges is learned
from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conftest import SHARED_FOLDER
from images.coloured import draw
from pippin import data
from pippin.errors import DataError
from pippin.images.photos import Photos, as_pixels, from_arrays, read
from pippin.images.settings import Settings


def read_folder(folder: Path, **settings: Any) -> Photos:
    return read(data.scan(folder), Settings(**settings))


def names(photos: Photos) -> dict[str, set[str]]:
    parts = {"learn": photos.learn, "validation": photos.validation, "test": photos.test}
    return {word: set(part.names) for word, part in parts.items() if part is not None}


def test_a_fifth_of_each_class_is_held_out(tmp_path: Path) -> None:
    photos = read_folder(draw(tmp_path, 20))
    assert photos.class_names == ("green", "red")
    assert (photos.learn.counts(2), photos.validation.counts(2), photos.test) == ([16, 16], [4, 4], None)


def test_no_photo_is_on_both_sides_and_none_is_lost(tmp_path: Path) -> None:
    found = names(read_folder(draw(tmp_path, 20)))
    assert found["learn"].isdisjoint(found["validation"])
    assert len(found["learn"] | found["validation"]) == 40


def test_a_test_folder_is_never_learned_from(tmp_path: Path) -> None:
    draw(tmp_path / "train", 10)
    draw(tmp_path / "test", 5, seed=1)
    found = names(read_folder(tmp_path))
    assert {name.split("/")[0] for name in found["test"]} == {"test"}
    assert {name.split("/")[0] for name in found["learn"] | found["validation"]} == {"train"}


def test_a_validation_folder_is_used_as_it_is(tmp_path: Path) -> None:
    draw(tmp_path / "train", 10)
    draw(tmp_path / "validation", 3, seed=1)
    photos = read_folder(tmp_path)
    assert (len(photos.learn), len(photos.validation)) == (20, 6)


def test_the_seed_decides_who_is_held_out(tmp_path: Path) -> None:
    folder = draw(tmp_path, 20)
    held = [names(read_folder(folder, seed=seed))["validation"] for seed in (0, 0, 1)]
    assert held[0] == held[1] != held[2]


def test_exact_copies_stay_on_one_side(tmp_path: Path) -> None:
    folder = draw(tmp_path, 10)
    for copy in range(10):
        (folder / "red" / f"copy{copy}.png").write_bytes((folder / "red" / "000.png").read_bytes())
    photos = read_folder(folder)
    copies = {f"red/copy{copy}.png" for copy in range(10)} | {"red/000.png"}
    assert any(copies <= part for part in names(photos).values())


def test_unreadable_files_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    folder = draw(tmp_path, 10)
    (folder / "red" / "notes.jpg").write_text("not a picture")
    (folder / "red" / "none.png").touch()
    photos = read_folder(folder)
    assert {Path(lost.path).name for lost in photos.skipped} == {"notes.jpg", "none.png"}
    assert len(photos.learn) + len(photos.validation) == 20
    code, message = photos.warnings[0]
    assert code == "skipped" and "2 files were left out" in message and "notes.jpg" in message


def test_a_class_of_which_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    folder = draw(tmp_path, 10)
    for file in (folder / "red").iterdir():
        file.write_bytes(b"")
    with pytest.raises(DataError, match="'red' has no pictures"):
        read_folder(folder)


def test_a_test_photo_that_was_learned_from_is_a_warning(tmp_path: Path) -> None:
    draw(tmp_path / "train", 10)
    draw(tmp_path / "test", 2, seed=1)
    (tmp_path / "test" / "red" / "same.png").write_bytes((tmp_path / "train" / "red" / "003.png").read_bytes())
    warnings = dict(read_folder(tmp_path).warnings)
    assert "003.png" in warnings["leak"] and "flatters" in warnings["leak"]


def test_a_photo_in_two_classes_is_a_warning(tmp_path: Path) -> None:
    folder = draw(tmp_path, 10)
    (folder / "green" / "same.png").write_bytes((folder / "red" / "003.png").read_bytes())
    assert "same.png" in dict(read_folder(folder).warnings)["duplicates"]


def test_a_class_with_few_photos_and_one_with_most_are_warnings(tmp_path: Path) -> None:
    draw(tmp_path, 60, ("green",))
    warnings = dict(read_folder(draw(tmp_path, 6, ("red",))).warnings)
    assert '"red" has 5' in warnings["few-photos"]
    assert '91 % of the photos are "green"' in warnings["imbalance"]


def test_enough_photos_in_even_classes_are_no_reason_to_warn(tmp_path: Path) -> None:
    assert read_folder(draw(tmp_path, 20)).warnings == ()


def test_pictures_without_colours_are_seen_in_gray(tmp_path: Path) -> None:
    folder = draw(tmp_path, 8)
    assert read_folder(folder).how.channels == 3
    assert read_folder(folder, grayscale=True).how.channels == 1
    for file in folder.glob("*/*.png"):
        Image.open(file).convert("L").save(file)
    photos = read_folder(folder)
    assert photos.how.channels == 1 and photos.learn.pixels.shape[1:] == (16, 16, 1)


def test_the_fingerprint_knows_a_changed_pixel_and_a_changed_label(tmp_path: Path) -> None:
    folder = draw(tmp_path, 8)
    first = read_folder(folder).fingerprint()
    assert read_folder(folder).fingerprint() == first
    (folder / "red" / "000.png").rename(folder / "green" / "zzz.png")
    assert read_folder(folder).fingerprint() != first


def test_arrays_are_divided_too_and_keep_their_labels() -> None:
    pixels = np.zeros((30, 16, 16), np.uint8)
    pixels[:, 0, 0] = np.arange(30)
    photos = from_arrays(pixels, ["pear", "apple", "fig"] * 10, Settings())
    assert photos.class_names == ("apple", "fig", "pear")
    assert photos.validation.counts(3) == [2, 2, 2]
    for part in (photos.learn, photos.validation):
        assert [(2, 0, 1)[row % 3] for row in part.pixels[:, 0, 0, 0]] == part.labels.tolist()


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.zeros((4, 16)), "expected pictures as"),
        (np.zeros((4, 16, 16, 2)), "1 or 3 channels"),
        (np.full((4, 16, 16), 300), "0 to 255, received int64 from 300"),
        (np.full((4, 16, 16), -1.0), "0 to 255"),
        (np.full((4, 16, 16), np.nan), "0 to 255"),
        (np.full((4, 16, 16), 0.5), "Multiply them by 255"),
        (np.full((4, 16, 16), "x"), "0 to 255"),
    ],
)
def test_arrays_that_would_be_misread_are_refused(pixels: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        as_pixels(pixels)


@pytest.mark.parametrize(
    ("shape", "labels", "words"),
    [
        ((4, 16, 12), [0, 1, 0, 1], "square pictures of 12 × 12"),
        ((4, 4, 4), [0, 1, 0, 1], "at least 8 pixels"),
        ((4, 16, 16), [0, 1, 0], "a label for each of the 4"),
        ((4, 16, 16), [1, 1, 1, 1], "at least 2 classes"),
    ],
)
def test_arrays_nothing_can_be_learned_from_are_refused(shape: Any, labels: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        from_arrays(np.zeros(shape, np.uint8), labels, Settings())


@pytest.mark.skipif(not SHARED_FOLDER.is_dir(), reason="needs the folder of sample data")
def test_every_odd_picture_is_loaded_or_listed(tmp_path: Path) -> None:
    odd = sorted(path for path in (SHARED_FOLDER / "data" / "odd").rglob("*") if path.is_file())
    for number, path in enumerate(odd):
        place = tmp_path / ("even", "uneven")[number % 2]
        place.mkdir(exist_ok=True)
        (place / f"{number}-{path.name}").write_bytes(path.read_bytes())
    photos = read_folder(tmp_path)
    used = names(photos)["learn"] | names(photos)["validation"]
    lost = {str(Path(lost.path).relative_to(tmp_path)) for lost in photos.skipped}
    assert used.isdisjoint(lost)
    assert len(used) + len(lost) == len(odd)
