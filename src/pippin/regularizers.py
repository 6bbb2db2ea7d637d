"""Penalties on weights (or outputs) that are added to the loss, so that training prefers small ones."""

from __future__ import annotations

from typing import Any

from pippin import ops
from pippin.errors import SettingError, unknown
from pippin.saving.configured import Configured


class Regularizer(Configured):
    """Called with weights, gives one number."""

    def __call__(self, x: Any) -> Any:
        raise NotImplementedError("a regularizer defines __call__(x)")


def _factor(name: str, value: float | None) -> float:
    number = 0.0 if value is None else float(value)
    if not 0 <= number < float("inf"):
        raise SettingError(f"{name}: expected a number of 0 or more, received {value}.")
    return number


class L1L2(Regularizer):
    """l1 · Σ|x| + l2 · Σx²."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _factor("l1", l1), _factor("l2", l2)

    def __call__(self, x: Any) -> Any:
        total: Any = 0.0
        if self.l1:
            total = total + ops.sum(ops.absolute(x)) * self.l1
        if self.l2:
            total = total + ops.sum(ops.square(x)) * self.l2
        return total


class L1(Regularizer):
    """l1 · Σ|x|: pushes weights to exactly 0."""

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", l1)

    def __call__(self, x: Any) -> Any:
        return ops.sum(ops.absolute(x)) * self.l1


class L2(Regularizer):
    """l2 · Σx²: pushes large weights hardest."""

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", l2)

    def __call__(self, x: Any) -> Any:
        return ops.sum(ops.square(x)) * self.l2


l1, l2 = L1, L2


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """Both penalties."""
    return L1L2(l1, l2)


ALL: dict[str, Any] = {"l1": L1, "l2": L2, "l1_l2": L1L2, "L1": L1, "L2": L2, "L1L2": L1L2}


def get(identifier: Any) -> Any:
    """The regularizer for a name, a configuration or an object; None stays None."""
    if identifier is None or isinstance(identifier, Regularizer):
        return identifier
    if isinstance(identifier, dict):
        if identifier["class_name"] not in ALL:
            raise unknown("regularizer", identifier["class_name"], ALL)
        return ALL[identifier["class_name"]].from_config(identifier.get("config", {}))
    if isinstance(identifier, str):
        if identifier not in ALL:
            raise unknown("regularizer", identifier, ALL)
        return ALL[identifier]()
    if isinstance(identifier, type):
        return identifier()
    if callable(identifier):
        return identifier
    raise unknown("regularizer", identifier, ALL)
