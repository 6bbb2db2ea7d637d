"""LeNet-5 (6 and 16 maps, valid) on 10 000 digits in batches of 128: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        # With XLA 1.8 s; 1 step an execution the same.
        keras("tensorflow", "train_keras", "lenet128", '{"steps_per_execution": 79, "jit_compile": false}'),
        # Channels first 0.63 s, compiled 0.87.
        peer("PyTorch, channels last", "train_torch", "lenet128", home="torch"),
        # In one lax.scan 4.9 s.
        peer("JAX, a jitted step", "train_jax", "lenet128", '{"scan": false}'),
        keras("jax", "train_keras", "lenet128"),
    ]


def ask(rounds: int) -> Answer:
    table = train("lenet128", "LeNet-5, batch 128", peers(), rounds)
    table.claim(3)
    return Answer("LeNet-5, batch 128", [table])
