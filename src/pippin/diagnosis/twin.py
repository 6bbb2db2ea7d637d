"""A twin: the run done again with one thing changed, and whether that helped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pippin.diagnosis.case import Case, as_probabilities
from pippin.diagnosis.changes import changed
from pippin.diagnosis.finding import Finding
from pippin.diagnosis.rules import RULES
from pippin.diagnosis.trial import Trial
from pippin.errors import NonFiniteError, SettingError
from pippin.glass.figures import figure
from pippin.glass.telling import Part, Telling
from pippin.training.labels import goals_of

if TYPE_CHECKING:
    from pippin.diagnosis.door import Diagnosis

NOISE = 0.02
"""Differences of this share say nothing."""


@dataclass(frozen=True)
class Twin:
    """Figures of a run and of its twin at the end of training, by name, on the same examples.

    `is_gone`: whether the rule that found it finds nothing in the twin. `is_same_run`: the run itself was done again,
    bit for bit; else (its data were too large to keep, or a callback of its own took a hand) both are runs on what was
    kept.
    """

    code: str
    text: str
    before: dict[str, float]
    after: dict[str, float]
    judged_by: str
    is_gone: bool
    is_same_run: bool

    @property
    def gain(self) -> float:
        """By how much the figure that it is judged by became better, as a share; of accuracies, in points."""
        before, after = self.before[self.judged_by], self.after[self.judged_by]
        if "accuracy" in self.judged_by:
            return after - before
        if not np.isfinite(before) or not np.isfinite(after):
            return float(np.isfinite(after)) - float(np.isfinite(before))
        return (before - after) / max(abs(before), 1e-12)

    @property
    def helped(self) -> bool:
        """Whether it is better by more than chance, or as good and what was wrong is gone."""
        is_finite = np.isfinite(self.after[self.judged_by])
        return bool(is_finite) and (self.gain > NOISE or (self.is_gone and self.gain > -NOISE))

    def telling(self) -> Telling:
        names = [name for name in self.before if name in self.after]
        table = [["at the end", "as it was", "with the fix"]]
        table += [[name, figure(self.before[name]), figure(self.after[name])] for name in names]
        gone = "is gone" if self.is_gone else "is still there"
        verdict = "It helped" if self.helped else "It did not help"
        run = "The run was done again" if self.is_same_run else "Two runs were done on the examples that were kept"
        return Telling(f"{self.code}: tried the fix", [
            Part("", [self.text]),
            Part("TWIN", [f"{run}, once with this one change."], table),
            Part("", [f"{verdict}: judged by {self.judged_by}. What was found {gone}."]),
        ])  # fmt: skip

    def tell(self) -> str:
        return str(self.telling())

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code, "fix": self.text, "before": self.before, "after": self.after,
            "judged_by": self.judged_by, "helped": self.helped, "is_gone": self.is_gone,
            "is_same_run": self.is_same_run,
        }  # fmt: skip

    def __str__(self) -> str:
        return self.tell()


def twin_of(diagnosis: Diagnosis, found: Sequence[Finding]) -> Twin:
    """Do the run again, with the changes of all findings of one code."""
    trial, code = diagnosis.trial, found[0].code
    if trial is None:
        raise SettingError(
            f"fix: {diagnosis.name} can't be done again: its model or its data were not kept. A model with layers of "
            "your own is kept when their classes are registered (saving.register_keras_serializable)."
        )
    change = _together(found)
    other = changed(trial, change)
    runs, cases = [], []
    for one in (trial, other):
        figures, case = done(one)
        runs.append(figures)
        cases.append(case)
    judged_by = next(name for name in _yardsticks(change) if name in runs[0] and name in runs[1])
    is_gone = not any(True for finding in RULES[code](cases[1]) if finding.where in {one.where for one in found})
    texts = list(dict.fromkeys(one.fix.text for one in found))
    is_same_run = trial.is_whole and trial.is_same
    return Twin(code, " ".join(texts), runs[0], runs[1], judged_by, is_gone, is_same_run)


def _together(found: Sequence[Finding]) -> dict[str, Any]:
    """The changes of several findings of a kind as one."""
    whole: dict[str, Any] = {}
    for finding in found:
        if finding.fix.change is None:
            raise SettingError(f"fix {finding.code}: this is for a person to do, not for a program: {finding.fix.text}")
        for word, value in finding.fix.change.items():
            if word == "activation" and word in whole:
                value = {**value, "layers": [*whole[word]["layers"], *value["layers"]]}
            whole[word] = value
    return whole


def _yardsticks(change: dict[str, Any]) -> list[str]:
    """The figures to judge by, the first that both runs have."""
    if "class_weight" in change:
        return ["validation balanced accuracy", "balanced accuracy"]
    if {"last", "leave_out", "even"} & change.keys():
        return ["validation accuracy", "accuracy", "validation error", "error"]
    return ["validation loss", "loss"]


def done(trial: Trial) -> tuple[dict[str, float], Case]:
    """Train, and say how good the network is then: figures, and the case to ask the rules about."""
    steps = trial.epochs * trial.steps
    try:
        start = trial.model()
        first = {variable.path: variable.numpy() for variable in start.variables}
        model = trial.run()
    except NonFiniteError:
        nothing = {"loss": float("nan"), "accuracy": 0.0, "balanced accuracy": 0.0}
        return nothing, Case({"loss": [float("nan")]}, trial, [])
    last = {variable.path: variable.numpy() for variable in model.variables}
    case = Case(model.history.history, trial, [(0, first), (steps, last)])
    figures = _figures(model, case, trial.x, trial.y, "")
    if trial.validation is not None:
        figures |= _figures(model, case, *trial.validation, "validation ")
    return figures, case


def _figures(model: Any, case: Case, x: Any, y: Any, part: str) -> dict[str, float]:
    """How good a network is on some examples, in measures that don't depend on its loss too."""
    loss = model.evaluate(x, y, verbose=0)
    found = {f"{part}loss": float(loss[0] if isinstance(loss, list) else loss)}
    if case.goal is None or not isinstance(y, np.ndarray):
        return found
    answers = np.asarray(model.predict(x, verbose=0))
    classes = case.classes_of(y)
    if classes is None and goals_of(model)[0].kind == "elementwise":
        return found | {f"{part}error": float(((answers.reshape(y.shape) - y) ** 2).mean())}
    if classes is not None:
        right = as_probabilities(answers, model).argmax(axis=1) == classes
        each = [float(right[classes == number].mean()) for number in np.unique(classes)]
        found |= {f"{part}accuracy": float(right.mean()), f"{part}balanced accuracy": float(np.mean(each))}
    return found
