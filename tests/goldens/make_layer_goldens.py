"""Asks real Keras for everything in layer_cases.py and writes its answers to layers.json. Run as
make_keras_goldens.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from goldens.layer_cases import CASES, HEADED
from goldens.make_keras_goldens import FOLDER, config_of, counted, layer_answer, plain, weight_value
from goldens.recipes import numbers


def headed_answer(name: str, settings: dict[str, Any], shapes: list[list[int]], asked: dict[str, Any]) -> Any:
    """As layer_answer, for layers whose inputs are arguments of their own."""
    import jax
    import keras

    layer = getattr(keras.layers, name)(**settings, name="layer")
    inputs = [jax.numpy.asarray(numbers(200 + n, shape)) for n, shape in enumerate(shapes)]
    layer.build(*[(None, *shape[1:]) for shape in shapes])
    layer.set_weights([weight_value(n, w.path, w.shape) for n, w in enumerate(layer.weights)])
    fixed = [v.value for v in layer.non_trainable_variables]

    def run(trainable: Any, given: Any) -> Any:
        y, _ = layer.stateless_call(trainable, fixed, *given, **asked)
        return counted(y), y

    trainable = [v.value for v in layer.trainable_variables]
    (_, y), (dw, dx) = jax.value_and_grad(run, argnums=(0, 1), has_aux=True)(trainable, inputs)
    return {
        "layer": name, "settings": settings, "inputs": shapes, "training": None, "y": y, "dw": dw, "dx": dx, "kept": [],
        "config": config_of(layer), "asked": asked,
    }  # fmt: skip


if __name__ == "__main__":
    answers = [layer_answer(*case) for case in CASES] + [headed_answer(*case) for case in HEADED]
    text = json.dumps(plain(answers), separators=(",", ":"))
    (FOLDER / "layers.json").write_text(text.replace('},{"', '},\n{"'), encoding="utf-8")
