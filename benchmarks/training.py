"""What all questions about training share: contestants in turn beside the roof, losses compared, and where Pippin's
time goes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.answer import Claim, Table
from benchmarks.machine import CORES, Roof, roof
from benchmarks.timing import Contestant, Outcome, in_turn, pippin
from benchmarks.workloads import WORKLOADS

SAME_WEIGHTS, PHOTOS, OWN_WEIGHTS = 1.15, 1.75, 3.0
"""By which factor a contestant's last loss may be above the contestants' median; who ends below it has learned more and
wins nothing by that. All but scikit-learn begin with the same weights and differ in the order of the rows and in what
is dropped: under 12 seeds LeNet-5 ended between 0.94 and 1.08 times its median; this is twice that. The photos end in the middle
of their steepest fall, with half of a layer dropped: under 8 seeds between 0.71 and 1.38 times their median.
scikit-learn begins with weights of its own, and 20 networks of the article's size from different weights ended between
0.45 and 2.0 times their median."""


class LearnsLess(RuntimeError):
    """A contestant's losses aren't what the others' are, so its time means nothing."""


def train(
    name: str, title: str, peers: Sequence[Contestant], rounds: int, *, unit: str = "s an epoch", scale: float = 1.0
) -> Table:
    """The workload by Pippin and its peers; seconds are of an epoch."""
    work = WORKLOADS[name]
    roofs: list[Roof] = []
    contestants = [pippin("Pippin", "train_pippin", name), *peers,
                   pippin("Pippin, one thread", "train_pippin", name, '{"threads": 1}')]  # fmt: skip
    *outcomes, alone = _rounds(contestants, rounds, roofs)
    check_losses(name, outcomes)
    best = Roof(median(roof.fma for roof in roofs), median(roof.sgemm for roof in roofs))
    return Table(
        title, unit, outcomes, scale, work.flops * work.rows, best, notes=[where_time_goes(outcomes[0], alone)]
    )


def _rounds(contestants: Sequence[Contestant], rounds: int, roofs: list[Roof]) -> list[Outcome]:
    """In turn, with the roof measured in each round as if it were a contestant."""
    outcomes = [Outcome(contestant.name) for contestant in contestants]
    for _ in range(rounds):
        roofs.append(roof())
        for outcome, now in zip(outcomes, in_turn(contestants, 1), strict=True):
            outcome.seconds += now.seconds
            outcome.told = now.told
    return outcomes


def check_losses(name: str, outcomes: Sequence[Outcome]) -> None:
    """Raise unless everybody learned, and about as much."""
    last = {outcome.name: outcome.told["loss"][-1] for outcome in outcomes}
    middle = median(last.values())
    for outcome in outcomes:
        losses = outcome.told["loss"]
        if not losses[-1] < losses[0]:
            raise LearnsLess(f"{name}: {outcome.name} doesn't learn: its losses are {losses}.")
        same = PHOTOS if name == "photo" else SAME_WEIGHTS
        allowed = OWN_WEIGHTS if outcome.told.get("own_weights") else same
        if losses[-1] > middle * allowed:
            raise LearnsLess(
                f"{name}: {outcome.name} ends with loss {losses[-1]:.4g}, expected at most {middle * allowed:.4g}, "
                "as the others end "
                f"({', '.join(f'{who} {loss:.4g}' for who, loss in last.items())}). Does its script do the same work?"
            )


def where_time_goes(together: Outcome, alone: Outcome, cores: int = CORES) -> str:
    """Pippin's own time, as far as it can be seen from outside: what Python takes; and from the time on one thread, how
    much of the engine's time on all cores is work that they share. (With s seconds for one thread only and p to share,
    one thread takes s + p and n take s + p / n.)"""
    inside, ratio = together.told["engine"], alone.times(together)
    shared = min(1.0, max(0.0, (ratio - 1) / (cores - 1))) if cores > 1 else 1.0
    return (
        f"Where Pippin's time goes: {1 - inside:.1%} Python; {inside * shared:.0%} kernels that {cores} threads share; "
        f"{inside * (1 - shared):.0%} kernels of one thread alone and waiting at barriers. "
        f"One thread takes {ratio:.2f} × as long."
    )


def share_of(table: Table, least: float, of: str) -> Claim:
    """Whether Pippin's speed is at least a share of the roof, or of NumPy's sgemm."""
    assert table.roof is not None
    whole = table.roof.sgemm if of == "NumPy's sgemm" else table.roof.fma
    share = table.flops / table.pippin.median / whole
    return Claim(f"{least:.0%} of {of}", f"{share:.0%}", share >= least)
