"""How often the prediction is right, in Keras's five spellings."""

from __future__ import annotations

from typing import Any

from pippin.losses.loss import same_rank
from pippin.metrics.metric import MeanMetricWrapper
from pippin.ops.operation import operation


@operation(2)
def accuracy(y_true, y_pred):
    """1 where the two are equal, 0 elsewhere."""
    y_true, y_pred = same_rank(y_true.cast("float32"), y_pred.cast("float32"))
    return y_true.equal(y_pred).cast("float32")


@operation(2)
def binary_accuracy(y_true, y_pred, threshold: float = 0.5):
    """The share of yes/no answers that are right; a prediction above the threshold is a yes."""
    y_true, y_pred = same_rank(y_true.cast("float32"), y_pred)
    return y_true.equal((y_pred > threshold).cast("float32")).cast("float32").mean([-1])


@operation(2)
def categorical_accuracy(y_true, y_pred):
    """1 where the largest prediction stands at the class of the one-hot label."""
    return y_true.argmax(-1).equal(y_pred.argmax(-1)).cast("float32")


@operation(2)
def sparse_categorical_accuracy(y_true, y_pred):
    """1 where the largest prediction stands at the class number."""
    if y_true.rank == y_pred.rank and y_true.shape[-1] == 1:
        y_true = y_true.reshape(y_true.shape[:-1])
    return y_true.cast("int32").equal(y_pred.argmax(-1)).cast("float32")


class Accuracy(MeanMetricWrapper):
    """How often labels equal predictions."""

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often yes/no predictions are right."""

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the most likely class is the one of the one-hot label."""

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the most likely class is the one whose number is the label."""

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)
