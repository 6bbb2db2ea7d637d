"""How far the numbers that glass.step shows are from those of others: the reference engine in float64, the engine that
trains, real Keras on JAX, and two nudges of every weight."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import pippin
from conformance.ten_models import compiled
from pippin import glass
from pippin.glass.probe import Sight
from pippin.naming import clear_names

SIDE = Path(__file__).with_name("keras_gradients.py")
PEER = Path(__file__).parents[2] / "build" / "peers" / "keras" / "bin" / "python"
CLOSE = 1e-5
"""All compute in float32, in another order. A difference counts by the largest number beside it, or by 1."""


@dataclass(frozen=True)
class Agreement:
    """Of one model: how many numbers were compared, and the largest difference to each."""

    kind: str
    numbers: int
    weights: int
    reference: float
    native: float
    keras_outputs: float | None
    keras_gradients: float | None
    checks: int
    checks_that_agree: int


def far(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference, relative to the largest number (or to 1)."""
    assert ours.shape == theirs.shape, f"{ours.shape} and {theirs.shape}"
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    return float(np.abs(ours.astype(np.float64) - theirs).max(initial=0)) / scale


def agreement_of(kind: str, theirs: Mapping[str, np.ndarray] | None) -> Agreement:
    """Open a step of one of the ten models and compare all that is shown."""
    clear_names()
    model, x, y = compiled(kind, pippin)
    step = glass.step(model, x, y)
    exact = step.opened.values(step.inputs, step.states, np.float64)
    shown = {v for line in step.lines for v in line.line.outputs if step.ran.values[v].dtype.kind == "f"}
    worth = {value for value in shown if step.opened.program.specs[value].dtype == "float32"}
    trained = Sight(step.opened, worth).see(step.inputs, step.states)
    places = [view for view in step.layers if "/" not in view.name]
    weights = [step.weight(name) for name in step.weights if step.weight(name).gradient is not None]
    outputs = gradients = None
    if theirs is not None:
        outputs = max(far(view.output, theirs[f"output {number}"]) for number, view in enumerate(places))
        outputs = max(outputs, far(np.asarray(step.loss_value), theirs["loss"]))
        own = [step.weight(str(step.opened.name_of(variable))) for variable in model.trainable_variables]
        gradients = max(far(np.asarray(w.gradient), theirs[f"gradient {number}"]) for number, w in enumerate(own))
    checks = [weight.check_gradient(place) for weight in weights for place in _two_places(weight.old.shape)]
    checks = [check for check in checks if not check.is_at_kink]
    return Agreement(
        kind, sum(step.ran.values[value].size for value in shown), sum(w.old.size for w in weights),
        max(far(step.ran.values[value], exact[value]) for value in shown),
        max(far(step.ran.values[value], trained[value]) for value in worth),
        outputs, gradients, len(checks), sum(check.agrees for check in checks),
    )  # fmt: skip


def _two_places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    return [tuple(0 for _ in shape), tuple(size // 2 for size in shape)]


def keras_python() -> str | None:
    """A Python that has real Keras and JAX."""
    if importlib.util.find_spec("keras") is not None:
        return sys.executable
    return str(PEER) if PEER.exists() else None


def ask_keras(folder: Path) -> bool:
    """Let real Keras write its answers into a folder; False where there is none."""
    python = keras_python()
    if python is None:
        return False
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": "", "JAX_PLATFORMS": "cpu"}
    subprocess.run([python, str(SIDE), str(folder)], env=environment, check=True, capture_output=True, timeout=600)
    return True
