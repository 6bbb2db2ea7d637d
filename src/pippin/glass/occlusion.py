"""Which parts of an input speak for an answer: replace a part by what says nothing, look again, and see how far the
number falls.

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from pippin.glass.asked import Arrays, Asked, States

PARTS = 8
"""Covers along each side of a picture and along time; each reaches half a cover further to all sides, so that nothing
shows between two."""

Span = tuple[tuple[int, int], tuple[int, int]]


def occlusion(asked: Asked, empty: Arrays, states: States | None = None) -> list[np.ndarray]:
    """By how much the number falls when each part is covered: an array like each input, the same in all of a part.

    A number below 0: without that part, the answer would be larger. Covers lie over every axis but the last (the
    channels of a picture, the figures of a moment); in a plain row, over each number.
    """
    whole = float(asked.values(asked.x, states)[0])
    found = []
    for which, (leaf, cover) in enumerate(zip(asked.x, empty, strict=True)):
        covers = list(product(*_spans_of(leaf.shape[1:])))
        many = [np.repeat(one, len(covers), axis=0) for one in asked.x]
        for number, spans in enumerate(covers):
            wide = tuple(slice(start, end) for _, (start, end) in spans)
            many[which][number][wide] = cover[0][wide]
        falls = whole - asked.values(many, states)
        answer = np.zeros(leaf.shape[1:])
        for fall, spans in zip(falls, covers, strict=True):
            answer[tuple(slice(start, end) for (start, end), _ in spans)] = fall
        found.append(answer)
    return found


def _spans_of(shape: tuple[int, ...]) -> list[list[Span]]:
    """For each axis that is covered, its parts: where each is, and where its cover is."""
    if len(shape) == 1:
        return [[((place, place + 1), (place, place + 1)) for place in range(shape[0])]]
    return [_spans(size) for size in shape[:-1]]


def _spans(size: int) -> list[Span]:
    parts = min(size, PARTS)
    reach = 0.5 if size > PARTS else 0.0
    edges = [round(part * size / parts) for part in range(parts + 1)]
    return [
        (
            (edges[part], edges[part + 1]),
            (max(0, round((part - reach) * size / parts)), min(size, round((part + 1 + reach) * size / parts))),
        )
        for part in range(parts)
    ]
