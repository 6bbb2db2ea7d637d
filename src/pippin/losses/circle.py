"""The circle loss: examples of a class move together, others apart."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.loss import LossFunctionWrapper
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float

NONE_THERE = -1e30
"""The logarithm of a sum of nothing, as a number that a sum of logarithms survives."""


@operation(4)
def circle(
    y_true: Tensor, y_pred: Tensor, ref_labels: Tensor = None, ref_embeddings: Tensor = None,
    remove_diagonal: bool = True, gamma: float = 80, margin: float = 0.4,
) -> Tensor:  # fmt: skip
    """For each example: softplus(ln Σ exp(weighed distances to its class) + ln Σ exp(weighed nearness to others)), 0
    where it has no partner. Embeddings are rows of length 1; without references the batch is compared with itself,
    `remove_diagonal` leaves each example's own place out. Source: Sun et al., "Circle Loss" (2020), equations 4 to
    8."""
    embeddings = as_float(y_pred)
    others = embeddings if ref_embeddings is None else as_float(ref_embeddings)
    labels = ops.cast(y_true, "int32").reshape((y_true.size, 1))
    known = labels if ref_labels is None else ops.cast(ref_labels, "int32").reshape((ref_labels.size, 1))
    distance = ops.maximum(1.0 - embeddings.matmul(others, transpose_b=True), 0.0)
    alike = labels.equal(known.reshape((1, known.size)))
    apart = ~alike
    if remove_diagonal:
        alike = alike & ~ops.cast(ops.eye(labels.size, known.size), "bool")
    pull = (distance + margin) * (margin - distance) * -float(gamma)
    push = ops.maximum(1.0 + margin - distance, 0.0) * (1.0 - margin - distance) * float(gamma)
    together, away = (
        ops.logsumexp(mask.where(weighed, NONE_THERE), 1) for mask, weighed in ((alike, pull), (apart, push))
    )
    return ops.softplus(together + away)


class Circle(LossFunctionWrapper):
    """Embeddings of one class become alike, of different classes unlike. Examples that cost nothing don't count in the
    mean."""

    def __init__(
        self, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size", name: str = "circle", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal)

    def labels(self, y_true: Tensor) -> Tensor:
        return y_true

    def mask(self, y_true: Tensor, y_pred: Tensor, values: Tensor) -> Tensor:
        return ops.greater(values, 0.0)
