"""All variables of a model as nested dicts by path, as Keras's `get_state_tree` hands them out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pippin.errors import SettingError, unknown
from pippin.program import Variable

KINDS = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")
FORMATS = ("backend_tensor", "numpy_array")


def _variables(model: Any) -> dict[str, list[Variable]]:
    optimizer = [] if model.optimizer is None else model.optimizer.variables
    return {
        "trainable_variables": model.trainable_variables,
        "non_trainable_variables": model.non_trainable_variables,
        "optimizer_variables": optimizer,
        "metrics_variables": model.metrics_variables,
    }


def state_tree(model: Any, value_format: str) -> dict[str, Any]:
    """Copies of the numbers, by kind of variable and the parts of their paths. Raises SettingError for two variables of
    one path."""
    if value_format not in FORMATS:
        raise unknown("value_format", value_format, FORMATS)
    return {kind: _nested(variables) for kind, variables in _variables(model).items()}


def _nested(variables: Iterable[Variable]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for variable in variables:
        *parts, name = _path(variable).split("/")
        place = tree
        for part in parts:
            place = place.setdefault(part, {})
        if name in place:
            raise SettingError(f"The following variable path is found twice in the model: {_path(variable)}")
        place[name] = variable.numpy()
    return tree


def _path(variable: Variable) -> str:
    """Where Keras has it: totals of metrics stand under the metric's name."""
    return variable.path.removeprefix("metrics/")


def set_state_tree(model: Any, tree: dict[str, Any]) -> None:
    """Put numbers of `state_tree` back; variables that it doesn't name stay as they are. Raises SettingError for an
    unknown kind or variable."""
    known = _variables(model)
    for kind, nested in tree.items():
        if kind not in known:
            raise unknown("kind of variables", kind, KINDS)
        places = {_path(variable): variable for variable in known[kind]}
        for path, value in _by_path(nested, ""):
            if path not in places:
                raise unknown(f"variable among the {kind}", path, places)
            places[path].assign(np.asarray(value, places[path].dtype))


def _by_path(nested: dict[str, Any], outer: str) -> Iterable[tuple[str, Any]]:
    for name, value in nested.items():
        path = f"{outer}/{name}" if outer else name
        if isinstance(value, dict):
            yield from _by_path(value, path)
        else:
            yield path, value
