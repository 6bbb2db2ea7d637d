"""Penalties on weights (or outputs) that are added to the loss, so that training prefers small ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pippin import ops
from pippin.errors import SettingError, ShapeError
from pippin.ops.types import Tensor
from pippin.saving.configured import Configured
from pippin.saving.named import find, table_of
from pippin.saving.serialize import serialize as described


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


class OrthogonalRegularizer(Regularizer):
    """How far the rows (or columns) of a matrix are from standing at right angles to each other: factor times the mean
    of |cosine| over all pairs.

    Source: Keras 3's definition; the idea is of Bansal et al., "Can We Gain More from Orthogonality Regularizations in
    Training Deep CNNs?" (2018).
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("factor", factor, 0.01)
        if mode not in ("rows", "columns"):
            raise SettingError(
                f'Invalid value for argument `mode`. Expected one of {{"rows", "columns"}}. Received: mode={mode}'
            )
        self.mode = mode

    def __call__(self, x: Tensor) -> Tensor:
        if len(x.shape) != 2:
            raise ShapeError(
                f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={tuple(x.shape)}"
            )
        rows = x if self.mode == "rows" else ops.transpose(x)
        size = rows.shape[0]
        rows = ops.normalize(rows, axis=1)
        cosines = ops.matmul(rows, ops.transpose(rows)) * (1.0 - ops.eye(size))
        # Each pair stands there twice.
        return ops.sum(ops.absolute(cosines)) * (self.factor / max(1, size * (size - 1)))


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer

ALL = table_of((L1, L1L2, L2, OrthogonalRegularizer), l1_l2=L1L2)


def get(identifier: Any) -> Any:
    """The regularizer for a name, a configuration, a class or an object; None stays None."""
    return find("regularizer", identifier, ALL, Regularizer)


def serialize(regularizer: Any) -> Any:
    """A regularizer as plain data: its class and its configuration, or the name of a function."""
    return described(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The regularizer that `serialize` wrote; what is one's own is in `custom_objects` or registered."""
    return find("regularizer", config, ALL, Regularizer, custom_objects)
