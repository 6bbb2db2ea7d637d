"""Many pictures at once: one array in a fixed order, the bad ones listed, and nothing decoded twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.drawn import Tree, colours, encoded, two_classes
from pippin.data import (
    Decoding,
    PictureFile,
    Skipped,
    duplicates,
    load,
    require_pictures_in_every_class,
    scan,
    tell_skipped,
)
from pippin.data import cache as cache_module
from pippin.data import load as load_function
from pippin.errors import DataError

Plant = Callable[[Tree], Path]
HOW = Decoding(16, 16)


def files_in(root: Path) -> tuple[PictureFile, ...]:
    return scan(root).parts["all"]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the pictures that were really decoded."""
    import pippin.data.pictures as module

    paths: list[str] = []
    read = module.read_picture  # type: ignore[attr-defined]

    def watch(path: str, how: Decoding) -> Any:
        paths.append(path)
        return read(path, how)

    monkeypatch.setattr(module, "read_picture", watch)
    return paths


# Loading ---------------------------------------------------------------------------------------------------


def test_pictures_come_in_the_order_of_their_files(plant: Plant) -> None:
    root = plant(two_classes(20))
    pictures = load(files_in(root), HOW)
    assert pictures.pixels.shape == (40, 16, 16, 3)
    assert pictures.pixels.dtype == np.uint8
    assert pictures.labels.dtype == np.int32
    assert pictures.labels.tolist() == [0] * 20 + [1] * 20
    assert [Path(path).stem for path in pictures.paths[:20]] == [str(i) for i in range(20)]
    one_by_one = [load([file], HOW, cache=False).pixels[0] for file in files_in(root)]
    assert np.array_equal(pictures.pixels, one_by_one)


def test_bad_pictures_are_listed_and_the_rest_is_loaded(plant: Plant) -> None:
    jpeg = encoded(colours(1), "JPEG")
    root = plant(
        {
            **two_classes(),
            "apple/cut.jpg": jpeg[:600],
            "apple/empty.jpg": b"",
            "not_apple/page.jpg": b"<html>Not found</html>",
        }
    )
    pictures = load(files_in(root), HOW)
    assert len(pictures) == 8
    assert [(Path(one.path).name, one.reason) for one in pictures.skipped] == [
        ("cut.jpg", "JPEG ends early at 600 bytes"),
        ("empty.jpg", "empty file"),
        ("page.jpg", "starts with '<html': a web page, not a picture"),
    ]
    assert pictures.labels.tolist() == [0] * 4 + [1] * 4


def test_a_file_that_vanishes_is_listed(plant: Plant) -> None:
    root = plant(two_classes())
    files = files_in(root)
    (root / "apple" / "2.png").unlink()
    pictures = load(files, HOW)
    assert [(Path(one.path).name, one.reason) for one in pictures.skipped] == [
        ("2.png", "No such file or directory (ENOENT)")
    ]
    assert len(pictures) == 7


def test_no_files_give_no_pictures() -> None:
    assert load([], HOW).pixels.shape == (0, 16, 16, 3)


def test_what_was_done_to_pictures_is_counted(plant: Plant) -> None:
    root = plant(
        {**two_classes(), "apple/a.jpg": encoded(colours(), "PNG"), "apple/b.jpg": encoded(colours(7), "PNG")}
    )
    assert load(files_in(root), HOW).notes == {"named .jpg but a PNG inside": 2}


def test_progress_counts_to_the_end_in_this_thread(plant: Plant) -> None:
    told: list[tuple[int, int]] = []
    load(files_in(plant(two_classes())), HOW, progress=lambda done, of: told.append((done, of)))
    assert told == [(i, 8) for i in range(1, 9)]


def test_an_interrupt_stops_the_loading(plant: Plant, decoded: list[str]) -> None:
    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(files_in(plant(two_classes(100))), HOW, progress=interrupt)
    assert len(decoded) < 200


