"""What a metric is: running totals that each batch adds to, and the figure they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin import initializers, ops
from pippin.ops.operation import operation
from pippin.program import Variable
from pippin.saving.configured import Configured


class Metric(Configured):
    """The base of metrics. `update_state` adds a batch to the variables, `result` reads the figure, `reset_state` starts again.

    All three work on arrays at once, and inside a trace, where they write the lines of the training step.
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        from pippin.layers.layer import auto_name, snake_case

        self.name = name or auto_name(snake_case(type(self).__name__))
        self.dtype = "float32"
        self._variables: list[Variable] = []

    def add_variable(
        self,
        shape: tuple[int, ...] = (),
        initializer: Any = "zeros",
        dtype: str | None = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        variable = Variable(
            np.asarray(initializers.get(initializer)(tuple(shape))), name=name or "variable", trainable=False
        )
        variable.path = f"metrics/{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    add_weight = add_variable

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
        for variable in self._variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    reset_states = reset_state

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        self.update_state(*arguments, **keywords)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "dtype": self.dtype,
            **{k: v for k, v in super().get_config().items() if k not in ("name", "dtype")},
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


@operation(2)
def _weighted(values, sample_weight):
    """(weighted sum of the values, sum of the weights)."""
    values = values.cast("float32")
    if sample_weight is None:
        return values.sum(), values.trace.symbol(float(values.size))
    weight = (
        sample_weight.cast("float32")
        if hasattr(sample_weight, "cast")
        else values.trace.symbol(float(sample_weight))
    )
    if weight.rank > values.rank and weight.shape[-1] == 1:
        weight = weight.reshape(weight.shape[:-1])
    while weight.rank < values.rank:
        if weight.rank and weight.shape[0] == values.shape[0]:
            # One weight for each example: the values of an example are averaged, as in Keras.
            values = values.mean(range(weight.rank, values.rank))
            break
        weight = weight.reshape((1, *weight.shape))
    weight = weight.broadcast_to(values.shape)
    return (values * weight).sum(), weight.sum()


class Mean(Metric):
    """The (weighted) mean of all values it was given."""

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        total, count = _weighted(values, sample_weight)
        self.total.assign(self.total + total)
        self.count.assign(self.count + count)

    def result(self) -> Any:
        return ops.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred), a number for each example."""

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **settings: Any
    ) -> None:
        super().__init__(name or fn.__name__, dtype)
        self._fn = fn
        self._settings = settings

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(self._fn(y_true, y_pred, **self._settings), sample_weight)
