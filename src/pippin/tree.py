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


def assert_same_structure(a: Any, b: Any) -> None:
    """Raise ValueError if two structures differ in more than their leaves."""
    if isinstance(a, (list, tuple, dict)) or isinstance(b, (list, tuple, dict)):
        is_like = type(a) is type(b) and (sorted(a) == sorted(b) if isinstance(a, dict) else len(a) == len(b))
        if not is_like:
            raise ValueError(f"expected the same structure twice, received {a!r} and {b!r}.")
        for key in a if isinstance(a, dict) else range(len(a)):
            assert_same_structure(a[key], b[key])


def map_structure_up_to(shallow: Any, function: Callable[..., Any], *structures: Any) -> Any:
    """`function` applied to the parts of `structures` that stand where `shallow` has its leaves."""
    return map_structure(lambda _, *parts: function(*parts), shallow, *structures)


def map_shape_structure(function: Callable[..., Any], structure: Any) -> Any:
    """As `map_structure`, where a list or tuple of lengths (whole numbers and None) is one leaf: a shape."""
    if isinstance(structure, (list, tuple)) and all(size is None or isinstance(size, int) for size in structure):
        return function(tuple(structure))
    if isinstance(structure, dict):
        return {key: map_shape_structure(function, structure[key]) for key in sorted(structure)}
    if isinstance(structure, (list, tuple)):
        return type(structure)(map_shape_structure(function, part) for part in structure)
    raise ValueError(f"map_shape_structure: expected shapes in lists, tuples or dicts, received {structure!r}.")
