"""Pippin: deep learning that you can see through. Keras's words, one program, three engines."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_FOLDERS = (
    "activations", "callbacks", "config", "constraints", "data", "datasets", "images", "initializers", "layers", "losses", "metrics", "models",
    "ops", "optimizers", "preprocessing", "random", "regularizers", "saving", "tree", "utils",
)  # fmt: skip
_NAMES = {
    "Function": "pippin.models", "Input": "pippin.layers", "Layer": "pippin.layers", "Loss": "pippin.losses", "Metric": "pippin.metrics",
    "Model": "pippin.models", "Optimizer": "pippin.optimizers", "Sequential": "pippin.models", "Variable": "pippin.program",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a part of Pippin when it is first named, so that `import pippin` stays light."""
    if name in _FOLDERS:
        return importlib.import_module(f"pippin.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    from pippin.errors import MissingWord, nearest

    raise MissingWord(f"module 'pippin' has no attribute {name!r}.{nearest(name, [*_FOLDERS, *_NAMES])}")


def __dir__() -> list[str]:
    return sorted([*_FOLDERS, *_NAMES, "__version__"])
