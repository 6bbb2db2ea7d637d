"""What a metric is: running totals that each batch adds to, and the figure they stand for. With the plainest: sum and
mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pippin import initializers, ops
from pippin.errors import SettingError
from pippin.losses.loss import masked_weight, same_rank
from pippin.naming import auto_name, snake_case
from pippin.ops.masks import mask_of
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.program import Symbol, Variable, now
from pippin.saving.configured import Configured
from pippin.tree import flatten


class Metric(Configured):
    """The base of metrics. `update_state` adds a batch to the variables, `result` reads the figure, `reset_state`
    starts again.

    All three work on arrays at once, and inside a trace, where they write the lines of the training step.
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(snake_case(type(self).__name__))
        self._dtype = _type_name(dtype)
        self._variables: list[Variable] = []

    @property
    def dtype(self) -> str:
        """The type it was asked to count in. Programs know float32 and int32; any float is counted as the first."""
        return self._dtype

    def add_variable(
        self, shape: Sequence[int], initializer: Any = "zeros", dtype: str | None = None, aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:  # fmt: skip
        """A running total: one number, or an array of them."""
        if "_variables" not in vars(self):
            raise RuntimeError(f"{type(self).__name__}: expected super().__init__() first in its __init__.")
        if isinstance(initializer, np.ndarray):
            value = initializer
        else:
            value = np.asarray(initializers.get("zeros" if initializer is None else initializer)(tuple(shape)))
        variable = Variable(value, name=name or "variable", trainable=False, dtype=dtype)
        variable.path = f"metrics/{self.name}/{variable.name}"
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """Keras's other word for `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[Variable]:
        """Its running totals: those that were added, those it was given as attributes, and those of metrics inside."""
        found = list(self._variables)
        for word, value in vars(self).items():
            inside = list(value.values()) if isinstance(value, dict) else value  # in the order they were put there
            for leaf in flatten(inside) if word not in ("_arguments", "_variables") else ():
                for variable in leaf.variables if isinstance(leaf, Metric) else [leaf]:
                    if isinstance(variable, Variable) and all(variable is not known for known in found):
                        found.append(variable)
        return found

    def update_state(self, *arguments: Any, **keywords: Any) -> None:
        raise NotImplementedError(
            f"{type(self).__name__}: a metric defines update_state(y_true, y_pred, sample_weight)."
        )

    def result(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a metric defines result().")

    def reset_state(self) -> None:
        """Start again at 0."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    @property
    def starts_at_zero(self) -> bool:
        """Whether starting again means zero in all variables, which engines do by themselves between epochs; False for
        a metric with a `reset_state` of its own."""
        return type(self).reset_state is Metric.reset_state

    def stateless_update_state(self, metric_variables: Sequence[Any], *arguments: Any, **keywords: Any) -> list[Any]:
        """What the variables would hold after `update_state`, if they held `metric_variables`; they stay as they
        are."""
        return self._aside(metric_variables, lambda: self.update_state(*arguments, **keywords))[1]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The figure that `metric_variables` stand for."""
        return self._aside(metric_variables, self.result)[0]

    def stateless_reset_state(self) -> list[Any]:
        """What the variables would hold after `reset_state`."""
        return self._aside(self.variables, self.reset_state)[1]

    def _aside(self, values: Sequence[Any], act: Callable[[], Any]) -> tuple[Any, list[Any]]:
        """(what `act` gives, what the variables hold after it) when they hold `values` before; then all is taken
        back."""
        variables = self.variables
        if len(values) != len(variables):
            raise SettingError(f"{self.name}: expected values of {len(variables)} variables, received {len(values)}.")
        given, before = [now(v) if isinstance(v, Variable) else v for v in values], [now(v) for v in variables]
        for variable, value in zip(variables, given, strict=True):
            variable.assign(value)
        found, after = act(), [now(variable) for variable in variables]
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        return found, after

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        self.update_state(*arguments, **keywords)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "name": self.name, "dtype": self.dtype}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _type_name(dtype: Any) -> str:
    """A type or a policy of types as its plain name."""
    dtype = getattr(dtype, "compute_dtype", dtype) or "float32"
    return {"int": "int32", "float": "float32"}.get(
        str(dtype), dtype if isinstance(dtype, str) else np.dtype(dtype).name
    )


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
