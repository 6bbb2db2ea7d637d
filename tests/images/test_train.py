"""Claims about the whole job: what a run folder holds, that nothing is lost when it is cut short, and that
it goes on bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from images.coloured import draw
from pippin import glass
from pippin.errors import DataError, FileError, NonFiniteError, SettingError
from pippin.glass.events import FIELDS, Event
from pippin.images import Classifier, Settings, train_folder
from pippin.images.display import Listener
from pippin.images.train import resume_run

RECORDED = {"watch", "figures", "progress", "probe", "recording"}  # what nobody is told while it happens
SETTINGS = Settings(epochs=6, learning_rate=0.01, augment=False)


class Ear(Listener):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def event(self, happened: Event) -> None:
        self.told.append(happened)

    def words(self) -> list[str]:
        return [happened["event"] for happened in self.told]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    draw(tmp_path / "colours" / "train", 20)
    return draw(tmp_path / "colours" / "test", 8, seed=5).parent


def test_a_run_folder_holds_all_that_is_worth_keeping(folder: Path) -> None:
    (folder / "train" / "red" / "notes.png").write_text("not a picture")
    run = train_folder(folder, SETTINGS).run.path
    assert {path.name for path in run.iterdir()} == {
        "model.keras",
        "settings.json",
        "history.json",
        "history.csv",
        "result.json",
        "events.ndjson",
        "skipped.txt",
        "tensors",
    }
    assert "notes.png: " in (run / "skipped.txt").read_text()
    settings = json.loads((run / "settings.json").read_text())
    assert settings["asked"]["seed"] == 0 and settings["chosen"]["size"] == 16
    assert {"pippin", "python", "numpy"} <= settings["versions"].keys()


def test_the_model_in_the_run_folder_is_the_one_that_was_judged(folder: Path) -> None:
    outcome = train_folder(folder, SETTINGS)
    loaded = Classifier.load(outcome.run.path)
    assert loaded.evaluate(folder).to_dict()["confusion"] == outcome.score.confusion.tolist()
    assert loaded.kept_epoch_ == outcome.kept_epoch


def test_the_score_is_measured_on_the_test_folder_or_else_on_what_was_held_out(folder: Path) -> None:
    outcome = train_folder(folder, SETTINGS)
    assert (outcome.part, outcome.score.of) == ("test", 16)
    assert outcome.score.accuracy >= 0.9
    outcome = train_folder(folder / "train", SETTINGS)
    assert (outcome.part, outcome.score.of) == ("validation", 8)


def test_events_come_in_order_and_are_written_down(folder: Path) -> None:
    ear = Ear()
    run = train_folder(folder, SETTINGS, listener=ear).run.path
    words = [word for word in ear.words() if word not in ("saved", "warning")]
    assert words == ["start", "data", *["epoch"] * 6, "result"]
    assert "saved" in ear.words()
    written = [json.loads(line) for line in (run / "events.ndjson").read_text().splitlines()]
    told = [happened["event"] for happened in written if happened["event"] not in RECORDED]
    assert told == ear.words()
    assert all(set(happened) == {"event", "time", *FIELDS[happened["event"]]} for happened in written)


def test_a_run_can_be_looked_into(folder: Path) -> None:
    recording = glass.read(train_folder(folder, SETTINGS).run.path)
    assert recording.epochs["epoch"] == [1, 2, 3, 4, 5, 6]
    assert recording.looks[0].step == 0 and recording.steps[-1] >= 6
    assert recording.looks[-1].values["classes output"].shape == (8, 2)
    assert {"look_1", "classes"} <= set(recording.layers)


def test_the_history_has_a_row_for_each_epoch(folder: Path) -> None:
    ear = Ear()
    run = train_folder(folder, SETTINGS, listener=ear).run.path
    history = json.loads((run / "history.json").read_text())
    assert history["val_loss"] == [happened["val_loss"] for happened in ear.told if happened["event"] == "epoch"]


def test_runs_never_overwrite_each_other(folder: Path) -> None:
    first, second = (train_folder(folder, SETTINGS).run.path for _ in range(2))
    assert first != second
    assert (first / "model.keras").read_bytes() == (second / "model.keras").read_bytes()  # the same seed, the same bits


@pytest.mark.parametrize("spoil", ["missing", "one class", "unreadable"])
def test_a_folder_nothing_can_come_of_leaves_no_run_folder(folder: Path, spoil: str) -> None:
    place = folder / "train"
    if spoil == "missing":
        place = folder / "nowhere"
    elif spoil == "one class":
        place = folder / "train" / "red"
        (place / "sub").mkdir()
    else:
        for path in (place / "red").iterdir():
            path.write_bytes(b"")
    with pytest.raises((DataError, FileError)):
        train_folder(place, SETTINGS)
    assert not Path("runs").exists() or not list(Path("runs").iterdir())


def stop_after(calls: int) -> Callable[[], bool]:
    asked = iter(range(10**9))
    return lambda: next(asked) >= calls


class StopAfterEpoch(Listener):
    """Says stop once an epoch came to its end."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.is_over = False

    def event(self, happened: Event) -> None:
        self.is_over |= happened.get("epoch") == self.epoch


