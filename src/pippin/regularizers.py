"""Penalties on weights (or outputs) that are added to the loss, so that training prefers small ones."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError
from pippin.ops.types import Tensor
from pippin.saving.configured import Configured
from pippin.saving.named import find, table_of
from pippin.saving.serialize import serialize as serialize


class Regularizer(Configured):
    """Called with weights, gives one number."""

    def __call__(self, x: Tensor) -> Tensor:
        raise NotImplementedError("a regularizer defines __call__(x)")


def _factor(name: str, value: float | None, default: float) -> float:
    number = default if value is None else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number < float("inf"):
        raise SettingError(f"{name}: expected a number of 0 or more, received {value!r}.")
    return float(number)


class L1L2(Regularizer):
    """l1 · Σ|x| + l2 · Σx²."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1, 0.0), _factor("l2", l2, 0.0)

    def __call__(self, x: Tensor) -> Tensor:
        total: Any = 0.0
        if self.l1:
            total = total + ops.sum(ops.absolute(x)) * self.l1
        if self.l2:
            total = total + ops.sum(ops.square(x)) * self.l2
        return total


class L1(Regularizer):
    """l1 · Σ|x|: pushes weights to exactly 0."""

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", l1, 0.01)

    def __call__(self, x: Tensor) -> Tensor:
        return ops.sum(ops.absolute(x)) * self.l1


class L2(Regularizer):
    """l2 · Σx²: pushes large weights hardest."""

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", l2, 0.01)

    def __call__(self, x: Tensor) -> Tensor:
        return ops.sum(ops.square(x)) * self.l2


l1, l2, l1_l2 = L1, L2, L1L2

ALL = table_of((L1, L1L2, L2), l1_l2=L1L2)


def get(identifier: Any) -> Any:
    """The regularizer for a name, a configuration, a class or an object; None stays None."""
    return find("regularizer", identifier, ALL, Regularizer)


deserialize = get
