"""Precision, recall and the area under curves, against plain counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pippin import metrics

TRUE = np.random.RandomState(0).randint(0, 2, 300)
SCORES = np.clip(TRUE * 0.3 + np.random.RandomState(1).uniform(0, 0.8, 300), 0, 1).astype(np.float32)
WEIGHTS = np.random.RandomState(2).uniform(0, 3, 300).astype(np.float32)


def test_counts_are_counts() -> None:
    called = SCORES > 0.5
    right, alarm = float(WEIGHTS[called & (TRUE == 1)].sum()), float(WEIGHTS[called & (TRUE == 0)].sum())
    missed = float(WEIGHTS[~called & (TRUE == 1)].sum())
    assert float(metrics.TruePositives()(TRUE, SCORES, WEIGHTS)) == pytest.approx(right, rel=1e-5)
    assert float(metrics.Precision()(TRUE, SCORES, WEIGHTS)) == pytest.approx(right / (right + alarm), rel=1e-5)
    assert float(metrics.Recall()(TRUE, SCORES, WEIGHTS)) == pytest.approx(right / (right + missed), rel=1e-5)


def test_several_thresholds_give_several_figures() -> None:
    found = metrics.Recall(thresholds=[0.1, 0.5, 0.9])(TRUE, SCORES)
    assert found.shape == (3,) and (np.diff(found) <= 0).all()


def test_the_area_is_the_chance_that_a_positive_scores_higher() -> None:
    positive, negative = SCORES[TRUE == 1], SCORES[TRUE == 0]
    chance = (positive[:, None] > negative[None, :]).mean()
    assert float(metrics.AUC(num_thresholds=1000)(TRUE, SCORES)) == pytest.approx(chance, abs=2e-3)
    assert float(metrics.AUC()(TRUE, TRUE)) == pytest.approx(1.0, abs=1e-6)
    assert float(metrics.AUC()(TRUE, 1 - TRUE)) == pytest.approx(0.0, abs=1e-6)
    assert float(metrics.AUC()(TRUE, np.full(300, 0.3))) == pytest.approx(0.5, abs=1e-6)


def test_batches_add_up_to_the_whole() -> None:
    whole, parts = metrics.AUC(curve="PR"), metrics.AUC(curve="PR")
    whole.update_state(TRUE, SCORES)
    for start in range(0, 300, 70):
        parts.update_state(TRUE[start : start + 70], SCORES[start : start + 70])
    assert float(parts.result()) == pytest.approx(float(whole.result()), rel=1e-6)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: metrics.Precision(thresholds=1.5), "thresholds: .* must be in \\[0, 1\\]. Received: \\[1.5\\]"),
        (lambda: metrics.Recall(thresholds=[0.5, None]), "Recall thresholds"),
        (lambda: metrics.AUC(num_thresholds=1), "AUC: Argument `num_thresholds` must be an integer > 1. Received: 1"),
        (lambda: metrics.AUC(curve="LIFT"), 'Invalid AUC curve value: "LIFT". Expected one of ROC, PR, PRGAIN'),
        (lambda: metrics.AUC(summation_method="trapez"), "Invalid AUC summation method value"),
        (lambda: metrics.AUC(thresholds=[2.0]), "AUC thresholds"),
        (lambda: metrics.AUC(num_labels=3), "AUC num_labels: expected multi_label=True beside it"),
        (lambda: metrics.AUC(multi_label=True)(TRUE, SCORES), r"AUC multi_label: .* of shape \(batch, labels\)"),
        (lambda: metrics.AUC(multi_label=True, num_labels=2, label_weights=[1.0]), "AUC label_weights: expected 2"),
        (lambda: metrics.AUC(label_weights=[-1.0]), "AUC label_weights: expected numbers of 0 or more"),
        (lambda: metrics.PrecisionAtRecall(1.5), "Argument `recall` must be in the range \\[0, 1\\]"),
        (lambda: metrics.RecallAtPrecision(0.5, num_thresholds=0), "`num_thresholds` must be an integer > 0"),
        (lambda: metrics.F1Score(average="mean"), "F1Score: Invalid `average` argument value. Expected one of"),
        (lambda: metrics.FBetaScore(beta=0.0), "FBetaScore: Invalid `beta` argument value. It should be > 0"),
        (lambda: metrics.F1Score(threshold=1), "Invalid `threshold` argument value. It should be a Python float"),
        (lambda: metrics.F1Score()(TRUE, SCORES), r"F1Score: .* of shape \(batch, classes\)"),
        (lambda: metrics.Precision()(TRUE[:5], np.ones((5, 2))),
         r"expected labels of shape \(5, 2\) like the predictions, received \(5,\)"),
    ],
)  # fmt: skip
def test_impossible_thresholds_are_refused_in_words(act: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        act()
