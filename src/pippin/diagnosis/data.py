"""Rules about the data as they are: their scale, their labels, and what the loss asks of these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pippin.diagnosis.case import Case
from pippin.diagnosis.finding import Finding, Fix
from pippin.errors import PippinError
from pippin.glass.figures import figure
from pippin.training.labels import BINARY, CATEGORICAL, ELEMENTWISE, SPARSE, check_goal, doubt_of

LARGE, UNEVEN = 20.0, 1000.0
"""Numbers that reach the first weights: their root mean square, and the largest spread of a column by the smallest."""
MOSTLY = 0.8
"""Share of one class from which on the classes count as unbalanced."""
RANGES = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "relu": (0.0, np.inf),
    "tanh": (-1.0, 1.0),
    "softplus": (0.0, np.inf),
}


def unscaled_inputs(case: Case) -> Iterator[Finding]:
    """What reaches the first weights is far from the size that weights are drawn for."""
    if not case.moments or case.x is None or case.x.dtype.kind not in "fiu":
        return
    first = next((layer for layer in case.moments[0].layers if _has_kernel(case, layer)), None)
    if first is None or first.input is None or first.input.dtype.kind != "f" or first.kind == "Embedding":
        return
    arrived = first.input.astype(np.float64).reshape(-1, first.input.shape[-1])
    size, spreads = float(np.sqrt((arrived**2).mean())), arrived.std(axis=0)
    spreads = spreads[spreads > 0]
    uneven = float(spreads.max() / spreads.min()) if len(spreads) > 1 and first.input.ndim == 2 else 1.0
    # A column of few distinct values (a rare mark) may well have a small spread: only large numbers do harm.
    if size <= LARGE and not (uneven > UNEVEN and size > 3):
        return
    told = f"numbers of size {figure(size)} (root mean square)" if size > LARGE else (
        f"columns whose spreads differ {figure(uneven)} times"
    )  # fmt: skip
    yield Finding(
        "unscaled-inputs", first.name, f"{first.name} gets {told}.",
        "Weights are drawn for inputs of about -1 to 1. Larger ones push gates to their ends and make each step of "
        "the first weights far too long, and those of small columns far too short.",
        _scaling(case.x), {"size": size, "uneven": uneven},
    )  # fmt: skip


def _has_kernel(case: Case, layer: Any) -> bool:
    return any(case.moments[0].weights[path].ndim > 1 for path in layer.weights if path in case.moments[0].weights)


def _scaling(x: np.ndarray) -> Fix:
    if x.ndim >= 3 and x.min() >= 0 and x.max() <= 255:
        return Fix("Put layers.Rescaling(1 / 255) first.", {"scale": {"subtract": 0.0, "divide": 255.0}})
    numbers = x.astype(np.float64)
    axis: Any = tuple(range(x.ndim - 1))
    mean, spread = numbers.mean(axis=axis), numbers.std(axis=axis)
    divide = np.where(spread > 0, spread, 1.0)
    return Fix(
        "Put layers.Normalization() first, and adapt(x) it to the data.",
        {"scale": {"subtract": mean.tolist(), "divide": divide.tolist()}},
    )


def imbalance(case: Case) -> Iterator[Finding]:
    """One class is nearly all there is."""
    if case.classes is None or len(case.classes) < 20:
        return
    counts = np.bincount(case.classes)
    present = np.flatnonzero(counts)
    most = int(counts.argmax())
    share = float(counts[most] / counts.sum())
    if len(present) < 2 or share < MOSTLY or case.trial is None or case.trial.weight is not None:
        return
    weights = {str(number): float(counts.sum() / (len(present) * counts[number])) for number in present}
    rarest = int(present[counts[present].argmin()])
    yield Finding(
        "class-imbalance", "",
        f"{share:.0%} of the examples are of class {most}; of class {rarest} there are {int(counts[rarest])}.",
        f"Saying {most} to everything is right {share:.0%} of the time: there is little to gain by finding the others.",
        Fix(
            "Give rare classes more weight (class_weight), or collect more of them; judge by each class for itself.",
            {"class_weight": weights},
        ),
        {"share": share, "rarest": int(counts[rarest]), "classes": len(present)},
    )  # fmt: skip


def wrong_goal(case: Case) -> Iterator[Finding]:
    """The end of the network, its loss and the labels don't belong together."""
    goal = case.goal
    if goal is None or case.trial is None or not isinstance(case.trial.y, np.ndarray):
        return
    try:
        check_goal(goal)
        doubt = doubt_of(goal)
    except PippinError as error:
        doubt = str(error)
    y = case.trial.y
    if doubt is None and goal.kind == ELEMENTWISE:
        doubt = _unreachable(goal.activation, goal.layer, y)
        if doubt is None and goal.activation == "softmax" and _is_one_hot(y):
            doubt = (
                f"loss {goal.loss}: the labels are classes and {goal.layer} ends with softmax, whose own loss is "
                "categorical_crossentropy."
            )
    if doubt is None:
        return
    if goal.kind in (SPARSE, CATEGORICAL):
        change: dict[str, Any] = {"activation": "softmax"}
    elif goal.kind == BINARY:
        is_one_of = y.ndim == 2 and y.shape[1] > 1 and _is_one_hot(y)
        change = {"loss": "categorical_crossentropy"} if is_one_of else {"activation": "sigmoid"}
    elif _is_one_hot(y):
        change = {"activation": "softmax", "loss": "categorical_crossentropy"}
    else:
        change = {"activation": "linear"}
    lines = ", ".join(f'{word}="{value}"' for word, value in change.items())
    yield Finding(
        "wrong-loss", goal.layer, doubt,
        "The loss reads the answers as something that they are not, so that making it smaller is not what you want, or "
        "not possible.",
        Fix(f"Change it to {lines}.", {"last": change}),
        {"smallest_label": float(y.min()), "largest_label": float(y.max())},
    )  # fmt: skip


def _is_one_hot(y: np.ndarray) -> bool:
    return y.ndim == 2 and y.shape[1] > 1 and bool(np.isin(y, (0, 1)).all()) and bool((y.sum(axis=1) == 1).all())


def _unreachable(activation: str | None, layer: str, y: np.ndarray) -> str | None:
    low, high = RANGES.get(activation or "", (-np.inf, np.inf))
    outside = float(((y < low - 1e-6) | (y > high + 1e-6)).mean()) if y.size else 0.0
    if not outside:
        return None
    return (
        f"{outside:.0%} of the labels ({figure(y.min())} to {figure(y.max())}) can't be reached: {layer} ends with "
        f"{activation}, which gives {figure(low)} to {figure(high)}."
    )
