"""Masks: which time steps of a tensor count. A tensor carries its mask with it from layer to layer.

A symbol's mask is kept by its trace, a symbolic tensor's on the tensor itself, an array's in a table of arrays that are
alive.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from pippin.ops.comparison import logical_and
from pippin.ops.tensor import KerasTensor
from pippin.program import Symbol
from pippin.tree import flatten, map_structure

_of_arrays: dict[int, tuple[weakref.ref[np.ndarray], np.ndarray]] = {}


def any_array_has_one() -> bool:
    """Whether there is an array with a mask at all."""
    return bool(_of_arrays)


def mask_of(tensor: Any) -> Any:
    """The mask that a tensor carries, or None."""
    if isinstance(tensor, (Symbol, KerasTensor)):
        return tensor._keras_mask
    known = _of_arrays.get(id(tensor))
    return known[1] if known is not None and known[0]() is tensor else None


def set_mask(tensor: Any, mask: Any) -> None:
    """Let a tensor carry a mask, truth values of its first axes; or none."""
    if isinstance(tensor, (Symbol, KerasTensor)):
        tensor._keras_mask = mask
    elif mask is None:
        _of_arrays.pop(id(tensor), None)
    elif isinstance(tensor, np.ndarray):
        place = id(tensor)
        _of_arrays[place] = (weakref.ref(tensor, lambda _: _of_arrays.pop(place, None)), np.asarray(mask, bool))


def masks_of(structure: Any) -> Any:
    """The masks of a structure of tensors, in the same structure."""
    return map_structure(mask_of, structure)


def is_any(masks: Any) -> bool:
    """Whether there is a mask among these."""
    return any(mask is not None for mask in flatten(masks))


def both(one: Any, other: Any) -> Any:
    """What two masks show, either of which may be None: all."""
    return one if other is None else other if one is None else logical_and(one, other)


def give_masks(tensors: list[Any], masks: Any) -> None:
    """Let tensors carry the masks that a caller gave for them, one for each."""
    for tensor, mask in zip(tensors, flatten(masks) if masks is not None else (), strict=False):
        if mask is not None:
            set_mask(tensor, mask)
