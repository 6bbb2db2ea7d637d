"""One sample through `model(x)`, from Python, beside onnxruntime."""

from __future__ import annotations

import numpy as np

from benchmarks.answer import Answer, Table
from benchmarks.timing import in_turn, peer, pippin

NETWORKS = {"step": ("16-32-16-2", 3), "mlp32": ("784-128-10", 1.5), "lenet32": ("LeNet-5", 1.5)}


def ask(rounds: int) -> Answer:
    return Answer("One sample through model(x)", [table(name, rounds) for name in NETWORKS])


def table(name: str, rounds: int) -> Table:
    title, times = NETWORKS[name]
    outcomes = in_turn([
        pippin("Pippin, model(x)", "one_pippin", name),
        peer("onnxruntime, run", "one_onnx", name),
        peer("onnxruntime, io-binding", "one_onnx", name, '{"binding": true}'),
    ], rounds)  # fmt: skip
    for outcome in outcomes[1:]:
        # Sums in another order: a few units in the last place of probabilities.
        np.testing.assert_allclose(outcome.told["scores"], outcomes[0].told["scores"], atol=1e-6)
    found = Table(f"{title}, one sample", "µs", outcomes, 1e6)
    found.claim(times, "onnxruntime, run")
    return found
