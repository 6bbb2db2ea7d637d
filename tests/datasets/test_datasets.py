"""Data sets come out of Keras's files as they do in Keras, and never run anything that lies in them."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldens import readings
from pippin import datasets
from pippin.errors import FileError, SettingError

GOLDENS = Path(readings.__file__).parent / "reading"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras's folder of data sets, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    found = tmp_path / "home" / "datasets"
    found.mkdir(parents=True)
    return found


@pytest.mark.parametrize("name", sorted(readings.SCENARIOS))
def test_a_data_set_is_read_as_in_keras(name: str, folder: Path) -> None:
    readings.make_files(folder)
    assert readings.SCENARIOS[name](datasets) == (GOLDENS / f"{name}.txt").read_text(encoding="utf-8")


def test_mnist_is_read_from_the_file_keras_keeps(folder: Path) -> None:
    arrays = {"x_train": np.ones((5, 28, 28), np.uint8), "y_train": np.arange(5, dtype=np.uint8)}
    np.savez(folder / "mnist.npz", **arrays, x_test=arrays["x_train"][:2], y_test=arrays["y_train"][:2])
    (x_train, y_train), (x_test, _) = datasets.mnist.load_data()
    assert x_train.shape == (5, 28, 28) and y_train.tolist() == [0, 1, 2, 3, 4] and len(x_test) == 2


def test_fashion_mnist_is_read_from_the_files_keras_keeps(folder: Path, SHARED: Path) -> None:
    (folder / "fashion-mnist").symlink_to(SHARED / "data" / "sets" / "fashion_mnist")
    (x_train, y_train), (x_test, y_test) = datasets.fashion_mnist.load_data()
    assert x_train.shape == (60000, 28, 28) and x_test.shape == (10000, 28, 28) and x_train.dtype == np.uint8
    assert np.bincount(y_train).tolist() == [6000] * 10 and np.bincount(y_test).tolist() == [1000] * 10


def cifar_members(name: str, label: bytes, parts: dict[str, int]) -> dict[str, bytes]:
    """Batches in CIFAR's form: each photo is red, then green, then blue."""
    photo = np.repeat([10, 20, 30], 1024).astype(np.uint8)
    return {
        f"{name}/{part}": pickle.dumps(
            {b"data": np.stack([photo] * rows), label: list(range(rows))}, protocol=4
        )
        for part, rows in parts.items()
    }


@pytest.mark.parametrize("unpacked", [False, True])
def test_cifar_is_read_from_the_archive_or_what_keras_unpacked(folder: Path, unpacked: bool) -> None:
    parts = {f"data_batch_{number}": 2 for number in range(1, 6)} | {"test_batch": 3}
    store(folder, "cifar-10-batches-py", cifar_members("cifar-10-batches-py", b"labels", parts), unpacked)
    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
    assert x_train.shape == (10, 32, 32, 3) and y_train[:, 0].tolist() == [0, 1] * 5
    assert x_test[0, 5, 7].tolist() == [10, 20, 30] and y_test.tolist() == [[0], [1], [2]]

    members = cifar_members("cifar-100-python", b"coarse_labels", {"train": 4, "test": 2})
    store(folder, "cifar-100-python", members, unpacked)
    assert datasets.cifar100.load_data("coarse")[0][1].tolist() == [[0], [1], [2], [3]]


def store(folder: Path, name: str, members: dict[str, bytes], unpacked: bool) -> None:
    if unpacked:
        for member, content in members.items():
            path = folder / f"{name}-target" / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return
    with tarfile.open(folder / f"{name}-target_archive", "w:gz") as archive:
        for member, content in members.items():
            entry = tarfile.TarInfo(member)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def test_word_numbers_are_read(folder: Path) -> None:
    (folder / "imdb_word_index.json").write_text('{"the": 1, "film": 19}')
    assert datasets.imdb.get_word_index()["film"] == 19


class Trap:
    """What would run if a file were unpickled carelessly."""

    def __reduce__(self) -> Any:
        return print, ("sprung",)


def test_a_file_with_code_in_it_is_refused_and_not_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trap = np.array([Trap()], object)
    np.savez(folder / "imdb.npz", x_train=trap, y_train=trap, x_test=trap, y_test=trap)
    with pytest.raises(FileError, match=r"asks for builtins\.print"):
        datasets.imdb.load_data()
    np.savez(folder / "mnist.npz", x_train=trap, y_train=trap, x_test=trap, y_test=trap)
    with pytest.raises(FileError, match="damaged or not what its name says"):
        datasets.mnist.load_data()
    store(folder, "cifar-100-python", {"cifar-100-python/train": pickle.dumps(Trap())}, unpacked=False)
    with pytest.raises(FileError, match=r"asks for builtins\.print"):
        datasets.cifar100.load_data()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file", gzip.compress(b"something else", mtime=0)])
def test_a_damaged_file_is_named(folder: Path, content: bytes) -> None:
    (folder / "mnist.npz").write_bytes(content)
    with pytest.raises(FileError, match=r"mnist\.npz is damaged .* Delete it and load again"):
        datasets.mnist.load_data()


def test_without_a_connection_the_error_says_which_file_to_put_where(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str, timeout: float) -> Any:
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(FileError) as refused:
        datasets.mnist.load_data()
    told = str(refused.value)
    assert str(folder / "mnist.npz") in told and "no route to host" in told
    assert "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz" in told


def test_a_file_that_came_with_other_content_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "urllib.request.urlopen", lambda url, timeout: io.BytesIO(b"a page that asks to log in")
    )
    with pytest.raises(FileError, match="SHA-256"):
        datasets.mnist.load_data()
    assert list(folder.iterdir()) == []


def test_a_file_is_fetched_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(url: str, timeout: float) -> io.BytesIO:
        asked.append(url)
        return io.BytesIO(b'{"a": 1}')

    monkeypatch.setattr("urllib.request.urlopen", answer)
    assert datasets.reuters.get_word_index() == datasets.reuters.get_word_index() == {"a": 1}
    assert len(asked) == 1


def test_settings_outside_what_they_may_be_are_refused(folder: Path) -> None:
    readings.make_files(folder)
    with pytest.raises(SettingError, match="test_split"):
        datasets.boston_housing.load_data(test_split=1.0)
    with pytest.raises(SettingError, match="version"):
        datasets.california_housing.load_data("medium")
    with pytest.raises(SettingError, match="label_mode"):
        datasets.cifar100.load_data("rough")
    with pytest.raises(SettingError, match="maxlen"):
        datasets.imdb.load_data(maxlen=2)
