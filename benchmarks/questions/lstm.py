"""LSTM of 64 units over 100 steps of 32 numbers, 2048 sequences in batches of 32: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        peer("PyTorch", "train_torch", "lstm", home="torch"),
        keras("jax", "train_keras", "lstm"),
        keras("tensorflow", "train_keras", "lstm", '{"jit_compile": false}'),
    ]


def ask(rounds: int) -> Answer:
    table = train("lstm", "LSTM, 64 units, 100 steps", peers(), rounds)
    table.claim(1)
    return Answer("LSTM, 64 units, 100 steps", [table])
