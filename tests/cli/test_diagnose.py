"""Claims about pippin diagnose: it says what is wrong and why, tries the fix, and marks the run's page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from diagnosis.samples import BROKEN, HEALTHY, recorded
from pippin import glass


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return recorded(BROKEN["learning-rate-too-low"], tmp_path / "slow")


def test_a_finding_is_told_with_its_cause_its_fix_and_its_numbers(command: Any, run: Path) -> None:
    done = command("diagnose", run)
    assert done.code == 0 and done.err == ""
    for words in ("1 finding", "learning-rate-too-low", "Why:", "What to do: Raise the learning rate", "Numbers:"):
        assert words in " ".join(done.out.split())
    assert [told["code"] for told in glass.read(run).findings] == ["learning-rate-too-low"]


def test_the_fix_is_tried_and_compared(command: Any, run: Path) -> None:
    done = command("diagnose", run, "--fix", "learning-rate-too-low")
    assert done.code == 0 and "It helped: judged by loss" in " ".join(done.out.split()) and "as it was" in done.out


def test_json_has_the_same_sentences(command: Any, run: Path) -> None:
    told = json.loads(command("diagnose", run, "--json").out)
    assert told["findings"][0]["message"] in " ".join(command("diagnose", run).out.split())
    twin = json.loads(command("diagnose", run, "--fix", "learning-rate-too-low", "--json").out)
    assert twin["helped"] is True and twin["after"]["loss"] < twin["before"]["loss"]


def test_strict_exits_with_3_when_something_was_found(command: Any, run: Path, tmp_path: Path) -> None:
    assert command("diagnose", run, "--strict").code == 3
    fine = command("diagnose", recorded(HEALTHY["classes"], tmp_path / "well"), "--strict")
    assert fine.code == 0 and "nothing was found wrong" in fine.out


def test_what_is_no_run_is_refused(command: Any, tmp_path: Path) -> None:
    done = command("diagnose", tmp_path)
    assert done.code == 1 and "events.ndjson" in done.err
    done = command("diagnose", recorded(HEALTHY["classes"], tmp_path / "well"), "--fix", "leak")
    assert done.code == 1 and "expected the code of a finding (nothing)" in done.err
