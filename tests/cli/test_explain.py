"""Claims about pippin explain: a map in signs, the sentences of the page, and pictures in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from images.coloured import draw
from pippin.images import Classifier


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model file of a classifier of red and green, and a photo."""
    place = tmp_path_factory.mktemp("explained")
    classifier = Classifier(epochs=6, learning_rate=0.01, augment=False, verbose=False)
    classifier.fit(draw(place / "colours", 20)).save(place / "colours.keras")
    return place / "colours.keras", place / "colours" / "red" / "000.png"


def test_a_photo_gets_a_map_and_the_sentences_of_the_page(command: Any, explained: Any) -> None:
    model, photo = explained
    done = command("explain", model, photo)
    assert done.code == 0 and "Why red, " in done.out and "IS IT LEARNED?" in done.out and "\x1b" not in done.out
    assert "## speaks for red, == against it" in done.out
    for sentence in Classifier.load(model).explain(photo).telling().parts[0].sentences:
        assert sentence[:40] in " ".join(done.out.split())


def test_json_holds_the_numbers_and_the_same_sentences(command: Any, explained: Any) -> None:
    model, photo = explained
    told = json.loads(command("explain", model, photo, "--json", "--method", "occlusion", "--class", "green").out)
    assert told["class"] == "green" and told["method"] == "occlusion" and told["photo"] == str(photo)
    assert np.allclose(told["cells"], Classifier.load(model).explain(photo, "green", "occlusion").cells, atol=1e-3)
    assert told["parts"][1]["sentences"][0].startswith("Occlusion: part after part")


def test_pictures_are_written_for_one_photo(command: Any, explained: Any, tmp_path: Path) -> None:
    model, photo = explained
    assert command("explain", model, photo, "--out", tmp_path / "why.svg").code == 0
    assert (tmp_path / "why.svg").read_text().startswith("<svg")
    done = command("explain", model, photo.parent, "--out", tmp_path / "all.png")
    assert done.code == 1 and "expected one photo, received 20" in done.err


def test_a_wrong_class_and_an_unreadable_photo_are_named(command: Any, explained: Any, tmp_path: Path) -> None:
    model, photo = explained
    done = command("explain", model, photo, "--class", "rde")
    assert done.code == 1 and 'Did you mean "red"?' in done.err
    (tmp_path / "broken.png").write_bytes(b"?")
    done = command("explain", model, tmp_path / "broken.png")
    assert done.code == 1 and "broken.png" in done.err and done.out == ""
