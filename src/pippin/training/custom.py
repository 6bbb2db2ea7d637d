"""Steps that a model writes itself: an overridden train_step, test_step, predict_step, compute_loss or compute_metrics
is traced into the step's program, like all the rest. And what the models that override none inherit."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from pippin import ops
from pippin.errors import SettingError
from pippin.ops.gradient import GradientTape
from pippin.program import Trace, current_trace
from pippin.tree import flatten


def overrides(model: Any, name: str) -> bool:
    """Whether a model brings a method of its own under a name that the trainer has."""
    from pippin.training.trainer import Trainer

    return getattr(type(model), name) is not getattr(Trainer, name)


def runs_plainly(model: Any, mode: str) -> bool:
    """Whether a model's own step is run as Python, batch by batch, because `compile` was told run_eagerly=True."""
    return mode in ("train", "test") and model.run_eagerly and overrides(model, f"{mode}_step")


def run_plainly(model: Any, name: str, x: Any, y: Any, weight: Any) -> None:
    """Run a model's own step on arrays, and keep its figures."""
    for key, value in _flat(model, name, getattr(model, name)(pack(x, y, weight))).items():
        model.result_variable(key).value[...] = np.sum(np.asarray(value))


def pack(x: Any, y: Any = None, weight: Any = None) -> Any:
    """A batch as Keras hands it to `train_step`: x alone, (x, y), or (x, y, sample_weight)."""
    if y is None and weight is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if weight is None else (x, y, weight)


def unpack(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of what `pack` made; None for what isn't there."""
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise SettingError(f"train_step data: expected x, (x, y) or (x, y, sample_weight), received {len(data)} parts.")
    return (*data, None, None)[:3]


def own_step(model: Any, name: str, x: Any, y: Any, weight: Any) -> dict[str, Any]:
    """What a model's own train_step or test_step wrote: its figures by name, each one number."""
    try:
        logs = getattr(model, name)(pack(x, y, weight))
    except TypeError as error:
        error.add_note(
            f"It was raised while {name} of {model.described()} was traced into a program. A step that has to look at "
            "numbers is run as plain Python after compile(..., run_eagerly=True)."
        )
        raise
    return flat_figures(model, name, logs)


def flat_figures(model: Any, name: str, logs: Any) -> dict[str, Any]:
    """The figures that a method of a model gave, each one number; those of dicts inside stand beside the others."""
    return {key: _one_number(value) for key, value in _flat(model, name, logs).items()}


def _flat(model: Any, name: str, logs: Any) -> dict[str, Any]:
    if not isinstance(logs, dict):
        raise SettingError(
            f"{model.described()}: expected {name} to return a dict of figures by name, received {logs!r}."
        )
    flat: dict[str, Any] = {}
    for key, value in logs.items():
        flat.update(value if isinstance(value, dict) else {key: value})
    return flat


def _one_number(value: Any) -> Any:
    trace = current_trace()
    assert trace is not None
    figure = ops.cast(ops.copy(trace.symbol(value)), "float32")  # it may be a variable itself
    return figure.sum() if figure.rank else figure


def train_step(model: Any, data: Any) -> dict[str, Any]:
    """Predict, measure, differentiate, move the weights, count: one batch."""
    x, y, weight = unpack(data)
    trainable = model.trainable_variables
    with GradientTape() as tape:
        predictions = model(x, training=True)
        loss = loss_of(model, x, y, predictions, weight, training=True)
        scaled = model.optimizer.scale_loss(loss)
    model.optimizer.apply(tape.gradient(scaled, trainable, unconnected_gradients="zero"), trainable)
    _count(model, x, loss)
    return model.compute_metrics(x, y, predictions, sample_weight=weight)  # type: ignore[no-any-return]


def test_step(model: Any, data: Any) -> dict[str, Any]:
    """Predict, measure, count: one batch."""
    x, y, weight = unpack(data)
    predictions = model(x, training=False)
    loss = loss_of(model, x, y, predictions, weight, training=False)
    _count(model, x, loss)
    return model.compute_metrics(x, y, predictions, sample_weight=weight)  # type: ignore[no-any-return]


def loss_of(model: Any, x: Any, y: Any, predictions: Any, weight: Any, training: bool) -> Any:
    """What the model's `compute_loss` says; one that was written without the argument `training` isn't told it."""
    takes = inspect.signature(model.compute_loss).parameters
    told = "training" in takes or any(one.kind is one.VAR_KEYWORD for one in takes.values())
    more = {"training": training} if told else {}
    return model.compute_loss(x=x, y=y, y_pred=predictions, sample_weight=weight, **more)


def _count(model: Any, x: Any, loss: Any) -> None:
    model.compilation.loss_tracker.update_state(loss, sample_weight=float(flatten(x)[0].shape[0]))


def compute_loss(model: Any, y: Any, predictions: Any, weight: Any) -> Any:
    """The loss that `compile` named, with what layers and regularizers add."""
    from pippin.training.step import labelled, penalties_of

    y_true, y_pred, weights, _ = labelled(model, y, predictions, weight)
    trace = current_trace()
    penalties = penalties_of(trace, model) if isinstance(trace, Trace) else []
    return model.compilation.total_loss(y_true, y_pred, weights, penalties)[0]


def compute_metrics(model: Any, y: Any, predictions: Any, weight: Any) -> dict[str, Any]:
    """Add the batch to the metrics of `compile`; all figures so far, the loss among them."""
    from pippin.training.step import labelled

    y_true, y_pred, weights, _ = labelled(model, y, predictions, weight)
    model.compilation.update_wanted(y_true, y_pred, weights)
    return model.get_metrics_result()  # type: ignore[no-any-return]


__all__ = ["compute_loss", "compute_metrics", "overrides", "own_step", "pack", "test_step", "train_step", "unpack"]
