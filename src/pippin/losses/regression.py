"""Losses of numbers: how far a prediction lies from the truth."""

from __future__ import annotations

from math import log
from typing import Any

from pippin import ops
from pippin.losses.crossentropy import EPSILON
from pippin.losses.loss import LossFunctionWrapper, aligned
from pippin.ops.operation import operation
from pippin.ops.types import Tensor

MEAN = "sum_over_batch_size"


@operation(2)
def mean_squared_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean((y_true - y_pred)²) over the last axis."""
    y_true, y_pred = aligned(y_true, y_pred)
    return ops.square(y_true - y_pred).mean([-1])


@operation(2)
def mean_absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean(|y_true - y_pred|) over the last axis."""
    y_true, y_pred = aligned(y_true, y_pred)
    return abs(y_true - y_pred).mean([-1])


@operation(2)
def mean_absolute_percentage_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """100 · mean(|y_true - y_pred| / |y_true|) over the last axis."""
    y_true, y_pred = aligned(y_true, y_pred)
    return abs((y_true - y_pred) / ops.maximum(abs(y_true), EPSILON)).mean([-1]) * 100.0


@operation(2)
def mean_squared_logarithmic_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean((ln(y_true + 1) - ln(y_pred + 1))²) over the last axis; negative numbers count as 0."""
    truth, prediction = ((ops.maximum(y, EPSILON) + 1.0).log() for y in aligned(y_true, y_pred))
    return ops.square(truth - prediction).mean([-1])


@operation(2)
def huber(y_true: Tensor, y_pred: Tensor, delta: float = 1.0) -> Tensor:
    """Half the squared error up to delta, straight on from there. Source: Huber (1964), equation 2.2."""
    y_true, y_pred = aligned(y_true, y_pred)
    distance = abs(y_pred - y_true)
    straight = distance * delta - 0.5 * delta * delta
    return (distance <= delta).where(ops.square(distance) * 0.5, straight).mean([-1])


@operation(2)
def log_cosh(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean(ln(cosh(y_pred - y_true))) over the last axis: squared when small, absolute when large."""
    y_true, y_pred = aligned(y_true, y_pred)
    error = y_pred - y_true
    return (error + ops.softplus(error * -2.0) - log(2)).mean([-1])


@operation(2)
def poisson(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """mean(y_pred - y_true · ln(y_pred)) over the last axis: for counts."""
    y_true, y_pred = aligned(y_true, y_pred)
    return (y_pred - y_true * (y_pred + EPSILON).log()).mean([-1])


@operation(2)
def cosine_similarity(y_true: Tensor, y_pred: Tensor, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between the two: -1 is the same direction, 1 the opposite."""
    y_true, y_pred = aligned(y_true, y_pred)
    return -(ops.normalize(y_true, axis) * ops.normalize(y_pred, axis)).sum([axis])


class MeanSquaredError(LossFunctionWrapper):
    """The mean of squared differences."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(mean_squared_error, reduction, name)


class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of absolute differences."""

    def __init__(self, reduction: str | None = MEAN, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(mean_absolute_error, reduction, name)


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """The mean of absolute differences, in percent of the truth."""

    def __init__(
        self, reduction: str | None = MEAN, name: str = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """The mean of squared differences of logarithms."""

    def __init__(
        self, reduction: str | None = MEAN, name: str = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name)


class Huber(LossFunctionWrapper):
    """Squared differences up to delta, absolute ones beyond: outliers pull less."""

    def __init__(
        self, delta: float = 1.0, reduction: str | None = MEAN, name: str = "huber_loss", dtype: Any = None
    ) -> None:
        super().__init__(huber, reduction, name, delta=delta)


class LogCosh(LossFunctionWrapper):
    """The logarithm of the hyperbolic cosine of differences."""

    def __init__(self, reduction: str | None = MEAN, name: str = "log_cosh", dtype: Any = None) -> None:
        super().__init__(log_cosh, reduction, name)


class Poisson(LossFunctionWrapper):
    """For predicted rates of counts."""

    def __init__(self, reduction: str | None = MEAN, name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, reduction, name)


class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between truth and prediction."""

    def __init__(
        self, axis: int = -1, reduction: str | None = MEAN, name: str = "cosine_similarity", dtype: Any = None
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, axis=axis)
