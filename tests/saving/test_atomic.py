"""Claims about writing files: at every moment the old one, whole, or the new one, whole."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from pippin.errors import FileError
from pippin.saving import atomic
from pippin.saving.atomic import write_bytes, write_text

OLD, NEW = b"old" * 1000, b"new" * 2000


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", [b"one", memoryview(b"two"), bytearray(b"three")])
    write_text(tmp_path / "b", "é\n")
    assert (tmp_path / "a").read_bytes() == b"onetwothree"
    assert (tmp_path / "b").read_bytes() == "é\n".encode()
    assert names(tmp_path) == ["a", "b"]


def test_a_file_keeps_its_permissions_and_a_new_one_follows_the_mask(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(OLD)
    (tmp_path / "a").chmod(0o640)
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "a", NEW)
        write_bytes(tmp_path / "b", NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o640


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_bytes(OLD)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "file")
    write_bytes(tmp_path / "link", NEW)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "file").read_bytes() == NEW


@pytest.mark.parametrize("name", ["file", "x" * 255, "файл-ф" * 20, "a\nb"])
def test_names_of_any_kind_are_written(tmp_path: Path, name: str) -> None:
    write_bytes(tmp_path / name, NEW)
    assert names(tmp_path) == [name]


def test_folders_pipes_and_missing_folders_are_refused_by_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "not a regular file"),
        (tmp_path / "no" / "a", "there is no folder"),
    ):
        with pytest.raises(FileError, match=words):
            write_bytes(place, NEW)


def fail(monkeypatch: pytest.MonkeyPatch, place: str, nth: int, number: int) -> list[int]:
    """Make the nth call of a function of the system fail; returns the list of calls."""
    calls: list[int] = []
    owner: Any = os
    real = getattr(owner, place)

    def failing(*arguments: Any, **keywords: Any) -> Any:
        calls.append(1)
        if len(calls) == nth:
            raise OSError(number, os.strerror(number))
        return real(*arguments, **keywords)

    monkeypatch.setattr(owner, place, failing)
    return calls


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize(
    ("place", "nth"), [("open", 1), ("fsync", 1), ("fchmod", 1), ("replace", 1), ("open", 2), ("fsync", 2)]
)
def test_whatever_call_fails_the_old_file_or_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, nth: int, number: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    with monkeypatch.context() as patch:
        calls = fail(patch, place, nth, number)
        with pytest.raises(FileError, match="can't be written.*whole"):
            write_bytes(path, NEW)
        assert len(calls) >= nth, "the call that should fail was never made"
    # After the rename (the second open and fsync are those of the folder) the new file has the name.
    assert path.read_bytes() == (NEW if nth == 2 else OLD)
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_write_that_fails_half_way_leaves_the_old_file(tmp_path: Path, part: int, number: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def parts() -> Any:
        for count in range(3):
            if count + 1 == part:
                raise OSError(number, os.strerror(number))
            yield NEW

    with pytest.raises(FileError, match=os.strerror(number)):
        write_bytes(path, parts())
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_really_full_is_told_with_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    monkeypatch.setattr(
        atomic, "_unfinished_file", lambda target, mode: (target.with_name(".x"), os.open("/dev/full", os.O_WRONLY))
    )
    with pytest.raises(FileError, match=r"No space left on device \([\d.]+ MB are free\)"):
        write_bytes(path, NEW)
    assert path.read_bytes() == OLD


def test_an_interruption_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def parts() -> Any:
        yield NEW
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, parts())
    assert path.read_bytes() == OLD
    assert names(tmp_path) == ["file"]


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    (tmp_path / ".file.1-abc.unfinished").write_bytes(b"left behind")

    def parts() -> Any:
        assert not (tmp_path / ".file.1-abc.unfinished").exists()
        atomic.sweep(tmp_path)  # another process that writes into the same folder
        yield NEW

    write_bytes(tmp_path / "file", parts())
    assert (tmp_path / "file").read_bytes() == NEW
    assert names(tmp_path) == ["file"]


KILLS = textwrap.dedent(
    """
    import os, signal, sys, time
    from pippin import layers, models

    def save_for_ever(path, number, tell):
        model = models.Sequential([layers.Input((20,)), layers.Dense(300), layers.Dense(30)])
        while True:
            number += 1
            model.set_weights([w * 0 + number for w in model.get_weights()])
            model.save(path)
            os.write(tell, b"%d " % number)

    path, number = sys.argv[1], 0
    for kill in range(20):
        hear, tell = os.pipe()
        child = os.fork()
        if not child:
            save_for_ever(path, number, tell)
        os.close(tell)
        told = os.read(hear, 100)
        time.sleep(0.0013 * kill)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while more := os.read(hear, 100):
            told += more
        os.close(hear)
        reported = int(told.split()[-1])
        weights = {float(value) for array in models.load_model(path).get_weights() for value in array.reshape(-1)}
        assert len(weights) == 1, "the file mixes two models"
        number = int(weights.pop())
        assert number in (reported, reported + 1), "a model that was reported saved is gone"
        assert len(os.listdir(os.path.dirname(path))) <= 2, "unfinished files pile up"
    print("20 kills")
    """
)


def test_twenty_kills_while_a_model_is_saved_leave_a_whole_model_each_time(tmp_path: Path) -> None:
    path = os.pathsep.join(sys.path)
    ran = subprocess.run(
        [sys.executable, "-c", KILLS, str(tmp_path / "model.keras")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert ran.stdout == "20 kills\n", ran.stderr
    write_text(tmp_path / "another", "sweeps")
    assert names(tmp_path) == ["another", "model.keras"]
