"""Writes recurrent.json: what real Keras's recurrent layers compute, lose and learn. Run it where keras and jax are:

    KERAS_BACKEND=jax python tests/goldens/make_recurrent_goldens.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import keras

from goldens.recurrent_models import MODELS
from goldens.recurrent_recipes import inputs_of, target_of, weights_of

PLACE = Path(__file__).parent / "recurrent.json"


def shortened(array: Any) -> Any:
    """With the figures that float32 has."""
    return [shortened(part) for part in array] if np.ndim(array) else float(f"{float(array):.6g}")


def answer(name: str) -> dict[str, Any]:
    model = MODELS[name](keras)
    model.set_weights(weights_of(model))
    x = inputs_of(model)
    y = np.asarray(model(x))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    losses = model.fit(x, target_of(y), batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
    return {"y": shortened(y), "losses": shortened(losses), "weights": [shortened(w) for w in model.get_weights()]}


def main() -> None:
    found = {name: answer(name) for name in MODELS}
    rows = ",\n".join(f"{json.dumps(name)}:{json.dumps(value, separators=(',', ':'))}" for name, value in found.items())
    PLACE.write_text("{" + rows + "}\n")


if __name__ == "__main__":
    main()
