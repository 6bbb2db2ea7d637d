"""60 000 digits through 784-128-10 in batches of 128: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        # On one thread the same.
        peer("JAX, whole epochs in one lax.scan", "train_jax", "mlp128"),
        # 1 step an execution 0.58 s.
        keras("jax", "train_keras", "mlp128", '{"steps_per_execution": 25}'),
        # Without XLA 1.1 s; 469 steps an execution 0.89.
        keras("tensorflow", "train_keras", "mlp128", '{"steps_per_execution": 67, "jit_compile": true}'),
        # One thread 0.68 s, compiled 0.82.
        peer("PyTorch", "train_torch", "mlp128", home="torch"),
        peer("scikit-learn", "train_sklearn", "mlp128"),
    ]


def ask(rounds: int) -> Answer:
    table = train("mlp128", "784-128-10, batch 128", peers(), rounds)
    table.claim(1.3)
    return Answer("MNIST, 784-128-10, batch 128", [table])
