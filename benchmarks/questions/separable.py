"""A depthwise-separable net on 4 000 digits in batches of 32: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        keras("tensorflow", "train_keras", "separable"),
        keras("jax", "train_keras", "separable"),
        peer("PyTorch, channels last", "train_torch", "separable", home="torch"),
    ]


def ask(rounds: int) -> Answer:
    table = train("separable", "Conv 32, separable 64, 128, 128, batch 32", peers(), rounds)
    table.claim(1)
    return Answer("Depthwise-separable convolutions", [table])
