"""Findings in a run's folder: written while the run goes on and afterwards, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin.diagnosis.case import Case
from pippin.diagnosis.door import Diagnosis
from pippin.diagnosis.finding import Finding
from pippin.diagnosis.gates import of_broken
from pippin.diagnosis.moment import Moment, moment_of
from pippin.diagnosis.rules import BEFORE, WHILE, findings_of
from pippin.diagnosis.trial import Trial
from pippin.glass.events import Event
from pippin.glass.opened import Opened

TWICE = 2
"""A rule must find the same at so many looks before it is told while training goes on: a moment may be an accident."""


class Live:
    """Asks the rules while training goes on. `tell` writes a finding down."""

    def __init__(self, trial: Trial | None, tell: Callable[[Finding, int | None], None]) -> None:
        self.trial, self.tell = trial, tell
        self._seen: dict[tuple[str, str], int] = {}
        self._moments: list[Moment] = []

    def before(self, opened: Opened, values: Any, states: Any) -> None:
        """Ask what needs no training."""
        case = Case({}, self.trial, [], watched=[moment_of(opened, 0, values, states)])
        for finding in findings_of(case, BEFORE):
            self.tell(finding, None)

    def look(self, opened: Opened, step: int, values: Any, states: Any, curves: Any) -> None:
        """Ask about a look at the probe."""
        self._moments = [*self._moments[:1], moment_of(opened, step, values, states)]
        for finding in findings_of(Case(curves, None, [], watched=self._moments), WHILE):
            key = (finding.code, finding.where)
            self._seen[key] = self._seen.get(key, 0) + 1
            if self._seen[key] == TWICE:
                self.tell(finding, step)

    def broke(self, error: Any, step: int, learning_rate: float | None) -> None:
        """Training ended at a number that is not finite."""
        self.tell(of_broken(str(error), "", learning_rate), step)


def remember(diagnosis: Diagnosis) -> None:
    """Write what a diagnosis found into its run, unless it stands there."""
    if diagnosis.recording is None:
        return
    told = {_key(one) for one in diagnosis.recording.findings if one["event"] == "finding"}
    for finding in diagnosis.findings:
        happened = finding.to_event(None)
        if _key(happened) not in told:
            diagnosis.recording.store.append(happened)


def _key(happened: Event) -> tuple[str, str]:
    return happened["code"], happened["where"]
