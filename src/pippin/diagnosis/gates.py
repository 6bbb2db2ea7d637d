"""Rules about gates and gradients: does the blame reach the weights, and in a size that they can use?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pippin.diagnosis.case import Case
from pippin.diagnosis.finding import Finding, Fix
from pippin.diagnosis.moment import LayerAt, Moment
from pippin.glass.figures import figure
from pippin.glass.words import count

DEAD_SHARE, DEAD_SHARE_OF_FEW = 0.4, 0.9
"""Of a layer's units, that are silent for all examples. Of few examples (a probe's 8) one may be silent by chance."""
ENOUGH = 64
SATURATED = 0.5
"""Share of a layer's signals that stand at an end of its gate."""
END = {"sigmoid": 0.02, "hard_sigmoid": 0.02, "tanh": 0.04, "hard_tanh": 0.04, "softsign": 0.02}
"""The slope within 2 % of an end: y (1 - y) of a sigmoid, 1 - y² of tanh; of others of about this size."""
FAR_OFF = 100.0
"""The loss before the first step, by that of the best answer that is always the same."""
VANISHING, EXPLODING = 1e-3, 1e3
"""The gradient of the first weights, for their size, as a share of that of the last ones."""


def dead_relu(case: Case) -> Iterator[Finding]:
    """Units that no example wakes get no gradient, so nothing ever wakes them."""
    moment = case.moments[-1] if case.moments else None
    for layer in () if moment is None else moment.layers:
        silent = _silent_units(layer)
        if silent is None or layer.gate not in ("relu", "relu6"):
            continue
        few = moment is not None and moment.examples < ENOUGH
        if silent.size > 1 and silent.mean() >= (DEAD_SHARE_OF_FEW if few else DEAD_SHARE):
            yield Finding(
                "dead-relu", layer.name,
                f"{int(silent.sum())} of {silent.size} units of {layer.name} give 0 for every example that was looked "
                "at.",
                "Their sum is below 0 whatever comes in, where relu is flat: no blame gets through, so their weights "
                "will not move again. A learning rate that is too high, inputs that are too large or a bias far below "
                "0 throw them there.",
                Fix(
                    "Use a gate that is nowhere flat, leaky_relu, in this layer; or lower the learning rate and begin "
                    "anew.", {"activation": {"layers": [layer.name], "to": "leaky_relu"}},
                ),
                {"dead": int(silent.sum()), "units": int(silent.size), "share": float(silent.mean())},
            )  # fmt: skip


def _silent_units(layer: LayerAt) -> np.ndarray | None:
    """For each unit whether it gives 0 for all examples."""
    if layer.slope is None or layer.output is None or layer.output.ndim < 2 or layer.is_answer:
        return None
    return np.asarray((layer.output == 0).reshape(-1, layer.output.shape[-1]).all(axis=0))


def saturated(case: Case) -> Iterator[Finding]:
    """A gate at its end is nearly flat: almost no blame gets through."""
    for layer in case.moments[-1].layers if case.moments else ():
        if layer.slope is None or layer.is_answer or layer.gate not in END:
            continue
        known = np.abs(layer.slope[np.isfinite(layer.slope)])
        share = float((known < END[layer.gate]).mean()) if known.size else 0.0
        if share > SATURATED:
            yield Finding(
                "saturated", layer.name,
                f"{share:.0%} of the signals in {layer.name} stand at an end of {layer.gate}, where it is flat.",
                f"The sums are too large for {layer.gate}: whatever they are, it answers the same, and little blame "
                "gets through. Large weights or inputs that are not scaled do that.",
                Fix(
                    "Use relu in this layer, with weights drawn for it (he_normal); and scale the inputs.",
                    {"activation": {"layers": [layer.name], "to": "relu"}, "initializer": "he_normal"},
                ),
                {"share": share, "mean_slope": float(known.mean())},
            )  # fmt: skip


