"""Keras's `pad_sequences`: lists of different lengths as one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError, unknown

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """An array (sequences, maxlen, ...): shorter sequences are filled up with `value`, longer ones are cut.

    `padding` and `truncating` say on which side, "pre" or "post". `maxlen` defaults to the longest length. For text of
    any length use `dtype=object`.
    """
    if not hasattr(sequences, "__len__"):
        raise DataError(
            "pad_sequences: `sequences` must be iterable, and have a length; received "
            f"{type(sequences).__name__}. Pass a list of lists."
        )
    for word, side in (("padding", padding), ("truncating", truncating)):
        if side not in _SIDES:
            # The first words are Keras's, which programs match.
            raise SettingError(f'{word.capitalize()} type "{side}" not understood. {unknown(word, side, _SIDES)}')
    lengths = [_length(sequence) for sequence in sequences]
    is_text = dtype is object or np.dtype(dtype).kind in "USO"
    if isinstance(value, str) and not is_text:
        raise SettingError(
            f"pad_sequences: `dtype` {dtype} is not compatible with `value`'s type: {type(value)}. Use dtype=object "
            "for text of any length."
        )
    longest = max(lengths) if maxlen is None else int(maxlen)
    example = next((np.asarray(s).shape[1:] for s, length in zip(sequences, lengths, strict=True) if length), ())
    padded = np.full((len(lengths), longest, *example), value, dtype)
    for place, (sequence, length) in enumerate(zip(sequences, lengths, strict=True)):
        if not length:
            continue
        kept = np.asarray(sequence[-longest:] if truncating == "pre" else sequence[:longest], dtype)
        if kept.shape[1:] != example:
            raise DataError(
                f"pad_sequences: Shape of sample {kept.shape[1:]} of sequence at position {place} is different from "
                f"expected shape {example}."
            )
        where = slice(longest - len(kept), None) if padding == "pre" else slice(len(kept))
        padded[place, where] = kept
    return padded


def _length(sequence: Any) -> int:
    if not hasattr(sequence, "__len__"):
        raise DataError(
            f"pad_sequences: `sequences` must be a list of iterables. Found non-iterable: {sequence!s:.60}."
        )
    return len(sequence)
