"""The one validator in front of all engines: data that would train garbage are refused before the first step, in the
same
words everywhere. One quick look at the numbers; what is wrong with them is only looked for when something is."""

from __future__ import annotations

from math import isfinite, prod
from typing import Any

import numpy as np

from pippin.errors import DataError, SettingError, ShapeError
from pippin.layers.layer import Layer
from pippin.ops.tensor import in_rank
from pippin.training.custom import overrides
from pippin.training.feed import ArrayFeed, make_feed, place_of
from pippin.training.hints import give_hints, hint_once
from pippin.training.labels import Goal, check_goal, check_labels, doubt_of, goals_of, shown
from pippin.tree import flatten


def whole(word: str, value: Any, least: int = 1) -> int:
    """`value` if it is a whole number of at least `least`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < least:
        raise SettingError(f"{word}: expected a whole number of {least} or more, received {value!r}.")
    return int(value)


# Numbers -------------------------------------------------------------------------------------------------------------


def check_training_data(model: Any, feed: ArrayFeed) -> None:
    """Refuse NaN and infinity, by row and column, and weights that are all 0."""
    for word, structure in (("x", feed.x), ("y", feed.y), ("sample_weight", feed.weight)):
        for leaf in flatten(structure):
            if leaf is not None:
                _finite(word, leaf)
                if word == "sample_weight" and not leaf.any():
                    raise DataError(
                        "sample_weight: expected weights above 0, received only zeros: there is nothing to learn from. "
                        "Leave it out, or weigh some rows."
                    )


def _finite(word: str, array: np.ndarray) -> None:
    if array.dtype.kind != "f" or isfinite(_sum(array)):
        return
    bad = np.argwhere(~np.isfinite(array))
    if not len(bad):
        return  # finite numbers whose sum is not
    kind = "NaN" if np.isnan(array[tuple(bad[0])]) else "infinity"
    rows = len(np.unique(bad[:, 0]))
    raise DataError(
        f"{word}: expected finite numbers, received {kind} in {rows} of {len(array)} rows (first: "
        f"{place_of(bad[0], array)}). "
        "Drop those rows or fill them, for example with np.nan_to_num."
    )


def _sum(array: np.ndarray) -> float:
    """The sum, in which every NaN and infinity leaves its trace; the quickest look there is at all numbers."""
    if array.size < 10_000 and abs(array).max(initial=0.0) < 1e30:
        return 0.0  # quicker still than silencing the warnings of a sum; NaN is not below anything
    with np.errstate(all="ignore"):
        return float(array.reshape(-1).sum())


# Inputs --------------------------------------------------------------------------------------------------------------


def check_inputs(model: Any, x: Any) -> None:
    """Refuse inputs whose shape the model was not made for."""
    try:
        tensors = model.entering
    except AttributeError:
        return
    leaves = [x[tensor.name] for tensor in tensors] if _is_by_name(x, tensors) else flatten(x)
    if len(leaves) != len(tensors):
        return  # the model itself says how many it wants
    for tensor, leaf in zip(tensors, leaves, strict=True):
        wanted, got = tensor.shape[1:], in_rank(tensor, leaf).shape[1:]
        if wanted != got and (
            len(wanted) != len(got) or any(w is not None and w != g for w, g in zip(wanted, got, strict=True))
        ):
            several = f' for input "{tensor.name}"' if len(tensors) > 1 else ""
            raise ShapeError(
                f"{_first_layer(model, tensor)}: expected x{several} of shape {shown(wanted)}, received "
                f"{leaf.shape}.{_cure(wanted, leaf.shape)}"
            )


def _is_by_name(x: Any, tensors: list[Any]) -> bool:
    return isinstance(x, dict) and all(tensor.name in x for tensor in tensors)


def _first_layer(model: Any, tensor: Any) -> str:
    """The layer that takes the input first: where a wrong shape would be felt."""
    nodes = getattr(model, "nodes", None)
    if nodes is not None:
        takers = [node.operation for node in nodes if any(source is tensor for source in node.inputs)]
        return takers[0].described() if takers and isinstance(takers[0], Layer) else model.described()
    return model.layers[0].described() if model.layers else model.described()  # type: ignore[no-any-return]


def _cure(wanted: tuple[int | None, ...], shape: tuple[int, ...]) -> str:
    got = shape[1:]
    if len(shape) == len(wanted) and all(w is None or w == g for w, g in zip(wanted, shape, strict=True)):
        return " It looks like a single example: add the batch axis with x[None]."
    if len(wanted) == 3 and len(got) == 3 and (got[1], got[2], got[0]) == wanted:
        return " The channels stand first: move them with x.transpose(0, 2, 3, 1)."
    if None not in wanted and prod(got) == prod(size or 1 for size in wanted):
        reshaped = f"x.reshape(-1, {', '.join(map(str, wanted))})"
        if len(wanted) == 1:
            return (
                " The numbers are as many as expected: begin the model with an Input of the data's shape and "
                f"add Flatten() as the first layer, or reshape the data, {reshaped}."
            )
        return f" The numbers are as many as expected: reshape them, {reshaped}."
    if len(wanted) == len(got):
        return (
            " Give the data the columns that the model was made for, or begin the model with an Input of their shape."
        )
    return f" Begin the model with Input(shape={got}), or reshape the data."


# Labels and goals ----------------------------------------------------------------------------------------------------


def check_against_model(model: Any, feed: ArrayFeed) -> None:
    """Refuse inputs and labels that don't fit the model and its loss; warn of what is probably a mistake. A step of the
    model's own may make of its data what it likes."""
    if overrides(model, "train_step"):
        return
    check_inputs(model, feed.x)
    goals = _goals(model)
    check_targets(model, goals, feed.y)
    give_hints(model, goals, feed.x, feed.y)


