"""Strings and whole numbers sorted into a number of bins by a hash: no vocabulary, and now and then two in one bin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.errors import SettingError, ShapeError, unknown
from pippin.layers.fingerprint import fingerprint, joined, keyed
from pippin.layers.outside import OutsideLayer, as_text
from pippin.layers.statistics import encoded

_FIRST = 0xDECAFCAFFE
"""What the fingerprint of a crossing begins with, in TensorFlow."""


class _Hashed(OutsideLayer):
    """Bins as whole numbers (output_mode "int", of type int64), or as one place for each."""

    num_bins: int
    output_mode: str

    def foretold(self, shape: Any) -> tuple[Any, str]:
        if self.output_mode == "int":
            return shape, self.compute_dtype
        if self.output_mode != "one_hot" or (len(shape) > 1 and shape[-1] == 1):
            shape = shape[:-1]
        return (*shape, self.num_bins), self.compute_dtype

    def _encoded(self, bins: np.ndarray) -> np.ndarray:
        if self.output_mode == "int":
            return bins.astype(self.compute_dtype)
        found: np.ndarray = encoded(bins[None] if bins.ndim == 0 else bins, self.output_mode, self.num_bins)
        return found.astype(self.compute_dtype)


class Hashing(_Hashed):
    """Strings or whole numbers (...) → bins from 0 to num_bins - 1, the same on every machine and in every run.

    `mask_value` has bin 0 for itself. Without `salt` the hash is FarmHash's, with it SipHash's.
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **keywords: Any,
    ) -> None:
        if keywords.get("dtype") is None:
            keywords["dtype"] = "int64" if output_mode == "int" else "float32"
        super().__init__(**keywords)
        if num_bins is None or num_bins <= 0:
            raise SettingError(
                f"The `num_bins` for `Hashing` cannot be `None` or non-positive values. Received: num_bins={num_bins}."
            )
        if output_mode not in ("int", "one_hot", "multi_hot", "count"):
            raise unknown("value of Hashing for `output_mode`", output_mode, ("int", "one_hot", "multi_hot", "count"))
        if output_mode == "int" and self.compute_dtype not in ("int32", "int64"):
            raise SettingError(
                'When `output_mode="int"`, `dtype` should be an integer type, \'int32\' or \'int64\'. Received: '
                f"dtype={keywords['dtype']}"
            )
        if sparse:
            raise SettingError(
                '`sparse` may only be true if `output_mode` is `"one_hot"`, `"multi_hot"`, or `"count"`, and in '
                "TensorFlow: Pippin's arrays are dense."
            )
        self.num_bins, self.mask_value, self.output_mode, self.sparse = num_bins, mask_value, output_mode, sparse
        self.salt = [salt, salt] if isinstance(salt, int) else list(salt) if isinstance(salt, (list, tuple)) else salt
        if self.salt is not None and (not isinstance(self.salt, list) or len(self.salt) != 2):
            raise SettingError(
                "The `salt` argument for `Hashing` can only be a tuple of size 2 integers, or a single integer. "
                f"Received: salt={salt}."
            )

    def call(self, inputs: Any) -> np.ndarray:
        array = np.asarray(inputs)
        bins, mask = self.num_bins, None
        if self.mask_value is not None and bins > 1:
            bins, mask = bins - 1, np.equal(_plain(array), self.mask_value)
        salt = self.salt
        hashed: Callable[[bytes], int] = fingerprint if salt is None else lambda data: keyed(data, salt)
        texts = _plain(array).astype(np.int64) if array.dtype.kind == "f" else _plain(array)
        known = {text: hashed(str(text).encode()) % bins for text in set(texts.reshape(-1).tolist())}
        found = np.array([known[text] for text in texts.reshape(-1).tolist()], np.int64).reshape(array.shape)
        return self._encoded(found if mask is None else np.where(mask, 0, found + 1))


class HashedCrossing(_Hashed):
    """Pairs (or more) of strings or whole numbers, each () or (batch,) or (batch, 1) → the bin of their
    combination."""

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(name=name, dtype="int64" if output_mode == "int" and dtype is None else dtype, **keywords)
        if sparse:
            raise SettingError("HashedCrossing: `sparse=True` can only be used with the TensorFlow backend.")
        if output_mode not in ("int", "one_hot"):
            raise unknown("value of HashedCrossing for `output_mode`", output_mode, ("int", "one_hot"))
        self.num_bins, self.output_mode, self.sparse = num_bins, output_mode, sparse

    def foretold(self, shape: Any) -> tuple[Any, str]:
        if not isinstance(shape, (list, tuple)) or len(shape) < 2 or not isinstance(shape[0], (list, tuple)):
            raise ShapeError(f"{self.described()}: Expected as input a list/tuple of 2 tensors. Received: {shape}")
        return super().foretold(tuple(shape[0]))

    def call(self, inputs: Any) -> np.ndarray:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise ShapeError(
                f"`HashedCrossing` should be called on a list or tuple of at least two inputs. Received: "
                f"inputs={inputs}"
            )
        arrays = [_plain(np.asarray(part)) for part in inputs]
        shape = arrays[0].shape
        if len(shape) > 2 or (len(shape) == 2 and shape[-1] != 1) or any(array.shape != shape for array in arrays):
            raise ShapeError(
                "All `HashedCrossing` inputs should have equal shape, `()`, `(batch_size)` or `(batch_size, 1)`. "
                f"Received shapes: {[array.shape for array in arrays]}"
            )
        if any(array.dtype.kind == "f" for array in arrays):
            raise SettingError("All `HashedCrossing` inputs should have an integer or string dtype.")
        rows = zip(*(array.reshape(-1).tolist() for array in arrays), strict=True)
        found = np.array([_crossed(row) % self.num_bins for row in rows], np.int64).reshape(shape)
        return self._encoded(found)

    def get_config(self) -> dict[str, Any]:
        return {word: value for word, value in super().get_config().items() if word != "trainable"}


def _crossed(parts: Any) -> int:
    found = _FIRST
    for part in parts:
        found = joined(found, fingerprint(part.encode()) if isinstance(part, str) else int(part) % 2**64)
    return found


def _plain(array: np.ndarray) -> np.ndarray:
    """Strings as Python's, numbers as they are."""
    return as_text(array) if array.dtype.kind in "USO" else array
