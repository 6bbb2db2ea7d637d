"""Claims about the classifier: scikit-learn's manners, honest answers, and a file that has everything in
it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from images.coloured import draw
from pippin.errors import DataError, FileError, NotCompiledError, SettingError
from pippin.images import Classifier


@pytest.fixture(scope="session")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classifier, Path]:
    """A classifier of red and green, and the folder it learned from."""
    folder = draw(tmp_path_factory.mktemp("colours"), 24)
    return Classifier(epochs=8, learning_rate=0.01, augment=False, verbose=False).fit(folder), folder


def test_it_tells_colours_apart(taught: Any, tmp_path: Path) -> None:
    classifier, _ = taught
    new = draw(tmp_path, 10, seed=9)
    assert classifier.score(new) >= 0.9
    assert classifier.predict([new / "red" / "003.png", new / "green" / "004.png"]).tolist() == [
        "red",
        "green",
    ]


def test_a_single_path_gets_one_answer(taught: Any) -> None:
    classifier, folder = taught
    photo = folder / "red" / "000.png"
    assert classifier.predict(str(photo)).shape == (1,)
    assert classifier.predict_proba(photo).shape == (1, 2)


def test_a_folder_gets_an_answer_for_each_photo_in_order(taught: Any) -> None:
    classifier, folder = taught
    whole = classifier.predict_proba(folder)
    each = np.concatenate([classifier.predict_proba(path) for path in sorted(folder.glob("*/*.png"))])
    assert whole.shape == (48, 2)
    assert np.allclose(whole, each, atol=1e-6)


def test_after_fitting_it_knows_what_happened(taught: Any) -> None:
    classifier, _ = taught
    assert classifier.classes_.tolist() == ["green", "red"]
    assert len(classifier.history_["val_loss"]) == 8
    assert classifier.kept_epoch_ == int(np.argmin(classifier.history_["val_loss"])) + 1
    assert classifier.validation_score_.of == 10


def test_saved_and_loaded_it_gives_the_same_bits(taught: Any, tmp_path: Path) -> None:
    classifier, folder = taught
    classifier.save(tmp_path / "colours.keras")
    loaded = Classifier.load(tmp_path / "colours.keras")
    assert loaded.classes_.tolist() == ["green", "red"]
    assert (loaded.predict_proba(folder) == classifier.predict_proba(folder)).all()


def test_classes_that_are_numbers_stay_numbers(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    labels = np.array([3, 7] * 20)
    pixels = random.integers(0, 100, (40, 10, 10), np.uint8) + (labels == 7)[:, None, None] * np.uint8(120)
    classifier = Classifier(epochs=6, learning_rate=0.01, verbose=False).fit(pixels, labels)
    assert set(classifier.predict(pixels)) <= {3, 7}
    assert classifier.evaluate(pixels, labels).of == 40
    classifier.save(tmp_path / "numbers.keras")
    assert (Classifier.load(tmp_path / "numbers.keras").predict(pixels) == classifier.predict(pixels)).all()


def test_a_file_of_a_network_without_class_names_answers_with_numbers(taught: Any, tmp_path: Path) -> None:
    classifier, folder = taught
    classifier.model_.save(tmp_path / "plain.keras")
    plain = Classifier.load(tmp_path / "plain.keras")
    assert plain.classes_.tolist() == [0, 1]
    assert np.allclose(plain.predict_proba(folder), classifier.predict_proba(folder))


def test_a_model_that_is_no_classifier_of_photos_is_refused(tmp_path: Path) -> None:
    from pippin import layers, models

    models.Sequential([layers.Input((4,)), layers.Dense(2)]).save(tmp_path / "other.keras")
    with pytest.raises(FileError, match="none that classifies photos"):
        Classifier.load(tmp_path / "other.keras")


@pytest.mark.parametrize(
    "altered",
    [
        {"classes": ["a", "b", "c"], "pictures": {"height": 16, "width": 16, "channels": 3}},
        {"classes": ["a", "b"], "pictures": {"height": 32, "width": 16, "channels": 3}},
        {"classes": ["a", "b"], "pictures": {"height": "x", "width": 16, "channels": 3}},
        {"classes": ["a", "b"]},
        ["a"],
    ],
)
def test_an_altered_file_is_refused(taught: Any, tmp_path: Path, altered: Any) -> None:
    classifier, _ = taught
    classifier.save(tmp_path / "whole.keras")
    with (
        zipfile.ZipFile(tmp_path / "whole.keras") as whole,
        zipfile.ZipFile(tmp_path / "altered.keras", "w") as copy,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            if name == "metadata.json":
                content = json.dumps(json.loads(content) | {"pippin_metadata": {"photo_classifier": altered}}).encode()
            copy.writestr(name, content)
    with pytest.raises(FileError, match="was altered"):
        Classifier.load(tmp_path / "altered.keras")


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "evaluate", "score", "save"])
def test_before_fitting_it_says_what_to_do(ask: str, tmp_path: Path) -> None:
    with pytest.raises(NotCompiledError, match="call fit"):
        getattr(Classifier(), ask)(tmp_path)


def test_photos_that_cannot_be_read_are_named(taught: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    with pytest.raises(DataError, match=r"broken\.jpg"):
        taught[0].predict([tmp_path / "broken.jpg"])


def test_pictures_of_another_shape_are_refused(taught: Any) -> None:
    with pytest.raises(DataError, match=r"\(16, 16, 3\), as it learned from, received \(8, 8, 3\)"):
        taught[0].predict(np.zeros((1, 8, 8, 3), np.uint8))


def test_evaluating_takes_the_test_folder_of_a_folder_with_parts(taught: Any, tmp_path: Path) -> None:
    draw(tmp_path / "train", 4)
    draw(tmp_path / "test", 3, seed=5)
    assert taught[0].evaluate(tmp_path).of == 6


def test_evaluating_on_classes_it_does_not_know_is_refused(taught: Any, tmp_path: Path) -> None:
    draw(tmp_path, 2, ("blue",))
    with pytest.raises(DataError, match="'blue', which is no class it knows"):
        taught[0].evaluate(tmp_path)
    with pytest.raises(DataError, match=r"received 'gren'.* Did you mean \"green\"\?"):
        taught[0].evaluate(np.zeros((1, 16, 16, 3), np.uint8), ["gren"])


def test_arguments_are_kept_and_changed_as_in_scikit_learn() -> None:
    classifier = Classifier(48, seed=3)
    again = Classifier(**classifier.get_params())
    assert again.get_params() == classifier.get_params()
    assert repr(classifier) == "Classifier(size=48, seed=3)"
    assert classifier.set_params(epochs=2).epochs == 2
    with pytest.raises(SettingError, match=r"no 'epoch'\. Did you mean \"epochs\"\?"):
        classifier.set_params(epoch=2)


def test_a_wrong_argument_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="epochs: expected"):
        Classifier(epochs=0).fit(tmp_path / "nowhere")


def test_pictures_without_labels_and_folders_with_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="without labels"):
        Classifier().fit(np.zeros((4, 16, 16), np.uint8))
    with pytest.raises(DataError, match="no labels beside a folder"):
        Classifier().fit(tmp_path, [1, 2])


def test_loading_from_a_place_without_a_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"There is no model\.keras"):
        Classifier.load(tmp_path)
    with pytest.raises(FileError):
        Classifier.load(tmp_path / "nowhere.keras")


def test_fitting_shows_epochs_unless_told_not_to(tmp_path: Path, capfd: Any) -> None:
    folder = draw(tmp_path, 8)
    Classifier(epochs=1, verbose=False).fit(folder)
    assert capfd.readouterr() == ("", "")
    Classifier(epochs=1).fit(folder)
    shown = capfd.readouterr()
    assert shown.out == "" and "loss" in shown.err
