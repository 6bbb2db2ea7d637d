"""Files of the cache folder: fetched once, checked, unpacked; offline the error says where to put them."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from pippin.errors import FileError, SettingError
from pippin.utils import get_file
from pippin.utils.downloads import extract_archive, hash_file

TEXT = b"Float like a butterfly, sting like a bee."


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.txt"
    path.write_bytes(TEXT)
    return path


def test_a_file_is_fetched_into_the_cache_and_then_taken_from_there(tmp_path: Path, source: Path) -> None:
    path = Path(get_file("text.txt", source.as_uri(), file_hash=hashlib.sha256(TEXT).hexdigest()))
    assert path == tmp_path / "home" / "datasets" / "text.txt"
    source.write_bytes(b"something else")
    assert Path(get_file("text.txt", source.as_uri())).read_bytes() == TEXT
    assert Path(get_file("text.txt", source.as_uri(), force_download=True)).read_bytes() == b"something else"


def test_a_file_that_is_not_what_its_hash_says_is_fetched_anew_or_refused(source: Path) -> None:
    get_file("text.txt", source.as_uri())
    source.write_bytes(b"newer")
    newer = hashlib.md5(b"newer").hexdigest()
    path = get_file("text.txt", source.as_uri(), md5_hash=newer)
    assert hash_file(path, "md5") == newer
    with pytest.raises(ValueError, match="Incomplete or corrupted file"):
        get_file("other.txt", source.as_uri(), file_hash="0" * 64)
    assert not Path(path).with_name("other.txt").exists()


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_is_unpacked_beside_itself(tmp_path: Path, source: Path, kind: str) -> None:
    packed = tmp_path / f"packed.{kind}"
    if kind == "tar":
        with tarfile.open(packed, "w:gz") as archive:
            archive.add(source, "inside.txt")
    else:
        with zipfile.ZipFile(packed, "w") as archive_:
            archive_.write(source, "inside.txt")
    folder = Path(get_file("data", packed.as_uri(), extract=True))
    assert (folder / "inside.txt").read_bytes() == TEXT
    assert folder.with_name("data_archive").is_file()
    named = Path(get_file(f"data.{kind}", packed.as_uri(), extract=True))
    assert named.name == "data_extracted"


def test_what_would_land_outside_is_left_out(tmp_path: Path) -> None:
    packed = tmp_path / "bad.tar"
    with tarfile.open(packed, "w") as archive:
        member = tarfile.TarInfo("../outside.txt")
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT))
    with pytest.warns(UserWarning, match="Skipping invalid path"):
        assert extract_archive(packed, tmp_path / "unpacked")
    assert not (tmp_path / "outside.txt").exists()


def test_offline_the_error_says_which_file_to_put_where(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="home/datasets/data.csv.*put it there"):
        get_file("data.csv", (tmp_path / "nowhere.csv").as_uri())


def test_a_name_is_no_path() -> None:
    with pytest.raises(SettingError, match="Paths are no longer accepted"):
        get_file("a/b.txt", "file:///b.txt")
    with pytest.raises(SettingError, match='specify the "origin"'):
        get_file("b.txt")
