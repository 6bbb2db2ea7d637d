"""What a metric is: running totals that each batch adds to, and the figure they stand for. With the plainest: sum and
mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import initializers, ops
from pippin.losses.loss import masked_weight, same_rank
from pippin.naming import auto_name, snake_case
from pippin.ops.masks import mask_of
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.program import Symbol, Variable
from pippin.saving.configured import Configured


class Metric(Configured):
    """The base of metrics. `update_state` adds a batch to the variables, `result` reads the figure, `reset_state`
    starts again.

    All three work on arrays at once, and inside a trace, where they write the lines of the training step.
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(snake_case(type(self).__name__))
        self.dtype = "float32"
        self._variables: list[Variable] = []

    def add_variable(
        self, shape: tuple[int, ...] = (), initializer: Any = "zeros", dtype: str | None = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """A running total: one number, or an array of them."""
        value = np.asarray(initializers.get(initializer or "zeros")(tuple(shape)))
        variable = Variable(value, name=name or "variable", trainable=False, dtype=dtype)
        variable.path = f"metrics/{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: tuple[int, ...] = (),
        initializer: Any = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """Keras's other word for `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        return self._variables

    def update_state(self, *arguments: Any, **keywords: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__}: a metric defines update_state(y_true, y_pred, sample_weight)."
        )

    def result(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a metric defines result().")

    def reset_state(self) -> None:
        """Start again at 0."""
        for variable in self._variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        self.update_state(*arguments, **keywords)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "name": self.name, "dtype": self.dtype}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


@operation(2)
def per_sample(values: Tensor, sample_weight: Tensor, summed: bool = False) -> tuple[Tensor, Tensor]:
    """(sum of the examples' weighted values, sum of their weights); within an example values are averaged, or
    summed."""
    values = as_float(values)

    def reduce(x: Tensor, axes: range) -> Tensor:
        return x.sum(axes) if summed else x.mean(axes)

    weight = None
    if sample_weight is not None:
        weight = (
            as_float(sample_weight) if isinstance(sample_weight, Symbol) else values.trace.symbol(float(sample_weight))
        )
        values, weight = same_rank(values, weight)
        values = reduce(values, range(weight.rank, values.rank)) if values.rank > weight.rank else values
        weight = weight.broadcast_to(values.shape)
        values = values * weight
        weight = reduce(weight, range(1, weight.rank)) if weight.rank > 1 else weight
    values = reduce(values, range(1, values.rank)) if values.rank > 1 else values
    counted = values.trace.symbol(float(values.size)) if weight is None else weight.sum()
    return values.sum(), counted


def with_mask(sample_weight: Tensor, masked: Tensor) -> Tensor:
    """Weights that are 0 where a tensor's mask says that it does not count."""
    mask = mask_of(masked)
    return sample_weight if mask is None else masked_weight(sample_weight, mask)


class Sum(Metric):
    """The (weighted) sum of all values it was given."""

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")

    def update_state(self, values: Tensor, sample_weight: Tensor = None) -> None:
        self.total.assign(self.total + per_sample(values, with_mask(sample_weight, values), summed=True)[0])

    def result(self) -> Any:
        return ops.copy(self.total)


class Mean(Metric):
    """The (weighted) mean of all values it was given."""

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Tensor, sample_weight: Tensor = None) -> None:
        total, count = per_sample(values, with_mask(sample_weight, values))
        self.total.assign(self.total + total)
        self.count.assign(self.count + count)

    def result(self) -> Any:
        return ops.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred, **settings), a number for each example. Settings can be read as
    attributes."""

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **settings: Any) -> None:
        super().__init__(name or auto_name(snake_case(type(self).__name__)), dtype)
        self.fn = fn
        self.settings = settings
        for word, value in settings.items():
            setattr(self, word, value)

    def update_state(  # type: ignore[override]
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None
    ) -> None:
        if not str(getattr(self.fn, "__module__", "")).startswith("pippin."):
            # Functions of users calculate with labels as they do with predictions.
            y_true = ops.cast(y_true, "float32")
        sample_weight = with_mask(sample_weight, y_pred)
        super().update_state(self.fn(y_true, y_pred, **self.settings), sample_weight)
