"""Metrics of yes/no predictions that count at thresholds: the four counts, precision and recall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pippin import ops
from pippin.metrics.counts import BELOW_ALL, Thresholds, confusion
from pippin.metrics.metric import Metric
from pippin.ops.types import Tensor
from pippin.program import Variable

Given = float | Sequence[float] | None


class _Counting(Metric):
    """Keeps some of the four counts, one number for each threshold. `KEPT` says where they stand in `confusion`'s
    answer."""

    KEPT: ClassVar[dict[str, int]]

    def __init__(
        self, thresholds: Given, top_k: int | None, class_id: int | None, name: str | None, dtype: Any
    ) -> None:
        super().__init__(dtype, name)
        self.thresholds, self.top_k, self.class_id = thresholds, top_k, class_id
        self._limits = Thresholds.of(type(self).__name__, thresholds, 0.5 if top_k is None else BELOW_ALL)
        self._kept: dict[str, Variable] = {
            word: self.add_variable((len(self._limits.values),), name=word) for word in self.KEPT
        }
        for word, variable in self._kept.items():
            setattr(self, word, variable)

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        found = confusion(y_true, y_pred, sample_weight, self._limits, self.top_k, self.class_id)
        for word, place in self.KEPT.items():
            self._kept[word].assign(self._kept[word] + found[place])

    def _one_or_all(self, figures: Tensor) -> Any:
        return figures[0] if len(self._limits.values) == 1 else figures


class _Count(_Counting):
    """One of the four counts."""

    def __init__(self, thresholds: Given = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(thresholds, None, None, name, dtype)

    def result(self) -> Any:
        return self._one_or_all(ops.copy(self._kept["accumulator"]))


class TruePositives(_Count):
    """How many positives are called positive."""

    KEPT: ClassVar[dict[str, int]] = {"accumulator": 0}


class FalsePositives(_Count):
    """How many negatives are called positive."""

    KEPT: ClassVar[dict[str, int]] = {"accumulator": 1}


class TrueNegatives(_Count):
    """How many negatives are called negative."""

    KEPT: ClassVar[dict[str, int]] = {"accumulator": 2}


class FalseNegatives(_Count):
    """How many positives are called negative."""

    KEPT: ClassVar[dict[str, int]] = {"accumulator": 3}


class Precision(_Counting):
    """What share of those called positive are: true positives / (true + false positives)."""

    KEPT: ClassVar[dict[str, int]] = {"true_positives": 0, "false_positives": 1}

    def __init__(
        self, thresholds: Given = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def result(self) -> Any:
        right, wrong = self._kept.values()
        return self._one_or_all(ops.divide_no_nan(right, right + wrong))


class Recall(_Counting):
    """What share of the positives is found: true positives / (true positives + false negatives)."""

    KEPT: ClassVar[dict[str, int]] = {"true_positives": 0, "false_negatives": 3}

    def __init__(
        self, thresholds: Given = None, top_k: int | None = None, class_id: int | None = None, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def result(self) -> Any:
        found, missed = self._kept.values()
        return self._one_or_all(ops.divide_no_nan(found, found + missed))
