"""`pippin doctor` tells what is true of the installation, for people and for programs."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import pippin
from pippin.cli import doctor, main
from pippin.engines import get_engine
from pippin.errors import PippinError


def asked(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main.main(["doctor", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_versions_are_those_installed(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys)
    assert found["pippin"] == pippin.__version__
    assert found["packages"]["numpy"] == version("numpy")
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))


def test_the_engine_told_is_the_one_that_would_run(capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys)
    try:
        engine: Any = get_engine("native")
    except PippinError as reason:
        assert found["engine"]["name"] == "reference" and found["engines"]["native"] == str(reason)
    else:
        assert found["engine"]["name"] == "native" and found["engines"]["native"] == "works"
        assert found["engine"]["instruction_set"] == engine.isa and found["engine"]["threads"] >= 1
    assert found["engines"]["reference"] == "works"


def test_without_the_native_engine_it_says_why_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> Any:
        if name == "native":
            raise PippinError("not built here. Cure: install a compiler")
        return object()

    monkeypatch.setattr("pippin.engines.get_engine", broken)
    found = doctor.findings()
    assert found["engine"]["name"] == "reference"
    assert "Cure: install a compiler" in doctor.as_text(found)


def test_caches_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(b"12345")
    folder = asked(capsys)["caches"]["data sets"]
    assert folder == {"path": str(tmp_path / "datasets"), "files": 1, "bytes": 5}


def test_a_missing_package_is_told_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "_PACKAGES", ("numpy", "no-such-package-at-all"))
    assert main.main(["doctor"]) == 1
    assert "no-such-package-at-all missing" in capsys.readouterr().out
