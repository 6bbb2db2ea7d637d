"""A folder of photos on its way to a network: read for the first time, every later epoch, and altered at random."""

from __future__ import annotations

from benchmarks.answer import Answer, Table
from benchmarks.timing import Contestant, Outcome, in_turn, keras, peer, pippin
from benchmarks.workloads import SHARED

SIDES = (100, 224)
PASSES = "5"
PARTS = {"first": "first read", "later": "every later epoch", "augmented": "every later epoch, altered"}


def contestants(side: int) -> list[Contestant]:
    """The market folder: 501 JPEGs of 348 pixels."""
    arguments = (str(SHARED / "data" / "photos" / "market" / "train"), str(side), PASSES)
    return [
        pippin("Pippin", "loading_pippin", *arguments),
        # With cache and prefetch; altered by Keras's layers in tf.data.
        keras("tensorflow", "loading_keras", *arguments),
        # Two workers decode with Pillow; later epochs from memory; altered by one grid_sample for a batch.
        peer("PyTorch DataLoader", "loading_torch", *arguments, home="torch"),
    ]


def ask(rounds: int) -> Answer:
    tables, notes = [], []
    for side in SIDES:
        found = [in_turn(contestants(side), 1) for _ in range(rounds)]
        tables += [table(side, part, found) for part in PARTS]
        again = found[-1][0].told["again"]
        notes.append(
            f"Pippin keeps decoded pictures on disk: another process reads the same folder at {side} × {side} with "
            f"{again:,.0f} pictures a second."
        )
    return Answer("Reading photos: 501 JPEGs, mirrored, turned and zoomed where altered", tables, notes=notes)


def table(side: int, part: str, found: list[list[Outcome]]) -> Table:
    """Seconds for one picture, from the pictures a second that each round told."""
    outcomes = [
        Outcome(one[0].name, [1 / outcome.told[part] for outcome in one])
        for one in map(list, zip(*found, strict=True))
    ]  # fmt: skip
    return Table(f"Photos of {side} × {side}, {PARTS[part]}", "s for 1 000", outcomes, scale=1000)