def test_more_than_the_memory_is_refused_before_anything_is_read(
    plant: Plant, decoded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pippin.data.pictures._free_memory", lambda: 1000)
    with pytest.raises(DataError, match=r"of memory is free\. Use a smaller picture size"):
        load(files_in(plant(two_classes())), HOW)
    assert decoded == []


# The cache -------------------------------------------------------------------------------------------------


def cached_file(cache_home: Path) -> Path:
    (file,) = (cache_home / "pippin" / "pictures").iterdir()
    return file


def test_a_second_run_decodes_nothing_and_gives_the_same(plant: Plant, decoded: list[str]) -> None:
    jpeg = encoded(colours(1), "JPEG")
    root = plant({**two_classes(), "apple/cut.jpg": jpeg[:600], "apple/x.jpg": encoded(colours(3), "PNG")})
    first = load(files_in(root), HOW)
    seen = len(decoded)
    second = load(files_in(root), HOW)
    assert len(decoded) == seen
    assert (first.from_cache, second.from_cache) == (False, True)
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.labels, second.labels)
    assert (first.paths, first.skipped, first.notes, first.digests) == (
        second.paths, second.skipped, second.notes, second.digests,
    )  # fmt: skip


def test_cached_pictures_may_be_written_to_without_changing_the_cache(plant: Plant) -> None:
    root = plant(two_classes())
    load(files_in(root), HOW)
    pictures = load(files_in(root), HOW)
    before = pictures.pixels.copy()
    pictures.pixels[:] = 0
    assert np.array_equal(load(files_in(root), HOW).pixels, before)


@pytest.mark.parametrize("change", ["content", "time", "added", "renamed", "size", "channels", "fit"])
def test_any_change_decodes_anew(plant: Plant, change: str) -> None:
    root, how = plant(two_classes()), HOW
    load(files_in(root), HOW)
    file = root / "apple" / "0.png"
    if change == "content":
        file.write_bytes(encoded(colours(50), "PNG"))
    elif change == "time":
        os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))
    elif change == "added":
        (root / "apple" / "9.png").write_bytes(encoded(colours(50), "PNG"))
    elif change == "renamed":
        file.rename(root / "apple" / "zero.png")
    else:
        how = {"size": Decoding(17, 16), "channels": Decoding(16, 16, 1), "fit": Decoding(16, 16, fit="pad")}[
            change
        ]
    assert not load(files_in(root), how).from_cache


