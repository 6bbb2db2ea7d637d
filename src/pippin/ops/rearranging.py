"""`rearrange`: axes named, split, joined and moved by a pattern.

Source: Rogozhnikov, "Einops: clear and reliable tensor manipulations with Einstein-like notation" (2022).
"""

from __future__ import annotations

import re
from math import prod

from pippin.errors import SettingError, ShapeError
from pippin.ops.operation import operation
from pippin.ops.types import Tensor

Axes = list[list[str]]


@operation(1)
def rearrange(tensor: Tensor, pattern: str, **axes_lengths: int) -> Tensor:
    """"b h w c -> b (h w) c" joins two axes, "b (h w) c -> b h w c" with h=2 splits one; 1 is an axis of length 1."""
    left, arrow, right = pattern.partition("->")
    before, after = _axes(pattern, left), _axes(pattern, right)
    names = [name for group in before for name in group]
    if not arrow or sorted(names) != sorted(name for group in after for name in group) or len({*names}) < len(names):
        raise SettingError(f"rearrange: expected the same names, once each, on both sides of ->, received {pattern!r}.")
    if len(before) != tensor.rank:
        raise ShapeError(f"rearrange: expected {len(before)} axes for {pattern!r}, received an array {tensor.shape}.")
    lengths: dict[str, int] = dict(axes_lengths)
    for group, size in zip(before, tensor.shape, strict=True):
        open_names = [name for name in group if name not in lengths]
        known = prod(lengths[name] for name in group if name in lengths)
        if len(open_names) > 1 or known == 0 or size % known or (not open_names and known != size):
            told = " ".join(group) or "1"
            raise ShapeError(f"rearrange: ({told}) does not fit an axis of {size} with {lengths}; say more lengths.")
        lengths |= dict.fromkeys(open_names, size // known)
    spread = tensor.reshape([lengths[name] for name in names])
    moved = spread.transpose([names.index(name) for group in after for name in group])
    return moved.reshape([prod(lengths[name] for name in group) for group in after])


def _axes(pattern: str, side: str) -> Axes:
    """The names of each axis; an axis of length 1 has none."""
    found: Axes = []
    for joined, single in re.findall(r"\(([^()]*)\)|([^\s()]+)", side):
        found.append([name for name in (joined.split() if not single else [single]) if name != "1"])
    if not all(name.isidentifier() for group in found for name in group):
        raise SettingError(f"rearrange: expected names of axes, 1 and parentheses, received {pattern!r}.")
    return found
