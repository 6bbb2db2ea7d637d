"""Real Keras on JAX says for each of the ten models what every layer gives, the loss, and the gradient of every weight.
Run by `test_ten_models.py` with a Python that has both, never imported there: FOLDER gets KIND.npz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax
import keras
import numpy as np

from conformance.ten_models import KINDS, compiled


def answers(kind: str) -> dict[str, np.ndarray]:
    model, x, y = compiled(kind, keras)
    own = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]
    shown = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    within = keras.Model(model.inputs, [layer.output for layer in shown])

    def loss(weights: Any) -> Any:
        given, _ = model.stateless_call(weights, others, x, training=True)
        return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(y, given))

    value, slopes = jax.value_and_grad(loss)(own)
    found = {"loss": np.array(value)}
    for number, slope in enumerate(slopes):
        found[f"gradient {number}"] = np.array(slope)
    for number, given in enumerate(within(x, training=True)):
        found[f"output {number}"] = np.array(given)
    return found


def main(folder: Path) -> None:
    assert keras.backend.backend() == "jax"
    for kind in KINDS:
        keras.utils.clear_session()
        np.savez(folder / f"{kind}.npz", **answers(kind))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
