"""A finding: what is wrong, where, the numbers that say so, why it happens, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pippin.glass.events import Event, event, plain
from pippin.glass.figures import figure
from pippin.glass.telling import Part


@dataclass(frozen=True)
class Fix:
    """What to do, in words, and as a change that `changes.py` can make to a trial; None where only a person can."""

    text: str
    change: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    `code` names the rule, `where` the layer or the part of the data ("" for the whole run), `message` what was seen,
    `because` the cause; `evidence` holds the numbers that the message is made of.
    """

    code: str
    where: str
    message: str
    because: str
    fix: Fix
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def to_event(self, step: int | None) -> Event:
        """The `finding` event: seen when `step` steps were done, None for what doesn't depend on training."""
        return event(
            "finding", code=self.code, where=self.where, message=self.message, because=self.because, fix=self.fix.text,
            change=None if self.fix.change is None else dict(self.fix.change), evidence=dict(self.evidence), step=step,
        )  # fmt: skip

    @classmethod
    def of_event(cls, happened: Event) -> Finding:
        """What `to_event` told."""
        fix = Fix(happened["fix"], happened["change"])
        told = {word: happened[word] for word in ("code", "where", "message", "because")}
        return cls(**told, fix=fix, evidence=happened["evidence"])

    def to_dict(self) -> dict[str, Any]:
        found: Event = {"code": self.code, "where": self.where, "message": self.message, "because": self.because}
        found |= {"fix": {"text": self.fix.text, "change": self.fix.change}, "evidence": dict(self.evidence)}
        return plain(found)  # type: ignore[no-any-return]

    def part(self) -> Part:
        """The finding as it is told."""
        at = f"  {self.where}" if self.where else ""
        numbers = ", ".join(
            f"{name.replace('_', ' ')} {figure(value)}"
            for name, value in self.evidence.items() if isinstance(value, (int, float))
        )  # fmt: skip
        sentences = [self.message, f"Why: {self.because}", f"What to do: {self.fix.text}"]
        return Part(self.code + at, sentences + ([f"Numbers: {numbers}."] if numbers else []))

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
