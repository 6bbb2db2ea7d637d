"""Keras's `get_file`: a file of the cache folder, fetched if it is not there, checked, unpacked if it is an archive."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

from pippin.errors import FileError, SettingError
from pippin.utils.console import say

_SPELLED = {"sha256": "SHA-256", "md5": "MD5"}
_SECONDS = 30  # without an answer


def keras_home() -> Path:
    """Keras's folder: $KERAS_HOME, by default ~/.keras."""
    home = os.environ.get("KERAS_HOME")
    return Path(home) if home else Path.home() / ".keras"


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: Any = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of the file `fname` in CACHE_DIR/CACHE_SUBDIR (~/.keras/datasets), fetched from `origin` if need be.

    With `extract` the folder it was unpacked to: FNAME, with the archive beside it as FNAME_archive; for an `fname`
    with an extension, FNAME_extracted. `file_hash` is SHA-256 (64 digits) or MD5. Raises FileError if the file can't be
    fetched, saying where to put it, or if it is not what the hash says.
    """
    if origin is None:
        raise SettingError('Please specify the "origin" argument (URL of the file to download).')
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    name = os.fspath(fname) if fname else ""
    if os.sep in name:
        raise SettingError(
            "Paths are no longer accepted as the `fname` argument. To specify the file's parent directory, use the "
            f"`cache_dir` argument. Received: fname={name}"
        )
    folder = _folder(cache_dir) / cache_subdir
    is_archive = extract or untar
    file, unpacked = _places(folder, name, _name_in(origin), is_archive)
    digest = None if file_hash is None else (_algorithm(hash_algorithm, file_hash), file_hash)
    if force_download or not file.exists() or not _is_right(file, digest, hash_algorithm):
        _fetch_or_tell(origin, file, digest)
    if not is_archive:
        return str(file)
    if not extract_archive(str(file), str(unpacked), "tar" if untar else archive_format):
        warnings.warn("Could not extract archive.", stacklevel=2)
    return str(unpacked)


def _folder(cache_dir: Any) -> Path:
    """The cache folder, or one for the time being if that can't be written."""
    folder = keras_home() if cache_dir is None else Path(cache_dir).expanduser()
    if cache_dir is None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir()) / ".keras"


def _name_in(origin: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(origin).path.rpartition("/")[2]


def _places(folder: Path, name: str, origin_name: str, is_archive: bool) -> tuple[Path, Path]:
    """Where the file lies, and where it is unpacked to."""
    if not name and not origin_name:
        raise SettingError("Can't parse the file name from the origin provided. Please specify the `fname` argument.")
    if not is_archive:
        return folder / (name or origin_name), folder
    if "." in name:
        return folder / name, folder / f"{name[: name.find('.')]}_extracted"
    name = name or origin_name
    return folder / f"{name}_archive", folder / name


def _is_right(file: Path, digest: tuple[str, str] | None, told: str) -> bool:
    if digest is None or hash_file(file, digest[0]) == digest[1]:
        return True
    say(
        f"A local file was found, but it seems to be incomplete or outdated because the {told} file hash does not "
        f"match the original value of {digest[1]} so we will re-download the data."
    )
    return False


def _fetch_or_tell(origin: str, file: Path, digest: tuple[str, str] | None) -> None:
    try:
        fetch(origin, file, digest)
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"URL fetch failure on {origin}: {error}. The program needs the file {file.absolute()}, which is not "
            "there. Get it on a machine with a connection and put it there, under this name."
        ) from None


def fetch(url: str, path: Path, digest: tuple[str, str] | None = None) -> None:
    """Write what is at `url` to a file beside `path`, check its (algorithm, hash), and only then give it its name."""
    from urllib.request import urlopen

    path.parent.mkdir(parents=True, exist_ok=True)
    say(f"Downloading data from {url}")
    algorithm, expected = digest or ("sha256", None)
    found = hashlib.new(algorithm)
    with (
        urlopen(url, timeout=_SECONDS) as answer,
        tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file,
    ):
        try:
            while part := answer.read(1 << 20):
                found.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
            if expected is not None and found.hexdigest() != expected:
                told = f"{_SPELLED[algorithm]} {found.hexdigest()}"
                raise FileError(f"Incomplete or corrupted file detected. What came has the {told}, expected {expected}")
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _algorithm(algorithm: str, file_hash: str) -> str:
    return "sha256" if algorithm == "sha256" or (algorithm == "auto" and len(file_hash) == 64) else "md5"


def hash_file(fpath: Any, algorithm: Any = "sha256", chunk_size: int = 65535) -> str:
    """The "sha256" or "md5" hash of a file, in hexadecimal digits."""
    found = hashlib.new("sha256" if algorithm == "sha256" else "md5") if isinstance(algorithm, str) else algorithm
    with Path(fpath).open("rb") as file:
        while part := file.read(chunk_size):
            found.update(part)
    return str(found.hexdigest())


def extract_archive(file_path: Any, path: Any = ".", archive_format: Any = "auto") -> bool:
    """Unpack a tar file (also packed by gzip, bzip2 or xz) or a zip file; whether it was one.

    What would land outside of `path` is left out, with a warning.
    """
    wanted = ["tar", "zip"] if archive_format == "auto" else archive_format or []
    for kind in [wanted] if isinstance(wanted, str) else wanted:
        if kind not in ("tar", "zip"):
            raise NotImplementedError(f"archive_format: expected 'tar', 'zip', 'auto' or None, received {kind!r}.")
        if not (tarfile.is_tarfile if kind == "tar" else zipfile.is_zipfile)(file_path):
            continue
        try:
            if kind == "tar":
                with tarfile.open(file_path) as archive:
                    archive.extractall(path, filter=_kept)
            else:
                with zipfile.ZipFile(file_path) as packed:
                    packed.extractall(path)  # which itself leaves out what points elsewhere
        except (tarfile.TarError, RuntimeError, KeyboardInterrupt):
            shutil.rmtree(path, ignore_errors=True)
            raise
        return True
    return False


def _kept(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(member, path)
    except tarfile.FilterError:
        warnings.warn(f"Skipping invalid path during archive extraction: '{member.name}'.", stacklevel=2)
        return None
