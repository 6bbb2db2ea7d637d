"""LeNet-5 (6 and 16 maps, valid) on 10 000 digits in batches of 32: an epoch after the first."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import train


def peers() -> list[Contestant]:
    return [
        # One thread 1.1 s, compiled 1.1, foreach instead of the fused Adam 0.93; channels first 0.78 to 0.82, the same.
        peer("PyTorch, channels last", "train_torch", "lenet32", home="torch"),
        # With XLA 1.9 s; 1 step an execution 1.6.
        keras("tensorflow", "train_keras", "lenet32", '{"steps_per_execution": 39, "jit_compile": false}'),
        # In one lax.scan, where XLA runs convolutions on one thread, 3.4 s; pooling as maxima of a reshaped array 3.4.
        peer("JAX, a jitted step", "train_jax", "lenet32", '{"scan": false}'),
        keras("jax", "train_keras", "lenet32", '{"steps_per_execution": 10}'),
    ]


def ask(rounds: int) -> Answer:
    table = train("lenet32", "LeNet-5, batch 32", peers(), rounds)
    table.claim(4)
    return Answer("LeNet-5, batch 32", [table])
