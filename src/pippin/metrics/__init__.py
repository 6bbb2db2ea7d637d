"""Keras's metrics by name."""

from __future__ import annotations

from typing import Any

from pippin import losses
from pippin.errors import unknown
from pippin.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from pippin.metrics.metric import Mean, MeanMetricWrapper, Metric

_CLASSES: tuple[type[Metric], ...] = (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    Mean,
    SparseCategoricalAccuracy,
)


def _snake(name: str) -> str:
    from pippin.layers.layer import snake_case

    return snake_case(name)


ALL: dict[str, type[Metric]] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{_snake(cls.__name__): cls for cls in _CLASSES},
}


def get(identifier: Any) -> Any:
    """The metric for a name (also of a loss: "mse"), a function of (y_true, y_pred), a configuration or an object."""
    if identifier is None or isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, dict):
        if identifier["class_name"] not in ALL:
            raise unknown("metric", identifier["class_name"], ALL)
        return ALL[identifier["class_name"]].from_config(identifier.get("config", {}))
    if isinstance(identifier, str):
        if identifier in ALL:
            return ALL[identifier]()
        if identifier in losses.ALL:
            return MeanMetricWrapper(losses.get(identifier).fn, name=identifier)
        raise unknown("metric", identifier, [*ALL, *losses.ALL, "accuracy"])
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        return identifier()
    if callable(identifier):
        return MeanMetricWrapper(identifier, name=getattr(identifier, "__name__", "metric"))
    raise unknown("metric", identifier, ALL)


__all__ = [
    "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "Mean", "MeanMetricWrapper", "Metric", "SparseCategoricalAccuracy",
    "binary_accuracy", "categorical_accuracy", "get", "sparse_categorical_accuracy",
]  # fmt: skip
