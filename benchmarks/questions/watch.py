"""What recording a run costs: epochs with `glass.Watch` among the callbacks, and without, in turn."""

from __future__ import annotations

from benchmarks.answer import Answer, Claim, Table
from benchmarks.timing import in_turn, pippin

TITLES = {
    "mlp32": "784-128-10, batch 32", "lenet32": "LeNet-5, batch 32", "photo": "Photos, 100 × 100", "lstm": "LSTM 64",
    "transformer": "One transformer block",
}  # fmt: skip
MOST = 0.05


def ask(rounds: int) -> Answer:
    return Answer("Recording a run", [table(name, title, rounds) for name, title in TITLES.items()])


def table(name: str, title: str, rounds: int) -> Table:
    contestants = [
        pippin("Pippin, recording", "train_pippin", name, '{"watch": true}'), pippin("Pippin", "train_pippin", name),
    ]  # fmt: skip
    found = Table(title, "s an epoch", in_turn(contestants, rounds), in_chart=False)
    watched, plain = found.outcomes
    ratio = watched.times(plain)
    found.claims.append(Claim(f"at most {MOST:.0%} of the time", f"{ratio - 1:.1%}", ratio <= 1 + MOST))
    return found
