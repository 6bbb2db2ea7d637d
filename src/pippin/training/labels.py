"""What an output and its loss ask of labels, and the words for labels that would train garbage. Looks at numbers only
once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from pippin import losses
from pippin.errors import DataError, SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.ops.tensor import KerasTensor
from pippin.training.compiled import CROSSENTROPY
from pippin.training.outputs import losses_by_output

SPARSE, CATEGORICAL, BINARY, ELEMENTWISE, OWN = "sparse", "categorical", "binary", "elementwise", "own"
_KINDS = (
    (losses.SparseCategoricalCrossentropy, SPARSE),
    (losses.CategoricalCrossentropy, CATEGORICAL),
    (losses.BinaryCrossentropy, BINARY),
)


@dataclass(frozen=True)
class Goal:
    """One output of a model and its loss. `activation` is the last thing that happened to it, if that has a name."""

    name: str  # of the output
    place: int  # among the outputs
    word: str  # how errors name its labels: y, or y of an output
    layer: str  # how errors name the layer that makes it
    shape: tuple[int | None, ...]  # of one example
    kind: str
    loss: str
    from_logits: bool
    ignored: int | None
    activation: str | None


def goals_of(model: Any) -> list[Goal]:
    """The goals of a compiled, built model; none for a model that doesn't know its outputs before it runs."""
    try:
        outputs = model.outputs
    except AttributeError:
        return []
    names = model.output_names(len(outputs), model.output)
    found = losses_by_output(model.compilation.loss, model.output, names)
    return [
        _goal(loss, tensor, name, place, "y" if len(outputs) == 1 else f'y of "{name}"')
        for place, (loss, tensor, name) in enumerate(zip(found, outputs, names, strict=True))
        if loss is not None and not (isinstance(loss, str) and loss in CROSSENTROPY)  # whose labels say what it means
    ]


def _goal(identifier: Any, tensor: KerasTensor, name: str, place: int, word: str) -> Goal:
    loss = losses.as_loss(identifier)
    is_ours = type(loss).__module__.startswith("pippin.") and type(loss) is not losses.LossFunctionWrapper
    kind = next((kind for cls, kind in _KINDS if isinstance(loss, cls)), ELEMENTWISE) if is_ours else OWN
    settings = getattr(loss, "settings", {})
    layer, activation = _last(tensor)
    return Goal(
        name, place, word, layer, tensor.shape[1:], kind, loss.name, bool(settings.get("from_logits", False)),
        settings.get("ignore_class"), activation,
    )  # fmt: skip


def _last(tensor: KerasTensor) -> tuple[str, str | None]:
    """The layer that makes a tensor, and the activation it ends with."""
    operation: Any = tensor.node.operation if tensor.node is not None else None
    if hasattr(operation, "layers") and hasattr(operation, "outputs"):  # a model inside: what its own output comes from
        return _last(operation.outputs[tensor.index])
    if not isinstance(operation, Layer):
        return "the output", getattr(operation, "__name__", None)
    kind = type(operation).__name__
    function = getattr(operation, "activation", None)
    name = (
        getattr(function, "__name__", None)
        if function is not None
        else {"Softmax": "softmax", "ReLU": "relu"}.get(kind)
    )
    return operation.described(), name


# Goals that can't be reached -----------------------------------------------------------------------------------------


def check_goal(goal: Goal) -> None:
    """Refuse an output that its loss can make nothing of."""
    units = goal.shape[-1] if goal.shape else None
    if goal.activation == "softmax" and units == 1:
        raise SettingError(
            f"{goal.layer}: expected softmax over 2 outputs or more, received 1, which is always 1.0 and learns "
            "nothing. "
            "For yes or no use one output with sigmoid and binary_crossentropy; for classes one output each."
        )
    if goal.kind == SPARSE and units == 1:
        raise SettingError(
            f"loss {goal.loss}: expected one output for each class, received 1 from {goal.layer}. "
            "For yes or no use binary_crossentropy with sigmoid; for classes give the layer one output each."
        )
    if goal.from_logits and goal.activation in ("softmax", "sigmoid") and goal.kind != OWN:
        raise SettingError(
            f"loss {goal.loss}: expected numbers before {goal.activation}, as from_logits=True says, but {goal.layer} "
            f"applies {goal.activation} itself. "
            "Take from_logits away, or the activation: twice is wrong."
        )


