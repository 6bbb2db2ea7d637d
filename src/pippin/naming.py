"""Names for what nobody named: "dense", "dense_1", "dense_2". In Keras's way, because names travel in model files."""

from __future__ import annotations

import re
from collections import defaultdict

_counts: defaultdict[str, int] = defaultdict(int)


def auto_name(prefix: str) -> str:
    """ "dense", "dense_1", "dense_2", ...: the names of a process, in the order things are made."""
    _counts[prefix] += 1
    return prefix if _counts[prefix] == 1 else f"{prefix}_{_counts[prefix] - 1}"


def snake_case(word: str) -> str:
    """ "MaxPooling2D" → "max_pooling2d", as Keras names its layers."""
    word = re.sub(r"\W+", "", word)
    word = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", word)
    return re.sub("([a-z])([A-Z])", r"\1_\2", word).lower()


def clear_names() -> None:
    """Start counting names afresh."""
    _counts.clear()
