"""Cross-entropies in which what is predicted well counts less, and one that forgives wrong labels."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.losses.crossentropy import EPSILON, smoothed, smoothed_binary
from pippin.losses.loss import LossFunctionWrapper, aligned
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float


@operation(2)
def binary_focal_crossentropy(
    y_true: Tensor, y_pred: Tensor, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0,
    from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """(1 - p)^gamma times the cross-entropy of yes/no questions, where p is the probability of the right answer; with
    apply_class_balancing a yes counts alpha, a no 1 - alpha. Source: Lin et al., "Focal Loss" (2017), equation 5."""
    y_true, y_pred = aligned(y_true, y_pred)
    y_true = smoothed_binary(y_true, label_smoothing)
    y_pred = ops.sigmoid(y_pred) if from_logits else y_pred
    right = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    loss = ops.power(1.0 - right, float(gamma)) * ops.binary_crossentropy(y_true, y_pred)
    if apply_class_balancing:
        loss = loss * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return loss.mean([axis])


@operation(2)
def categorical_focal_crossentropy(
    y_true: Tensor, y_pred: Tensor, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False,
    label_smoothing: float = 0.0, axis: int = -1,
) -> Tensor:  # fmt: skip
    """-alpha · Σ (1 - y_pred)^gamma · y_true · ln(y_pred), with the truth as one-hot rows. Source: Lin et al. (2017),
    equation 5."""
    y_true, y_pred = smoothed(as_float(y_true), label_smoothing), as_float(y_pred)
    y_pred = ops.softmax(y_pred, axis) if from_logits else y_pred
    shares = ops.clip(y_pred / y_pred.sum([axis], keepdims=True), EPSILON, 1.0 - EPSILON)
    return (ops.power(1.0 - shares, float(gamma)) * y_true * shares.log()).sum([axis]) * -alpha


@operation(2)
def categorical_generalized_cross_entropy(y_true: Tensor, y_pred: Tensor, q: float) -> Tensor:
    """(1 - p^q) / q, where p is the probability of the true class, given by its number: q near 0 is cross-entropy, 1
    the absolute error. Source: Zhang and Sabuncu, "Generalized Cross Entropy Loss" (2018), equation 6."""
    truth = ops.one_hot(ops.cast(y_true, "int32"), y_pred.shape[-1])
    return (1.0 - ops.power((as_float(y_pred) * truth).sum([-1]), float(q))) / float(q)


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of yes/no labels in which easy examples count little."""

    def __init__(
        self, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False,
        label_smoothing: float = 0.0, axis: int = -1, reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            binary_focal_crossentropy, reduction, name, dtype, apply_class_balancing=apply_class_balancing, alpha=alpha,
            gamma=gamma, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """Cross-entropy of one-hot labels in which easy examples count little."""

    def __init__(
        self, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0,
        axis: int = -1, reduction: str | None = "sum_over_batch_size", name: str = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            categorical_focal_crossentropy, reduction, name, dtype, alpha=alpha, gamma=gamma, from_logits=from_logits,
            label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """Cross-entropy of class numbers some of which may be wrong."""

    def __init__(
        self, q: float = 0.5, reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy", dtype: Any = None,
    ) -> None:  # fmt: skip
        if not 0 < q < 1:
            raise SettingError(
                f"CategoricalGeneralizedCrossEntropy q: expected a number between 0 and 1, received {q!r}."
            )
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)

    def labels(self, y_true: Tensor) -> Tensor:
        return y_true