def vanishing_gradient(case: Case) -> Iterator[Finding]:
    """The first layers hear almost nothing of the loss."""
    ratios = [ratio for moment in case.moments if (ratio := _first_by_last(moment)) is not None]
    if not ratios or not all(ratio < VANISHING for ratio in ratios[:2]):
        return
    moment = case.moments[0]
    sizes = moment.sizes()
    gates = [layer.name for layer in moment.layers if layer.gate in END and not layer.is_answer]
    change = {"activation": {"layers": gates, "to": "relu"}, "initializer": "he_normal"} if gates else None
    yield Finding(
        "vanishing-gradient", sizes[0][0],
        f"The blame that reaches {sizes[0][0]} is {figure(ratios[0])} of what {sizes[-1][0]} gets, for the size of "
        "its weights.",
        f"On its way back the blame is multiplied by the slope of each of the {count(len(sizes), 'layer')}; small "
        "slopes make it die out before the first ones, which therefore hardly learn.",
        Fix(
            "Use relu with he_normal in the hidden layers; BatchNormalization or shortcuts help as well.", change
        ),
        {"first_by_last": ratios[0], "layers": len(sizes)},
    )  # fmt: skip


def exploding_gradient(case: Case) -> Iterator[Finding]:
    """Gradients that grow from layer to layer, or numbers that are no longer finite."""
    if case.broken is not None:
        yield _begun_too_large(case, case.broken)
        return
    ratios = [ratio for moment in case.moments[:1] if (ratio := _first_by_last(moment)) is not None]
    if ratios and ratios[0] > EXPLODING:
        sizes = case.moments[0].sizes()
        yield Finding(
            "exploding-gradient", sizes[0][0],
            f"The blame that reaches {sizes[0][0]} is {figure(ratios[0])} times what {sizes[-1][0]} gets, for the "
            "size of its weights.",
            "On its way back the blame is multiplied by the weights of each layer; large ones make it grow without "
            "end, and a step throws the first layers far off.",
            Fix(
                "Draw the weights smaller (he_normal for relu, glorot_uniform else), and clip the gradient "
                "(clipnorm=1).", {"initializer": "he_normal", "clipnorm": 1.0},
            ),
            {"first_by_last": ratios[0], "layers": len(sizes)},
        )  # fmt: skip


def _begun_too_large(case: Case, broken: Finding) -> Finding:
    """The same finding; where the very first answers were far off, with the weights to blame and to be drawn anew."""
    worth = case.baseline
    if worth is None or not case.start > FAR_OFF * worth:
        return broken
    fix = Fix(
        "Draw the weights smaller (he_normal for relu, glorot_uniform else), and clip the gradient (clipnorm=1).",
        {"initializer": "he_normal", "clipnorm": 1.0},
    )
    because = (
        f"Before the first step the loss was {figure(case.start)}; always giving the same answer has {figure(worth)}. "
        "The weights were drawn so large that signals, and the blame for them, grow from layer to layer."
    )
    return replace(broken, because=because, fix=fix, evidence={**broken.evidence, "loss_at_the_start": case.start})


def _first_by_last(moment: Moment) -> float | None:
    """The gradient of the first kernel for its size, by that of the last; None where there is nothing to compare."""
    embeddings = {path for layer in moment.layers if layer.kind == "Embedding" for path in layer.weights}
    sizes = [(size, slope) for path, size, slope in moment.sizes() if path not in embeddings]
    if len(sizes) < 3 or not all(np.isfinite(part) for pair in sizes for part in pair):
        return None
    (first, first_slope), (last, last_slope) = sizes[0], sizes[-1]
    if not first or not last or not last_slope or not first_slope:
        return None
    return (first_slope / first) / (last_slope / last)


def of_broken(reason: str, where: str, learning_rate: float | None) -> Finding:
    """What is told when training stopped because numbers were no longer finite."""
    change: dict[str, object] = {"clipnorm": 1.0}
    if learning_rate is not None:
        change["learning_rate"] = learning_rate / 10
    return Finding(
        "exploding-gradient", where, reason,
        "Each step made the weights larger than the last, until a number was too large for the computer. Mostly the "
        "learning rate is too high, or inputs or weights are too large.",
        Fix("Lower the learning rate to a tenth and clip the gradient (clipnorm=1).", change), {"is_finite": False},
    )  # fmt: skip
