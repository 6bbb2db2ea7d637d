"""One training step of the article's network, 16-32-16-2 with 20 samples, inside a warm fit; loss and accuracy kept."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        peer("JAX, whole epochs in one lax.scan", "train_jax", "step"),
        peer("scikit-learn", "train_sklearn", "step", '{"again": 500}'),
        # Not compiled 570 µs, with foreach instead of the fused Adam 530.
        peer("PyTorch, compiled", "train_torch", "step", '{"threads": 1, "compile": true, "again": 300}', home="torch"),
        keras("jax", "train_keras", "step", '{"again": 50}'),
        keras("tensorflow", "train_keras", "step", '{"again": 20}'),
    ]


def ask(rounds: int) -> Answer:
    table = train("step", "16-32-16-2, 20 samples, a step", peers(), rounds, unit="µs a step", scale=1e6)
    table.claim(5)
    return Answer("One training step of the article's network, inside fit", [table])
