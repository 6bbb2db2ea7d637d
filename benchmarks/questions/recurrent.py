"""LSTM and GRU of 64 units over 100 steps of 32 numbers, 2048 sequences in batches of 32: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer, Table
from benchmarks.timing import keras, peer
from benchmarks.training import train


def ask(rounds: int) -> Answer:
    return Answer("Recurrent networks", [table("lstm", "LSTM", rounds), table("gru", "GRU", rounds)])


def table(name: str, kind: str, rounds: int) -> Table:
    peers = [
        peer("PyTorch", "train_torch", name, home="torch"),
        keras("jax", "train_keras", name),
        keras("tensorflow", "train_keras", name, '{"jit_compile": false}'),
    ]
    found = train(name, f"{kind}, 64 units, 100 steps", peers, rounds)
    found.claim(1)
    return found
