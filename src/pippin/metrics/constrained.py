"""The best that one rate of yes/no predictions can be while another is at least so large, over many thresholds."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.metrics.counts import COUNTS, Thresholds, confusion
from pippin.metrics.metric import Metric
from pippin.ops.operation import operation
from pippin.ops.types import Tensor


class _Best(Metric):
    """Counts at thresholds from 0 to 1. `rates` gives (the rate that is held, the rate that is asked for)."""

    def __init__(
        self, word: str, least: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        super().__init__(dtype, name)
        kind = type(self).__name__
        if not 0 <= least <= 1:
            raise SettingError(f"{kind}: Argument `{word}` must be in the range [0, 1]. Received: {least!r}")
        if num_thresholds <= 0:
            raise SettingError(
                f"{kind}: Argument `num_thresholds` must be an integer > 0. Received: {num_thresholds!r}"
            )
        self._least, self.num_thresholds, self.class_id = float(least), num_thresholds, class_id
        steps = num_thresholds - 1
        self.thresholds = [0.5] if not steps else [place / steps for place in range(num_thresholds)]
        self._limits = Thresholds(tuple(self.thresholds), even=bool(steps))
        self._counts = [self.add_variable((num_thresholds,), name=count) for count in COUNTS]
        self.true_positives, self.false_positives, self.true_negatives, self.false_negatives = self._counts

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        found = confusion(y_true, y_pred, sample_weight, self._limits, class_id=self.class_id)
        for variable, count in zip(self._counts, found, strict=True):
            variable.assign(variable + count)

    def result(self) -> Any:
        held, asked = self.rates(*self._counts)
        return _best(held, asked, self._least)

    def rates(self, hits: Any, alarms: Any, quiet: Any, misses: Any) -> tuple[Any, Any]:
        raise NotImplementedError


@operation(2)
def _best(held: Tensor, asked: Tensor, least: float) -> Tensor:
    return (held >= least).where(asked, 0.0).max()


def _share(part: Any, rest: Any) -> Any:
    return ops.divide_no_nan(part, part + rest)


class SensitivityAtSpecificity(_Best):
    """The largest share of positives that is found while at least `specificity` of the negatives is left alone."""

    def __init__(
        self, specificity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__("specificity", specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity

    def rates(self, hits: Any, alarms: Any, quiet: Any, misses: Any) -> tuple[Any, Any]:
        return _share(quiet, alarms), _share(hits, misses)


class SpecificityAtSensitivity(_Best):
    """The largest share of negatives that is left alone while at least `sensitivity` of the positives is found."""

    def __init__(
        self, sensitivity: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__("sensitivity", sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity

    def rates(self, hits: Any, alarms: Any, quiet: Any, misses: Any) -> tuple[Any, Any]:
        return _share(hits, misses), _share(quiet, alarms)


class PrecisionAtRecall(_Best):
    """The largest precision while at least `recall` of the positives is found."""

    def __init__(
        self, recall: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__("recall", recall, num_thresholds, class_id, name, dtype)
        self.recall = recall

    def rates(self, hits: Any, alarms: Any, quiet: Any, misses: Any) -> tuple[Any, Any]:
        return _share(hits, misses), _share(hits, alarms)


class RecallAtPrecision(_Best):
    """The largest share of positives that is found while the precision is at least `precision`."""

    def __init__(
        self, precision: float, num_thresholds: int = 200, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__("precision", precision, num_thresholds, class_id, name, dtype)
        self.precision = precision

    def rates(self, hits: Any, alarms: Any, quiet: Any, misses: Any) -> tuple[Any, Any]:
        return _share(hits, alarms), _share(hits, misses)
