"""(x, y, sample_weight) as `fit` takes it in one argument, and apart again."""

from __future__ import annotations

from typing import Any


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """The shortest of x, (x, y) and (x, y, sample_weight) that says all; a list of inputs alone becomes ([...],)."""
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight), None where `data` has nothing."""
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"unpack_x_y_sample_weight: expected x, (x, y) or (x, y, sample_weight), received {len(data)} parts."
        )
    x, y, weight = (*data, None, None)[:3]
    return x, y, weight
