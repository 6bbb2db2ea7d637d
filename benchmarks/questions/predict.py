"""`model.predict` of one row with verbose=0, the article's network."""

from __future__ import annotations

from benchmarks.answer import Answer, Table
from benchmarks.timing import in_turn, keras, peer, pippin


def ask(rounds: int) -> Answer:
    outcomes = in_turn([
        pippin("Pippin", "predict_keras", "step"),
        peer("scikit-learn", "predict_sklearn", "step"),
        keras("jax", "predict_keras", "step"),
        keras("tensorflow", "predict_keras", "step"),
    ], rounds)  # fmt: skip
    table = Table("predict of one row", "µs", outcomes, 1e6)
    table.claim(5, "scikit-learn")
    return Answer("model.predict of one row", [table])
