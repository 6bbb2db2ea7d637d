"""Claims about trust: probabilities that mean what they say, promises that hold, and odd things that are noticed."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pippin.errors import FileError
from pippin.images import Classifier, fruit
from pippin.images.familiar import Familiar, features_of
from pippin.images.model_file import About, read, write
from pippin.images.network import probabilities
from pippin.images.trust import FEWEST, MISSED, Trust, quantile, temperature


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> tuple[Classifier, Path]:
    """A classifier of drawn fruit, and the folder with test photos that come from where the others come from."""
    folder = Path(fruit.draw(tmp_path_factory.mktemp("fruit"), train=400, test=300, size=32))
    classifier = Classifier(size=24, epochs=14, learning_rate=0.005, validation=0.3, augment=False, verbose=False)
    return classifier.fit(folder), folder


def negative_log(chances: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(chances[np.arange(len(labels)), labels]).mean())


def scaled(chances: np.ndarray, heat: float) -> np.ndarray:
    found = np.exp(np.log(chances) / heat)
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def drawn(chances: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A class for each row, with its chances."""
    return np.asarray((chances.cumsum(axis=1) > random.random((len(chances), 1))).argmax(axis=1))


def test_the_temperature_is_that_by_which_answers_were_sharpened() -> None:
    """Labels drawn from known chances: of those chances made 3 times as sharp, the temperature is 3, up to what 20,000
    draws can tell."""
    random = np.random.default_rng(0)
    chances = random.dirichlet([1, 1, 1], 20_000)
    labels = drawn(chances, random)
    for sharper in (3.0, 0.5):
        assert temperature(scaled(chances, 1 / sharper), labels) == pytest.approx(sharper, rel=0.05)


def test_no_other_temperature_makes_the_held_out_photos_likelier() -> None:
    random = np.random.default_rng(1)
    chances = random.dirichlet([0.4, 0.4], 80)
    labels = drawn(scaled(chances, 2.0), random)
    best = temperature(chances, labels)
    here = negative_log(scaled(chances, best), labels)
    assert all(negative_log(scaled(chances, best * factor), labels) >= here for factor in (0.8, 0.97, 1.03, 1.25))


@pytest.mark.parametrize("count", [19, 40, 99])
def test_a_threshold_is_exceeded_as_seldom_as_promised(count: int) -> None:
    """Over many draws, by 5 % at most and by no less than 1 / (n + 1) below that; 20,000 draws tell 0.5 % apart."""
    random = np.random.default_rng(2)
    draws = random.gamma(2.0, size=(20_000, count + 1))
    missed = np.mean([draw[-1] > quantile(draw[:-1]) for draw in draws])
    assert MISSED - 1 / (count + 1) - 0.005 <= missed <= MISSED + 0.005


def test_too_few_photos_promise_nothing() -> None:
    assert quantile(np.arange(float(FEWEST - 1))) is None
    assert quantile(np.arange(float(FEWEST))) == FEWEST - 1


def test_probabilities_are_calibrated_in_the_weights(taught: Any) -> None:
    """Asked again, the held-out photos want no other temperature: 1, up to how closely it is searched for."""
    classifier, folder = taught
    from pippin import data
    from pippin.images.photos import read as read_photos

    held = read_photos(data.scan(folder), classifier.settings()).validation
    assert classifier.trust_.of == len(held) and classifier.trust_.temperature != 1
    assert temperature(probabilities(classifier.model_, held.pixels), held.labels) == pytest.approx(1, abs=1e-3)


def as_many_as_two_draws_may_miss(held: int, tested: int) -> float:
    """The share of `tested` photos beyond a threshold set by `held` others that only one pair of draws in 1000 exceeds.
    What lies beyond the k-th of n held-out values is distributed as Beta(n + 1 - k, k). Source: Vovk, "Conditional
    Validity of Inductive Conformal Predictors" (2012)."""
    random = np.random.default_rng(0)
    rank = ceil((1 - MISSED) * (held + 1))
    beyond = random.beta(held + 1 - rank, rank, 200_000)
    return float(np.quantile(random.binomial(tested, beyond), 0.999)) / tested


