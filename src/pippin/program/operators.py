"""What stands for an array and changes with time: operators and NumPy's functions work on what it holds now."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np


class Operators:
    """The base of variables. `_now()` is an array, or a symbol inside a trace.

    `==` compares with numbers, arrays and symbols, element by element; among themselves variables are equal if they are
    the same one, so that they can be found in lists and dicts.
    """

    __hash__ = object.__hash__

    def _now(self) -> Any:
        raise NotImplementedError

    def __array_ufunc__(self, function: np.ufunc, method: str, *inputs: Any, **keywords: Any) -> Any:
        """NumPy's functions of this: those that are operators may meet symbols, the others want numbers."""
        given = [plain(one) for one in inputs]
        if method == "__call__" and not keywords and function in _OPERATOR_OF:
            return _OPERATOR_OF[function](*given)
        return getattr(function, method)(*given, **keywords)

    def __bool__(self) -> bool:
        raise TypeError(
            "A Keras Variable cannot be used as a boolean. Compare its number, or use `is not None`."
        )

    def __len__(self) -> int:
        return len(self._now())

    def __getitem__(self, key: Any) -> Any:
        return self._now()[key]

    def __add__(self, other: Any) -> Any:
        return self._now() + plain(other)

    def __radd__(self, other: Any) -> Any:
        return plain(other) + self._now()

    def __sub__(self, other: Any) -> Any:
        return self._now() - plain(other)

    def __rsub__(self, other: Any) -> Any:
        return plain(other) - self._now()

    def __mul__(self, other: Any) -> Any:
        return self._now() * plain(other)

    def __rmul__(self, other: Any) -> Any:
        return plain(other) * self._now()

    def __truediv__(self, other: Any) -> Any:
        return self._now() / plain(other)

    def __rtruediv__(self, other: Any) -> Any:
        return plain(other) / self._now()

    def __floordiv__(self, other: Any) -> Any:
        return self._now() // plain(other)

    def __rfloordiv__(self, other: Any) -> Any:
        return plain(other) // self._now()

    def __mod__(self, other: Any) -> Any:
        return self._now() % plain(other)

    def __rmod__(self, other: Any) -> Any:
        return plain(other) % self._now()

    def __matmul__(self, other: Any) -> Any:
        return self._now() @ plain(other)

    def __rmatmul__(self, other: Any) -> Any:
        return plain(other) @ self._now()

    def __pow__(self, other: Any) -> Any:
        return self._now() ** plain(other)

    def __rpow__(self, other: Any) -> Any:
        return plain(other) ** self._now()

    def __and__(self, other: Any) -> Any:
        return self._now() & plain(other)

    def __rand__(self, other: Any) -> Any:
        return plain(other) & self._now()

    def __or__(self, other: Any) -> Any:
        return self._now() | plain(other)

    def __ror__(self, other: Any) -> Any:
        return plain(other) | self._now()

    def __xor__(self, other: Any) -> Any:
        return self._now() ^ plain(other)

    def __rxor__(self, other: Any) -> Any:
        return plain(other) ^ self._now()

    def __neg__(self) -> Any:
        return -self._now()

    def __pos__(self) -> Any:
        return self._now()

    def __abs__(self) -> Any:
        return abs(self._now())

    def __invert__(self) -> Any:
        return ~self._now()

    def __lt__(self, other: Any) -> Any:
        return self._now() < plain(other)

    def __le__(self, other: Any) -> Any:
        return self._now() <= plain(other)

    def __gt__(self, other: Any) -> Any:
        return self._now() > plain(other)

    def __ge__(self, other: Any) -> Any:
        return self._now() >= plain(other)

    def __eq__(self, other: object) -> Any:
        return self._now() == other if _has_numbers(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return self._now() != other if _has_numbers(other) else NotImplemented


def plain(thing: Any) -> Any:
    """What a variable holds now; anything else as it is."""
    return thing._now() if isinstance(thing, Operators) else thing


def _has_numbers(other: object) -> bool:
    return not isinstance(other, (Operators, str)) and (isinstance(other, (int, float)) or hasattr(other, "dtype"))


_OPERATOR_OF: dict[Any, Callable[..., Any]] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.true_divide: operator.truediv,
    np.floor_divide: operator.floordiv, np.remainder: operator.mod, np.power: operator.pow, np.matmul: operator.matmul,
    np.negative: operator.neg, np.absolute: operator.abs, np.invert: operator.invert, np.bitwise_and: operator.and_,
    np.bitwise_or: operator.or_, np.bitwise_xor: operator.xor, np.less: operator.lt, np.less_equal: operator.le,
    np.greater: operator.gt, np.greater_equal: operator.ge, np.equal: operator.eq, np.not_equal: operator.ne,
}  # fmt: skip
