"""What is said of an explanation: how it was found, whether it adds up, what counts most, and whether it depends on
what was learned."""

from __future__ import annotations

import numpy as np

from pippin.glass.explanation import GRADIENT, INTEGRATED, PARTLY, Explanation
from pippin.glass.figures import figure, place, signed
from pippin.glass.telling import Part, Telling
from pippin.glass.words import SHOWN
from pippin.tree import flatten


def of_explanation(why: Explanation) -> Telling:
    """The telling of any model's explanation."""
    at = f"output {place(why.place).strip('[]')}" if why.place else "the output"
    return Telling(
        f"Why {at} is {figure(why.value)}",
        [
            Part("HOW", [how(why), *adding_up(why)]),
            Part("WHAT COUNTS MOST", [], _largest(why)),
            Part("IS IT LEARNED?", twin_sentences(why)),
        ],
    )


def how(why: Explanation, empty: str = "the baseline", numbers: str = "input number") -> str:
    """What was done to find it."""
    if why.method == INTEGRATED:
        return (
            f"Integrated gradients: on the way from {empty} to this input, in {why.steps} steps, each {numbers} is "
            "credited with what its change does to the answer."
        )
    if why.method == GRADIENT:
        return (
            f"Gradient × input: each {numbers} is credited with the slope of the answer here, times how far it is from "
            f"{empty}. That is exact only where the answer changes in a straight line."
        )
    return (
        f"Occlusion: part after part is covered with {empty}; a part counts by how far the answer falls without it. "
        "Covers overlap, so these numbers don't add up to anything."
    )


def adding_up(why: Explanation) -> list[str]:
    """Whether the credits make up the change of the answer; nothing where nobody promised it."""
    if why.method == INTEGRATED:
        change = why.value - why.before
        verdict = "they add up" if why.is_complete else "they don't add up, so take them with care"
        return [
            f"The answer goes from {figure(why.before)} to {figure(why.value)}: {signed(change)}. All credits together "
            f"make {signed(why.total)}, off by {figure(abs(why.gap))}: {verdict}."
        ]
    return []


def twin_sentences(why: Explanation) -> list[str]:
    """Whether the map depends on what was learned."""
    if why.likeness < PARTLY:
        verdict = "So this map depends on what the network has learned."
    elif why.depends_on_learning:
        verdict = "So this map depends on what the network has learned, but the input itself shows through."
    else:
        verdict = "So this map shows the input more than what the network has learned: don't rely on it."
    return [
        "The same was asked of three twins of the network, with all learned weights shuffled. How alike their maps are "
        f"to this one, from 0 (not at all) to 1 (the same): {max(0.0, why.likeness):.2f}.",
        verdict,
    ]


def _largest(why: Explanation) -> list[list[str]]:
    """The inputs that count most, for and against."""
    inputs = flatten(why.contributions)
    found = []
    for number, leaf in enumerate(inputs):
        name = "input" if len(inputs) == 1 else f"input {number}"
        order = np.argsort(-np.abs(leaf).reshape(-1), kind="stable")[:SHOWN]
        found += [(float(leaf.reshape(-1)[at]), name, np.unravel_index(int(at), leaf.shape)) for at in order]
    found.sort(key=lambda one: -abs(one[0]))
    rows = [[f"{name}{place([int(i) for i in at])}", signed(credit)] for credit, name, at in found[:SHOWN]]
    return [["input", "credit"], *rows]
