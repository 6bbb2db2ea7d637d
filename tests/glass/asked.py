"""Steps of the models that Keras was asked about, from the weights it was asked with."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import pippin
from goldens.gradient_models import MODELS
from goldens.recipes import made, numbers
from pippin import glass
from pippin.naming import clear_names

NAMES = sorted(MODELS)
KERAS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "goldens" / "gradients.json").read_text(encoding="utf-8")
)["models"]


def batch(recipe: Any) -> Any:
    """The array of a recipe, a list of arrays for a list of recipes."""
    if recipe is None:
        return None
    return made(recipe) if isinstance(recipe[0], str) else [made(part) for part in recipe]


def model_and_data(name: str) -> tuple[Any, Any, Any, Any]:
    """A fresh model with the weights that Keras had, and its batch."""
    pippin.random.set_random_seed(1)
    clear_names()
    model, *recipes = MODELS[name](pippin)
    for number, weight in enumerate(model.weights):
        low, high = (0.5, 1.5) if "variance" in weight.path else (-0.6, 0.6)
        weight.assign(numbers(100 + number, weight.shape, low, high))
    x, y, weight = map(batch, recipes)
    return model, x, y, weight


@cache
def step_of(name: str) -> glass.Step:
    """The step of one of the models; the same object for all who only look."""
    return glass.step(*model_and_data(name))


def close_to(found: Any, right: Any) -> float:
    """The largest difference, relative to the largest number (to 1 where that is smaller)."""
    one, other = np.asarray(found, np.float64).reshape(-1), np.asarray(right, np.float64).reshape(-1)
    return float(np.abs(one - other).max(initial=0.0) / max(1.0, np.abs(other).max(initial=0.0)))
