"""The area under a curve that is drawn by moving the threshold between yes and no from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.metrics.counts import Thresholds, confusion, evenly_spread
from pippin.metrics.metric import Metric
from pippin.ops.operation import operation
from pippin.ops.types import Tensor

COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")
CURVES = ("ROC", "PR")
SUMMATIONS = ("interpolation", "minoring", "majoring")


class AUC(Metric):
    """The area under the ROC curve (recall over the share of false alarms; 0.5 is guessing, 1 is perfect) or the PR
    curve.

    Drawn through `num_thresholds` points. Sources: Fawcett, "An introduction to ROC analysis" (2006); for interpolating
    the PR curve: Davis and Goadrich, "The relationship between precision-recall and ROC curves" (2006), section 4.
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
        self.curve = _word("curve", str(curve).upper(), CURVES)
        self.summation_method = _word("summation_method", str(summation_method).lower(), SUMMATIONS)
        if multi_label or num_labels:
            raise SettingError(
                "AUC multi_label: expected False; Pippin has one curve for all labels. Use one AUC for each label."
            )
        self._limits = _limits(num_thresholds, thresholds)
        self.num_thresholds = len(self._limits.values)
        self.thresholds = None if thresholds is None else sorted(thresholds)
        self.multi_label, self.num_labels, self.from_logits = False, None, from_logits
        self.label_weights = None if label_weights is None else [float(weight) for weight in label_weights]
        self._counts = [self.add_variable((self.num_thresholds,), name=word) for word in COUNTS]

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        if self.from_logits:
            y_pred = ops.sigmoid(y_pred)
        weights = None if self.label_weights is None else np.asarray(self.label_weights, np.float32)
        found = confusion(y_true, y_pred, sample_weight, self._limits, label_weights=weights)
        for variable, count in zip(self._counts, found, strict=True):
            variable.assign(variable + count)

    def result(self) -> Any:
        return _area(*self._counts, self.curve, self.summation_method)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        # Keras writes thresholds only when they were given.
        return {word: value for word, value in config.items() if word != "thresholds" or value is not None}


def _word(argument: str, given: str, allowed: tuple[str, ...]) -> str:
    if given not in allowed:
        raise SettingError(f"AUC {argument}: expected {' or '.join(allowed)}, received {given}.")
    return given


def _limits(count: int, given: Sequence[float] | None) -> Thresholds:
    """The thresholds between 0 and 1, with one just outside on either side, so that all and none are among the
    points."""
    if given is None:
        if isinstance(count, bool) or not hasattr(count, "__index__") or count <= 1:
            raise SettingError(f"AUC num_thresholds: expected a whole number above 1, received {count!r}.")
        inner = [(place + 1) / (count - 1) for place in range(count - 2)]
        return Thresholds((-1e-7, *inner, 1 + 1e-7), even=True, open=True)
    if any(not 0 <= threshold <= 1 for threshold in given):
        raise SettingError(f"AUC thresholds: expected numbers from 0 to 1, received {given!r}.")
    inner = sorted(map(float, given))
    return Thresholds((-1e-7, *inner, 1 + 1e-7), evenly_spread([0.0, *inner, 1.0]), open=True)


@operation(4)
def _area(hits: Tensor, alarms: Tensor, quiet: Tensor, misses: Tensor, curve: str, summation: str) -> Tensor:
    if curve == "PR" and summation == "interpolation":
        return _interpolated_precision(hits, alarms, misses)
    recall = ops.divide_no_nan(hits, hits + misses)
    if curve == "ROC":
        x, y = ops.divide_no_nan(alarms, alarms + quiet), recall
    else:
        x, y = recall, ops.divide_no_nan(hits, hits + alarms)
    left, right = y[:-1], y[1:]
    heights = {
        "interpolation": lambda: (left + right) / 2.0,
        "minoring": lambda: ops.minimum(left, right),
        "majoring": lambda: ops.maximum(left, right),
    }[summation]()
    return ((x[:-1] - x[1:]) * heights).sum()


def _interpolated_precision(hits: Tensor, alarms: Tensor, misses: Tensor) -> Tensor:
    """The area under the precision-recall curve whose counts, not ratios, are straight between points."""
    called = hits + alarms
    gained, step = hits[:-1] - hits[1:], called[:-1] - called[1:]
    slope = ops.divide_no_nan(gained, ops.maximum(step, 0.0))
    start = hits[1:] - slope * called[1:]
    both = (called[:-1] > 0.0) & (called[1:] > 0.0)
    ratio = both.where(ops.divide_no_nan(called[:-1], ops.maximum(called[1:], 0.0)), 1.0)
    share = ops.divide_no_nan(slope * (gained + start * ratio.log()), ops.maximum(hits[1:] + misses[1:], 0.0))
    return share.sum()
