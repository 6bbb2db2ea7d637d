"""The area under a curve that is drawn by moving the threshold between yes and no from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.metrics.counts import COUNTS, Thresholds, confusion, evenly_spread, threshold_error
from pippin.metrics.metric import Metric
from pippin.ops.operation import operation
from pippin.ops.types import Tensor
from pippin.program import Variable

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATIONS = ("interpolation", "minoring", "majoring")


class AUC(Metric):
    """The area under the ROC curve (recall over the share of false alarms; 0.5 is guessing, 1 is perfect), the PR curve
    or the PRGAIN curve (precision over recall, or what they gain over always saying yes).

    With `multi_label` there is a curve for each label, and the areas are averaged, weighed by `label_weights`.

    Drawn through `num_thresholds` points. Sources: Fawcett, "An introduction to ROC analysis" (2006); for interpolating
    the PR curve: Davis and Goadrich, "The relationship between precision-recall and ROC curves" (2006), section 4;
    for PRGAIN: Flach and Kull, "Precision-Recall-Gain Curves" (2015), equation 3.
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        self.curve = _word("curve", curve, str(curve).upper(), CURVES)
        self.summation_method = _word(
            "summation method", summation_method, str(summation_method).lower(), SUMMATIONS
        )
        self._limits = _limits(num_thresholds, thresholds)
        self.num_thresholds = len(self._limits.values)
        self._has_thresholds = thresholds is not None
        self.multi_label, self.num_labels, self.from_logits = multi_label, num_labels, from_logits
        if num_labels and not multi_label:
            raise SettingError(f"AUC num_labels: expected multi_label=True beside it, received {num_labels}.")
        self.label_weights = None if label_weights is None else [float(weight) for weight in label_weights]
        if self.label_weights is not None and min(self.label_weights) < 0:
            raise SettingError(f"AUC label_weights: expected numbers of 0 or more, received {self.label_weights}.")
        self._counts: list[Variable] = []
        if not multi_label or num_labels:
            self._make_counts(num_labels)

    def _make_counts(self, labels: int | None) -> None:
        if self.label_weights is not None and labels is not None and len(self.label_weights) != labels:
            raise SettingError(
                f"AUC label_weights: expected {labels}, one for each label, received {len(self.label_weights)}."
            )
        shape = (self.num_thresholds,) if labels is None else (self.num_thresholds, labels)
        self._counts = [self.add_variable(shape, name=word) for word in COUNTS]
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = self._counts

    @property
    def thresholds(self) -> list[float]:
        """All that the curve is drawn through, those just outside of 0 and 1 included."""
        return list(self._limits.values)

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        if self.from_logits:
            y_pred = ops.sigmoid(y_pred)
        shape = ops.shape(y_pred)
        if self.multi_label and (len(shape) != 2 or (self._counts and shape[1] != self._counts[0].shape[1])):
            labels = "labels" if not self._counts else self._counts[0].shape[1]
            raise ShapeError(f"AUC multi_label: expected predictions of shape (batch, {labels}), received {shape}.")
        if not self._counts:
            self._make_counts(shape[1])
        # With a curve for each label, the weights count when the areas are averaged.
        weights = None if self.multi_label else self._weights()
        found = confusion(
            y_true, y_pred, sample_weight, self._limits, label_weights=weights, by_label=self.multi_label
        )  # fmt: skip
        for variable, count in zip(self._counts, found, strict=True):
            variable.assign(variable + count)

    def result(self) -> Any:
        areas = _area(*self._counts, self.curve, self.summation_method)
        if not self.multi_label:
            return areas
        weights = self._weights()
        return ops.mean(areas) if weights is None else ops.divide_no_nan(ops.sum(areas * weights), float(weights.sum()))

    def _weights(self) -> np.ndarray | None:
        return None if self.label_weights is None else np.asarray(self.label_weights, np.float32)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["thresholds"]  # Keras writes them only when they were given
        return {**config, "thresholds": self.thresholds[1:-1]} if self._has_thresholds else config


def _word(argument: str, given: str, spelt: str, allowed: tuple[str, ...]) -> str:
    if spelt not in allowed:
        raise SettingError(f'Invalid AUC {argument} value: "{given}". Expected one of {", ".join(allowed)}.')
    return spelt


def _limits(count: int, given: Sequence[float] | None) -> Thresholds:
    """The thresholds between 0 and 1, with one just outside on either side, so that all and none are among the
    points."""
    if given is None:
        if isinstance(count, bool) or not hasattr(count, "__index__") or count <= 1:
            raise SettingError(f"AUC: Argument `num_thresholds` must be an integer > 1. Received: {count!r}")
        inner = [(place + 1) / (count - 1) for place in range(count - 2)]
        return Thresholds((-1e-7, *inner, 1 + 1e-7), even=True, open=True)
    if any(not 0 <= threshold <= 1 for threshold in given):
        raise threshold_error("AUC", given)
    inner = sorted(map(float, given))
    return Thresholds((-1e-7, *inner, 1 + 1e-7), evenly_spread([0.0, *inner, 1.0]), open=True)


@operation(4)
def _area(hits: Tensor, alarms: Tensor, quiet: Tensor, misses: Tensor, curve: str, summation: str) -> Tensor:
    if curve == "PR" and summation == "interpolation":
        return _interpolated_precision(hits, alarms, misses)
    recall = ops.divide_no_nan(hits, hits + misses)
    if curve == "ROC":
        x, y = ops.divide_no_nan(alarms, alarms + quiet), recall
    elif curve == "PR":
        x, y = recall, ops.divide_no_nan(hits, hits + alarms)
    else:
        x, y = _gains(hits, alarms, quiet, misses)
    left, right = y[:-1], y[1:]
    heights = {
        "interpolation": lambda: (left + right) / 2.0,
        "minoring": lambda: ops.minimum(left, right),
        "majoring": lambda: ops.maximum(left, right),
    }[summation]()
    return ((x[:-1] - x[1:]) * heights).sum([0])


def _gains(hits: Tensor, alarms: Tensor, quiet: Tensor, misses: Tensor) -> tuple[Tensor, Tensor]:
    """How much better recall and precision are than those of always saying yes; never less than 0 for recall."""
    scale, none = ops.divide_no_nan(hits + misses, quiet + alarms), hits.equal(0.0)
    recall = ops.maximum(1.0 - scale * ops.divide_no_nan(misses, hits), 0.0)
    return none.where(0.0, recall), none.where(1.0, 1.0 - scale * ops.divide_no_nan(alarms, hits))


def _interpolated_precision(hits: Tensor, alarms: Tensor, misses: Tensor) -> Tensor:
    """The area under the precision-recall curve whose counts, not ratios, are straight between points."""
    called = hits + alarms
    gained, step = hits[:-1] - hits[1:], called[:-1] - called[1:]
    slope = ops.divide_no_nan(gained, ops.maximum(step, 0.0))
    start = hits[1:] - slope * called[1:]
    both = (called[:-1] > 0.0) & (called[1:] > 0.0)
    ratio = both.where(ops.divide_no_nan(called[:-1], ops.maximum(called[1:], 0.0)), 1.0)
    share = ops.divide_no_nan(slope * (gained + start * ratio.log()), ops.maximum(hits[1:] + misses[1:], 0.0))
    return share.sum([0])
