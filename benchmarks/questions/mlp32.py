"""60 000 digits through 784-128-10 in batches of 32: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        # On one thread the same; step by step 0.69 s.
        peer("JAX, whole epochs in one lax.scan", "train_jax", "mlp32"),
        # 1 step an execution 1.2 s, 125 steps 0.77.
        keras("jax", "train_keras", "mlp32", '{"steps_per_execution": 25}'),
        # Without XLA 1.9 s; 125 steps an execution 1.7.
        keras("tensorflow", "train_keras", "mlp32", '{"steps_per_execution": 1875, "jit_compile": true}'),
        # One thread 1.2 s as well, compiled 1.5 to 1.6.
        peer("PyTorch", "train_torch", "mlp32", home="torch"),
        peer("scikit-learn", "train_sklearn", "mlp32"),
    ]


def ask(rounds: int) -> Answer:
    table = train("mlp32", "784-128-10, batch 32", peers(), rounds)
    table.claim(2.2)
    return Answer("MNIST, 784-128-10, batch 32", [table])
