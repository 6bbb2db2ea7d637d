"""`tf.strings`: texts changed one by one, in arrays of any shape."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pippin.compat.tf.dtypes import as_text, kind_of
from pippin.program.eager import as_eager


def _each(function: Callable[[str], Any], input: Any) -> Any:
    texts = as_text(input)
    return as_eager(np.array([function(text) for text in texts.reshape(-1).tolist()]).reshape(texts.shape))


def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Small letters."""
    return _each(str.lower, input)


def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """Capital letters."""
    return _each(str.upper, input)


def strip(input: Any, name: str | None = None) -> Any:
    """Without space at both ends."""
    return _each(str.strip, input)


def regex_replace(input: Any, pattern: str, rewrite: str, replace_global: bool = True, name: str | None = None) -> Any:
    r"""What matches `pattern` replaced by `rewrite`, in which \1 stands for the first group."""
    made = re.compile(pattern)
    return _each(lambda text: made.sub(rewrite, text, count=0 if replace_global else 1), input)


def regex_full_match(input: Any, pattern: str, name: str | None = None) -> Any:
    """Whether the whole text matches."""
    made = re.compile(pattern)
    return _each(lambda text: made.fullmatch(text) is not None, input)


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """How long each text is, in bytes or (unit="UTF8_CHAR") in letters."""
    return _each(lambda text: np.int32(len(text.encode() if unit == "BYTE" else text)), input)


def substr(input: Any, pos: int, len: int, unit: str = "BYTE", name: str | None = None) -> Any:
    """`len` letters from `pos` on."""
    return _each(lambda text: text[pos:][:len], input)


def join(inputs: Any, separator: str = "", name: str | None = None) -> Any:
    """Texts at the same place of several arrays, put together."""
    parts = np.broadcast_arrays(*map(as_text, inputs))
    rows = zip(*(part.reshape(-1).tolist() for part in parts), strict=True)
    return as_eager(np.array([separator.join(row) for row in rows]).reshape(parts[0].shape))


def split(input: Any, sep: str | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of a text, between spaces or `sep`; of several texts a list for each, as an array of objects."""
    texts = as_text(input)
    if texts.ndim == 0:
        return as_eager(np.array(texts.item().split(sep or None, maxsplit), dtype=str))
    found = np.empty(texts.size, object)
    found[:] = [text.split(sep or None, maxsplit) for text in texts.reshape(-1).tolist()]
    return as_eager(found.reshape(texts.shape))


def to_number(input: Any, out_type: Any = "float32", name: str | None = None) -> Any:
    """The numbers that texts spell."""
    return as_eager(as_text(input).astype(kind_of(out_type)))


def as_string(input: Any, precision: int = -1, name: str | None = None) -> Any:
    """Numbers as texts."""
    array = np.asarray(input)
    spell = str if precision < 0 else lambda number: f"{number:.{precision}f}"
    return as_eager(np.array([spell(number) for number in array.reshape(-1).tolist()]).reshape(array.shape))


def unicode_split(input: Any, input_encoding: str = "UTF-8", name: str | None = None, **unused: Any) -> Any:
    """The letters of a text."""
    return as_eager(np.array(list(as_text(input).item())))


def reduce_join(inputs: Any, axis: int | None = None, separator: str = "", name: str | None = None) -> Any:
    """Texts along an axis put together; all of them without an axis."""
    texts = as_text(inputs)
    if axis is None:
        return as_eager(np.array(separator.join(texts.reshape(-1).tolist())))
    return as_eager(np.apply_along_axis(lambda row: np.array(separator.join(row), object), axis, texts).astype(str))
