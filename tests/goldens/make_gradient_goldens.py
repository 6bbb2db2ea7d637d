"""Asks real Keras for the loss and every weight's gradient of the models in gradient_models.py, and writes them to
gradients.json. Run once, with a Python that has Keras 3.15 and JAX, not by the tests:

    KERAS_BACKEND=jax path/to/keras/python tests/goldens/make_gradient_goldens.py
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")
FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

import jax  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402

from goldens.gradient_models import MODELS  # noqa: E402
from goldens.recipes import made, numbers  # noqa: E402


def batch(recipe: Any) -> Any:
    """The array of a recipe, a list of arrays for a list of recipes."""
    if recipe is None:
        return None
    return made(recipe) if isinstance(recipe[0], str) else [made(part) for part in recipe]


def weight_value(number: int, path: str, shape: Any) -> np.ndarray:
    return numbers(100 + number, shape, 0.5, 1.5) if "variance" in path else numbers(100 + number, shape, -0.6, 0.6)


def answer(name: str) -> Any:
    """The loss, and the gradient of each weight that learns, in the model's order."""
    model, *recipes = MODELS[name](keras)
    model.set_weights([weight_value(n, w.path, w.shape) for n, w in enumerate(model.weights)])
    x, y, weight = map(batch, recipes)
    model.train_on_batch(x, y, weight)  # settles what the loss of each output is
    model.set_weights([weight_value(n, w.path, w.shape) for n, w in enumerate(model.weights)])
    state = [[v.value for v in group] for group in (
        model.trainable_variables, model.non_trainable_variables, model.metrics_variables
    )]  # fmt: skip
    kept = [v.value for v in model.optimizer.variables]
    run = jax.value_and_grad(model.compute_loss_and_updates, has_aux=True)
    (loss, _), gradients = run(*state, x, y, weight, training=True, optimizer_variables=kept)
    return {"loss": float(loss), "gradients": [rounded(np.asarray(gradient)) for gradient in gradients]}


def rounded(array: np.ndarray) -> Any:
    """Eight digits: more than the comparison asks for."""
    return [float(f"{number:.8g}") for number in array.reshape(-1)]


def main() -> None:
    answers = {"keras": keras.__version__, "models": {name: answer(name) for name in MODELS}}
    text = json.dumps(answers, separators=(",", ":")).replace('},"', '},\n"')
    (FOLDER / "gradients.json").write_text(text + "\n", encoding="utf-8")
    print(len(text), "characters")


main()
