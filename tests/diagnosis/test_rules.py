"""Claims about the rules: each catches what was broken on purpose, and all are silent about runs that are well."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from diagnosis.samples import BROKEN, HEALTHY, blobs, recorded, stacked
from pippin import glass, layers
from pippin.diagnosis import RULES
from pippin.diagnosis.neighbours import features, nearest
from pippin.diagnosis.pictures import simple_numbers

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "diagnosis.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \[([\w-]+)\]\(#[\w-]+\) \| (\d+) of (\d+) \| (\d+) of (\d+) \|$", re.MULTILINE)


def test_every_rule_has_a_run_that_it_must_catch() -> None:
    assert BROKEN.keys() == RULES.keys()
    assert len(HEALTHY) >= 12


@pytest.mark.parametrize("code", BROKEN)
def test_a_rule_catches_the_run_that_was_broken_for_it(code: str, tmp_path: Path) -> None:
    found = {finding.code: finding for finding in glass.diagnose(recorded(BROKEN[code], tmp_path / "run")).findings}
    assert code in found
    told = found[code]
    assert told.message and told.because and told.fix.text and told.evidence
    assert all(np.isfinite(value) for value in told.evidence.values() if isinstance(value, float))


@pytest.mark.parametrize("name", HEALTHY)
def test_all_rules_are_silent_about_a_run_that_is_well(name: str, tmp_path: Path) -> None:
    folder = recorded(HEALTHY[name], tmp_path / "run")
    assert [finding.code for finding in glass.diagnose(folder).findings] == []
    assert glass.read(folder).findings == []  # nor did any speak while it went on


def test_what_needs_no_training_is_found_in_a_model_and_its_data() -> None:
    x, y = blobs()
    model = stacked(layers.Dense(16, activation="relu"), layers.Dense(3, activation="softmax"), shape=(8,))
    before = [weight.copy() for weight in model.get_weights()]
    assert glass.diagnose(model, x, y).findings == []
    found = glass.diagnose(model, 1000 * x, y, validation_data=(1000 * x[:50], y[:50]))
    assert [finding.code for finding in found.findings][:2] == ["unscaled-inputs", "leak"]
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


def test_the_nearest_others_are_those_of_all_pairs() -> None:
    rng = np.random.RandomState(0)
    ours, theirs = rng.normal(size=(300, 5)).astype(np.float32), rng.normal(size=(70, 5)).astype(np.float32)
    apart = np.sqrt(((ours[:, None] - theirs) ** 2).sum(axis=2))
    found = nearest(ours, theirs, 3)
    np.testing.assert_array_equal(found.rows, np.argsort(apart, axis=1, kind="stable")[:, :3])
    np.testing.assert_allclose(found.distances, np.sort(apart, axis=1)[:, :3], rtol=1e-5)  # float32
    own = nearest(theirs, theirs, 1, is_same=True)
    assert (own.rows[:, 0] != np.arange(70)).all()


def test_columns_of_a_table_get_like_scales_and_pictures_keep_theirs() -> None:
    rng = np.random.RandomState(0)
    table = (rng.normal(size=(50, 3)) * [1, 100, 10000]).astype(np.float32)
    np.testing.assert_allclose(features(table).std(axis=0), 1, rtol=1e-4)  # float32
    pictures = rng.uniform(size=(50, 30, 30, 3)).astype(np.float32)
    assert features(pictures).shape == (50, 256)


def test_trivial_numbers_of_a_picture_are_what_they_are_called() -> None:
    picture = np.zeros((1, 16, 16, 1), np.float32)
    picture[0, 4:12, 4:12] = 1.0
    told = simple_numbers(picture)
    assert told["background"][0] == 0 and told["brightness"][0] == 0.25 and told["size of what is on it"][0] == 0.25


def test_the_page_judges_every_rule_by_every_run() -> None:
    rows = ROW.findall(PAGE)
    assert [code for code, *_ in rows] == list(RULES) and set(BROKEN) == set(RULES)
    for _, _, seeds, _, healthy in rows:
        assert int(seeds) >= 3 and int(healthy) == int(seeds) * len(HEALTHY)
    for rule in RULES.values():
        assert inspect.cleandoc(rule.__doc__ or "").splitlines()[0] in PAGE


def test_rules_catch_nearly_all_and_are_seldom_wrong() -> None:
    """What the page says of five seeds: the rules miss no more than one model in twenty, and of the runs that are well
    no more than one in twenty is said to be ill."""
    rows = [tuple(map(int, row[1:])) for row in ROW.findall(PAGE)]
    caught, broken = sum(row[0] for row in rows), sum(row[1] for row in rows)
    alarms, healthy = sum(row[2] for row in rows), rows[0][3]
    assert caught >= 0.95 * broken and alarms <= 0.05 * healthy
