"""Claims about a finished classifier on the page: its file gives training's answers, and it says how far
to trust it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from pippin.errors import DataError, SettingError
from pippin.images import fruit, train_folder
from pippin.images.explaining import CELLS
from pippin.images.settings import Settings
from pippin.studio.home import Home
from pippin.studio.judging import Judge


@pytest.fixture(scope="module")
def fruit_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fruit")
    photos = fruit.draw(root / "photos", train=48, test=24, size=32)
    train_folder(photos, Settings(size=16, epochs=3), out=str(root / "run"))
    return root / "run"


def test_the_file_gives_the_answers_of_training(fruit_run: Path) -> None:
    found = Judge(fruit_run).judged()
    result = json.loads((fruit_run / "result.json").read_text())
    confusion = np.zeros((2, 2), int)
    for row in found["photos"]:
        confusion[row["label"], row["said"]] += 1
    assert confusion.tolist() == result["confusion"] and len(found["photos"]) == 24
    assert found["says"].startswith("Checked: ")
    wrong = {row["photo"] for row in found["photos"] if row["label"] != row["said"]}
    assert wrong == {mistake["photo"] for mistake in result["mistakes"]}


def test_a_file_that_answers_otherwise_is_not_called_checked(fruit_run: Path, tmp_path: Path) -> None:
    judge = Judge(fruit_run)
    last = judge.classifier.model_.layers[-1]
    last.set_weights([-2 * weight for weight in last.get_weights()])
    assert "Don't rely on it" in judge.judged()["says"]


def test_a_new_photo_gets_chances_trust_and_a_map(fruit_run: Path) -> None:
    judge = Judge(fruit_run)
    name = judge.judged()["photos"][0]
    seen = judge.look(judge.photo(name["photo"]).read_bytes())
    assert seen["said"] == name["said"]
    assert seen["chances"][seen["said"]] == pytest.approx(name["probability"], abs=1e-3)
    assert seen["sees"].startswith("data:image/png")
    assert seen["says"] == judge.classifier.answer(judge.photo(name["photo"]))[0].sentences()
    assert len(seen["nearest"]) == 5 and all(judge.photo(near["photo"]).is_file() for near in seen["nearest"])
    why = judge.explain(judge.photo(name["photo"]).read_bytes(), "integrated_gradients")
    assert np.shape(why["cells"]) == np.shape(why["twin"]) == (CELLS, CELLS)
    assert why["label"] == judge.classes[seen["said"]] and why["told"]["title"].startswith(f"Why {why['label']}, ")
    with pytest.raises(SettingError, match="integrated_gradients"):
        judge.explain(judge.photo(name["photo"]).read_bytes(), "guessing")
    with pytest.raises(DataError, match="can't be read as a photo"):
        judge.look(b"no photo")
    with pytest.raises(SettingError, match="no photo"):
        judge.photo("../run/settings.json")


def test_the_page_trains_with_the_command_and_stops_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2] / "src"))
    fruit.draw(tmp_path / "photos", train=48, test=8, size=32)
    home = Home([tmp_path / "runs"], photos=tmp_path / "photos")
    assert home.training is not None
    with pytest.raises(SettingError, match="nothing is learning"):
        home.training.stop()
    name = home.training.start({"size": "16", "epochs": "100000"})
    with pytest.raises(SettingError, match="learning already"):
        home.training.start({})
    wait(lambda: len(home.answers(name).ask("run")["curves"]["epoch"]) >= 2)
    assert home.answers(name).ask("run")["state"] == "running"
    home.training.stop()
    wait(lambda: home.answers(name).ask("run")["state"] == "ended")
    assert home.answers(name).ask("run")["result"]["interrupted"]
    wait(lambda: not home.training.is_running)  # type: ignore[union-attr]
    with pytest.raises(SettingError, match="epochs: expected a whole number"):
        home.training.start({"epochs": "1; rm -rf /"})


def test_what_the_command_refuses_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2] / "src"))
    (tmp_path / "photos").mkdir()
    home = Home([tmp_path / "runs"], photos=tmp_path / "photos")
    assert home.training is not None
    home.training.start({})
    wait(lambda: not home.training.is_running)  # type: ignore[union-attr]
    assert "photos" in home.about()["trouble"] and "Traceback" not in home.about()["trouble"]
    assert home.folders() == {}


def wait(until: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not until():  # type: ignore[operator]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
