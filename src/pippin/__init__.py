"""Pippin: deep learning that you can see through. Keras's words, one program, three engines."""

from __future__ import annotations

from pippin.lazy import lazily

__version__ = "0.1.0"

_PARTS = (
    "activations callbacks config constraints data datasets glass images initializers layers losses metrics models "
    "ops optimizers preprocessing random regularizers saving tree utils"
)
_HOMES = {part: f"pippin.{part}" for part in _PARTS.split()} | {
    "Initializer": "pippin.initializers",
    "Input": "pippin.layers",
    "KerasTensor": "pippin.ops.tensor",
    "Layer": "pippin.layers",
    "Loss": "pippin.losses",
    "Metric": "pippin.metrics",
    "Model": "pippin.models",
    "Optimizer": "pippin.optimizers",
    "Regularizer": "pippin.regularizers",
    "Sequential": "pippin.models",
    "Variable": "pippin.program",
    "fit_many": "pippin.training.many",
}

# A part is imported when it is first named, so that `import pippin` stays light.
__getattr__, __dir__ = lazily(__name__, _HOMES)
