"""Arrays as scripts of TensorFlow know them: NumPy's, which also answer `.numpy()`, and whose operators a running
`GradientTape` sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.program.symbol import Symbol
from pippin.program.tensor_shape import TensorShape
from pippin.program.trace import current_trace

_SEEN = (
    *("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "pow", "rpow", "matmul", "rmatmul"),
    *("neg", "abs", "getitem", "iadd", "isub", "imul", "itruediv"),
)
"""Operators whose results change smoothly with their operands: what a tape must not miss."""


class EagerTensor(np.ndarray[Any, np.dtype[Any]]):
    """A NumPy array with TensorFlow's manners. What it is and holds, NumPy says."""

    def numpy(self) -> Any:
        """The plain array, or the number if there is only one; text as bytes, as TensorFlow has it."""
        plain: Any = np.char.encode(self, "utf-8").astype(object) if self.dtype.kind == "U" else self.view(np.ndarray)
        return plain[()] if self.ndim == 0 else plain

    @property  # type: ignore[misc]
    def shape(self) -> TensorShape:
        """The sizes of the axes."""
        return TensorShape(super().shape)

    def get_shape(self) -> TensorShape:
        """The sizes of the axes, in TensorFlow 1's words."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Make sure that this is the shape, as far as it is said. Raises ValueError."""
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"set_shape: Tensor's shape {self.shape} is not compatible with supplied shape {shape}.")


def as_eager(array: Any) -> EagerTensor:
    """The same numbers as an EagerTensor."""
    return np.asarray(array).view(EagerTensor)


def _seen_by_tapes(name: str) -> Callable[..., Any]:
    plain = getattr(np.ndarray, name)

    def operator(self: EagerTensor, *others: Any) -> Any:
        trace = current_trace()
        if trace is not None and any(trace.watches(one) for one in (self, *others)):
            # TensorFlow's arrays never change: x += y makes a new one.
            return getattr(trace.symbol(self), name.replace("__i", "__"))(*others)
        if name == "__getitem__":
            return np.asarray(plain(self, *others)).view(EagerTensor)
        return (getattr(np.ndarray, name.replace("__i", "__")) if name.startswith("__i") else plain)(self, *others)

    return operator


for _word in _SEEN:
    setattr(EagerTensor, f"__{_word}__", _seen_by_tapes(f"__{_word}__"))


# What scripts are handed ----------------------------------------------------------------------------------------------

_eager_everywhere = [False]


def hand_out_eager_tensors() -> None:
    """For scripts of TensorFlow: from now on what layers and `pippin.ops` compute is handed out as EagerTensors, and
    symbols answer as they do."""
    _eager_everywhere[0] = True
    for word in ("get_shape", "set_shape"):
        setattr(Symbol, word, getattr(EagerTensor, word))
    setattr(Symbol, "shape", property(lambda self: TensorShape(self.spec.shape)))  # noqa: B010


def handed_out(array: Any) -> Any:
    """A computed array as this process hands it out."""
    return as_eager(array) if _eager_everywhere[0] else array


def hands_out_plain_arrays() -> bool:
    """Whether NumPy's own arrays are handed out, as engines make them."""
    return not _eager_everywhere[0]
