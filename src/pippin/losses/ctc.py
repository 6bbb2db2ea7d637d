"""Connectionist temporal classification: the loss of a sequence whose labels are not placed in time."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.loss import LossFunctionWrapper
from pippin.ops.operation import operation
from pippin.ops.types import Tensor


@operation(2)
def ctc(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """-ln of the probability of each sequence of labels (batch, length), 0 behind their end, under predictions (batch,
    time, classes) before softmax, where class 0 is the blank; see ops.ctc_loss."""
    lengths = ops.count_nonzero(y_true, -1)
    return ops.ctc_loss(y_true, y_pred, lengths, ops.full((y_pred.shape[0],), y_pred.shape[1], "int32"))


class CTC(LossFunctionWrapper):
    """For speech and handwriting: what is said is known, but not when."""

    def __init__(self, reduction: str | None = "sum_over_batch_size", name: str = "ctc", dtype: Any = None) -> None:
        super().__init__(ctc, reduction, name, dtype)

    def labels(self, y_true: Tensor) -> Tensor:
        return y_true
