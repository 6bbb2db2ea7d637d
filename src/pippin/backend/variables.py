"""Keras 2's backend functions of numbers and variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin import config, ops, random
from pippin.ops.tensor import KerasTensor
from pippin.ops.types import Tensor
from pippin.program import Symbol, Variable


def constant(value: Any, dtype: Any = None, shape: Sequence[int] | None = None, name: str | None = None) -> np.ndarray:
    """An array of the numbers, in a shape if one is given."""
    found = ops.convert_to_tensor(value, config.floatx() if dtype is None else dtype)
    return found if shape is None else np.broadcast_to(found, tuple(shape)).copy()


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """A variable that holds these numbers at first."""
    made = Variable(np.asarray(value), name=name or "variable", dtype=dtype or config.floatx())
    made.constraint = constraint
    return made


def random_uniform_variable(
    shape: Sequence[int], low: float, high: float, dtype: Any = None, name: str | None = None, seed: Any = None
) -> Variable:
    """A variable of numbers between low and high."""
    return variable(random.uniform(shape, low, high, dtype, seed), dtype, name)


def random_normal_variable(
    shape: Sequence[int], mean: float, scale: float, dtype: Any = None, name: str | None = None, seed: Any = None
) -> Variable:
    """A variable of normally distributed numbers."""
    return variable(random.normal(shape, mean, scale, dtype, seed), dtype, name)


def get_value(x: Any) -> np.ndarray:
    """The numbers of a variable or an array, as a copy."""
    return np.array(x.value if isinstance(x, Variable) else x)


def set_value(x: Variable, value: Any) -> None:
    """Replace the numbers of a variable."""
    x.assign(np.asarray(value))


def batch_get_value(tensors: Sequence[Any]) -> list[np.ndarray]:
    """The numbers of several variables."""
    return [get_value(x) for x in tensors]


def batch_set_value(tuples: Sequence[tuple[Variable, Any]]) -> None:
    """Replace the numbers of several variables."""
    for x, value in tuples:
        set_value(x, value)


eval = get_value


def update(x: Variable, new_x: Any) -> Any:
    """Make a variable hold new numbers."""
    return x.assign(new_x)


def update_add(x: Variable, increment: Any) -> Any:
    """Add to what a variable holds."""
    return x.assign_add(increment)


def update_sub(x: Variable, decrement: Any) -> Any:
    """Take away from what a variable holds."""
    return x.assign_sub(decrement)


def moving_average_update(x: Variable, value: Any, momentum: float) -> Any:
    """Move what a variable holds towards a value, by the share 1 - momentum of the way."""
    return x.assign(x * momentum + value * (1.0 - momentum))


def print_tensor(x: Tensor, message: str = "", summarize: int = 3) -> Tensor:
    """Print the numbers where there are any; x itself."""
    if not isinstance(x, (Symbol, KerasTensor)):
        print(message, np.asarray(x.value if isinstance(x, Variable) else x))
    return x
