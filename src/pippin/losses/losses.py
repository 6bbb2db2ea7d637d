"""Keras's losses, as functions (a number per example) and as classes (with a reduction)."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.loss import LossFunctionWrapper, same_rank
from pippin.ops.operation import operation


@operation(2)
def mean_squared_error(y_true, y_pred):
    """mean((y_true - y_pred)²) over the last axis."""
    y_true, y_pred = same_rank(y_true.cast("float32"), y_pred)
    return ops.square(y_true - y_pred).mean([-1])


@operation(2)
def mean_absolute_error(y_true, y_pred):
    """mean(|y_true - y_pred|) over the last axis."""
    y_true, y_pred = same_rank(y_true.cast("float32"), y_pred)
    return ops.absolute(y_true - y_pred).mean([-1])


@operation(2)
def categorical_crossentropy(
    y_true, y_pred, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
):
    """-Σ y_true · ln(y_pred): how surprised the prediction is by the truth, given as one-hot rows."""
    y_true = y_true.cast("float32")
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_pred.shape[-1]
    return ops.categorical_crossentropy(y_true, y_pred, from_logits, axis)


@operation(2)
def sparse_categorical_crossentropy(
    y_true, y_pred, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
):
    """-ln(y_pred of the true class): how surprised the prediction is by the truth, given as class numbers."""
    if y_true.rank == y_pred.rank and y_true.shape[-1] == 1:
        y_true = y_true.reshape(y_true.shape[:-1])
    found = ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits, axis)
    return found if ignore_class is None else y_true.cast("int32").equal(ignore_class).where(0.0, found)


@operation(2)
def binary_crossentropy(
    y_true, y_pred, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
):
    """The cross-entropy of yes/no questions, averaged over the last axis."""
    y_true, y_pred = same_rank(y_true.cast("float32"), y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.binary_crossentropy(y_true, y_pred, from_logits).mean([axis])


class MeanSquaredError(LossFunctionWrapper):
    """The mean of squared differences."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name)


class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of absolute differences."""

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name)


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot labels."""

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
        reduction: str | None = "sum_over_batch_size", name: str = "categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of labels that are class numbers."""

    def __init__(
        self, from_logits: bool = False, ignore_class: int | None = None, reduction: str | None = "sum_over_batch_size",
        axis: int = -1, name: str = "sparse_categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes/no labels (1 or 0)."""

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
        reduction: str | None = "sum_over_batch_size", name: str = "binary_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
