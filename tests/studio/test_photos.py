"""Claims about the folder of photos: what is added is a photo, lies where it should, and nothing is ever lost."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pippin import data
from pippin.errors import DataError, SettingError
from pippin.images import fruit
from pippin.studio import photos as module
from pippin.studio.checking import check
from pippin.studio.photos import PhotoFolder, inside, thumbnail


def photo(seed: int = 0, side: int = 24, kind: str = "PNG") -> bytes:
    pixels = np.random.RandomState(seed).randint(0, 255, (side, side, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def folder_of(path: Path, apples: int = 6, others: int = 6) -> PhotoFolder:
    folder = PhotoFolder(path)
    for label, count, first in (("apple", apples, 0), ("other", others, 100)):
        for number in range(count):
            folder.add(label, f"{number}.png", photo(first + number))
    return folder


def test_photos_that_are_added_are_found_by_training(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos")
    found = data.scan(folder.path)
    assert found.class_names == ("apple", "other") and sum(map(len, found.parts.values())) == 12
    view = folder.view()
    assert [(one["name"], one["count"]) for one in view["classes"]] == [("apple", 6), ("other", 6)]
    assert "More photos of apple, other" in view["says"]


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = PhotoFolder(tmp_path)
    first, second = folder.add("apple", "a.png", photo(1)), folder.add("apple", "a.png", photo(2))
    assert (first, second) == ("apple/a.png", "apple/a-2.png")
    assert folder.file(first).read_bytes() == photo(1) and folder.file(second).read_bytes() == photo(2)


def test_what_is_no_photo_is_refused_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = PhotoFolder(tmp_path)
    with pytest.raises(DataError, match=r"notes\.jpg was not added"):
        folder.add("apple", "notes.jpg", b"dear diary")
    with pytest.raises(DataError, match="was not added"):
        folder.add("apple", "half.jpg", photo(3, 64, "JPEG")[:200])
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="larger than"):
        folder.add("apple", "big.png", photo())
    assert not (tmp_path / "apple").exists()


@pytest.mark.parametrize("name", ["", " ", "..", ".git", "a/b", "a\\b", "c:d", "x" * 81, "nul\x00", "dot."])
def test_a_class_is_one_folder_and_no_more(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingError, match="can't be the name of a class"):
        PhotoFolder(tmp_path / "in").add(name, "a.png", photo())
    assert not (tmp_path / "in").exists() and sorted(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/evil.png", "..\\evil.png", "a\x00b.png", ".hidden.png"])
def test_a_file_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    added = PhotoFolder(tmp_path / "in").add("apple", name, photo())
    assert (tmp_path / "in" / added).parent == tmp_path / "in" / "apple"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "in" / added]
    assert not Path(added).name.startswith(".")


def test_a_zip_is_sorted_by_its_folders_and_can_not_leave_the_folder(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mine/apple/1.png", photo(1))
        archive.writestr("mine/pear/2.png", photo(2))
        archive.writestr("mine/pear/notes.txt", "no photo")
        archive.writestr("../../outside/3.png", photo(3))
        archive.writestr("__MACOSX/apple/._1.png", b"x")
        archive.writestr("loose.png", photo(4))
    found = PhotoFolder(tmp_path / "in").add_zip(file.getvalue())
    assert found["added"] == 2 and "notes.txt was not added" in found["refused"][0]
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")) == [
        "in/apple/1.png", "in/pear/2.png",
    ]  # fmt: skip
    with pytest.raises(DataError, match="no zip"):
        PhotoFolder(tmp_path).add_zip(b"PK nonsense")


def test_a_zip_that_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ZIP_BYTES", 1_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple/bomb.png", b"\0" * 2_000_000)
    assert len(file.getvalue()) < 10_000
    with pytest.raises(DataError, match="2 GB"):
        PhotoFolder(tmp_path).add_zip(file.getvalue())


def test_leaving_out_hides_a_photo_from_training_and_keeps_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos")
    content = folder.file("apple/3.png").read_bytes()
    place = folder.leave_out("apple/3.png")
    assert (folder.path / place).read_bytes() == content
    found = data.scan(folder.path)
    assert found.class_names == ("apple", "other") and sum(map(len, found.parts.values())) == 11
    assert folder.view()["left_out"] == 1


def test_classes_are_renamed_and_made_one(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos")
    folder.rename_class("apple", "fruit")
    folder.rename_class("other", "fruit")
    assert [(one["name"], one["count"]) for one in folder.view()["classes"]] == [("fruit", 12)]
    with pytest.raises(SettingError, match="no class 'pear'"):
        folder.rename_class("pear", "fruit")


def test_only_files_of_the_folder_are_shown(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos")
    (tmp_path / "secret.png").write_bytes(photo())
    (tmp_path / "photos" / "apple" / "link.png").symlink_to(tmp_path / "secret.png")
    for name in ("../secret.png", str(tmp_path / "secret.png"), "apple/link.png", "apple", "apple/none.png"):
        with pytest.raises(SettingError, match="no photo"):
            inside(folder.path, name)
    with Image.open(io.BytesIO(thumbnail(folder.file("apple/0.png")))) as small:
        assert small.size == (module.THUMBNAIL, module.THUMBNAIL)


def test_checking_shows_the_photos_that_it_speaks_of(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "photos", 12, 12)
    folder.add("other", "same.png", photo(0))
    (folder.path / "apple" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    found = check(folder)
    cards = {card["code"]: card for card in found["cards"]}
    assert found["is_ready"] and next(iter(cards)) == "duplicates"
    assert cards["duplicates"]["groups"] == [["apple/0.png", "other/same.png"]]
    assert len(cards["skipped"]["lines"]) == 1 and cards["skipped"]["lines"][0].startswith("apple/broken.jpg: ")


def test_checking_a_folder_nothing_can_come_of_says_why(tmp_path: Path) -> None:
    folder = PhotoFolder(tmp_path)
    folder.add("apple", "1.png", photo())
    found = check(folder)
    assert not found["is_ready"] and found["cards"] == [] and "class" in found["says"]


def test_drawn_fruit_with_a_train_folder_is_worked_on_there(tmp_path: Path) -> None:
    fruit.draw(tmp_path / "photos", train=8, test=4, size=16)
    folder = PhotoFolder(tmp_path / "photos")
    assert [one["count"] for one in folder.view()["classes"]] == [4, 4]
    assert folder.add("apple", "new.png", photo()) == "train/apple/new.png"
