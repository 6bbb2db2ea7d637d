"""How much truth and prediction go together."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.crossentropy import EPSILON
from pippin.losses.loss import aligned
from pippin.metrics.metric import MeanMetricWrapper
from pippin.ops.operation import operation
from pippin.ops.types import Tensor


@operation(2)
def pearson_correlation(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """The mean product of both, each moved to mean 0 and stretched to spread 1: from -1 to 1. Source: Pearson
    (1895)."""
    y_true, y_pred = (y - y.mean([axis], keepdims=True) for y in aligned(y_true, y_pred))
    true_spread, spread = (ops.sqrt(ops.square(y).mean([axis], keepdims=True)) for y in (y_true, y_pred))
    return ((y_true / true_spread) * (y_pred / spread)).mean([axis])


@operation(2)
def concordance_correlation(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Pearson's correlation, made smaller where means or spreads differ: 1 only on the line of equality. Source: Lin,
    "A concordance correlation coefficient" (1989), equation 1."""
    y_true, y_pred = aligned(y_true, y_pred)
    true_mean, mean = (y.mean([axis], keepdims=True) for y in (y_true, y_pred))
    true_spread, spread = (
        ops.square(y - middle).mean([axis], keepdims=True) for y, middle in ((y_true, true_mean), (y_pred, mean))
    )
    apart = true_spread + spread + ops.square(true_mean - mean)
    return ((y_true - mean) * (y_pred - mean) * 2.0 / (apart + EPSILON)).mean([axis])


class PearsonCorrelation(MeanMetricWrapper):
    """How well a straight line leads from truth to prediction."""

    def __init__(self, name: str = "pearson_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """How well prediction and truth agree, in place and in scale."""

    def __init__(self, name: str = "concordance_correlation", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
