"""Keras's `ops` that ask which numbers are the largest. Sorting itself has no primitive yet; a few maxima need none."""

from __future__ import annotations

from pippin.errors import ShapeError
from pippin.ops.arrange import stack
from pippin.ops.nn import one_hot
from pippin.ops.operation import operation
from pippin.ops.types import Tensor, as_float
from pippin.primitives import INT


@operation(1)
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest numbers of the last axis, the largest first, and their positions; of equal ones the first."""
    if not 1 <= k <= x.shape[-1]:
        raise ShapeError(f"top_k: expected k from 1 to {x.shape[-1]} for shape {x.shape}, received {k}.")
    left, values, positions = as_float(x), [], []
    for _ in range(k):
        place = left.argmax(-1)
        values.append(left.max([-1]))
        positions.append(place)
        left = one_hot(place, x.shape[-1], dtype="bool").where(float("-inf"), left)
    return stack(values, -1).cast(x.dtype), stack(positions, -1)


@operation(2)
def in_top_k(targets: Tensor, predictions: Tensor, k: int) -> Tensor:
    """True where fewer than k predictions of a row are larger than the one at the target's position."""
    chosen = one_hot(targets, predictions.shape[-1], dtype="bool")
    own = chosen.where(predictions, 0.0).sum([-1], keepdims=True)
    return (predictions > own).cast(INT).sum([-1]) < k
