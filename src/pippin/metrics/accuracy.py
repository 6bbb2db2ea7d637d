"""How often the prediction is right, in Keras's spellings."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.losses.crossentropy import class_numbers
from pippin.losses.loss import same_rank
from pippin.metrics.metric import MeanMetricWrapper
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import FLOAT


@operation(2)
def accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1 where the two are equal, 0 elsewhere."""
    y_true, y_pred = same_rank(as_float(y_true), as_float(y_pred))
    return y_true.equal(y_pred).cast(FLOAT)


@operation(2)
def binary_accuracy(y_true: Tensor, y_pred: Tensor, threshold: float = 0.5) -> Tensor:
    """1 where a yes/no answer is right; a prediction above the threshold is a yes."""
    y_true, y_pred = same_rank(as_float(y_true), as_float(y_pred))
    return y_true.equal((y_pred > threshold).cast(FLOAT)).cast(FLOAT)


@operation(2)
def categorical_accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1 where the largest prediction stands at the class of the one-hot label."""
    return y_true.argmax(-1).equal(y_pred.argmax(-1)).cast(FLOAT)


@operation(2)
def sparse_categorical_accuracy(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """1 where the largest prediction stands at the class number."""
    return class_numbers(y_true, y_pred, -1).equal(y_pred.argmax(-1)).cast(FLOAT)


@operation(2)
def top_k_categorical_accuracy(y_true: Tensor, y_pred: Tensor, k: int = 5) -> Tensor:
    """1 where the class of the one-hot label is among the k largest predictions."""
    return ops.in_top_k(y_true.argmax(-1), as_float(y_pred), k).cast(FLOAT)


@operation(2)
def sparse_top_k_categorical_accuracy(
    y_true: Tensor, y_pred: Tensor, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """1 where the class number is among the k largest predictions, or among the first k of class numbers in their
    order."""
    if from_sorted_ids:
        first = y_pred[..., :k]
        wanted = as_float(y_true).reshape((*first.shape[:-1], 1))
        return ops.any(as_float(first).equal(wanted), -1).cast(FLOAT)
    return ops.in_top_k(class_numbers(y_true, y_pred, -1), as_float(y_pred), k).cast(FLOAT)


class Accuracy(MeanMetricWrapper):
    """How often labels equal predictions."""

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often yes/no predictions are right."""

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the most likely class is the one of the one-hot label."""

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the most likely class is the one whose number is the label."""

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of the one-hot label is among the k most likely."""

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class whose number is the label is among the k most likely."""

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        # Keras writes this one only when it is set.
        return {word: value for word, value in config.items() if word != "from_sorted_ids" or value}
