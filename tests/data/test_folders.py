"""A folder of pictures: its classes and parts are found; what can't be trained on is refused plainly."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from data.drawn import Tree, two_classes
from pippin.data import gather, natural, picture_files, scan, sub_folders
from pippin.errors import DataError, FileError

Plant = Callable[[Tree], Path]


def names(files: object) -> list[str]:
    return [Path(file.path).name for file in files]  # type: ignore[attr-defined]


# What is found ---------------------------------------------------------------------------------------------


def test_sub_folders_are_classes_and_files_carry_their_label(plant: Plant) -> None:
    folder = scan(plant(two_classes()))
    assert folder.class_names == ("apple", "not_apple")
    assert list(folder.parts) == ["all"]
    assert [file.label for file in folder.parts["all"]] == [0] * 4 + [1] * 4
    assert folder.skipped == folder.warnings == ()
    assert folder.mapping() == "0 = apple (4), 1 = not_apple (4)"


def test_files_carry_their_size_and_time(plant: Plant) -> None:
    file = scan(plant(two_classes())).parts["all"][0]
    status = Path(file.path).stat()
    assert (file.size, file.modified) == (status.st_size, status.st_mtime_ns)


def test_classes_and_files_are_in_natural_order(plant: Plant) -> None:
    root = plant({f"{name}/{i}.png": b"x" for name in ("10", "2", "1", "B", "a") for i in (1, 2, 10)})
    folder = scan(root)
    assert folder.class_names == ("1", "2", "10", "a", "B")
    assert names(folder.parts["all"][:3]) == ["1.png", "2.png", "10.png"]


def test_natural_order_survives_numbers_of_any_length_and_sign() -> None:
    words = ["a", "a1", "a02", "a2", "a10", "a" + "9" * 250, "²x", "-1"]
    assert sorted(words, key=natural)[2:6] == ["a1", "a02", "a2", "a10"]


def test_pictures_in_deeper_folders_belong_to_the_class_above(plant: Plant) -> None:
    root = plant(
        {"apple/red/1.png": b"x", "apple/green/deep/2.png": b"x", "pear/3.png": b"x", "pear/4.png": b"x"}
    )
    assert [file.label for file in scan(root).parts["all"]] == [0, 0, 1, 1]


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "Testing"), ("TRAIN", "Test")])
def test_train_and_test_folders_are_parts(plant: Plant, train: str, test: str) -> None:
    tree = {f"{part}/{name}": data for part in (train, test) for name, data in two_classes().items()}
    folder = scan(plant(tree))
    assert {part: len(files) for part, files in folder.parts.items()} == {"train": 8, "test": 8}
    assert folder.class_names == ("apple", "not_apple")


@pytest.mark.parametrize("word", ["val", "valid", "validation"])
def test_a_validation_folder_is_a_part(plant: Plant, word: str) -> None:
    tree = {
        f"{part}/{name}": data for part in ("train", "test", word) for name, data in two_classes().items()
    }
    assert set(scan(plant(tree)).parts) == {"train", "test", "validation"}


def test_train_alone_is_a_part(plant: Plant) -> None:
    assert set(scan(plant({f"train/{name}": data for name, data in two_classes().items()})).parts) == {
        "train"
    }


def test_a_class_may_be_called_train(plant: Plant) -> None:
    assert scan(plant({"train/1.png": b"x", "car/1.png": b"x"})).class_names == ("car", "train")
    assert scan(plant({"train/old/1.png": b"x", "car/1.png": b"x"})).class_names == ("car", "train")


def test_other_folders_beside_train_and_test_are_named(plant: Plant) -> None:
    tree = {f"{part}/{name}": data for part in ("train", "test") for name, data in two_classes().items()}
    folder = scan(plant({**tree, "predict/1.png": b"x"}))
    assert [str(skipped.path).rsplit(os.sep, 1)[1] for skipped in folder.skipped] == ["predict"]


def test_a_test_class_may_be_absent_but_is_warned_about(plant: Plant) -> None:
    tree = {f"train/{name}": data for name, data in two_classes().items()} | {
        "test/apple/1.png": b"x",
        "test/apple/2.png": b"x",
    }
    folder = scan(plant(tree))
    assert len(folder.parts["test"]) == 2
    assert folder.warnings == (
        "Class 'not_apple' has no pictures in test: too few to learn from or to measure by.",
    )


def test_what_systems_leave_behind_is_ignored_and_counted(plant: Plant) -> None:
    files = ["apple/._0.png", "apple/._1.png", "apple/Thumbs.db", "apple/.DS_Store", "not_apple/desktop.ini"]
    folders = [".ipynb_checkpoints/x.png", "__MACOSX/apple/._0.png", "apple/@eaDir/0.png"]
    folder = scan(plant(two_classes() | dict.fromkeys([*files, *folders], b"litter")))
    assert folder.class_names == ("apple", "not_apple")
    assert len(folder.parts["all"]) == 8
    singles = ("Thumbs.db", ".DS_Store", "desktop.ini", ".ipynb_checkpoints", "__MACOSX", "@eaDir")
    assert folder.ignored == {"._*": 2, **dict.fromkeys(singles, 1)}


def test_any_name_works(plant: Plant) -> None:
    strange = ["äpfel", "jabłko 🍎", "line\nbreak", " space ", "quote'\"", "-rf", "リンゴ", "x" * 200]
    folder = scan(plant({f"{name}/{i}.png": b"x" for name in strange for i in (1, 2)}))
    assert set(folder.class_names) == set(strange)
    assert "\n" not in folder.mapping()


def test_a_name_that_is_no_text_works(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"plain"):
        os.makedirs(os.fsencode(tmp_path) + b"/photos/" + name)  # noqa: PTH103  # pathlib takes no bytes
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/photos/" + name + b"/\xff.png")).write_bytes(b"x")
    folder = scan(tmp_path / "photos")
    assert folder.mapping() == r"0 = caf\xe9 (1), 1 = plain (1)"


def test_names_that_differ_hardly_are_warned_about(plant: Plant) -> None:
    pairs = [
        "Apple",
        "apple",
        unicodedata.normalize("NFC", "é"),
        unicodedata.normalize("NFD", "é"),
        "not_a",
        "not a",
    ]
    folder = scan(plant({f"{name}/{i}.png": b"x" for name in pairs for i in (1, 2)}))
    assert sum("nearly the same name" in warning for warning in folder.warnings) == 3


def test_a_single_picture_is_warned_about(plant: Plant) -> None:
    folder = scan(plant({**two_classes(), "pear/1.png": b"x"}))
    assert folder.warnings == ("Class 'pear' has one picture: too few to learn from or to measure by.",)


# Links and things that are no files ------------------------------------------------------------------------


def test_links_out_of_the_folder_are_skipped_by_name(plant: Plant, tmp_path: Path) -> None:
    root = plant(two_classes())
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    (root / "apple" / "out.png").symlink_to(secret)
    (root / "apple" / "in.png").symlink_to(root / "apple" / "0.png")
    (root / "apple" / "nowhere.png").symlink_to("nothing")
    (root / "apple" / "loop").symlink_to(root / "apple")
    folder = scan(root)
    assert len(folder.parts["all"]) == 9
    reasons = {Path(path).name: reason for path, reason, _ in folder.skipped}
    assert reasons["out.png"] == f"a link out of the folder, to {secret}"
    assert reasons["nowhere.png"].startswith("a link that leads nowhere")
    assert reasons["loop"] == "a link to a folder: not followed"


def test_with_follow_links_they_are_followed_once(plant: Plant, tmp_path: Path) -> None:
    root = plant(two_classes())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "9.png").write_bytes(b"x")
    (root / "apple" / "more").symlink_to(tmp_path / "elsewhere")
    (root / "apple" / "loop").symlink_to(root / "apple")
    folder = scan(root, follow_links=True)
    assert len(folder.parts["all"]) == 9
    assert [skipped.reason for skipped in folder.skipped] == ["a link back to a folder that was already read"]


def test_a_pipe_is_skipped_without_being_opened(plant: Plant) -> None:
    root = plant(two_classes())
    os.mkfifo(root / "apple" / "pipe.png")
    folder = scan(root)
    assert [skipped.reason for skipped in folder.skipped] == ["a named pipe, not a picture file"]


# What is refused -------------------------------------------------------------------------------------------


def refusal(path: object, kind: type[Exception] = DataError) -> str:
    with pytest.raises(kind) as caught:
        scan(path)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_missing_folder_is_refused_with_the_nearest_name(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(two_classes())
    monkeypatch.chdir(root.parent)
    words = refusal("photo", FileNotFoundError)
    assert f"There is no folder {root.parent / 'photo'}" in words
    assert 'Did you mean "photos"' in words
    assert issubclass(FileError, OSError)
    assert "is not there either" in refusal("a/b/c", FileError)


def test_a_file_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "photos.zip").write_bytes(b"PK")
    words = refusal(tmp_path / "photos.zip", NotADirectoryError)
    assert "is a file, not a folder. Unpack it" in words
    assert str(tmp_path) in words


def test_an_empty_folder_is_refused(plant: Plant) -> None:
    assert "photos is empty. Expected one sub-folder of pictures for each class" in refusal(plant({}))


def test_pictures_without_class_folders_are_refused(plant: Plant) -> None:
    words = refusal(plant({"10.jpg": b"x", "2.jpg": b"x"}))
    assert "has 2 files (such as 2.jpg) but no class folders" in words
    assert "Make a folder in it for each class" in words


def test_a_single_class_is_refused(plant: Plant) -> None:
    words = refusal(plant({"apple/1.png": b"x"}))
    assert "has one class only, 'apple'" in words
    assert "'not_apple'" in words


def test_a_class_without_files_is_refused_by_name(plant: Plant) -> None:
    root = plant(two_classes())
    (root / "pear").mkdir()
    assert f"There are no pictures in {root / 'pear'}: 1 of 3 classes are empty." in refusal(root)
    os.mkfifo(root / "pear" / "pipe.png")
    assert "Left out: " in refusal(root)


def test_a_class_that_only_test_has_is_refused_with_the_nearest(plant: Plant) -> None:
    tree = {f"train/{name}": data for name, data in two_classes().items()}
    words = refusal(plant({**tree, "test/aple/1.png": b"x"}))
    assert "has a class 'aple' that train lacks" in words
    assert 'Did you mean "apple"' in words


def test_loose_files_beside_class_folders_are_listed(plant: Plant) -> None:
    folder = scan(plant({**two_classes(), "readme.txt": b"x"}))
    assert [skipped.reason for skipped in folder.skipped] == ["directly in the folder, so it has no class"]


# For callers with their own classes ------------------------------------------------------------------------


def test_gather_takes_files_and_folders_and_lists_what_is_not_there(plant: Plant) -> None:
    root = plant(two_classes())
    files, skipped = gather([root / "apple" / "3.png", root / "not_apple", root / "gone.png", "nul\0.png"])
    assert names(files) == ["3.png", "0.png", "1.png", "2.png", "3.png"]
    assert {file.label for file in files} == {-1}
    assert [one.reason for one in skipped][:1] == ["No such file or directory (ENOENT)"]
    assert len(skipped) == 2


def test_picture_files_takes_the_labels_it_is_given(plant: Plant) -> None:
    root = plant(two_classes())
    assert sub_folders(root) == ["apple", "not_apple"]
    files, skipped = picture_files(root, {"not_apple": 7}, order=natural)
    assert [file.label for file in files] == [7] * 4
    assert skipped == []


def test_the_sample_photos_are_recognised(SHARED: Path) -> None:
    folder = scan(SHARED / "data" / "photos" / "market")
    assert folder.class_names == ("apple", "not_apple")
    assert {part: len(files) for part, files in folder.parts.items()} == {"train": 501, "test": 197}
