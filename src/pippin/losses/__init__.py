"""Keras's losses by name."""

from __future__ import annotations

from typing import Any

from pippin.errors import unknown
from pippin.losses.loss import Loss, LossFunctionWrapper
from pippin.losses.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error

_CLASSES: dict[str, type[Loss]] = {
    "mean_squared_error": MeanSquaredError, "mean_absolute_error": MeanAbsoluteError,
    "categorical_crossentropy": CategoricalCrossentropy, "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "binary_crossentropy": BinaryCrossentropy,
}  # fmt: skip
_SHORT = {
    "mse": "mean_squared_error",
    "MSE": "mean_squared_error",
    "mae": "mean_absolute_error",
    "MAE": "mean_absolute_error",
    "bce": "binary_crossentropy",
    "BCE": "binary_crossentropy",
}
ALL: dict[str, type[Loss]] = {
    **_CLASSES, **{short: _CLASSES[name] for short, name in _SHORT.items()}, **{cls.__name__: cls for cls in _CLASSES.values()},
}  # fmt: skip


def get(identifier: Any) -> Any:
    """The loss for a name, a function of (y_true, y_pred), a configuration or an object; None stays None."""
    if identifier is None or isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, dict):
        if identifier["class_name"] not in ALL:
            raise unknown("loss", identifier["class_name"], ALL)
        return ALL[identifier["class_name"]].from_config(identifier.get("config", {}))
    if isinstance(identifier, str):
        if identifier not in ALL:
            raise unknown("loss", identifier, ALL)
        return ALL[identifier]()
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if callable(identifier):
        return LossFunctionWrapper(identifier, name=getattr(identifier, "__name__", "loss"))
    raise unknown("loss", identifier, ALL)


__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "Loss", "LossFunctionWrapper", "MAE", "MSE", "MeanAbsoluteError", "MeanSquaredError",
    "SparseCategoricalCrossentropy", "binary_crossentropy", "categorical_crossentropy", "get", "mae", "mean_absolute_error",
    "mean_squared_error", "mse", "sparse_categorical_crossentropy",
]  # fmt: skip
