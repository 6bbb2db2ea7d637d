"""Numbers as people read them: few digits, and never a wall of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

DIGITS = 4
FEW = 6
"""So many numbers are shown one by one; more are told by their smallest, mean and largest."""


def figure(number: Any) -> str:
    """A number with four digits: 0.1235, -12.5, 1.2e-07; truth as yes and no, whole numbers whole."""
    if isinstance(number, (bool, np.bool_)):
        return "true" if number else "false"
    if isinstance(number, (int, np.integer)):
        return str(int(number))
    text = f"{float(number):.{DIGITS}g}"
    return "0" if text == "-0" else text


def signed(number: float) -> str:
    """The same with its sign, for what is added: +0.1235, -0.02."""
    text = figure(number)
    return text if text.startswith("-") or text == "0" else f"+{text}"


def shape(array: np.ndarray) -> str:
    """ "32 × 16"; "one number" for a single one."""
    return " × ".join(map(str, array.shape)) if array.ndim else "one number"


def few(array: np.ndarray) -> str:
    """All numbers of a small array, the first ones of a larger one."""
    flat = array.reshape(-1)
    shown = ", ".join(map(figure, flat[:FEW]))
    return f"{shown}, ..." if flat.size > FEW else shown


def extent(array: np.ndarray) -> dict[str, float]:
    """The smallest, the mean and the largest number, and the share of zeros."""
    if not array.size:
        return {}
    numbers = array.astype(np.float64)
    return {
        "min": float(numbers.min()),
        "mean": float(numbers.mean()),
        "max": float(numbers.max()),
        "zeros": float((numbers == 0).mean()),
    }


def summary(array: np.ndarray) -> str:
    """An array in one line: its numbers if they are few, else its shape, extent and first numbers."""
    if array.size <= FEW:
        return few(array) if array.size else "no numbers"
    if array.dtype == bool:
        return f"{shape(array)}: true in {int(array.sum())} of {array.size}"
    told = extent(array)
    if told["min"] == told["max"]:
        return f"{shape(array)}: all {figure(told['min'])}"
    ends = f"{figure(told['min'])} to {figure(told['max'])}, mean {figure(told['mean'])}"
    return f"{shape(array)}: {ends}; first {few(array)}"


def place(index: Sequence[int]) -> str:
    """ "[0,3]"; nothing for a single number."""
    return f"[{','.join(map(str, index))}]" if len(index) else ""


def plain(thing: Any, most: int = 4096) -> Any:
    """A thing as JSON holds it; an array of more than `most` numbers by its shape and extent."""
    if isinstance(thing, np.ndarray):
        if thing.size <= most:
            return thing.tolist()
        return {"shape": list(thing.shape), **extent(thing), "first": thing.reshape(-1)[:FEW].tolist()}
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, dict):
        return {str(key): plain(value, most) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [plain(part, most) for part in thing]
    return thing
