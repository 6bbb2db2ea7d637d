"""The share of the truth's variation that predictions explain."""

from __future__ import annotations

import warnings
from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.losses.loss import same_rank
from pippin.metrics.metric import Metric
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.program import Variable, current_trace

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """1 - squared errors / squared distances from the mean, for each output of (batch, outputs): 1 is perfect, 0 as
    good as always saying the mean. `num_regressors` above 0 corrects for so many inputs (adjusted R²). Source: Wright,
    "Correlation and causation" (1921)."""

    def __init__(
        self, class_aggregation: str | None = "uniform_average", num_regressors: int = 0, name: str = "r2_score",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(dtype, name)
        if class_aggregation not in AGGREGATIONS:
            raise SettingError(
                f"R2Score: Invalid value for argument `class_aggregation`. Expected one of {AGGREGATIONS}. Received: "
                f"class_aggregation={class_aggregation}"
            )
        if num_regressors < 0:
            raise SettingError(f"R2Score num_regressors: expected a number of 0 or more, received {num_regressors!r}.")
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), name="num_samples")
        self._totals: list[Variable] = []

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        y_true, y_pred = same_rank(y_true, y_pred)
        true_shape, shape = (tuple(map(int, y.shape)) for y in (y_true, y_pred))
        if len(true_shape) != 2 or len(shape) != 2:
            raise ShapeError(
                f"R2Score: expected labels and predictions of shape (batch, outputs), received {true_shape} and "
                f"{shape}."
            )
        if not self._totals:
            words = ("squared_sum", "sum", "residual", "count")
            self._totals = [self.add_variable((shape[1],), name=word) for word in words]
        for variable, total in zip(self._totals, _totals(y_true, y_pred, sample_weight), strict=True):
            variable.assign(variable + total)
        self.num_samples.assign(self.num_samples + float(shape[0] * shape[1]))

    def result(self) -> Any:
        spare = self.num_samples - float(self.num_regressors) - 1.0
        if self.num_regressors and current_trace() is None and float(spare) <= 0:
            warnings.warn(
                f"R2Score: expected more examples than num_regressors + 1 = {self.num_regressors + 1}, received "
                f"{int(self.num_samples)}: the score is not adjusted.",
                stacklevel=2,
            )
        return _score(*self._totals, self.num_samples, self.class_aggregation, self.num_regressors)


@operation(3)
def _totals(y_true: Tensor, y_pred: Tensor, sample_weight: Tensor) -> tuple[Tensor, ...]:
    y_true, y_pred = as_float(y_true), as_float(y_pred)
    weight = y_true.trace.symbol(1.0) if sample_weight is None else as_float(sample_weight)
    weight = weight.reshape((*weight.shape, 1)) if weight.rank == 1 else weight
    weight = weight.broadcast_to(y_true.shape)
    weighed = y_true * weight
    return (
        (y_true * weighed).sum([0]),
        weighed.sum([0]),
        (ops.square(y_true - y_pred) * weight).sum([0]),
        weight.sum([0]),
    )


@operation(5)
def _score(
    squares: Tensor, sums: Tensor, errors: Tensor, count: Tensor, samples: Tensor, aggregation: str | None,
    regressors: int,
) -> Tensor:  # fmt: skip
    spread = squares - sums * sums / count
    scores = 1.0 - errors / spread
    scores = ops.where(ops.isinf(scores), 0.0, scores)
    if aggregation == "uniform_average":
        scores = scores.mean()
    elif aggregation is not None:
        scores = (spread * scores).sum() / spread.sum()
    if not regressors:
        return scores
    spare = samples - float(regressors) - 1.0
    adjusted = 1.0 - (1.0 - scores) * (samples - 1.0) / ops.where(ops.greater(spare, 0.0), spare, 1.0)
    return ops.where(ops.greater(spare, 0.0), adjusted, scores)
