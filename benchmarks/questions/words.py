"""Numbers of words, in batches of 32: the mean of 200 embedded words in front of two dense layers, and one block of a
transformer over 100 words. An epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer, Table
from benchmarks.timing import keras, peer
from benchmarks.training import train


def ask(rounds: int) -> Answer:
    return Answer("Texts", [
        table("texts", "Embedding 20 000 × 64, mean, dense", rounds),
        table("transformer", "Embedding 1000 × 64, one transformer block, mean, dense", rounds),
    ])  # fmt: skip


def table(name: str, title: str, rounds: int) -> Table:
    peers = [
        keras("jax", "train_keras", name),
        keras("tensorflow", "train_keras", name),
        peer("PyTorch", "train_torch", name, home="torch"),
    ]
    found = train(name, title, peers, rounds)
    found.claim(1)
    return found
