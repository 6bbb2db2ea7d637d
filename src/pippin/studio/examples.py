"""The examples of a recording's probe as the page shows them: a picture or numbers, the truth, and the guess."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np

from pippin.glass.figures import figure
from pippin.glass.words import answer
from pippin.studio.sentences import guess_sentence

MOST_NUMBERS = 256
"""Of an example that is no picture."""
LARGEST_SIDE = 96


def shown(inputs: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """What each example looks like: {"picture": data URL} or {"numbers": [...]}."""
    array = next((inputs[name] for name in inputs if name not in ("y", "sample_weight")), None)
    if array is None:
        return []
    return [_one(row) for row in array]


def _one(row: np.ndarray) -> dict[str, Any]:
    if row.ndim == 3 and row.shape[-1] in (1, 3) and min(row.shape[:2]) > 1:
        return {"picture": picture(row)}
    flat = row.reshape(-1)
    return {"numbers": [_short(number) for number in flat[:MOST_NUMBERS]], "shape": list(row.shape)}


def _short(number: Any) -> Any:
    return float(f"{float(number):.4g}") if np.isfinite(number) else None


def picture(pixels: np.ndarray) -> str:
    """A picture (height, width, 1 or 3) as a data URL. Numbers that aren't 0..255 are stretched to it."""
    from PIL import Image

    numbers = np.nan_to_num(np.asarray(pixels, np.float32))
    low, high = float(numbers.min()), float(numbers.max())
    if low < 0 or high <= 1 or high > 255:
        low, high = (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
        numbers = (numbers - low) * (255 / (high - low or 1))
    image = Image.fromarray(np.clip(numbers, 0, 255).astype(np.uint8).squeeze(-1 if pixels.shape[-1] == 1 else ()))
    image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def guesses(
    predictions: np.ndarray | None, truth: np.ndarray | None, losses: np.ndarray | None, classes: list[str] | None
) -> list[dict[str, Any]]:
    """For each example what was answered, beside the truth, with the sentence that says so."""
    if predictions is None:
        return []
    found = []
    for number, row in enumerate(predictions):
        goal = None if truth is None else truth[number]
        said, right, probability = _said(row, goal)
        told = {
            "answer": answer(row), "said": _named(said, classes), "truth": _truth(goal, row, classes),
            "probability": probability, "right": right,
            "loss": None if losses is None or losses.ndim != 1 else figure(losses[number]),
            "chances": [_short(number) for number in row] if said is not None and row.size <= 20 else None,
            "classes": None if classes is None or len(classes) != row.size else classes,
        }  # fmt: skip
        found.append({**told, "says": guess_sentence(told)})
    return found


def _said(row: np.ndarray, goal: Any) -> tuple[int | None, bool | None, float | None]:
    """The class that was answered, whether it is the true one, and its probability; None for answers that name no
    class."""
    is_chances = row.ndim == 1 and row.min(initial=0) >= 0 and row.max(initial=0) <= 1.0001
    if row.ndim == 1 and row.size >= 2 and (is_chances or _class_of(goal, row) is not None):
        said = int(row.argmax())
        true = _class_of(goal, row)
        sums_to_one = is_chances and abs(float(row.sum()) - 1) < 1e-3
        return said, None if true is None else said == true, float(row[said]) if sums_to_one else None
    if row.size == 1 and is_chances and goal is not None and float(np.asarray(goal).reshape(-1)[0]) in (0.0, 1.0):
        chance = float(row.reshape(-1)[0])
        said = int(chance >= 0.5)
        return said, said == int(np.asarray(goal).reshape(-1)[0]), chance if said else 1 - chance
    return None, None, None


def _class_of(goal: Any, row: np.ndarray) -> int | None:
    """The true class: a whole number, or the 1 in a row of zeros."""
    if goal is None:
        return None
    array = np.asarray(goal)
    if array.size == 1 and float(array.reshape(-1)[0]) == int(array.reshape(-1)[0]) and row.size > 1:
        return int(array.reshape(-1)[0])
    if array.shape == row.shape and np.isin(array, (0, 1)).all() and array.sum() == 1:
        return int(array.argmax())
    return None


def _named(number: int | None, classes: list[str] | None) -> str | None:
    if number is None:
        return None
    return classes[number] if classes is not None and number < len(classes) else str(number)


def _truth(goal: Any, row: np.ndarray, classes: list[str] | None) -> str | None:
    if goal is None:
        return None
    number = _class_of(goal, row)
    if number is None and np.asarray(goal).size == 1 and row.size == 1:
        return figure(np.asarray(goal).reshape(-1)[0])
    return answer(np.asarray(goal)) if number is None else _named(number, classes)
