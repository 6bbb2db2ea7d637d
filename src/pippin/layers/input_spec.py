"""What a layer says about the inputs it takes, and the check of an input against it."""

from __future__ import annotations

from typing import Any

from pippin.errors import ShapeError
from pippin.saving.configured import Configured
from pippin.tree import flatten


class InputSpec(Configured):
    """The type, shape (batch first, None for any length) and number of axes that a layer wants; what is None is free.

    `axes` says lengths of single axes: {-1: 10}. With `allow_last_axis_squeeze` a last axis of length 1 may be missing
    or too many.
    """

    def __init__(
        self, dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
        min_ndim: int | None = None, axes: dict[int, Any] | None = None, allow_last_axis_squeeze: bool = False,
        name: str | None = None, optional: bool = False,
    ) -> None:  # fmt: skip
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = ndim if shape is None else len(tuple(shape))
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        try:
            self.axes = {int(place): length for place, length in (axes or {}).items()}
        except (ValueError, TypeError, AttributeError):
            raise TypeError(
                f"InputSpec axes: expected a dict from whole numbers to lengths, received {axes!r}."
            ) from None
        if self.axes and (self.ndim is not None or self.max_ndim is not None):
            most = (self.ndim if self.ndim is not None else self.max_ndim or 0) - 1
            if max(self.axes) > most:
                raise ValueError(f"InputSpec axes: expected axes up to {most}, received {max(self.axes)}.")
        self.allow_last_axis_squeeze, self.name, self.optional = allow_last_axis_squeeze, name, optional

    def __repr__(self) -> str:
        words = ("dtype", "shape", "ndim", "max_ndim", "min_ndim")
        told = [f"{word}={getattr(self, word)}" for word in words if getattr(self, word) is not None]
        return f"InputSpec({', '.join([*told, *([f'axes={self.axes}'] if self.axes else [])])})"

    def wrong(self, shape: tuple[int | None, ...], dtype: str) -> str | None:
        """What the spec wants that an input of this shape and type is not, in words; None if it fits."""
        if self.allow_last_axis_squeeze and self.shape is not None and shape:
            if len(shape) == len(self.shape) + 1 and shape[-1] == 1:
                shape = shape[:-1]
            elif len(shape) == len(self.shape) - 1 and self.shape[-1] == 1:
                shape = (*shape, 1)
        if self.ndim is not None and len(shape) != self.ndim:
            return f"{self.ndim} axes"
        if self.max_ndim is not None and len(shape) > self.max_ndim:
            return f"at most {self.max_ndim} axes"
        if self.min_ndim is not None and len(shape) < self.min_ndim:
            return f"at least {self.min_ndim} axes"
        if self.dtype is not None and dtype != self.dtype:
            return f"numbers of type {self.dtype}"
        for place, length in self.axes.items():
            if length is not None and shape[place] not in (length, None):
                return f"length {length} of axis {place}"
        lengths = zip(self.shape or (), shape, strict=False)
        if any(None not in pair and pair[0] != pair[1] for pair in lengths):
            return f"shape {self.shape}"
        return None


def check_inputs(described: str, specs: Any, inputs: Any) -> None:
    """Raise unless the first argument of a layer is what its `input_spec` says, leaf by leaf."""
    wanted = [spec for spec in flatten(specs) if isinstance(spec, InputSpec)]
    named = {spec.name for spec in wanted}
    if isinstance(inputs, dict) and wanted and None not in named:
        missing = sorted(name for name in named if name not in inputs)  # type: ignore[type-var]
        if missing:
            raise ShapeError(
                f"{described}: expected inputs named {', '.join(map(str, named))}, received {sorted(inputs)}."
            )
        given = [inputs[spec.name] for spec in wanted]
    else:
        given = flatten(inputs)
    if len(given) != len(wanted):
        raise ShapeError(f"{described}: expected {len(wanted)} inputs, received {len(given)}.")
    for number, (leaf, spec) in enumerate(zip(given, wanted, strict=True)):
        if leaf is None and spec.optional:
            continue
        if not hasattr(leaf, "shape"):
            raise ShapeError(f"{described}: expected arrays or tensors, received {leaf!r} (of type {type(leaf)}).")
        which = f"input {number}" if len(wanted) > 1 else "an input"
        wrong = spec.wrong(tuple(leaf.shape), str(leaf.dtype))
        if wrong is not None:
            raise ShapeError(f"{described}: expected {which} with {wrong}, received shape {tuple(leaf.shape)}.")