def test_a_damaged_cache_is_ignored_and_written_anew(plant: Plant, cache_home: Path) -> None:
    root = plant(two_classes())
    good = load(files_in(root), HOW).pixels
    sound = cached_file(cache_home).read_bytes()
    places = [0, 9, 17, 25, 29, 40, len(sound) // 2, len(sound) - 30, len(sound) - 1]
    flipped = [sound[:i] + bytes([sound[i] ^ 1]) + sound[i + 1 :] for i in places]
    cut = [sound[:end] for end in (0, 5, 31, 33, len(sound) // 2, len(sound) - 1)]
    for damaged in [*flipped, *cut, sound + b"x", b"", os.urandom(500)]:
        cached_file(cache_home).write_bytes(damaged)
        pictures = load(files_in(root), HOW)
        assert not pictures.from_cache
        assert np.array_equal(pictures.pixels, good)
        assert load(files_in(root), HOW).from_cache


def test_a_fault_of_the_moment_is_not_remembered(plant: Plant) -> None:
    root = plant(two_classes())
    files = files_in(root)
    away = root.parent / "away.png"
    (root / "apple" / "2.png").rename(away)
    assert len(load(files, HOW).skipped) == 1
    away.rename(root / "apple" / "2.png")
    assert load(files, HOW).skipped == ()


def test_a_fault_of_the_file_is_remembered(plant: Plant) -> None:
    root = plant({**two_classes(), "apple/empty.jpg": b""})
    load(files_in(root), HOW)
    again = load(files_in(root), HOW)
    assert again.from_cache
    assert [one.reason for one in again.skipped] == ["empty file"]


@pytest.mark.parametrize("obstacle", ["file", "no home", "full disk"])
def test_no_place_for_a_cache_is_no_error(
    plant: Plant, obstacle: str, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if obstacle == "file":
        cache_home.write_text("in the way")
    elif obstacle == "no home":
        monkeypatch.setattr(cache_module, "cache_folder", lambda: None)
    else:

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
    root = plant(two_classes())
    for _ in range(2):
        pictures = load(files_in(root), HOW)
        assert not pictures.from_cache
        assert len(pictures) == 8
    if obstacle == "full disk":
        assert list((cache_home / "pippin" / "pictures").iterdir()) == []


def test_the_cache_is_the_users_own_and_readable_by_no_one_else(plant: Plant, cache_home: Path) -> None:
    load(files_in(plant(two_classes())), HOW)
    assert cached_file(cache_home).stat().st_mode & 0o077 == 0


def test_without_xdg_the_cache_is_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert cache_module.cache_folder() == tmp_path / ".cache" / "pippin" / "pictures"


def test_the_cache_forgets_what_was_used_longest_ago(
    plant: Plant, cache_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_in(plant(two_classes()))
    folder = cache_home / "pippin" / "pictures"

    def file_for(size: int) -> Path:
        return folder / f"{cache_module.cache_key(list(files), Decoding(size, size))}.pictures"

    for size in (15, 16, 17):
        load(files, Decoding(size, size))
        os.utime(file_for(size), (size, size))
    assert load(files, Decoding(15, 15)).from_cache  # Used: now the newest of the three.
    (folder / "killed.unfinished").write_bytes(b"x")
    os.utime(folder / "killed.unfinished", (1, 1))
    monkeypatch.setattr(cache_module, "_LIMIT", 20_000)  # Room for two of the four, of 5 to 8 kB each.
    load(files, Decoding(18, 18))
    assert {size: file_for(size).exists() for size in (15, 16, 17, 18)} == {
        15: True,
        16: False,
        17: False,
        18: True,
    }
    assert not (folder / "killed.unfinished").exists()


# Duplicates and classes ------------------------------------------------------------------------------------


def test_the_same_picture_twice_is_found_across_classes_parts_and_formats(plant: Plant) -> None:
    same = colours(5)
    tree = {f"train/{name}": data for name, data in two_classes(2).items()}
    tree |= {f"test/apple/{i}.png": encoded(colours(50 + i), "PNG") for i in range(2)}
    tree["train/apple/same.png"] = tree["test/not_apple/same.png"] = encoded(same, "PNG")
    tree["train/not_apple/same.bmp"] = encoded(same, "BMP")
    root = plant(tree)
    (found,) = duplicates({part: load(files, HOW) for part, files in scan(root).parts.items()})
    assert found.is_across_classes
    assert found.is_across_parts
    places = {str(Path(path).relative_to(root)) for _, _, path in found.members}
    assert places == {"train/apple/same.png", "train/not_apple/same.bmp", "test/not_apple/same.png"}
    assert str(found).startswith("the same picture under different classes: ")


def test_duplicates_share_a_group(plant: Plant) -> None:
    same = encoded(colours(5), "PNG")
    pictures = load(files_in(plant({**two_classes(), "apple/x.png": same, "apple/y.png": same})), HOW)
    groups = dict(
        zip([Path(path).stem for path in pictures.paths[:6]], pictures.groups().tolist(), strict=False)
    )
    assert groups["x"] == groups["y"]
    assert len(set(pictures.groups().tolist())) == len(pictures) - 1


def test_a_class_of_which_nothing_can_be_read_is_refused(plant: Plant) -> None:
    folder = scan(plant({**two_classes(), "pear/1.jpg": b"", "pear/2.jpg": b"hello there, world"}))
    pictures = load(folder.parts["all"], HOW)
    with pytest.raises(
        DataError, match=r"'pear' has no pictures\. None of its 2 files can be read; the first: .*empty"
    ):
        require_pictures_in_every_class(pictures, folder.class_names)


def test_skipped_files_are_told_in_five_lines_at_most() -> None:
    many = [Skipped(f"{i}.jpg", "empty file") for i in range(1200)]
    assert tell_skipped(many[:5]).splitlines() == [f"{i}.jpg: empty file" for i in range(5)]
    assert tell_skipped(many).splitlines() == [
        *(f"{i}.jpg: empty file" for i in range(4)),
        "… and 1,196 more",
    ]


def test_all_sample_photos_load(SHARED: Path) -> None:
    for name in ("market", "studio"):
        folder = scan(SHARED / "data" / "photos" / name)
        parts = {part: load_function(files, HOW) for part, files in folder.parts.items()}
        assert [pictures.skipped for pictures in parts.values()] == [(), ()]
        assert sum(map(len, parts.values())) == {"market": 698, "studio": 815}[name]
        assert not any(found.is_across_parts or found.is_across_classes for found in duplicates(parts))
