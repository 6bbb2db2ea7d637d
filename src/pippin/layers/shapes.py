"""Shapes of inputs: as leaves of a structure, as words in an error, and from the ways Keras lets a first layer name
one."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import SettingError
from pippin.tree import map_structure

Shape = tuple[int | None, ...]

_WORDS = ("batch_shape", "batch_input_shape", "input_shape", "input_dim", "batch_size")


class Leaf:
    """A shape that is one leaf of a structure, not a tuple of leaves."""

    def __init__(self, sizes: Shape) -> None:
        self.sizes = sizes


def as_leaves(shape: Any) -> Any:
    """A structure of shapes with each shape as one leaf."""
    if isinstance(shape, dict):
        return {key: as_leaves(value) for key, value in shape.items()}
    if isinstance(shape, (list, tuple)) and all(size is None or isinstance(size, (int, np.integer)) for size in shape):
        return Leaf(tuple(shape))
    return [as_leaves(part) for part in shape]


def shapes_of(structure: Any) -> Any:
    """The shape of every tensor of a structure, with None for the batch; other leaves stay."""

    def leaf_of(leaf: Any) -> Any:
        return Leaf((None, *leaf.shape[1:])) if hasattr(leaf, "shape") else leaf

    leaves = map_structure(leaf_of, structure)
    return map_structure(lambda leaf: leaf.sizes if isinstance(leaf, Leaf) else leaf, leaves)


def shown(shape: Shape) -> str:
    """How errors write a shape: (batch, 28, 28)."""
    return f"({', '.join(['batch', *map(str, shape[1:])] if shape else [])})"


def first_shape(kind: str, given: dict[str, Any]) -> Shape | None:
    """The shape that `input_shape=`, `input_dim=` or `batch_input_shape=` gives a first layer, batch first."""
    strange = sorted(set(given) - set(_WORDS))
    if strange:
        raise SettingError(f"{kind}: expected only Keras's arguments, received {', '.join(strange)}.")
    shape: Shape | None = None
    for word in ("batch_shape", "batch_input_shape"):
        if given.get(word) is not None:
            shape = tuple(given[word])
    if given.get("input_shape") is not None:
        wanted = given["input_shape"]
        shape = (given.get("batch_size"), *(wanted if isinstance(wanted, (list, tuple)) else (wanted,)))
    if given.get("input_dim") is not None:
        shape = (given.get("batch_size"), given["input_dim"])
    return shape
