"""Keras 2's backend functions that `ops` has under the same name, with other defaults or another meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pippin import config, ops
from pippin.ops.types import Tensor


def argmax(x: Tensor, axis: int | None = -1) -> Tensor:
    """The place of the largest number along an axis."""
    return ops.argmax(x, axis)


def argmin(x: Tensor, axis: int | None = -1) -> Tensor:
    """The place of the smallest number along an axis."""
    return ops.argmin(x, axis)


def arange(start: float, stop: float | None = None, step: float = 1, dtype: str = "int32") -> Tensor:
    """start, start + step, ... below stop."""
    return ops.arange(start, stop, step, dtype)


def cumsum(x: Tensor, axis: int = 0) -> Tensor:
    """Running sums along an axis."""
    return ops.cumsum(x, axis)


def cumprod(x: Tensor, axis: int = 0) -> Tensor:
    """Running products along an axis."""
    return ops.cumprod(x, axis)


def expand_dims(x: Tensor, axis: int = -1) -> Tensor:
    """A new axis of length 1."""
    return ops.expand_dims(x, axis)


def squeeze(x: Tensor, axis: int) -> Tensor:
    """Without an axis of length 1."""
    return ops.squeeze(x, axis)


def repeat(x: Tensor, n: int) -> Tensor:
    """Rows (batch, features) → (batch, n, features): each row n times, one after the other in time."""
    return ops.tile(ops.expand_dims(x, 1), [1, n, 1])


def tile(x: Tensor, n: int | Sequence[int]) -> Tensor:
    """x laid n times side by side, along each axis (or n[axis] times)."""
    return ops.tile(x, [n] * ops.ndim(x) if isinstance(n, int) else n)


def reshape(x: Tensor, shape: Sequence[int]) -> Tensor:
    """The same numbers in another shape."""
    return ops.reshape(x, shape)


def one_hot(indices: Tensor, num_classes: int) -> Tensor:
    """1 at the place of each class, 0 elsewhere."""
    return ops.one_hot(indices, num_classes)


def eye(size: int | Sequence[int], dtype: Any = None, name: str | None = None) -> Tensor:
    """1 on the diagonal, 0 elsewhere."""
    rows, columns = (size, size) if isinstance(size, int) else size
    return ops.eye(rows, columns, dtype=dtype or config.floatx())


def ones(shape: Sequence[int], dtype: Any = None, name: str | None = None) -> Tensor:
    """Ones."""
    return ops.ones(shape, dtype or config.floatx())


def zeros(shape: Sequence[int], dtype: Any = None, name: str | None = None) -> Tensor:
    """Zeros."""
    return ops.zeros(shape, dtype or config.floatx())


def ones_like(x: Tensor, dtype: Any = None, name: str | None = None) -> Tensor:
    """Ones in the shape of x."""
    return ops.ones_like(x, dtype)


def zeros_like(x: Tensor, dtype: Any = None, name: str | None = None) -> Tensor:
    """Zeros in the shape of x."""
    return ops.zeros_like(x, dtype)


def hard_sigmoid(x: Tensor) -> Tensor:
    """0.2 x + 0.5, between 0 and 1: steeper in Keras 3, where it is x / 6 + 0.5."""
    return ops.clip(ops.add(ops.multiply(x, 0.2), 0.5), 0.0, 1.0)


def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1, ignore_class: int | None = None
) -> Tensor:
    """-log of the probability of each class number."""
    from pippin import losses

    return losses.sparse_categorical_crossentropy(target, output, from_logits, ignore_class, axis)


def map_fn(fn: Callable[..., Any], elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """What `fn` gives for each entry of the first axis, stacked."""
    return ops.map(fn, elems)


def foldl(fn: Callable[[Any, Any], Any], elems: Tensor, initializer: Any = None, name: str | None = None) -> Any:
    """fn(fn(fn(start, x[0]), x[1]), ...); without a start, that is x[0]."""
    start, rest = (elems[0], elems[1:]) if initializer is None else (initializer, elems)
    return ops.scan(lambda total, x: (fn(total, x), total), start, rest)[0]


def foldr(fn: Callable[[Any, Any], Any], elems: Tensor, initializer: Any = None, name: str | None = None) -> Any:
    """As foldl, from the last entry to the first."""
    return foldl(fn, ops.flip(elems, 0), initializer)


def batch_normalization(
    x: Tensor, mean: Tensor, var: Tensor, beta: Tensor, gamma: Tensor, axis: int = -1, epsilon: float = 1e-3
) -> Tensor:
    """gamma · (x - mean) / √(var + epsilon) + beta."""
    return ops.batch_normalization(x, mean, var, axis, beta, gamma, epsilon)


def ctc_batch_cost(y_true: Tensor, y_pred: Tensor, input_length: Tensor, label_length: Tensor) -> Tensor:
    """Connectionist temporal classification: probabilities (batch, time, classes), of which the last class is the
    blank, and labels (batch, length); lengths stand in columns (batch, 1). → (batch, 1)."""
    logits = ops.log(ops.add(y_pred, config.epsilon()))
    lengths = [ops.squeeze(ops.cast(length, "int32"), -1) for length in (label_length, input_length)]
    return ops.expand_dims(ops.ctc_loss(y_true, logits, *lengths, mask_index=ops.shape(y_pred)[-1] - 1), 1)
