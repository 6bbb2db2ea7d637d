"""What a loss is: a number for each example, and how these become the one number that training makes smaller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin import ops
from pippin.errors import unknown
from pippin.ops.operation import operation
from pippin.saving.configured import Configured

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


def same_rank(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """(batch,) targets beside (batch, 1) predictions get the missing axis, and the other way round."""
    if y_true.rank == y_pred.rank - 1 and y_pred.shape[-1] == 1:
        y_true = y_true.reshape((*y_true.shape, 1))
    elif y_true.rank == y_pred.rank + 1 and y_true.shape[-1] == 1:
        y_true = y_true.reshape(y_true.shape[:-1])
    return y_true, y_pred


@operation(3)
def _reduced(values, sample_weight, mask, reduction):
    count = values.size
    if sample_weight is not None:
        weight = sample_weight.cast("float32")
        while weight.rank < values.rank:
            weight = weight.reshape((*weight.shape, 1))
        while weight.rank > values.rank and weight.shape[-1] == 1:
            weight = weight.reshape(weight.shape[:-1])
        values = values * weight
        if reduction == "mean_with_sample_weight":
            return ops.divide_no_nan(values.sum(), weight.broadcast_to(values.shape).sum())
    if reduction in ("none", None):
        return values
    return values.sum() if reduction == "sum" else values.sum() / float(max(1, count))


class Loss(Configured):
    """The base of losses: `call(y_true, y_pred)` gives one number per example (or more), `reduction` makes them one."""

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction not in REDUCTIONS:
            raise unknown("reduction", reduction, [r for r in REDUCTIONS if r])
        self.name = name or type(self).__name__
        self.reduction = reduction

    def call(self, y_true: Any, y_pred: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a loss defines call(y_true, y_pred).")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        return _reduced(self.call(y_true, y_pred), sample_weight, None, self.reduction)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "reduction": self.reduction,
            **{k: v for k, v in super().get_config().items() if k not in ("name", "reduction", "dtype")},
        }


class LossFunctionWrapper(Loss):
    """A function of (y_true, y_pred, **settings) as a loss."""

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **settings: Any,
    ) -> None:
        super().__init__(name or fn.__name__, reduction)
        self.fn = fn
        self.settings = settings

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.fn(y_true, y_pred, **self.settings)
