"""1 000 photos of 100 × 100 × 3 through three convolutions (32, 64, 128) and a dense layer of 128, batch 32: the second
epoch."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import share_of, train


def peers() -> list[Contestant]:
    return [
        # With 1 step an execution 9.6 s (it retraces for the last batch).
        keras("tensorflow", "train_keras", "photo", '{"steps_per_execution": 8, "jit_compile": false}'),
        # Channels first 10.7 s.
        peer("PyTorch, channels last", "train_torch", "photo", home="torch"),
        # In Keras's words no quicker.
        peer("JAX, a jitted step", "train_jax", "photo", '{"scan": false}'),
    ]


def ask(rounds: int) -> Answer:
    table = train("photo", "Three convolutions on photos, batch 32", peers(), rounds)
    table.claim(1.3)
    table.claims.append(share_of(table, 0.75, "the roof"))
    return Answer("Photos, three convolutions", [table])
