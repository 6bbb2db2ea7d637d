"""Keras's losses by name: as functions, which give a number for each example, and as classes, which give one for
all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pippin.losses.circle import Circle, circle
from pippin.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    sparse_categorical_crossentropy,
)
from pippin.losses.ctc import CTC, ctc
from pippin.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
    categorical_generalized_cross_entropy,
)
from pippin.losses.hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from pippin.losses.loss import Loss, LossFunctionWrapper
from pippin.losses.overlap import Dice, Tversky, dice, tversky
from pippin.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from pippin.saving.named import from_description, given_object, unknown_name
from pippin.saving.serialize import serialize as written

CLASS_OF: dict[Callable[..., Any], type[Loss]] = {
    binary_crossentropy: BinaryCrossentropy, categorical_crossentropy: CategoricalCrossentropy,
    categorical_hinge: CategoricalHinge, cosine_similarity: CosineSimilarity, hinge: Hinge, huber: Huber,
    kl_divergence: KLDivergence, log_cosh: LogCosh, mean_absolute_error: MeanAbsoluteError,
    mean_absolute_percentage_error: MeanAbsolutePercentageError, mean_squared_error: MeanSquaredError,
    mean_squared_logarithmic_error: MeanSquaredLogarithmicError, poisson: Poisson,
    sparse_categorical_crossentropy: SparseCategoricalCrossentropy, squared_hinge: SquaredHinge,
    binary_focal_crossentropy: BinaryFocalCrossentropy, categorical_focal_crossentropy: CategoricalFocalCrossentropy,
    categorical_generalized_cross_entropy: CategoricalGeneralizedCrossEntropy, circle: Circle, ctc: CTC, dice: Dice,
    tversky: Tversky,
}  # fmt: skip

ALL: dict[str, Any] = {
    **{function.__name__: function for function in CLASS_OF}, **{cls.__name__: cls for cls in CLASS_OF.values()},
    "bce": binary_crossentropy, "BCE": binary_crossentropy, "kld": kl_divergence, "KLD": kl_divergence,
    "mae": mean_absolute_error, "MAE": mean_absolute_error, "mape": mean_absolute_percentage_error,
    "MAPE": mean_absolute_percentage_error, "mse": mean_squared_error, "MSE": mean_squared_error,
    "msle": mean_squared_logarithmic_error, "MSLE": mean_squared_logarithmic_error,
}  # fmt: skip


def serialize(loss: Any) -> Any:
    """A loss as plain data: its class and its configuration, or the name of a function."""
    return written(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss that `serialize` wrote. Own classes and functions come from `custom_objects` or are registered."""
    if isinstance(name, str):
        given = given_object((name,), custom_objects or {})
        return get(name) if given is None else given
    kind, config = name.get("class_name"), name.get("config") or {}
    if kind == "function":  # as Keras writes it: {"class_name": "function", "config": "hinge"}
        return deserialize(config, custom_objects)
    if kind == "LossFunctionWrapper":
        return LossFunctionWrapper(**{**config, "fn": deserialize(config["fn"], custom_objects)})
    return from_description("loss", name, {cls.__name__: cls for cls in CLASS_OF.values()}, custom_objects)


def get(identifier: Any) -> Any:
    """The loss for a name ("mse" is a function, "MeanSquaredError" an object), a configuration, a class or an
    object."""
    if isinstance(identifier, dict):
        return deserialize(identifier)
    found = ALL.get(identifier) if isinstance(identifier, str) else identifier
    if (found is None and identifier is not None) or (found is not None and not callable(found)):
        raise unknown_name("loss", identifier, {function.__name__: function for function in CLASS_OF})
    return found() if isinstance(found, type) else found


def as_loss(identifier: Any) -> Any:
    """The loss as an object that gives one number: a function gets its class, or is wrapped; None stays None."""
    found = get(identifier)
    if found is None or isinstance(found, Loss):
        return found
    if found in CLASS_OF:
        return CLASS_OF[found]()
    return LossFunctionWrapper(found, name=getattr(found, "__name__", None))


__all__ = [
    "CTC", "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy", "CategoricalHinge", "Circle", "CosineSimilarity", "Dice", "Hinge", "Huber",
    "KLDivergence", "LogCosh", "Loss", "LossFunctionWrapper", "MeanAbsoluteError", "MeanAbsolutePercentageError",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "Tversky", "as_loss", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy", "categorical_hinge", "circle",
    "cosine_similarity", "ctc", "deserialize", "dice", "get", "hinge", "huber", "kl_divergence", "log_cosh",
    "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
    "poisson", "serialize", "sparse_categorical_crossentropy", "squared_hinge", "tversky",
]  # fmt: skip
