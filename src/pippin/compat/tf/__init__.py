"""What scripts use of `tf` beside `tf.keras`: types, functions of arrays, variables, tapes, settings.

Graphs, sessions and the like are not here: using them raises with their name.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from pippin.errors import MissingWord

_MODULES = ("config", "data", "debugging", "distribute", "errors", "image", "io", "linalg", "nn", "random", "strings",
            "test")  # fmt: skip
_TABLES = ("arrays", "functions", "places")
_SHORT = {
    "Tensor": ("pippin.program.eager", "EagerTensor"),
    "GradientTape": ("pippin.ops.gradient", "GradientTape"),
    "as_string": ("pippin.compat.tf.strings", "as_string"),
    "constant_initializer": ("pippin.initializers", "Constant"),
    "ones_initializer": ("pippin.initializers", "Ones"),
    "random_normal_initializer": ("pippin.initializers", "RandomNormal"),
    "random_uniform_initializer": ("pippin.initializers", "RandomUniform"),
    "zeros_initializer": ("pippin.initializers", "Zeros"),
}
"""Names that other modules define."""


def executing_eagerly() -> bool:
    """Whether functions of arrays give arrays at once: always."""
    return True


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"pippin.compat.tf.{name}")
    if name in _SHORT:
        home, word = _SHORT[name]
        return getattr(import_module(home), word)
    dtypes = import_module("pippin.compat.tf.dtypes")
    if name in dtypes.NAMES:
        return dtypes.DType(name)
    if name == "DType" or name == "dtypes":
        return dtypes.DType if name == "DType" else dtypes
    for table in _TABLES:
        public = import_module(f"pippin.compat.tf.{table}").PUBLIC
        if name in public:
            return public[name]
    raise MissingWord(f"module 'tensorflow' has no attribute {name!r}")


def __dir__() -> list[str]:
    tables = [word for table in _TABLES for word in import_module(f"pippin.compat.tf.{table}").PUBLIC]
    return sorted([*_MODULES, *_SHORT, *tables, *import_module("pippin.compat.tf.dtypes").NAMES, "executing_eagerly"])
