"""What the rules look at: the curves of a run, the network at some of its moments, the data, and what the loss asks of
the labels. Whatever is not there is None or empty, and the rules that need it are silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from pippin.diagnosis.changes import changed
from pippin.diagnosis.finding import Finding
from pippin.diagnosis.moment import Moment, moment_of, values_of
from pippin.diagnosis.trial import Trial
from pippin.errors import NonFiniteError, PippinError
from pippin.glass.opened import open_step
from pippin.glass.probe import Sight
from pippin.glass.recording import Look, Recording
from pippin.training.labels import BINARY, CATEGORICAL, ELEMENTWISE, SPARSE, Goal, goals_of
from pippin.training.work import inputs_of_batch, specs_of_batch

EXAMPLES = 128
"""Of a trial's data, to look at the network with: a unit that is silent for all of these is silent."""
MOMENTS = 5
MOST_STEPS = 300
"""Of an experiment."""


class Case:
    """A run to be judged. `curves` are figures by name, a number for each epoch (NaN where there is none);
    `states` the variables at some steps; `looks` those of a recording whose model can't be made again."""

    def __init__(
        self, curves: Mapping[str, Sequence[Any]], trial: Trial | None, states: Sequence[tuple[int, Mapping[str, Any]]],
        looks: Sequence[Look] = (), broken: Finding | None = None, watched: Sequence[Moment] = (),
    ) -> None:  # fmt: skip
        self.curves = {
            name: np.array([np.nan if v is None else v for v in values], np.float64)
            for name, values in curves.items() if name != "epoch" and not any(isinstance(v, list) for v in values)
        }  # fmt: skip
        self.trial, self.broken = trial, broken
        self._states, self._looks, self._watched = list(states), list(looks), watched
        self._tried: dict[str, np.ndarray] = {}

    @classmethod
    def of_run(cls, recording: Recording, trial: Trial | None) -> Case:
        """What a recording tells."""
        looks = [look for look in recording.looks if look.can_open]
        taken = sorted({round(place) for place in np.linspace(0, len(looks) - 1, min(len(looks), MOMENTS))})
        chosen = [looks[place] for place in taken]
        states = [(look.step, look.states) for look in chosen] if trial is not None else []
        told = [Finding.of_event(happened) for happened in recording.findings if happened["event"] == "finding"]
        broken = next((one for one in reversed(told) if one.evidence.get("is_finite") is False), None)
        return cls(recording.curves, trial, states, chosen, broken)

    # The network ------------------------------------------------------------------------------------------------------

    @cached_property
    def moments(self) -> list[Moment]:
        """The network at some moments, the first and the last among them."""
        if self._watched:
            return list(self._watched)
        if self.trial is None or not self._states:
            return [_of_look(look) for look in self._looks]
        return self.seen(self._states)

    def seen(self, states: Sequence[tuple[int, Mapping[str, Any]]]) -> list[Moment]:
        """The network with some numbers in its variables, on a sample of the trial's data."""
        assert self.trial is not None
        x, y, weight = self.trial.sample(EXAMPLES)
        model = self.trial.model()
        model.prepare_training()
        opened = open_step(model, specs_of_batch(model, x, y, weight))
        inputs = inputs_of_batch(opened.program, x, y, weight)
        sight, own = Sight(opened, values_of(opened)), opened.states()
        found = []
        for step, kept in states:
            whole = {name: np.asarray(kept.get(name, own[name])) for name in own}
            found.append(moment_of(opened, step, sight.see(inputs, whole), whole))
        return found

    def answers(self, x: Any) -> np.ndarray | None:
        """What the network as it is now answers: probabilities (rows, classes), or numbers (rows, outputs)."""
        if self.trial is None or not self._states or self.goal is None:
            return None
        model, kept = self.trial.model(), self._states[-1][1]
        model.prepare_training()
        for variable in model.variables:
            if variable.path in kept:
                variable.assign(kept[variable.path])
        found: np.ndarray = np.asarray(model.predict(x, verbose=0))
        return as_columns(found) if self.classes is None else as_probabilities(found, model)

    # The goal ---------------------------------------------------------------------------------------------------------

    @cached_property
    def model(self) -> Any:
        """The model before the first step; None when it can't be made."""
        return None if self.trial is None else self.trial.model()

    @cached_property
    def goal(self) -> Goal | None:
        """What the loss asks of the labels; None with several outputs or an own loss."""
        try:
            goals = [] if self.model is None or self.model.compilation is None else goals_of(self.model)
        except PippinError:
            goals = []
        return goals[0] if len(goals) == 1 else None

    @property
    def x(self) -> np.ndarray | None:
        """The data to learn from, where they are one array."""
        return self.trial.x if self.trial is not None and isinstance(self.trial.x, np.ndarray) else None

    def classes_of(self, y: Any) -> np.ndarray | None:
        """The class of each row; None where labels aren't classes, one for each row."""
        if self.goal is None or not isinstance(y, np.ndarray) or y.size == 0:
            return None
        if self.goal.kind == CATEGORICAL and y.ndim == 2 and y.shape[1] > 1:
            return np.asarray(y.argmax(axis=1))
        if y.size != len(y) or self.goal.kind not in (SPARSE, BINARY):
            return None
        flat = y.reshape(-1)
        return (flat > 0.5).astype(int) if self.goal.kind == BINARY else flat.astype(int)

    @cached_property
    def classes(self) -> np.ndarray | None:
        """The same of the data to learn from."""
        return None if self.trial is None else self.classes_of(self.trial.y)

    @cached_property
    def baseline(self) -> float | None:
        """The loss of the best answer that is always the same; None for losses that aren't known here."""
        if self.goal is None or self.trial is None or not isinstance(self.trial.y, np.ndarray):
            return None
        if self.classes is not None:
            shares = np.bincount(self.classes) / len(self.classes)
            return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
        y = self.trial.y.astype(np.float64).reshape(len(self.trial.y), -1)
        if self.goal.kind == ELEMENTWISE and self.goal.loss == "mean_squared_error":
            return float(y.var(axis=0).mean())
        if self.goal.kind == ELEMENTWISE and self.goal.loss == "mean_absolute_error":
            return float(np.abs(y - np.median(y, axis=0)).mean())
        return None

    @property
    def start(self) -> float:
        """The loss before the first step, NaN where nobody looked."""
        return self.moments[0].loss if self.moments and self.moments[0].step == 0 else float("nan")

    # Experiments ------------------------------------------------------------------------------------------------------

    def tried(self, change: Mapping[str, Any]) -> np.ndarray:
        """The loss of each epoch of a short run with a change; infinite from where it broke. Not the whole run: at most
        300 steps, of few rows where an epoch has more."""
        key = repr(sorted(change.items()))
        if key not in self._tried:
            assert self.trial is not None
            short = self.trial
            if short.steps > MOST_STEPS:
                rows = np.linspace(0, short.rows - 1, MOST_STEPS * short.batch).astype(int)
                short = short.take(np.unique(rows))
            epochs = max(1, min(short.epochs, MOST_STEPS // short.steps))
            short = replace(changed(short, change), epochs=epochs, validation=None)
            try:
                losses = np.array(short.run().history.history["loss"], np.float64)
            except NonFiniteError:
                losses = np.full(epochs, np.inf)
            self._tried[key] = losses
        return self._tried[key]


def as_columns(answers: np.ndarray) -> np.ndarray:
    """(rows, numbers)."""
    return np.reshape(answers, (len(answers), -1))


def as_probabilities(answers: np.ndarray, model: Any) -> np.ndarray:
    """(rows, classes) of probabilities, from one column of yes or no, or from numbers before softmax."""
    from pippin import ops

    if goals_of(model)[0].from_logits:
        answers = ops.sigmoid(answers) if answers.shape[-1] == 1 else ops.softmax(answers)
    answers = np.asarray(answers).reshape(len(answers), -1)
    return np.concatenate([1 - answers, answers], axis=1) if answers.shape[1] == 1 else answers


def _of_look(look: Look) -> Moment:
    """A recorded look at the probe, opened."""
    step = look.open()
    return moment_of(step.opened, look.step, step.ran.values, step.states)
