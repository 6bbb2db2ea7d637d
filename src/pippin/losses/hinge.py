"""Losses that ask for a margin: a prediction on the right side of 0 costs nothing once it is far enough away."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.loss import LossFunctionWrapper, aligned
from pippin.losses.regression import MEAN
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float


def _shortfall(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """How much each prediction lacks of the margin 1. Labels are -1 and 1; if all are 0 or 1, 0 means -1, as in
    Keras."""
    y_true, y_pred = aligned(y_true, y_pred)
    all_binary = ops.all(y_true.equal(0.0) | y_true.equal(1.0))
    sides = all_binary.where(y_true * 2.0 - 1.0, y_true)
    return ops.maximum(1.0 - sides * y_pred, 0.0)


@operation(2)
def hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean(max(1 - y_true · y_pred, 0)) over the last axis."""
    return _shortfall(y_true, y_pred).mean([-1])


@operation(2)
def squared_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean(max(1 - y_true · y_pred, 0)²) over the last axis."""
    return ops.square(_shortfall(y_true, y_pred)).mean([-1])


@operation(2)
def categorical_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """max(best wrong class - right class + 1, 0), with the truth as one-hot rows."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    right = (y_true * y_pred).sum([-1])
    wrong = ((1.0 - y_true) * y_pred).max([-1])
    return ops.maximum(wrong - right + 1.0, 0.0)


class Hinge(LossFunctionWrapper):
    """What predictions lack of the margin."""

    def __init__(self, reduction: str | None = MEAN, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, reduction, name)


class SquaredHinge(LossFunctionWrapper):
    """The square of what predictions lack of the margin."""

    def __init__(self, reduction: str | None = MEAN, name: str = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, reduction, name)


class CategoricalHinge(LossFunctionWrapper):
    """The margin between the right class and the best wrong one."""

    def __init__(self, reduction: str | None = MEAN, name: str = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(categorical_hinge, reduction, name)
