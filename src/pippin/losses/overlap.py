"""Losses of areas: how much of truth and prediction do not overlap."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.crossentropy import EPSILON
from pippin.losses.loss import LossFunctionWrapper
from pippin.ops.operation import operation
from pippin.ops.types import Axis, Tensor, as_float


@operation(2)
def dice(y_true: Tensor, y_pred: Tensor, axis: Axis = None) -> Tensor:
    """1 - 2 · overlap / (area of the truth + area of the prediction), over the axes, all if None. Source: Milletari et
    al., "V-Net" (2016), section 3."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    areas = ops.sum(y_true, axis) + ops.sum(y_pred, axis)
    return 1.0 - ops.sum(y_true * y_pred, axis) * 2.0 / (areas + EPSILON)


@operation(2)
def tversky(y_true: Tensor, y_pred: Tensor, alpha: float = 0.5, beta: float = 0.5, axis: Axis = None) -> Tensor:
    """1 - overlap / (overlap + alpha · missed + beta · wrongly called), over the axes, all if None. Source: Salehi et
    al., "Tversky loss function for image segmentation" (2017), equation 3, with Keras's order of alpha and beta."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    overlap = ops.sum(y_true * y_pred, axis)
    missed, wrong = ops.sum((1.0 - y_pred) * y_true, axis), ops.sum(y_pred * (1.0 - y_true), axis)
    return 1.0 - overlap / (overlap + missed * alpha + wrong * beta + EPSILON)


class Dice(LossFunctionWrapper):
    """How far two areas are from lying on each other."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "dice", axis: Axis = None, dtype: Any = None
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """Dice in which what is missed and what is wrongly called count differently."""

    def __init__(
        self, alpha: float = 0.5, beta: float = 0.5, reduction: str | None = "sum_over_batch_size",
        name: str = "tversky", axis: Axis = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
