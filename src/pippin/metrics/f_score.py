"""The F score: precision and recall in one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.losses.crossentropy import EPSILON
from pippin.metrics.metric import Metric
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.program import Variable

AVERAGES = (None, "micro", "macro", "weighted")


def _need_float(kind: str, word: str, value: Any, is_right: Callable[[float], bool], should: str) -> None:
    """Refuse a number that is no float, or not the right one."""
    start = f"{kind}: Invalid `{word}` argument value."
    if not isinstance(value, float):
        raise SettingError(f"{start} It should be a Python float. Received: {word}={value} of type '{type(value)}'")
    if not is_right(value):
        raise SettingError(f"{start} {should} Received: {word}={value}")


class FBetaScore(Metric):
    """(1 + beta²) · precision · recall / (beta² · precision + recall), for each class of one-hot rows (batch, classes).

    A prediction says yes above the threshold; without one, the largest of a row does. `average` None gives a number for
    each class; "micro" counts all classes together, "macro" averages them, "weighted" by how often each occurs. Source:
    van Rijsbergen, "Information Retrieval" (1979), chapter 7.
    """

    def __init__(
        self, average: str | None = None, beta: float = 1.0, threshold: float | None = None, name: str = "fbeta_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(dtype, name)
        kind = type(self).__name__
        if average not in AVERAGES:
            known = ", ".join(map(repr, AVERAGES))
            raise SettingError(
                f"{kind}: Invalid `average` argument value. Expected one of: {{{known}}}. Received: average={average}"
            )
        _need_float(kind, "beta", beta, lambda value: value > 0, "It should be > 0.")
        if threshold is not None:
            _need_float(kind, "threshold", threshold, lambda t: 0 < t <= 1, "It should verify 0 < threshold <= 1.")
        self.average, self.beta, self.threshold = average, beta, threshold
        self._counts: list[Variable] = []

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        self._build(tuple(y_true.shape), tuple(y_pred.shape))
        found = _counted(y_true, y_pred, sample_weight, self.threshold, self.average == "micro")
        for variable, count in zip(self._counts, found, strict=True):
            variable.assign(variable + count)

    def _build(self, true_shape: tuple[int | None, ...], shape: tuple[int | None, ...]) -> None:
        if len(true_shape) != 2 or len(shape) != 2 or shape[1] is None:
            raise ShapeError(
                f"{type(self).__name__}: expected labels and predictions of shape (batch, classes), received "
                f"{true_shape} and {shape}."
            )
        if not self._counts:
            words = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")
            size = () if self.average == "micro" else (int(shape[1]),)
            self._counts = [self.add_variable(size, name=word) for word in words]

    def result(self) -> Any:
        return _f_score(*self._counts, self.average, self.beta)


@operation(3)
def _counted(
    y_true: Tensor, y_pred: Tensor, sample_weight: Tensor, threshold: float | None, together: bool
) -> tuple[Tensor, ...]:
    """True positives, false positives, false negatives and how often each class occurs."""
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    if threshold is None:
        largest = y_pred.max([-1], keepdims=True)
        said = (y_pred >= largest) & (abs(y_pred) > 1e-9)  # a row of zeros says nothing
    else:
        said = y_pred > threshold
    said = as_float(said)
    weight = None if sample_weight is None else as_float(sample_weight).reshape((y_true.shape[0], 1))

    def total(counts: Tensor) -> Tensor:
        return (counts if weight is None else counts * weight).sum(None if together else [0])

    return total(said * y_true), total(said * (1.0 - y_true)), total((1.0 - said) * y_true), total(y_true)


@operation(4)
def _f_score(hits: Tensor, alarms: Tensor, misses: Tensor, weights: Tensor, average: str | None, beta: float) -> Tensor:
    precision, recall = hits / (hits + alarms + EPSILON), hits / (hits + misses + EPSILON)
    score = precision * recall / (precision * beta**2 + recall + EPSILON) * (1.0 + beta**2)
    if average == "weighted":
        return (score * (weights / (weights.sum() + EPSILON))).sum()
    return score if average is None else score.mean()


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall."""

    def __init__(
        self, average: str | None = None, threshold: float | None = None, name: str = "f1_score", dtype: Any = None
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)
