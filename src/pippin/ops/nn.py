"""Keras's `ops.nn`: activations, convolutions, pooling, normalizations and losses. The words are those of `ops`."""

from __future__ import annotations

from typing import Any

from pippin import ops


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(ops, name)


def __dir__() -> list[str]:
    return dir(ops)
