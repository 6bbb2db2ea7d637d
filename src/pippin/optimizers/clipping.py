"""Gradients that are too long are shortened."""

from __future__ import annotations

from typing import Any

from pippin import ops


def clipped(
    gradients: list[Any], clipnorm: float | None, clipvalue: float | None, global_clipnorm: float | None
) -> list[Any]:
    """Each gradient cut to a norm, its numbers to a size, or all together to a norm; as they are if all is None."""
    if clipvalue is not None:
        return [ops.clip(g, -float(clipvalue), float(clipvalue)) for g in gradients]
    if clipnorm is not None:
        return [_to_norm(g, ops.sum(ops.square(g)), clipnorm) for g in gradients]
    if global_clipnorm is not None:
        total: Any = sum((ops.sum(ops.square(g)) for g in gradients[1:]), ops.sum(ops.square(gradients[0])))
        return [_to_norm(g, total, global_clipnorm) for g in gradients]
    return gradients


def _to_norm(gradient: Any, squares: Any, limit: float) -> Any:
    """The gradient, shortened to length `limit` if it is longer."""
    return gradient * (float(limit) / ops.maximum(ops.sqrt(squares), float(limit)))
