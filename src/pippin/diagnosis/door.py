"""diagnose: what is wrong with a run, or with a model and its data.

print(glass.diagnose("runs/mine"))
print(glass.diagnose(model, x, y, validation_data=(xv, yv)))
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pippin.diagnosis import trial as trials
from pippin.diagnosis.case import Case
from pippin.diagnosis.finding import Finding
from pippin.diagnosis.rules import RULES, findings_of
from pippin.diagnosis.trial import Trial, trial_of
from pippin.errors import DataError, SettingError, nearest
from pippin.glass.recording import Recording
from pippin.glass.telling import Part, Telling
from pippin.training import validate
from pippin.training.feed import ArrayFeed, make_feed
from pippin.training.work import build_for

if TYPE_CHECKING:
    from pippin.diagnosis.twin import Twin


@dataclass(frozen=True)
class Diagnosis:
    """What was found, the gravest first. `trial` is what the run began with, if that was kept."""

    name: str
    findings: Sequence[Finding]
    trial: Trial | None
    recording: Recording | None = None

    def fix(self, code: str) -> Twin:
        """Do the run again with the fix of a finding, and compare."""
        from pippin.diagnosis.twin import twin_of

        found = [finding for finding in self.findings if finding.code == code]
        if not found:
            listed = ", ".join(dict.fromkeys(finding.code for finding in self.findings)) or "nothing"
            raise SettingError(
                f"fix: expected the code of a finding ({listed}), received {code!r}.{nearest(code, RULES)}"
            )
        return twin_of(self, found)

    def telling(self) -> Telling:
        """All findings in words."""
        if not self.findings:
            return Telling(f"{self.name}: nothing was found wrong", [Part("", [_looked_at(self)])])
        several = "s" if len(self.findings) > 1 else ""
        return Telling(f"{self.name}: {len(self.findings)} finding{several}", [one.part() for one in self.findings])

    def tell(self) -> str:
        return str(self.telling())

    def to_dict(self) -> dict[str, Any]:
        return {"run": self.name, "findings": [finding.to_dict() for finding in self.findings]}

    def __str__(self) -> str:
        return self.tell()

    def __repr__(self) -> str:
        return f"<diagnosis of {self.name}: {', '.join(one.code for one in self.findings) or 'nothing found'}>"


def _looked_at(found: Diagnosis) -> str:
    if found.trial is None:
        return "Only the curves and the probe could be looked at: the model or the data can't be made again."
    return f"{len(RULES)} rules looked at it."


def diagnose(
    what: Any, x: Any = None, y: Any = None, sample_weight: Any = None, validation_data: Any = None
) -> Diagnosis:
    """Find what is wrong with a recorded run (its folder or its Recording), or with a compiled model and its data.

    Of a model, its data and no run, only those rules speak that need no training. Raises FileError for a folder that
    is no run, and what `fit` raises for data that don't fit.
    """
    if isinstance(what, (str, os.PathLike, Recording)):
        recording = what if isinstance(what, Recording) else Recording(what)
        trial = trials.read(recording.store)
        found = findings_of(Case.of_run(recording, trial))
        return Diagnosis(str(recording.store.path), found, trial, recording)
    what._need_compiled()
    feed = make_feed(x, y, sample_weight)
    if not isinstance(feed, ArrayFeed):
        raise DataError("x: expected arrays, received an iterable of batches. Take some: next(iter(x)).")
    validate.check_training_data(what, feed)
    build_for(what, feed.x)
    trial = trial_of(what, feed.x, feed.y, feed.weight, validation_data)
    states = [] if trial is None else [(0, {variable.path: variable.numpy() for variable in what.variables})]
    return Diagnosis(what.name, findings_of(Case({}, trial, states)), trial)
