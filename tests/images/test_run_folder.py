"""Claims about run folders: nothing is overwritten, and what is written can be read by others."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from pippin.errors import FileError, SettingError
from pippin.glass.events import event
from pippin.images.run_folder import RunFolder


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_is_named_after_the_day_and_the_photos() -> None:
    assert re.fullmatch(r"runs/\d{4}-\d\d-\d\d-apples", str(RunFolder.create(None, "apples").path))


def test_two_runs_of_a_day_have_folders_of_their_own() -> None:
    names = [RunFolder.create(None, "apples").path.name for _ in range(3)]
    assert [name[11:] for name in names] == ["apples", "apples-2", "apples-3"]


@pytest.mark.parametrize(
    ("subject", "name"), [("my apples/..", "my-apples"), ("..", "photos"), ("", "photos"), ("Äpfel", "Äpfel")]
)
def test_any_subject_makes_a_name_for_a_folder(subject: str, name: str) -> None:
    assert RunFolder.create(None, subject).path.name[11:] == name


def test_a_folder_with_something_in_it_is_not_used() -> None:
    (Path("mine") / "thesis").mkdir(parents=True)
    with pytest.raises(SettingError, match="mine is there already and is not empty"):
        RunFolder.create("mine", "apples")
    assert RunFolder.create("mine/thesis", "apples").path == Path("mine/thesis")  # empty: fine


def test_a_place_that_cannot_be_made_is_named() -> None:
    Path("file").write_text("not a folder")
    with pytest.raises(FileError, match=r"file/run can't be made: .*--out"):
        RunFolder.create("file/run", "apples")


def test_opening_what_is_no_run_says_what_was_expected() -> None:
    with pytest.raises(FileError, match="There is no folder nowhere"):
        RunFolder.open("nowhere")
    Path("empty").mkdir()
    with pytest.raises(FileError, match="There is no settings"):
        RunFolder.open("empty")


def test_settings_are_read_as_they_were_written() -> None:
    run = RunFolder.create(None, "apples")
    run.write_settings({"seed": 3, "folder": "Äpfel"})
    assert RunFolder.open(run.path).read_settings() == {"seed": 3, "folder": "Äpfel"}


@pytest.mark.parametrize("text", ["{", "[1]", ""])
def test_altered_settings_are_refused_with_the_name_of_the_file(text: str) -> None:
    run = RunFolder.create(None, "apples")
    (run.path / "settings.json").write_text(text)
    with pytest.raises(FileError, match=r"settings\.json"):
        RunFolder.open(run.path).read_settings()


def test_history_is_the_same_as_json_and_as_a_table() -> None:
    run = RunFolder.create(None, "apples")
    told = [
        event(
            "epoch",
            epoch=n,
            epochs=2,
            loss=1 / n,
            accuracy=0.5,
            val_loss=0.7,
            val_accuracy=0.25,
            learning_rate=0.003,
            seconds=1,
            elapsed=n,
            left=2 - n,
            best=n == 1,
        )
        for n in (1, 2)
    ]
    run.write_history(told)
    columns = json.loads((run.path / "history.json").read_text())
    assert columns["loss"] == [1.0, 0.5] and columns["epoch"] == [1, 2] and columns["best"] == [True, False]
    with (run.path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == columns["loss"]
    assert list(rows[0]) == list(columns)


def test_events_are_appended_as_lines() -> None:
    run = RunFolder.create(None, "apples")
    for path in ("a", "b"):
        run.append(event("saved", what="model", path=path))
    lines = (run.path / "events.ndjson").read_text().splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["a", "b"]
