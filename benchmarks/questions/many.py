"""64 networks of the article's size with different seeds, 1 000 samples, 20 epochs, batch 32: a warm call."""

from __future__ import annotations

from benchmarks.answer import Answer, Table
from benchmarks.timing import in_turn, peer, pippin
from benchmarks.training import check_losses


def ask(rounds: int) -> Answer:
    outcomes = in_turn([
        pippin("Pippin, fit_many", "many_pippin", "many"),
        peer("JAX, vmap of a lax.scan", "many_jax", "many"),
        peer("PyTorch, stacked weights", "many_torch", "many", home="torch"),
        peer("scikit-learn, on all cores", "many_sklearn", "many"),
    ], rounds)  # fmt: skip
    check_losses("many", outcomes)
    table = Table("64 small networks", "s", outcomes)
    table.claim(3, "JAX, vmap of a lax.scan")
    return Answer("64 networks of the article's size at once", [table])
