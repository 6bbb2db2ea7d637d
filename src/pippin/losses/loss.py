"""What a loss is: a number for each example, and how these become the one number that training makes smaller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.naming import auto_name, snake_case
from pippin.ops.masks import both, mask_of
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.program import Symbol
from pippin.saving.configured import Configured

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


@operation(2)
def same_rank(x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    """(batch,) beside (batch, 1) gets the missing axis; (batch, n) beside (batch, n, 1) lets the other lose it."""
    for longer, shorter in ((x1, x2), (x2, x1)):
        if longer.rank != shorter.rank + 1 or longer.shape[-1] != 1:
            continue
        if shorter.rank == 1:
            expanded = shorter.reshape((*shorter.shape, 1))
            return (longer, expanded) if longer is x1 else (expanded, longer)
        squeezed = longer.reshape(longer.shape[:-1])
        return (squeezed, shorter) if longer is x1 else (shorter, squeezed)
    return x1, x2


def aligned(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Targets and predictions as floats, of one rank."""
    y_true, y_pred = same_rank(as_float(y_true), as_float(y_pred))
    if y_true.rank != y_pred.rank:
        # NumPy's broadcasting would pair examples with features here, and train garbage.
        raise ShapeError(f"expected targets of shape {y_pred.shape} like the predictions, received {y_true.shape}.")
    return y_true, y_pred


@operation(3)
def reduced(values: Tensor, sample_weight: Tensor, mask: Tensor, reduction: str | None) -> Tensor:
    """The values, weighed and made one number. What the mask leaves out counts neither in the sum nor in the mean."""
    weight = _weights(values, sample_weight, mask, reduction)
    if weight is not None:
        values, weight = same_rank(values, weight)
        values = values * _for_each(weight, values)
    if reduction in ("none", None) or values.shape in ((), (0,)):
        return values
    total = values.sum()
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        return ops.divide_no_nan(total, weight.sum())
    return total / float(max(1, values.size))


def _weights(values: Tensor, sample_weight: Tensor, mask: Tensor, reduction: str | None) -> Tensor:
    weight = sample_weight
    if weight is not None:
        weight = as_float(weight) if isinstance(weight, Symbol) else values.trace.symbol(float(weight))
    if mask is None:
        return weight
    counted = mask.cast("float32")
    if reduction in ("mean", "sum_over_batch_size"):
        # The mean divides by all values; this makes up for those that are masked.
        counted = counted * ops.divide_no_nan(values.trace.symbol(float(counted.size)), counted.sum())
    if weight is None:
        return counted
    counted, weight = same_rank(counted, weight)
    return counted * _for_each(weight, counted)


def _for_each(weight: Tensor, values: Tensor) -> Tensor:
    """Weights of whole examples, or of their first axes, count for all that lies behind these."""
    if 0 < weight.rank < values.rank and weight.shape == values.shape[: weight.rank]:
        return weight.reshape((*weight.shape, *[1] * (values.rank - weight.rank)))
    return weight


@operation(2)
def masked_weight(sample_weight: Tensor, mask: Tensor) -> Tensor:
    """Weights that are 0 where a mask is false; the mask as weights if there are none."""
    counted = mask.cast("float32")
    if sample_weight is None:
        return counted
    weight = as_float(sample_weight) if isinstance(sample_weight, Symbol) else mask.trace.symbol(float(sample_weight))
    counted, weight = same_rank(counted, weight)
    return counted * _for_each(weight, counted)


class Loss(Configured):
    """The base of losses: `call(y_true, y_pred)` gives one number per example (or more), `reduction` makes them one."""

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        if reduction not in REDUCTIONS:
            known = ", ".join(map(repr, REDUCTIONS))
            raise SettingError(
                f"Invalid value for argument `reduction`. Expected one of {known}. Received: reduction={reduction}"
            )
        self.name = name or auto_name(snake_case(type(self).__name__))
        self.reduction = reduction

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__}: a loss defines call(y_true, y_pred).")

    def labels(self, y_true: Tensor) -> Tensor:
        """Targets as `call` gets them: floats, unless the loss wants whole numbers."""
        return ops.cast(y_true, "float32")

    def mask(self, y_true: Tensor, y_pred: Tensor, values: Tensor) -> Tensor:
        """True where a value of `call` counts; None where all do."""
        return None

    def __call__(self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None) -> Tensor:
        truth = self.labels(y_true)
        try:
            values = self.call(truth, y_pred)
            if isinstance(values, Symbol):
                values.trace.notes.losses.append(values.value)
            mask = both(mask_of(y_pred), self.mask(truth, y_pred, values))
            return reduced(values, sample_weight, mask, self.reduction)
        except ShapeError as error:
            raise ShapeError(f'loss "{self.name}": {error}') from None

    def get_config(self) -> dict[str, Any]:
        config = {name: value for name, value in super().get_config().items() if name != "dtype"}
        return {**config, "name": self.name, "reduction": self.reduction}


class LossFunctionWrapper(Loss):
    """A function of (y_true, y_pred, **settings) as a loss. The settings can be read as attributes."""

    def __init__(
        self, fn: Callable[..., Any], reduction: str | None = "sum_over_batch_size", name: str | None = None,
        dtype: Any = None, **settings: Any,
    ) -> None:  # fmt: skip
        super().__init__(name, reduction)
        self.fn = fn
        self.settings = settings
        for word, value in settings.items():
            setattr(self, word, value)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.fn(*same_rank(y_true, y_pred), **self.settings)
