"""Keras 2's backend functions of chance and of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pippin import config, ops, random
from pippin.errors import SettingError
from pippin.ops.tensor import KerasTensor
from pippin.ops.types import Tensor
from pippin.tree import flatten as leaves_of


def random_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Normally distributed numbers."""
    return random.normal(shape, mean, stddev, dtype, seed)


def random_uniform(
    shape: Sequence[int], minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Numbers between minval and maxval."""
    return random.uniform(shape, minval, maxval, dtype, seed)


def truncated_normal(
    shape: Sequence[int], mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Normally distributed numbers at most two standard deviations from the mean."""
    return random.truncated_normal(shape, mean, stddev, dtype, seed)


def random_bernoulli(shape: Sequence[int], p: float = 0.0, dtype: Any = None, seed: Any = None) -> Tensor:
    """1 with probability p, else 0."""
    return ops.cast(random.uniform(shape, seed=seed) < p, dtype or config.floatx())


def dropout(x: Tensor, level: float, noise_shape: Any = None, seed: Any = None) -> Tensor:
    """Numbers dropped with probability `level`, the others enlarged to keep the sum."""
    return random.dropout(x, level, noise_shape, seed)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two tensors (or what one of two functions gives), place by place if the condition has places."""
    yes, no = (e() if callable(e) else e for e in (then_expression, else_expression))
    missing = ops.ndim(yes) - ops.ndim(condition)
    for _ in range(max(0, missing)):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, yes, no)


def function(inputs: Any, outputs: Any, updates: Any = None, name: str | None = None) -> Callable[[Any], Any]:
    """What a functional model computes from these tensors to those, as a function of lists of arrays."""
    from pippin.models import Model

    many, given = isinstance(outputs, (list, tuple)), leaves_of(inputs)
    model = Model(given, leaves_of(outputs))

    def call(arrays: Any) -> Any:
        found = model.predict_on_batch([np.asarray(x) for x in leaves_of(arrays)][: len(given)])
        listed = list(found) if isinstance(found, (list, tuple)) else [found]
        return listed if many else listed[0]

    return call


def gradients(loss: Any, variables: Any) -> Any:
    """Keras 2's symbolic gradients, which needed TensorFlow 1's graphs."""
    raise SettingError(
        "backend.gradients: TensorFlow 1's symbolic gradients are not there. Use tf.GradientTape or pippin.gradient "
        "on a function of arrays."
    )


def placeholder(
    shape: Any = None, ndim: int | None = None, dtype: Any = None, sparse: bool = False, name: str | None = None,
    ragged: bool = False,
) -> KerasTensor:  # fmt: skip
    """A tensor of the functional API of this shape, its first axis among it."""
    from pippin.layers import Input

    if shape is None and ndim is None:
        raise SettingError("placeholder: expected a shape or ndim.")
    lengths = tuple(shape) if shape is not None else (None,) * (ndim or 0)
    return Input(batch_shape=lengths, dtype=dtype or config.floatx(), name=name)