def _goals(model: Any) -> list[Goal]:
    """The goals of a model, found and judged once for each compile and each set of outputs."""
    compiled = model.compilation
    key = tuple(id(tensor) for tensor in getattr(model, "outputs", None) or ())
    if compiled.goals is None or compiled.goals[0] != key:
        goals = goals_of(model)
        for goal in goals:
            check_goal(goal)
            doubt = doubt_of(goal)
            if doubt is not None:
                hint_once(model, doubt)
        compiled.goals = (key, goals)
    return compiled.goals[1]  # type: ignore[no-any-return]


def check_targets(model: Any, goals: list[Goal], y: Any) -> None:
    """Refuse labels that are missing or don't fit their loss."""
    leaves = flatten(y)
    if goals and all(leaf is None for leaf in leaves):
        raise DataError(f"y: expected labels for loss {goals[0].loss}, received none. Pass y, or batches of (x, y).")
    by_place = dict(enumerate(leaves))
    for goal in goals:
        leaf = y.get(goal.name) if isinstance(y, dict) else by_place.get(goal.place)
        if isinstance(leaf, np.ndarray):  # the model itself says how many labels it wants
            check_labels(goal, leaf)


def check_batch(model: Any, x: Any, y: Any, weight: Any, number: int) -> None:
    """The same for one batch of a stream."""
    try:
        feed = ArrayFeed(x, y, weight, 0)
        check_training_data(model, feed)
        check_against_model(model, feed)
    except (DataError, ShapeError) as error:
        raise type(error)(f"batch {number}: {error}") from None


def check_validation(model: Any, data: Any) -> Any:
    """Validation data as arrays that were looked at before the first step; batches as they are."""
    given = data if isinstance(data, (tuple, list)) else (data,)
    if data is None or not 1 <= len(given) <= 3:
        return data
    feed = make_feed(*given)
    if not isinstance(feed, ArrayFeed):
        return data
    try:
        check_training_data(model, feed)
        check_against_model(model, feed)
    except (DataError, ShapeError) as error:
        raise type(error)(f"validation_data: {error}") from None
    return feed.x, feed.y, feed.weight
