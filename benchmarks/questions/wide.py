"""1024-1024-1024-1024-10 in batches of 512: large matrix products."""

from __future__ import annotations

from benchmarks.answer import Answer
from benchmarks.timing import Contestant, keras, peer
from benchmarks.training import share_of, train


def peers() -> list[Contestant]:
    return [
        # 4 steps an execution the same.
        keras("jax", "train_keras", "wide"),
        # Without XLA 1.2 s.
        keras("tensorflow", "train_keras", "wide", '{"jit_compile": true}'),
        # Compiled the same.
        peer("PyTorch", "train_torch", "wide", home="torch"),
        peer("JAX, whole epochs in one lax.scan", "train_jax", "wide"),
    ]


def ask(rounds: int) -> Answer:
    table = train("wide", "1024-1024-1024-1024-10, batch 512", peers(), rounds)
    table.claim(1.0)
    table.claims.append(share_of(table, 0.85, "NumPy's sgemm"))
    return Answer("Wide dense layers", [table])
