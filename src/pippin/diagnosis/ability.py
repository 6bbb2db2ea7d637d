"""Rules about what a network can do: less than its nearest neighbours would, or no more than one number alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pippin.diagnosis.case import Case
from pippin.diagnosis.changes import layers_in
from pippin.diagnosis.curves import end_of, loss_to_beat, losses_of
from pippin.diagnosis.finding import Finding, Fix
from pippin.diagnosis.neighbours import votes
from pippin.diagnosis.pictures import AREA, simple_numbers
from pippin.glass.figures import figure

MOST_ROWS = 2000
FLAT = 0.03
"""A curve is flat that falls by less than this share in the last third of its epochs."""
BETTER = 0.15
"""So much more must the neighbours get right."""


def underfit(case: Case) -> Iterator[Finding]:
    """The loss came to rest, and even asking each example's nearest neighbours gets more right than the network."""
    losses, moment = losses_of(case), case.moments[-1] if case.moments else None
    if moment is None or case.trial is None or case.x is None or len(losses) < 6 or not np.isfinite(losses).all():
        return
    third = len(losses) // 3
    if case.x.dtype.kind not in "fu" or 1 - end_of(losses) / np.median(losses[-third - 2 : -third + 1]) > FLAT:
        return
    if not all(slope for _, _, slope in moment.sizes()):  # nothing reaches the weights: that is another matter
        return
    rows = np.unique(np.linspace(0, case.trial.rows - 1, min(case.trial.rows, MOST_ROWS)).astype(int))
    if len(rows) < 50:
        return
    ours, theirs, kind = _scores(case, rows)
    if ours is None or theirs is None or theirs - ours < BETTER:
        return
    yield Finding(
        "underfit", "",
        f"The loss stands still at {figure(losses[-1])} and {kind} {ours:.0%}, of the examples learned from; asking "
        f"each one's 5 nearest neighbours would give {theirs:.0%}.",
        "There is more to be found in these examples than this network can express: it has too few units, or no "
        "hidden layer between inputs and answer.",
        _growth(case), {"network": ours, "neighbours": theirs, "loss": float(losses[-1])},
    )  # fmt: skip


def _scores(case: Case, rows: np.ndarray) -> tuple[float | None, float | None, str]:
    """What the network and the neighbours get right: the share of the classes, or of the variance."""
    assert case.trial is not None and case.x is not None
    few = case.trial.take(rows)
    answers = case.answers(few.x)
    if answers is None:
        return None, None, ""
    if case.classes is not None:
        labels = case.classes[rows]
        said = answers.argmax(axis=1)
        others = votes(few.x, labels).argmax(axis=1)
        return float((said == labels).mean()), float((others == labels).mean()), "the network gets right"
    y = few.y.reshape(len(few.y), -1).astype(np.float64)
    if answers.shape != y.shape or not y.var():
        return None, None, ""
    told = votes(few.x, y)
    shares = [1 - float(((guess - y) ** 2).mean() / y.var(axis=0).mean()) for guess in (answers, told)]
    return max(shares[0], 0.0), max(shares[1], 0.0), "the network explains"


def _growth(case: Case) -> Fix:
    assert case.trial is not None
    sized = [layer for layer in layers_in(case.trial.config) if {"units", "filters"} & set(layer["config"])]
    if len(sized) > 1:
        return Fix("Give each hidden layer four times the units.", {"wider": 4})
    change = {"hidden": 32} if case.trial.config["class_name"] == "Sequential" else None
    return Fix('Put a hidden layer before the last: Dense(32, activation="relu").', change)


def not_learning(case: Case) -> Iterator[Finding]:
    """The loss is where an answer that never changes would have it."""
    losses = losses_of(case)
    worth = loss_to_beat(case)
    if len(losses) < 2 or not np.isfinite(losses).all() or not np.isfinite(worth) or end_of(losses) < 0.97 * worth:
        return
    slopes = [(slope, path) for moment in case.moments for path, _, slope in moment.sizes()]
    frozen = not case.moments or not case.moments[0].sizes()
    if frozen:
        because, fix = (
            "No kernel of the network is allowed to learn: its layers are frozen.",
            Fix("Set trainable=True on the layers that shall learn, and compile again.", {"trainable": True}),
        )
    elif not min(slopes)[0]:
        because, fix = (
            f"No blame reaches {min(slopes)[1]}: the weights behind it are 0, or the gates are shut, so that nothing "
            "depends on it.",
            Fix("Draw the weights at random (he_normal for relu, glorot_uniform else).", {"initializer": "he_normal"}),
        )
    else:
        because, fix = (
            "What goes in does not tell what should come out, as far as this network can see: labels may be mixed up, "
            "or unrelated to the inputs.",
            Fix(
                "Look at some examples with their labels; then try a few of them alone, which must be learned by heart."
            ),
        )
    yield Finding(
        "not-learning", "",
        f"After {len(losses)} epochs the loss is {figure(losses[-1])}; always giving the same answer has "
        f"{figure(worth)}.",
        because, fix,
        {"loss": float(losses[-1]), "baseline": float(worth), "smallest_gradient": min(slopes)[0] if slopes else 0.0},
    )  # fmt: skip


# Shortcuts ------------------------------------------------------------------------------------------------------------

CLOSE = 0.03
"""The network must be at least so much better than one number alone."""
ABOVE = 0.25
"""The number alone is so much better than always saying the most frequent class."""


def shortcut(case: Case) -> Iterator[Finding]:
    """One trivial number of a picture tells its class as well as the whole network does."""
    x, classes = case.x, case.classes
    if x is None or classes is None or x.ndim != 4 or min(x.shape[1:3]) < 8 or len(x) < 40 or case.trial is None:
        return
    if not len(losses_of(case)):
        return
    rows = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_ROWS)).astype(int))
    labels = classes[rows]
    answers = case.answers(case.trial.take(rows).x)
    if answers is None:
        return
    network = float((answers.argmax(axis=1) == labels).mean())
    baseline = float(np.bincount(labels).max() / len(labels))
    for name, numbers in simple_numbers(x[rows]).items():
        alone = one_number_score(numbers, labels)
        if alone >= max(network - CLOSE, baseline + ABOVE):
            yield Finding(
                "shortcut", name,
                f"The {name} alone tells the class of {alone:.0%} of the pictures; the whole network, {network:.0%}.",
                f"The classes differ in their {name}, so that nothing else need be learned; on pictures taken "
                "otherwise, that will not hold.",
                _evened(name),
                {"alone": alone, "network": network, "baseline": baseline},
            )  # fmt: skip


def _evened(name: str) -> Fix:
    text = f"Take pictures in which the {name} doesn't tell the class: all kinds of it for each class."
    if name == AREA:
        return Fix(text)
    return Fix(f"{text} As a try: subtract from each picture its own {name}.", {"even": name})


def one_number_score(numbers: np.ndarray, labels: np.ndarray, folds: int = 5) -> float:
    """The share of classes that a number tells: each row is given the class that is most frequent among the other
    folds' rows with a number like it (one of ten ranges)."""
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, 11)[1:-1]))
    ranges = np.searchsorted(edges, numbers, side="right")
    kinds, right = int(labels.max()) + 1, 0
    turn = np.random.RandomState(0).permutation(len(labels)) % folds
    for fold in range(folds):
        table = np.zeros((len(edges) + 1, kinds), int)
        np.add.at(table, (ranges[turn != fold], labels[turn != fold]), 1)
        right += int((table.argmax(axis=1)[ranges[turn == fold]] == labels[turn == fold]).sum())
    return right / len(labels)
