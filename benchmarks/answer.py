"""What a question gives: tables of outcomes, the claims that were asked for, and notes. Kept as JSON until the report
is written, so that questions can be asked one at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import Roof
from benchmarks.timing import ROOT, Outcome

KEPT = ROOT / "build" / "bench" / "answers"


@dataclass
class Claim:
    """What issue or README promise: in words, what was measured, and whether that is enough."""

    asked: str
    measured: str
    reached: bool


@dataclass
class Table:
    """One comparison, Pippin first. `unit` says what is told of the outcomes' seconds times `scale`; `flops` is the
    work behind one such figure, told as a speed beside the roof. `in_chart` False keeps it out of the chart."""

    title: str
    unit: str
    outcomes: list[Outcome]
    scale: float = 1.0
    flops: float = 0.0
    roof: Roof | None = None
    claims: list[Claim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    in_chart: bool = True

    @property
    def pippin(self) -> Outcome:
        return self.outcomes[0]

    @property
    def peers(self) -> list[Outcome]:
        return self.outcomes[1:]

    @property
    def fastest_peer(self) -> Outcome:
        return min(self.peers, key=lambda outcome: outcome.median)

    def claim(self, times: float, beside: str = "") -> None:
        """Ask for so many times the speed of the named peer, or of the fastest."""
        best = self.fastest_peer
        other = next(outcome for outcome in self.peers if outcome.name == beside) if beside else best
        ratio = other.times(self.pippin)
        who = beside or f"the fastest peer ({best.name})"
        self.claims.append(Claim(f"{times:g} × as fast as {who}", f"{ratio:.2g} ×", ratio >= times))


@dataclass
class Answer:
    """A question's tables, when and where they were measured, and how many rounds they took."""

    title: str
    tables: list[Table]
    measured: str = ""
    notes: list[str] = field(default_factory=list)


def keep(name: str, answer: Answer) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(asdict(answer), indent=1))


def kept(names: Sequence[str]) -> dict[str, Answer]:
    """The answers of these questions that are there, in this order."""
    paths: dict[str, Path] = {name: KEPT / f"{name}.json" for name in names}
    return {name: _answer(json.loads(path.read_text())) for name, path in paths.items() if path.exists()}


def _answer(told: dict[str, Any]) -> Answer:
    return Answer(**{**told, "tables": [_table(table) for table in told["tables"]]})


def _table(told: dict[str, Any]) -> Table:
    return Table(**{
        **told,
        "outcomes": [Outcome(**outcome) for outcome in told["outcomes"]],
        "roof": told["roof"] and Roof(**told["roof"]),
        "claims": [Claim(**claim) for claim in told["claims"]],
    })  # fmt: skip