def test_the_promises_hold_on_photos_from_the_same_source(taught: Any) -> None:
    """At most 5 % are called surely and wrongly, and 5 % unlike, but for what two draws, that of the held-out and that
    of the test photos, may differ."""
    classifier, folder = taught
    answers, truth = [], []
    for name in classifier.classes_:
        found = classifier.answer(folder / "test" / name)
        answers += found
        truth += [name] * len(found)
    most = as_many_as_two_draws_may_miss(classifier.trust_.of, len(truth))
    wrong = np.mean([bool(a.is_sure) and a.label != name for a, name in zip(answers, truth, strict=True)])
    missed = np.mean([name not in a.possible for a, name in zip(answers, truth, strict=True)])
    assert wrong <= missed + 1e-9 and missed <= most
    assert np.mean([a.is_unfamiliar for a in answers]) <= most
    assert np.mean([bool(a.is_sure) for a in answers]) > 0.1  # it does say something


def test_odd_things_are_unlike_anything_it_was_shown(taught: Any) -> None:
    classifier, _ = taught
    random = np.random.default_rng(3)
    height, width, channels = classifier.how_.shape
    noise = random.integers(0, 256, (40, height, width, channels), np.uint8)
    checks = np.broadcast_to((np.indices((height, width)).sum(0) % 2 * 255)[..., None], (height, width, channels))
    for pictures in (noise, checks[None].astype(np.uint8)):
        answers = classifier.answer(pictures)
        assert np.mean([a.is_unfamiliar for a in answers]) > 0.9 and not any(a.is_sure for a in answers)
        assert answers[0].sentences()[0].startswith("Unlike anything it was shown.")


def test_a_photo_that_was_learned_from_is_most_like_itself(taught: Any) -> None:
    classifier, folder = taught
    name = classifier.trust_.familiar.names[7]
    (answer,) = classifier.answer(folder / name)
    assert answer.nearest[0].photo == name and answer.nearest[0].distance < 0.02
    assert [near.distance for near in answer.nearest] == sorted(near.distance for near in answer.nearest)


def test_the_file_remembers_everything(taught: Any, tmp_path: Path) -> None:
    classifier, folder = taught
    classifier.save(tmp_path / "fruit.keras")
    again = Classifier.load(tmp_path / "fruit.keras")
    photo = next((folder / "test").glob("*/*.jpg"))
    one, other = classifier.answer(photo)[0], again.answer(photo)[0]
    assert (one.probabilities == other.probabilities).all() and one.nearest == other.nearest
    assert one.possible == other.possible and one.is_unfamiliar == other.is_unfamiliar


def test_a_file_whose_memory_was_altered_is_refused(taught: Any, tmp_path: Path) -> None:
    classifier, _ = taught
    trust = classifier.trust_
    kept = trust.familiar
    wrong = Trust(
        trust.of, trust.temperature, trust.possible, trust.strange, Familiar(kept.features, kept.labels + 9, kept.names)
    )
    write(classifier.model_, tmp_path / "odd.keras", About(classifier.classes_, classifier.how_, 1, wrong))
    with pytest.raises(FileError, match="remembers don't fit its classes"):
        read(tmp_path / "odd.keras")
    short = Trust(trust.of, 1.0, None, None, Familiar(kept.features[:3], kept.labels, kept.names))
    write(classifier.model_, tmp_path / "short.keras", About(classifier.classes_, classifier.how_, 1, short))
    with pytest.raises(FileError, match="was altered"):
        read(tmp_path / "short.keras")


def test_features_have_length_one_and_distances_are_those_between_them(taught: Any) -> None:
    classifier, _ = taught
    pixels = np.random.default_rng(0).integers(0, 256, (6, *classifier.how_.shape), np.uint8)
    features = features_of(classifier.model_, pixels)
    assert np.linalg.norm(features, axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    kept = Familiar(features.astype(np.float16), np.zeros(6, np.int32), tuple("abcdef"))
    distances, order = kept.nearest(features, 3)
    assert order[:, 0].tolist() == list(range(6)) and distances[:, 0].max() < 2e-2
    known = kept.features.astype(np.float64)
    for row in range(6):
        for distance, at in zip(distances[row, 1:], order[row, 1:], strict=True):
            assert distance == pytest.approx(np.linalg.norm(features[row] - known[at]), abs=1e-3)
    assert ceil(1 / MISSED) - 1 == FEWEST
