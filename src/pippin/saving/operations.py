"""Uses of functions in a functional model (`x * 2 + ops.mean(y, axis=1)`) as plain data, in Keras's form, and back.

Keras writes a function as an operation class: ops.expand_dims(x, 1) is ExpandDims with the configuration {"axis": 1},
called on x. So the name follows from the function's, the tensors are what it is called on, and the rest is
configuration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from operator import truediv
from typing import Any

from pippin import activations, ops
from pippin.errors import FileError
from pippin.naming import snake_case
from pippin.ops.tensor import OPERATORS, Node, operation_name, take_item

_MATH = ("erf", "in_top_k", "logsumexp", "rsqrt", "top_k")
_CORE = ("cast", "convert_to_tensor", "stop_gradient", "unstack")
_NN = ("moments", "normalize", "one_hot")


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    """Every public operation by its name."""
    return {name: getattr(ops, name) for name in dir(ops) if hasattr(getattr(ops, name), "__wrapped__")}


def _keras_module(name: str) -> str:
    if name in _MATH:
        return "keras.src.ops.math"
    if name in _CORE:
        return "keras.src.ops.core"
    home = _functions()[name].__module__.rpartition(".")[2] if name in _functions() else ""
    return "keras.src.ops.nn" if home in ("activation", "networks") or name in _NN else "keras.src.ops.numpy"


def written_operation(node: Node) -> tuple[str, dict[str, Any], list[Any]]:
    """(a name to start from, the description, what it is called on) of a node that uses a function."""
    function = node.operation
    name = operation_name(function)
    if function is take_item or function in OPERATORS.values():
        return name, _description(_keras_module(name), _camel(name), {}), list(node.arguments)
    is_relu = function is activations.relu
    if not is_relu and name not in _functions():
        raise FileError(
            f"the model uses the function {name}, for which Keras's files have no word. "
            f"Use a layer in its place, for example layers.Activation({name!r})."
        )
    bound = inspect.signature(function).bind(*node.arguments, **node.keywords)
    bound.apply_defaults()
    count = function.tensor_count  # type: ignore[attr-defined]
    config = dict(list(bound.arguments.items())[count:])
    called_on = list(bound.arguments.values())[:count]
    if is_relu:
        return "re_lu", _description("keras.src.activations.activations", "ReLU", config), called_on
    return name, _description(_keras_module(name), _camel(name), config), called_on


def _camel(name: str) -> str:
    return "InTopK" if name == "in_top_k" else "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _description(module: str, class_name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": class_name}


def is_operation(description: dict[str, Any]) -> bool:
    """Whether a description is that of a function, not of a layer."""
    return str(description.get("module", "")).startswith(("keras.src.ops.", "keras.src.activations", "keras.ops"))


def has_operation(class_name: str) -> bool:
    """Whether Pippin has the function that Keras writes as this class."""
    return class_name in ("GetItem", "ReLU", "TrueDivide", "InTopK") or snake_case(class_name) in _functions()


def read_operation(description: dict[str, Any], where: str) -> Callable[..., Any]:
    """A function of tensors for Keras's description of an operation. Raises FileError for one that Pippin lacks."""
    class_name, config = str(description.get("class_name")), dict(description.get("config") or {})
    config.pop("name", None)
    config.pop("dtype", None) if isinstance(config.get("dtype"), dict) else None
    if class_name == "GetItem":
        return lambda x, key: x[tuple(key) if isinstance(key, list) else key]
    if class_name == "ReLU":
        return lambda x: activations.relu(x, **config)
    if class_name == "TrueDivide":
        return truediv
    function = _functions().get("in_top_k" if class_name == "InTopK" else snake_case(class_name))
    if function is None:
        raise FileError(f"{where}: the model uses the operation {class_name!r}, which Pippin does not have.")
    known = inspect.signature(function).parameters
    strange = [word for word, value in config.items() if word not in known and value not in (None, False)]
    if strange:
        raise FileError(
            f"{where}: the operation {class_name} has {strange[0]}={config[strange[0]]!r}, which Pippin does not know."
        )
    settings = {word: value for word, value in config.items() if word in known}
    return lambda *tensors, **keywords: function(*tensors, **keywords, **settings)
