"""Intersection over union: how well areas of classes lie on each other, from a table of true and predicted classes."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.losses.crossentropy import EPSILON
from pippin.metrics.metric import Metric
from pippin.ops.operation import operation
from pippin.ops.types import Tensor
from pippin.primitives import FLOAT, INT, TABLE


class IoU(Metric):
    """The mean over `target_class_ids` of true positives / (true positives + false positives + false negatives).

    Labels and predictions are class numbers, or, if they are not sparse, one number for each class along `axis`.
    Numbers that are no class, and labels of `ignore_class`, don't count; neither do classes that never occur.
    """

    def __init__(
        self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(dtype or INT, name)
        if max(target_class_ids) >= num_classes:
            raise SettingError(
                f"{type(self).__name__} target_class_ids: expected numbers below num_classes={num_classes}, received "
                f"{list(target_class_ids)}."
            )
        self.num_classes, self.target_class_ids = num_classes, list(target_class_ids)
        self.ignore_class, self.axis = ignore_class, axis
        self.sparse_y_true, self.sparse_y_pred = sparse_y_true, sparse_y_pred
        kind = INT if "int" in self.dtype else FLOAT
        self.total_cm = self.add_variable((num_classes, num_classes), dtype=kind, name="total_confusion_matrix")

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        y_true = y_true if self.sparse_y_true else ops.argmax(y_true, self.axis)
        y_pred = y_pred if self.sparse_y_pred else ops.argmax(y_pred, self.axis)
        if self.total_cm.dtype == INT and "float" in str(getattr(sample_weight, "dtype", "")):
            warnings.warn(
                f"{self.name}: a weight is float, the counts are int: casting cuts its fraction. Give dtype='float32' "
                "to keep it.",
                stacklevel=2,
            )
        table = _confusion_matrix(
            y_true, y_pred, sample_weight, self.num_classes, self.ignore_class, self.total_cm.dtype
        )
        self.total_cm.assign(self.total_cm + table)

    def result(self) -> Any:
        return _mean_overlap(self.total_cm, tuple(self.target_class_ids))


@operation(3)
def _confusion_matrix(
    y_true: Tensor, y_pred: Tensor, sample_weight: Tensor, count: int, ignored: int | None, kind: str
) -> Tensor:
    """(true classes, predicted classes): the sum of weights."""
    y_true, y_pred = (ops.cast(y, INT).reshape((y.size,)) for y in (y_true, y_pred))
    valid = (y_true >= 0) & (y_true < count) & (y_pred >= 0) & (y_pred < count)
    if ignored is not None:
        valid = valid & ~y_true.equal(ignored)
    weight = y_true.trace.symbol(1) if sample_weight is None else sample_weight
    weight = ops.cast(ops.cast(weight, kind), FLOAT)  # whole numbers lose their fractions before they are added
    weight = weight.reshape((weight.size,)) if weight.rank > 1 else weight
    weight = valid.where(weight.broadcast_to(y_true.shape), 0.0)
    places = valid.where(y_true * count + y_pred, 0)
    table = TABLE["scatter_add"](places, weight, length=count * count)
    return ops.cast(table.reshape((count, count)), kind)


@operation(1)
def _mean_overlap(table: Tensor, targets: tuple[int, ...]) -> Tensor:
    table = ops.cast(table, FLOAT)
    hits = (table * ops.eye(table.shape[0])).sum([1])
    union = table.sum([0]) + table.sum([1]) - hits
    hits, union = (ops.stack([counts[place] for place in targets]) for counts in (hits, union))
    occurs = union > 1e-9
    overlap = occurs.where(hits / (union + EPSILON), 0.0)
    return overlap.sum() / (ops.cast(occurs, FLOAT).sum() + EPSILON)


class BinaryIoU(IoU):
    """IoU of yes/no predictions, which say yes from the threshold on."""

    def __init__(
        self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5, name: str | None = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> None:
        said = ops.cast(ops.greater_equal(ops.cast(y_pred, FLOAT), self.threshold), INT)
        super().update_state(y_true, said, sample_weight)


class MeanIoU(IoU):
    """IoU averaged over all classes."""

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_true: bool = True, sparse_y_pred: bool = True, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(
            num_classes, range(num_classes), name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )  # fmt: skip


class OneHotIoU(IoU):
    """IoU of one-hot labels."""

    def __init__(
        self, num_classes: int, target_class_ids: Sequence[int], name: str | None = None, dtype: Any = None,
        ignore_class: int | None = None, sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


class OneHotMeanIoU(MeanIoU):
    """IoU of one-hot labels, averaged over all classes."""

    def __init__(
        self, num_classes: int, name: str | None = None, dtype: Any = None, ignore_class: int | None = None,
        sparse_y_pred: bool = False, axis: int = -1,
    ) -> None:  # fmt: skip
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)
