"""Nested lists, tuples and dicts as trees: flatten, map, and put back together. Keys of a dict go in sorted order, as
in Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def flatten(structure: Any) -> list[Any]:
    """The leaves, in order; anything that is not a list, tuple or dict is a leaf."""
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in flatten(part)]
    return [structure]


def map_structure(function: Callable[..., Any], structure: Any, *others: Any) -> Any:
    """The same structure with `function` applied to each leaf (and the leaves at the same place of `others`)."""
    if isinstance(structure, dict):
        return {
            key: map_structure(function, structure[key], *(other[key] for other in others)) for key in sorted(structure)
        }
    if isinstance(structure, (list, tuple)):
        parts = [map_structure(function, *leaves) for leaves in zip(structure, *others, strict=True)]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    return function(structure, *others)


def pack_sequence_as(structure: Any, leaves: list[Any]) -> Any:
    """The structure with its leaves replaced by `leaves`, in order."""
    supply = iter(leaves)
    return map_structure(lambda _: next(supply), structure)
