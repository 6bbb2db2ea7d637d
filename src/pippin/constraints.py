"""What weights must be after every update: short enough, not negative, of length 1. Keras's constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pippin import ops
from pippin.ops.types import Axis, Tensor
from pippin.saving.configured import Configured
from pippin.saving.named import find, table_of
from pippin.saving.serialize import serialize as described

EPSILON = 1e-7


class Constraint(Configured):
    """Called with weights, gives the weights that are allowed."""

    def __call__(self, w: Tensor) -> Tensor:
        return w


def _length(w: Tensor, axis: Axis) -> Tensor:
    return ops.sqrt(ops.sum(ops.square(w), axis, keepdims=True))


class MaxNorm(Constraint):
    """Weights whose length along `axis` is above max_value are shortened to it."""

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Tensor) -> Tensor:
        length = _length(w, self.axis)
        return ops.multiply(w, ops.clip(length, 0.0, float(self.max_value)) / (length + EPSILON))


class NonNeg(Constraint):
    """Weights below 0 become 0."""

    def __call__(self, w: Tensor) -> Tensor:
        return ops.maximum(w, 0.0)


class UnitNorm(Constraint):
    """Weights of length 1 along `axis`."""

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: Tensor) -> Tensor:
        return ops.divide(w, _length(w, self.axis) + EPSILON)


class MinMaxNorm(Constraint):
    """Lengths along `axis` are brought between min_value and max_value, by the share `rate` of the way at each
    update."""

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axis = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Tensor) -> Tensor:
        length = _length(w, self.axis)
        wanted = ops.clip(length, float(self.min_value), float(self.max_value)) * self.rate + length * (1.0 - self.rate)
        return ops.multiply(w, wanted / (length + EPSILON))


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm

ALL = table_of((Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm))


def get(identifier: Any) -> Any:
    """The constraint for a name, a configuration, a class or an object; None stays None."""
    return find("constraint", identifier, ALL, Constraint)


def serialize(constraint: Any) -> Any:
    """A constraint as plain data: its class and its configuration, or the name of a function."""
    return described(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The constraint that `serialize` wrote; what is one's own is in `custom_objects` or registered."""
    return find("constraint", config, ALL, Constraint, custom_objects)