def interrupted_run(folder: Path, epoch: int) -> Any:
    listener = StopAfterEpoch(epoch)
    return train_folder(folder, SETTINGS, listener=listener, must_stop=lambda: listener.is_over)


def test_an_interrupted_run_keeps_the_best_epoch_and_says_that_it_was_interrupted(folder: Path) -> None:
    outcome = interrupted_run(folder, 3)
    assert outcome.is_interrupted and outcome.epochs == 3
    assert json.loads((outcome.run.path / "result.json").read_text())["interrupted"] is True
    assert Classifier.load(outcome.run.path).kept_epoch_ == outcome.kept_epoch


def test_a_run_that_goes_on_ends_with_the_bits_of_one_that_was_never_interrupted(folder: Path) -> None:
    whole = train_folder(folder, SETTINGS)
    path = interrupted_run(folder, 3).run.path
    ear = Ear()
    resumed = resume_run(path, listener=ear)
    assert not resumed.is_interrupted and resumed.epochs == 6
    assert ear.told[0]["first_epoch"] == 4
    assert [happened["epoch"] for happened in ear.told if happened["event"] == "epoch"] == [4, 5, 6]
    for a, b in zip(whole.classifier.model_.get_weights(), resumed.classifier.model_.get_weights(), strict=True):
        assert (a == b).all()
    histories = [json.loads((run / "history.json").read_text()) for run in (whole.run.path, path)]
    assert histories[0]["val_loss"] == histories[1]["val_loss"]


def test_a_run_killed_before_its_first_checkpoint_begins_again(folder: Path) -> None:
    whole = train_folder(folder, SETTINGS)
    path = interrupted_run(folder, 1).run.path
    for file in (path / "checkpoint").iterdir():
        file.unlink()
    resumed = resume_run(path)
    for a, b in zip(whole.classifier.model_.get_weights(), resumed.classifier.model_.get_weights(), strict=True):
        assert (a == b).all()


def test_a_run_that_came_to_its_end_is_not_gone_on_with(folder: Path) -> None:
    run = train_folder(folder, SETTINGS).run.path
    with pytest.raises(SettingError, match="came to its end"):
        resume_run(run)


def test_a_run_is_not_gone_on_with_on_other_photos(folder: Path) -> None:
    path = interrupted_run(folder, 2).run.path
    (folder / "train" / "red" / "000.png").unlink()
    with pytest.raises(DataError, match="are not those that"):
        resume_run(path)


@pytest.mark.parametrize("text", ['{"asked": {"epochs": 0}}', "{}", '{"asked": {"speed": 9}}'])
def test_settings_that_were_altered_are_refused(folder: Path, text: str) -> None:
    path = interrupted_run(folder, 2).run.path
    (path / "settings.json").write_text(text)
    with pytest.raises(FileError, match=r"settings\.json lacks something or was altered"):
        resume_run(path)


def test_being_told_to_stop_while_reading_photos_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train_folder(folder, SETTINGS, must_stop=stop_after(3))
    assert not list(Path("runs").iterdir())


def test_numbers_that_stop_being_finite_keep_the_best_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pippin.images.follower.rate_of", lambda epoch, plan: 0.01 if epoch < 3 else 9e9)
    ear = Ear()
    with pytest.raises(NonFiniteError, match="Training stopped at epoch"):
        train_folder(folder, Settings(epochs=60, augment=False), listener=ear)
    loaded = Classifier.load(Path(ear.told[0]["run"]))
    assert 1 <= loaded.kept_epoch_ <= 3
    assert np.isfinite(loaded.predict_proba(folder / "test")).all()


def test_a_time_limit_is_kept_and_the_epochs_it_allowed_are_written_down(folder: Path) -> None:
    outcome = train_folder(folder, Settings(time=0.2))
    chosen = json.loads((outcome.run.path / "settings.json").read_text())["chosen"]
    assert chosen["epochs"] == outcome.epochs >= 1
    assert outcome.seconds < 5
