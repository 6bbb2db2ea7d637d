"""Rules about examples that shouldn't be where they are: copies on both sides of the split, and wrong labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pippin.diagnosis.case import MOST_STEPS, Case, as_probabilities
from pippin.diagnosis.finding import Finding, Fix
from pippin.diagnosis.neighbours import features, nearest, votes
from pippin.diagnosis.trial import Trial
from pippin.errors import PippinError
from pippin.glass.figures import figure

COPY = 0.05
"""The distance of a near copy, as a share of the distance at which an example's nearest other mostly lies."""
MOST_ROWS, FOLDS = 2000, 5
MOST_VOTES, FEWEST, LISTED = 0.99, 0.01, 20
"""Of the five nearest examples, that contradict a label: all. The share of suspects from which on they are told."""


def leak(case: Case) -> Iterator[Finding]:
    """Examples held out that are copies of examples learned from."""
    if case.trial is None or case.trial.validation is None or case.x is None:
        return
    held = case.trial.validation[0]
    if not isinstance(held, np.ndarray) or held.shape[1:] != case.x.shape[1:] or len(case.x) < 20 or len(held) < 5:
        return
    learn = case.x[: 10 * MOST_ROWS]
    ours, theirs = features(held, learn), features(learn)
    few = theirs[:MOST_ROWS]
    apart = nearest(few, theirs, is_same=True).distances[:, 0]
    usual = float(np.median(apart))
    if usual <= 1e-6:  # most examples have a copy among their own: these data are like that
        return
    found = nearest(ours, theirs)
    copies = found.distances[:, 0] <= COPY * usual
    usual_share = float((apart <= COPY * usual).mean())
    if copies.sum() < max(2, 0.01 * len(ours)) or copies.mean() <= 2 * usual_share:
        return
    rows = np.flatnonzero(copies)
    exact = int((found.distances[rows, 0] <= 1e-6).sum())
    first = int(rows[0])
    yield Finding(
        "leak", "validation",
        f"{len(rows)} of {len(ours)} examples held out are copies of examples learned from ({exact} exact, the others "
        f"nearly): row {first} is row {int(found.rows[first, 0])}.",
        "An example that was learned from tells nothing about new ones; the score on such is better than it will be "
        "in use.",
        Fix(
            "Leave the copies out of the examples held out, and split so that copies stay on one side.",
            {"leave_out": {"part": "validation", "rows": rows.tolist()}},
        ),
        {"copies": len(rows), "exact": exact, "held_out": len(ours), "usual_distance": usual,
         "rows": rows[:LISTED].tolist()},
    )  # fmt: skip


def suspect_labels(case: Case) -> Iterator[Finding]:
    """Labels that two witnesses contradict: a network that never saw them, and is surer than it mostly is, and the
    examples nearest to them.

    Where classes overlap, networks err as well, but on examples of which they are not sure. The classes of a fifth of
    the examples are told by a network that learned from the other four. Source of the idea: Northcutt, Jiang and
    Chuang, "Confident Learning" (2021).
    """
    if case.trial is None or case.x is None or case.classes is None or case.trial.rows < 50:
        return
    try:
        rows, probabilities = out_of_fold(case.trial, case.classes)
    except PippinError:
        return
    labels = case.classes[rows]
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    if (said == labels).mean() < 0.75:  # a network that is often wrong can't accuse anybody
        return
    shares = votes(case.x[rows], labels)
    contradicted = (said != labels) & (shares[np.arange(len(rows)), said] >= MOST_VOTES)
    suspect = contradicted & (sure >= np.median(sure))
    if suspect.sum() < max(3, FEWEST * len(rows)):
        return
    order = np.flatnonzero(suspect)[np.argsort(-sure[suspect], kind="stable")]
    suspects, first = rows[order], order[0]
    yield Finding(
        "suspect-labels", "labels",
        f"{len(suspects)} labels are probably wrong, first of all that of row {int(suspects[0])}: it says class "
        f"{int(labels[first])}; a network that did not learn from it says class {int(said[first])} "
        f"({figure(sure[first])}), and so do the examples most like it.",
        "Where classes are merely alike, a network is unsure when it errs. Here it is as sure as of the others. Wrong "
        "labels are learned like right ones, and cost accuracy.",
        Fix(
            f"Look at these rows and correct them, or leave them out: {', '.join(map(str, suspects[:LISTED]))}"
            f"{', ...' if len(suspects) > LISTED else ''}.",
            {"leave_out": {"part": "learn", "rows": suspects.tolist()}},
        ),
        {"suspects": len(suspects), "of": len(rows), "rows": suspects[:LISTED].tolist()},
    )  # fmt: skip


def out_of_fold(trial: Trial, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, probabilities of each class) told by networks that did not learn from these rows, side by side."""
    from pippin.training.many import fit_many

    rows = np.linspace(0, trial.rows - 1, min(trial.rows, MOST_ROWS)).astype(int)
    folds = np.random.RandomState(0).permutation(len(rows)) % FOLDS
    parts = [trial.take(rows[folds != fold]) for fold in range(FOLDS)]
    epochs = max(1, min(trial.epochs, 3 * MOST_STEPS // parts[0].steps))
    fits = [replace(part, epochs=epochs) for part in parts]
    models = [fit.model() for fit in fits]
    fit_many(
        models, tuple_of([fit.x for fit in fits]), tuple_of([fit.y for fit in fits]), batch_size=trial.batch,
        epochs=epochs, verbose=0, sample_weight=tuple_of([fit.weight for fit in fits]),
    )  # fmt: skip
    kinds = int(classes.max()) + 1
    found = np.zeros((len(rows), max(2, kinds)), np.float32)
    for fold, model in enumerate(models):
        held = trial.take(rows[folds == fold])
        found[folds == fold] = as_probabilities(model.predict(held.x, verbose=0), model)
    return rows, found


def tuple_of(parts: list[Any]) -> Any:
    """One for each model, or nothing where nobody has any."""
    return None if parts[0] is None else parts
