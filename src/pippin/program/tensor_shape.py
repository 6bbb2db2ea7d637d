"""A shape as TensorFlow's programs ask about it: a tuple with a few more answers."""

from __future__ import annotations

from math import prod
from typing import Any


class TensorShape(tuple[Any, ...]):
    """The sizes of the axes, None where one is open."""

    def __new__(cls, dims: Any = ()) -> TensorShape:
        return super().__new__(cls, dims if dims is not None else ())

    @property
    def rank(self) -> int:
        """How many axes there are."""
        return len(self)

    ndims = rank

    def as_list(self) -> list[Any]:
        """The sizes as a list."""
        return list(self)

    def num_elements(self) -> int:
        """How many numbers fit."""
        return prod(self)

    def is_compatible_with(self, other: Any) -> bool:
        """Whether two shapes can be of one array: as many axes, and the same sizes where both are known."""
        other = TensorShape(other)
        return len(self) == len(other) and all(
            None in (own, wanted) or own == wanted for own, wanted in zip(self, other, strict=True)
        )
