"""Claims about pippin predict: an answer for each photo, and no photo is lost in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from images.coloured import draw
from pippin.images import Classifier

FIELDS = {"photo", "label", "probability", "probabilities", "sure", "possible", "unfamiliar", "nearest"}


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of a classifier of red and green."""
    place = tmp_path_factory.mktemp("model")
    classifier = Classifier(epochs=8, learning_rate=0.01, augment=False, verbose=False)
    classifier.fit(draw(place / "colours", 24)).save(place / "colours.keras")
    return place / "colours.keras"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return draw(tmp_path / "new", 3, seed=9)


def test_each_photo_gets_a_line_with_its_classes_and_probabilities(command: Any, model: Path, photos: Path) -> None:
    done = command("predict", model, photos / "red" / "000.png", photos / "green" / "001.png")
    assert done.code == 0 and done.err == ""
    first, second = done.out.splitlines()
    assert first.startswith(f"{photos}/red/000.png   red ") and " %   green " in first
    assert second.startswith(f"{photos}/green/001.png   green ")


def test_a_folder_is_all_the_photos_in_it(command: Any, model: Path, photos: Path) -> None:
    assert len(command("predict", model, photos).out.splitlines()) == 6


def test_json_is_one_object_a_line_with_all_probabilities(command: Any, model: Path, photos: Path) -> None:
    done = command("predict", model, photos, "--json")
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [set(answer) for answer in answers] == [FIELDS] * 6
    for answer in answers:
        assert answer["label"] == Path(answer["photo"]).parent.name
        assert (
            answer["probability"] == answer["probabilities"][answer["label"]] == max(answer["probabilities"].values())
        )
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)


def test_the_answers_are_those_of_the_classifier(command: Any, model: Path, photos: Path) -> None:
    told = [json.loads(line)["probabilities"] for line in command("predict", model, photos, "--json").out.splitlines()]
    expected = Classifier.load(model).predict_proba(photos)
    assert np.allclose([[row["green"], row["red"]] for row in told], expected, atol=1e-6)


def test_top_says_how_many_classes_are_shown(command: Any, model: Path, photos: Path) -> None:
    done = command("predict", model, photos / "red" / "000.png", "--top", 1)
    assert "red " in done.out and "green" not in done.out


def test_photos_that_cannot_be_read_are_named_and_the_others_answered(command: Any, model: Path, photos: Path) -> None:
    (photos / "red" / "notes.png").write_text("not a picture")
    done = command("predict", model, photos, photos / "nowhere.jpg")
    assert done.code == 1
    assert len(done.out.splitlines()) == 6
    assert "nowhere.jpg: " in done.err and "notes.png: " in done.err


def test_an_empty_folder_is_no_success(command: Any, model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = command("predict", model, tmp_path / "empty")
    assert done.code == 1 and "no files" in done.err


def test_a_model_that_is_not_there_is_named(command: Any, photos: Path) -> None:
    done = command("predict", "nowhere.keras", photos)
    assert done.code == 1 and "nowhere.keras" in done.err and "Traceback" not in done.err


def test_a_file_that_is_no_model_is_refused(command: Any, photos: Path) -> None:
    done = command("predict", photos / "red" / "000.png", photos)
    assert done.code == 1 and "000.png" in done.err and "Traceback" not in done.err


def test_names_that_would_upset_a_terminal_are_escaped(command: Any, model: Path, photos: Path) -> None:
    strange = photos / "red" / "new\nline\x1b[31m.png"
    (photos / "red" / "000.png").rename(strange)
    done = command("predict", model, strange)
    assert len(done.out.splitlines()) == 1 and "\x1b" not in done.out
    assert json.loads(command("predict", model, strange, "--json").out)["photo"] == str(strange)


def test_more_photos_than_fit_at_once_are_all_answered(
    command: Any, model: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = command("predict", model, photos).out
    monkeypatch.setattr("pippin.cli.predict.AT_ONCE", 4)
    assert command("predict", model, photos).out == together


@pytest.fixture(scope="session")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of a classifier of red and green with enough photos held out to promise something."""
    place = tmp_path_factory.mktemp("careful")
    classifier = Classifier(epochs=6, learning_rate=0.01, augment=False, verbose=False)
    classifier.fit(draw(place / "colours", 60)).save(place / "colours.keras")
    return place / "colours.keras"


def test_what_is_unlike_everything_shown_is_marked(command: Any, careful: Path, photos: Path, tmp_path: Path) -> None:
    from PIL import Image

    checks = np.indices((16, 16)).sum(0) % 2 * 255
    Image.fromarray(np.stack([checks] * 3, -1).astype(np.uint8)).save(tmp_path / "odd.png")
    done = command("predict", careful, photos, tmp_path / "odd.png")
    odd, *others = reversed(done.out.splitlines())
    assert odd.endswith("(unlike anything it was shown)") and not all("(" in line for line in others)
    told = json.loads(command("predict", careful, tmp_path / "odd.png", "--json").out)
    assert told["unfamiliar"] is True and told["sure"] is False


def test_the_nearest_photos_are_named_when_asked(command: Any, careful: Path, photos: Path) -> None:
    done = command("predict", careful, photos / "red" / "000.png", "--like")
    assert len(done.out.splitlines()) == 6 and done.out.count("    like red/") >= 3
    told = json.loads(command("predict", careful, photos / "red" / "000.png", "--json").out)["nearest"]
    assert [near["distance"] for near in told] == sorted(near["distance"] for near in told)


def test_a_model_that_nobody_measured_promises_nothing(command: Any, model: Path, photos: Path) -> None:
    told = json.loads(command("predict", model, photos / "red" / "000.png", "--json").out)
    assert told["sure"] is None and told["unfamiliar"] is None and told["possible"] is None
