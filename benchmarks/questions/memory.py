"""The most memory a process holds while it trains: MNIST with 784-128-10, and photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.answer import Answer, Claim, Table
from benchmarks.questions import mlp32, photo
from benchmarks.timing import Contestant, Outcome, pippin, run
from benchmarks.workloads import WORKLOADS


def ask(rounds: int) -> Answer:
    """One run each: memory hardly varies."""
    return Answer("Peak memory of the whole process", [
        table("mlp32", "784-128-10, batch 32", mlp32.peers), table("photo", "Three convolutions, batch 32", photo.peers)
    ])  # fmt: skip


def table(name: str, title: str, peers: Callable[[], Sequence[Contestant]]) -> Table:
    outcomes = [measured(contestant) for contestant in (pippin("Pippin", "train_pippin", name), *peers())]
    needed = WORKLOADS[name].least_bytes / 1e6
    found = Table(f"{title}, memory", "MB", outcomes, notes=[
        f"Data, parameters with gradients and Adam's moments, and a batch of activations take {needed:.0f} MB."
    ])  # fmt: skip
    best = found.fastest_peer
    found.claims.append(Claim(
        f"least of all (best peer: {best.name}, {best.median:.0f} MB)", f"{found.pippin.median:.0f} MB",
        found.pippin.median <= best.median,
    ))  # fmt: skip
    return found


def measured(contestant: Contestant) -> Outcome:
    """The peak in place of seconds, in megabytes."""
    _, told = run(contestant)
    return Outcome(contestant.name, [told["peak"] / 1e6], told)
