"""Pippin: deep learning that you can see through. Keras's words, one program, three engines."""

from __future__ import annotations

from pippin.lazy import lazily

__version__ = "0.1.0"

_PARTS = (
    "activations backend callbacks config constraints data datasets dtype_policies glass images initializers layers "
    "losses metrics models ops optimizers preprocessing random regularizers saving tree utils wrappers"
)
_HOMES = {part: f"pippin.{part}" for part in _PARTS.split()} | {
    "DTypePolicy": "pippin.dtype_policies",
    "GradientTape": "pippin.ops.gradient",
    "Initializer": "pippin.initializers",
    "Input": "pippin.layers",
    "InputSpec": "pippin.layers",
    "KerasTensor": "pippin.ops.tensor",
    "Layer": "pippin.layers",
    "Loss": "pippin.losses",
    "Metric": "pippin.metrics",
    "Model": "pippin.models",
    "Optimizer": "pippin.optimizers",
    "PippinClassifier": "pippin.wrappers",
    "PippinRegressor": "pippin.wrappers",
    "Regularizer": "pippin.regularizers",
    "Sequential": "pippin.models",
    "Variable": "pippin.program",
    "fit_many": "pippin.training.many",
    "gradient": "pippin.ops.gradient",
    "value_and_grad": "pippin.ops.gradient",
}

# A part is imported when it is first named, so that `import pippin` stays light.
__getattr__, __dir__ = lazily(__name__, _HOMES)