def doubt_of(goal: Goal) -> str | None:
    """What is probably a mistake, though it trains; None if nothing."""
    units = goal.shape[-1] if goal.shape else None
    if goal.from_logits:
        return None
    if goal.kind in (SPARSE, CATEGORICAL) and goal.activation in ("linear", "relu", "tanh"):
        return (
            f"loss {goal.loss}: expected probabilities, but {goal.layer} ends with {goal.activation}. "
            'Give it activation="softmax", or the loss from_logits=True.'
        )
    if goal.kind == BINARY and goal.activation in ("linear", "relu", "tanh"):
        return (
            f"loss {goal.loss}: expected probabilities, but {goal.layer} ends with {goal.activation}. "
            'Give it activation="sigmoid", or the loss from_logits=True.'
        )
    if goal.kind == BINARY and goal.activation == "softmax":
        return (
            f"loss {goal.loss}: expected a yes or no for each output by itself, but {goal.layer} ends with softmax, "
            f"where one of {units} wins. "
            "Use categorical_crossentropy, or sigmoid."
        )
    if goal.kind in (SPARSE, CATEGORICAL) and goal.activation == "sigmoid":
        return (
            f"loss {goal.loss}: expected probabilities that sum to 1, but {goal.layer} ends with sigmoid. "
            'Give it activation="softmax".'
        )
    return None


# Labels --------------------------------------------------------------------------------------------------------------


def check_labels(goal: Goal, y: np.ndarray) -> None:
    """Refuse labels that don't fit. `y` has numbers only, all finite."""
    if goal.kind == SPARSE:
        _check_class_numbers(goal, y)
    elif goal.kind in (CATEGORICAL, BINARY, ELEMENTWISE):
        _check_shape(goal, y)
        if goal.kind == BINARY:
            _check_yes_or_no(goal, y)
        elif goal.kind == CATEGORICAL and y.size and y.min() < 0:
            row = int(np.argmax(y.reshape(len(y), -1).min(1) < 0))
            raise DataError(
                f"{goal.word}: expected one-hot rows or probabilities, received {y.min():g} (first in row {row}). "
                "Use to_categorical."
            )


def shown(shape: tuple[Any, ...]) -> str:
    """A shape with its rows, in words: (rows, 28, any)."""
    return f"(rows, {', '.join('any' if size is None else str(size) for size in shape)})" if shape else "(rows,)"


def _same(wanted: tuple[int | None, ...], got: tuple[int, ...]) -> bool:
    return len(wanted) == len(got) and all(w is None or w == g for w, g in zip(wanted, got, strict=True))


def _check_class_numbers(goal: Goal, y: np.ndarray) -> None:
    classes, got = goal.shape[-1], y.shape[1:]
    if got and got[-1] == 1 and len(got) == len(goal.shape):
        got, y = got[:-1], y.reshape(y.shape[:-1])
    if not _same(goal.shape[:-1], got):
        _refuse_no_class_numbers(goal, y, got)
    if y.dtype.kind == "f" and (y != np.rint(y)).any():
        place = np.argwhere(y != np.rint(y))[0]
        raise DataError(
            f"{goal.word}: expected whole class numbers for loss {goal.loss}, received {y[tuple(place)]:g} "
            f"(first in row {place[0]}). Number the classes 0, 1, 2, ...; to learn a quantity use "
            "loss='mean_squared_error'."
        )
    if classes is not None and y.size and (y.min() < 0 or y.max() >= classes):
        _refuse_range(goal, y, classes)


