"""Rules about the curves: does the loss fall, by as much as it could, and for examples never seen as well?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pippin.diagnosis.case import Case
from pippin.diagnosis.changes import learning_rate_of
from pippin.diagnosis.finding import Finding, Fix
from pippin.glass.figures import figure

RISE, LATER, STILL_FALLS, RISE_OF_WORTH = 1.15, 3, 0.9, 0.05
"""Overfitting: held out loss this many times its best, for so many epochs, while the loss itself fell to this share;
and the rise is this share of the loss to beat: a loss that is next to nothing may well double."""


def losses_of(case: Case) -> np.ndarray:
    return case.curves.get("loss", np.zeros(0))


def loss_to_beat(case: Case) -> float:
    """The loss to beat: that of the best answer that is always the same, or that before the first step."""
    return case.baseline if case.baseline is not None else case.start


def learning_rate_too_high(case: Case) -> Iterator[Finding]:
    """The loss jumps about or ends above where it began; with a tenth of the learning rate it doesn't."""
    losses = losses_of(case)
    rate = None if case.trial is None else learning_rate_of(case.trial)
    if rate is None or len(losses) < 2 or not _jumps(losses, loss_to_beat(case)):
        return
    calm = case.tried({"learning_rate": rate / 10})
    same = case.tried({})
    if not (np.isfinite(calm[-1]) and calm[-1] < 0.7 * end_of(same)):
        return
    yield Finding(
        "learning-rate-too-high", "",
        f"The loss jumps about ({rough_of(losses):.0%} from one epoch to the next) and ends at {figure(losses[-1])}; "
        f"with a tenth of the learning rate it is {figure(calm[-1])} after as long a try.",
        "Each step goes so far that it lands on the other side of the valley, or outside of it.",
        Fix(f"Lower the learning rate from {figure(rate)} to {figure(rate / 10)}.", {"learning_rate": rate / 10}),
        {"learning_rate": rate, "roughness": rough_of(losses), "loss": float(losses[-1]), "calm_loss": float(calm[-1]),
         "loss_of_the_same_try": float(same[-1])},
    )  # fmt: skip


def end_of(losses: np.ndarray) -> float:
    """The loss at the end, its jumps levelled out."""
    return float(np.median(losses[-3:])) if np.isfinite(losses[-3:]).all() else float("inf")


def rough_of(losses: np.ndarray) -> float:
    """By how much the loss rises where it rises, as a share, on average over all epochs."""
    steps = np.diff(losses) / np.maximum(np.abs(losses[:-1]), 1e-12)
    return float(np.maximum(steps, 0).mean()) if len(steps) else 0.0


def _jumps(losses: np.ndarray, worth: float) -> bool:
    if not np.isfinite(losses).all():
        return True
    return rough_of(losses) > 0.1 or (np.isfinite(worth) and end_of(losses) > 1.02 * worth)


def learning_rate_too_low(case: Case) -> Iterator[Finding]:
    """The loss has hardly begun to fall; with ten times the learning rate it falls well."""
    losses = losses_of(case)
    rate = None if case.trial is None else learning_rate_of(case.trial)
    if rate is None or len(losses) < 2 or not np.isfinite(losses).all() or not np.isfinite(case.start):
        return
    fell = 1 - losses[-1] / max(losses[0], case.start)
    if fell > 0.2 or not np.isfinite(case.tried({})).all():
        return
    better = {factor: case.tried({"learning_rate": rate * factor})[-1] for factor in (10, 100, 1000)}
    factor = min(better, key=lambda one: better[one] if np.isfinite(better[one]) else np.inf)
    same = float(case.tried({})[-1])
    if not np.isfinite(better[factor]) or better[factor] > 0.7 * same:
        return
    yield Finding(
        "learning-rate-too-low", "",
        f"The loss fell by only {max(fell, 0):.0%}, to {figure(losses[-1])}; with {factor} times the learning rate it "
        f"is {figure(better[factor])} after as long a try.",
        "Each step is so small that the weights have hardly left where they began.",
        Fix(
            f"Raise the learning rate from {figure(rate)} to {figure(rate * factor)}.", {"learning_rate": rate * factor}
        ),
        {"learning_rate": rate, "fell": float(fell), "loss": float(losses[-1]), "faster_loss": float(better[factor]),
         "loss_of_the_same_try": same},
    )  # fmt: skip


def overfit(case: Case) -> Iterator[Finding]:
    """Held out loss rises while the loss falls: the network learns its examples by heart."""
    losses, held = losses_of(case), case.curves.get("val_loss", np.zeros(0))
    if len(held) != len(losses) or len(held) <= LATER or not np.isfinite(held).all():
        return
    best = int(held.argmin())
    lately = held[max(best + 1, len(held) - LATER) :]
    if len(lately) < LATER or losses[-1] > STILL_FALLS * losses[best]:
        return
    worth = loss_to_beat(case)
    rise = lately.min() - held[best]
    if rise < (RISE - 1) * held[best] or (np.isfinite(worth) and rise < RISE_OF_WORTH * worth):
        return
    yield Finding(
        "overfit", "",
        f"Since epoch {best + 1} the loss of examples held out rose from {figure(held[best])} to {figure(held[-1])}, "
        f"while that of the examples learned from fell from {figure(losses[best])} to {figure(losses[-1])}.",
        "The network learns its examples by heart, with their accidents, which don't hold for others.",
        Fix(
            f"Stop after epoch {best + 1} (callbacks.EarlyStopping(restore_best_weights=True)); more or altered "
            "examples, Dropout or a smaller network help as well.", {"epochs": best + 1},
        ),
        {"best_epoch": best + 1, "best_val_loss": float(held[best]), "val_loss": float(held[-1]),
         "loss": float(losses[-1])},
    )  # fmt: skip


def constant_answers(case: Case) -> Iterator[Finding]:
    """The same answer whatever comes in, though the labels differ."""
    moment = case.moments[-1] if case.moments else None
    if moment is None or moment.step == 0 or len(moment.answers) != 1 or case.trial is None or case.goal is None:
        return
    answers, labels = moment.answers[0], case.trial.y
    if answers.ndim > 2 or not isinstance(labels, np.ndarray) or moment.examples < 8 or labels.std() == 0:
        return
    spread = float(answers.astype(np.float64).std(axis=0).max())
    if not spread < 0.005 * (float(labels.std()) if case.classes is None else 1.0):
        return
    rate = learning_rate_of(case.trial)
    change = {"initializer": "he_normal"} | ({} if rate is None else {"learning_rate": min(rate, 1e-3)})
    yield Finding(
        "constant-answers", "",
        f"The answers to {moment.examples} different examples are all the same, within {figure(spread)}.",
        "Somewhere on the way all signals became alike: dead or shut gates, weights of 0, or a step so large that "
        "one bias drowns everything else.",
        Fix("Begin anew with weights drawn at random (he_normal) and a lower learning rate.", change),
        {"spread": spread, "examples": moment.examples},
    )  # fmt: skip
