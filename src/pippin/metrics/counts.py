"""How many yes/no predictions are right and wrong above each of some thresholds: what precision, recall and AUC are
made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.losses.loss import same_rank
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import BOOL, FLOAT, TABLE

COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
"""In Keras's order, and that of `confusion`."""
# What a prediction counts as that is not among the top k: below any threshold.
BELOW_ALL = -1e10


@dataclass(frozen=True)
class Thresholds:
    """Numbers from 0 to 1 that a prediction must exceed to be a yes.

    `even`: they lie at equal distances from 0 to 1, so that a prediction's place among them is a matter of rounding, as
    Keras computes it. `open`: the first lies a little below 0 and the last a little above 1.
    """

    values: tuple[float, ...]
    even: bool = False
    open: bool = False

    @classmethod
    def of(cls, word: str, given: float | Sequence[float] | None, default: float) -> Thresholds:
        """The thresholds of an argument: one number, several, or the default."""
        listed: list[Any] = [default] if given is None else list(given) if isinstance(given, (list, tuple)) else [given]
        if given is not None and any(t is None or not 0 <= t <= 1 for t in listed):
            raise threshold_error(word, listed)
        return cls(tuple(map(float, listed)), evenly_spread(listed))


def threshold_error(word: str, given: Sequence[Any]) -> SettingError:
    """The error for thresholds of which some are not between 0 and 1."""
    strange = [threshold for threshold in given if threshold is None or not 0 <= threshold <= 1]
    return SettingError(f"{word} thresholds: Threshold values must be in [0, 1]. Received: {strange}")


def evenly_spread(thresholds: Sequence[float]) -> bool:
    """Whether thresholds go from 0 to 1 in equal steps."""
    return len(thresholds) >= 3 and bool(np.allclose(thresholds, np.linspace(0, 1, len(thresholds)), atol=1e-7))


@operation(3)
def confusion(
    y_true: Tensor, y_pred: Tensor, sample_weight: Tensor, thresholds: Thresholds, top_k: int | None = None,
    class_id: int | None = None, label_weights: Tensor = None, by_label: bool = False,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    """(true positives, false positives, true negatives, false negatives), one number for each threshold; `by_label`
    gives (thresholds, labels) for predictions (batch, labels)."""
    y_pred, y_true = same_rank(as_float(y_pred), as_float(y_true))
    if y_pred.shape != y_true.shape:
        raise ShapeError(f"expected labels of shape {y_pred.shape} like the predictions, received {y_true.shape}.")
    weight = _weights(y_true, sample_weight)
    if top_k is not None:
        y_pred = _only_top(y_pred, top_k)
    if class_id is not None and y_pred.rank < 2:
        raise ShapeError(
            "When class_id is provided, y_pred must be a 2D array with shape (num_samples, num_classes), found shape: "
            f"{y_pred.shape}."
        )
    if class_id is not None:
        y_true, y_pred = y_true[..., class_id : class_id + 1], y_pred[..., class_id : class_id + 1]
    weight = weight.broadcast_to(y_pred.shape)
    if label_weights is not None:
        weight = weight * as_float(label_weights)
    positive = y_true.cast(BOOL).cast(FLOAT)
    listed = ops.transpose if by_label else ops.ravel
    sides = ops.stack([listed(positive * weight), listed((1.0 - positive) * weight)], -1)
    # (thresholds, predictions) · (predictions, 2): both sums for all thresholds in one product.
    above = _above(listed(y_pred), thresholds).cast(FLOAT).matmul(sides)
    below = sides.sum([-2], keepdims=True) - above
    counts = above[..., 0], above[..., 1], below[..., 1], below[..., 0]
    return tuple(map(ops.transpose, counts)) if by_label else counts


def _weights(y_true: Tensor, sample_weight: Tensor) -> Tensor:
    """One weight for each example, with axes of length 1 for all that lies behind."""
    if sample_weight is None:
        return y_true.trace.symbol(1.0)
    weight = as_float(sample_weight)
    if weight.rank < y_true.rank:
        weight = weight.reshape((*weight.shape, *[1] * (y_true.rank - weight.rank)))
    return weight if weight.rank <= y_true.rank else weight.reshape(weight.shape[: y_true.rank])


def _only_top(y_pred: Tensor, k: int) -> Tensor:
    """Predictions below the k largest of their row become smaller than any threshold."""
    _, places = ops.top_k(y_pred, k)
    kept = ops.one_hot(places, y_pred.shape[-1]).sum([-2]).cast(BOOL)
    return kept.where(y_pred, BELOW_ALL)


def _above(y_pred: Tensor, thresholds: Thresholds) -> Tensor:
    """(..., thresholds, predictions): true where the prediction exceeds the threshold."""
    count = len(thresholds.values)
    y_pred = y_pred.reshape((*y_pred.shape[:-1], 1, y_pred.shape[-1]))
    if not thresholds.even:
        limits = y_pred.trace.symbol(np.asarray(thresholds.values, np.float32).reshape(count, 1))
        return y_pred > limits
    steps = ops.clip(y_pred, 0.0, 1.0) * float(count - 1)
    place = ops.ceil(steps) - 1.0
    if thresholds.open:
        place = ops.maximum(place, 0.0)
    numbers = y_pred.trace.write(TABLE["iota"], (), {"length": count}).cast(FLOAT)
    return place >= numbers.reshape((count, 1))