def _refuse_no_class_numbers(goal: Goal, y: np.ndarray, got: tuple[int, ...]) -> NoReturn:
    wanted = shown(goal.shape[:-1])
    if _same(goal.shape, got):
        raise DataError(
            f"{goal.word}: expected class numbers, shape {wanted}, for loss {goal.loss}, received one column for each "
            f"class, {y.shape}. Use loss='categorical_crossentropy', or y.argmax(-1)."
        )
    raise ShapeError(
        f"{goal.word}: expected class numbers of shape {wanted} for {goal.layer}, received {y.shape}. "
        "Give one whole number for each prediction."
    )


def _refuse_range(goal: Goal, y: np.ndarray, classes: int) -> None:
    outside = (y < 0) | (y >= classes)
    if goal.ignored is not None:
        outside &= y != goal.ignored
    if not outside.any():
        return
    low, high = int(y.min()), int(y.max())
    first = np.argwhere(outside)[0]
    rows = int(outside.reshape(len(y), -1).any(1).sum())
    by_hand = "np.unique(y, return_inverse=True)[1]"
    if low >= 1 and high == classes:
        cure = "They look as if they began at 1: train on y - 1."
    elif low == -1 and high < classes:
        cure = "-1 often marks rows without a label: leave these rows out, or give the loss ignore_class=-1."
    elif low < 0:
        cure = f"Number the classes 0, 1, 2, ..., for example with {by_hand}."
    else:
        cure = f"Give the layer {high + 1} outputs, or number the classes from 0 without gaps: {by_hand}."
    raise DataError(
        f"{goal.word}: expected class numbers from 0 to {classes - 1}, because {goal.layer} has {classes} outputs, "
        f"received {low} to {high}: {rows} of {len(y)} rows are outside "
        f"(first: row {first[0]} with {int(y[tuple(first)])}). {cure}"
    )


def _check_shape(goal: Goal, y: np.ndarray) -> None:
    wanted, got = goal.shape, y.shape[1:]
    lacks_last_axis = wanted != () and wanted[-1] == 1 and _same(wanted[:-1], got)
    if _same(wanted, got) or lacks_last_axis or (wanted == () and got == (1,)):
        return
    is_column = got in ((), (1,)) and wanted != () and (wanted[-1] or 0) > 1
    if is_column and goal.kind == CATEGORICAL:
        raise DataError(
            f"{goal.word}: expected one column for each class, shape {shown(wanted)}, for loss {goal.loss}, "
            f"received class numbers, {y.shape}. "
            f"Use loss='sparse_categorical_crossentropy', or to_categorical(y, {wanted[-1]})."
        )
    cure = "Give one target for each output."
    if is_column and goal.kind == BINARY:
        cure = (
            "For one of several classes use softmax with loss='sparse_categorical_crossentropy'; "
            "for a single yes or no give the layer 1 output."
        )
    elif is_column:
        cure = (
            f"The column would be stretched over all {wanted[-1]} outputs: give the layer 1 output, "
            f"or {wanted[-1]} targets for each row."
        )
    raise ShapeError(
        f"{goal.word}: expected targets of shape {shown(wanted)}, like the outputs of {goal.layer}, "
        f"received {y.shape}. {cure}"
    )


def _check_yes_or_no(goal: Goal, y: np.ndarray) -> None:
    if not y.size:
        return
    low, high = float(y.min()), float(y.max())
    if low >= 0 and high <= 1:
        return
    outside = (y < 0) | (y > 1)
    first = np.argwhere(outside)[0]
    if (low, high) == (-1, 1) and np.isin(y, (-1, 1)).all():
        raise DataError(
            f"{goal.word}: expected 0 and 1 for loss {goal.loss}, received -1 and 1. "
            "Train on (y + 1) / 2, or use loss='hinge' with tanh."
        )
    rows = int(outside.reshape(len(y), -1).any(1).sum())
    if high.is_integer():
        cure = "For several classes use loss='sparse_categorical_crossentropy' with one output each."
    else:
        cure = "Scale them to 0..1, or use loss='mean_squared_error'."
    raise DataError(
        f"{goal.word}: expected 0 or 1 for loss {goal.loss}, received {low:g} to {high:g}: "
        f"{rows} of {len(y)} rows are outside (first: row {first[0]} with {y[tuple(first)]:g}). {cure}"
    )
