"""Losses of classes: how surprised a prediction is by the truth."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.loss import LossFunctionWrapper, aligned
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import INT

EPSILON = 1e-7


@operation(2)
def categorical_crossentropy(
    y_true: Tensor, y_pred: Tensor, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """-Σ y_true · ln(y_pred), with the truth as one-hot rows; label_smoothing shares so much of it among all
    classes."""
    y_true = smoothed(as_float(y_true), label_smoothing)
    return ops.categorical_crossentropy(y_true, as_float(y_pred), from_logits, axis)


def smoothed(y_true: Tensor, share: float) -> Tensor:
    """One-hot rows of which a share is spread over all classes."""
    return y_true * (1.0 - share) + share / y_true.shape[-1] if share else y_true


def smoothed_binary(y_true: Tensor, share: float) -> Tensor:
    """Yes and no of which a share is undecided."""
    return y_true * (1.0 - share) + 0.5 * share if share else y_true


@operation(2)
def sparse_categorical_crossentropy(
    y_true: Tensor, y_pred: Tensor, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Tensor:
    """-ln(y_pred of the true class), with the truth as class numbers; 0 where the truth is ignore_class."""
    y_true, y_pred = class_numbers(y_true, y_pred, axis), as_float(y_pred)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits, axis)
    counts = ~y_true.equal(ignore_class)
    found = ops.sparse_categorical_crossentropy(counts.where(y_true, 0), y_pred, from_logits, axis)
    return counts.where(found, 0.0)


def class_numbers(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """Labels as whole numbers, without the axis of length 1 that stands for the classes."""
    if y_true.rank == y_pred.rank and y_true.shape[axis] == 1:
        place = axis % y_true.rank
        y_true = y_true.reshape(y_true.shape[:place] + y_true.shape[place + 1 :])
    return y_true.cast(INT)


@operation(2)
def not_ignored(y_true: Tensor, y_pred: Tensor, ignore_class: int, axis: int = -1) -> Tensor:
    """True where the class number is not ignore_class."""
    return ~class_numbers(y_true, y_pred, axis).equal(ignore_class)


@operation(2)
def binary_crossentropy(
    y_true: Tensor, y_pred: Tensor, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """The cross-entropy of yes/no questions (1 or 0), averaged over the axis."""
    y_true, y_pred = aligned(y_true, y_pred)
    y_true = smoothed_binary(y_true, label_smoothing)
    return ops.binary_crossentropy(y_true, y_pred, from_logits).mean([axis])


@operation(2)
def kl_divergence(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Σ y_true · ln(y_true / y_pred): how far one distribution is from the other. Source: Kullback and Leibler
    (1951)."""
    truth, prediction = (ops.clip(as_float(y), EPSILON, 1.0) for y in (y_true, y_pred))
    return (truth * (truth / prediction).log()).sum([-1])


class CategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot labels."""

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
        reduction: str | None = "sum_over_batch_size", name: str = "categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        settings = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, reduction, name, **settings)


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of labels that are class numbers. What ignore_class leaves out counts neither in the sum nor in the
    mean."""

    def __init__(
        self, from_logits: bool = False, ignore_class: int | None = None, reduction: str | None = "sum_over_batch_size",
        axis: int = -1, name: str = "sparse_categorical_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        settings = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, reduction, name, **settings)

    def labels(self, y_true: Tensor) -> Tensor:
        return y_true

    def mask(self, y_true: Tensor, y_pred: Tensor, values: Tensor) -> Tensor:
        ignored = self.settings["ignore_class"]
        return None if ignored is None else not_ignored(y_true, y_pred, ignored, self.settings["axis"])


class BinaryCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes/no labels (1 or 0)."""

    def __init__(
        self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
        reduction: str | None = "sum_over_batch_size", name: str = "binary_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        settings = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(binary_crossentropy, reduction, name, **settings)


class KLDivergence(LossFunctionWrapper):
    """How far predicted probabilities are from the true ones."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str = "kl_divergence", dtype: Any = None
    ) -> None:
        super().__init__(kl_divergence, reduction, name)
