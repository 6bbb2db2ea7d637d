"""How Pippin is asked what Keras was asked: many questions in one program, so that an engine that compiles slowly does
it once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldens.recipes import numbers
from pippin.engines import get_engine
from pippin.engines.engine import Engine
from pippin.errors import PippinError
from pippin.primitives import spec_of
from pippin.program import Symbol, Trace, Variable
from pippin.transforms import gradients, simplify
from pippin.tree import flatten

KERAS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "goldens" / "keras.json").read_text(encoding="utf-8"))
# XLA compiles all questions of a family for seconds; every primitive alone is compared on JAX elsewhere.
ENGINES = ("reference", "native", pytest.param("jax", marks=pytest.mark.slow))

# What the issue asks for; the recorded answers have six digits.
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


def engine_or_skip(name: str) -> Engine:
    """The engine, if it is built and installed here."""
    try:
        return get_engine(name)
    except (PippinError, ImportError) as reason:
        pytest.skip(str(reason))


class Questions:
    """A program that grows question by question, and what Keras answered to each."""

    def __init__(self) -> None:
        self.trace = Trace("questions")
        self.inputs: dict[str, np.ndarray] = {}
        self.wanted: dict[str, np.ndarray] = {}

    def give(self, array: Any) -> Symbol:
        """An array as an input of the program."""
        name = f"x{len(self.inputs)}"
        self.inputs[name] = np.asarray(array)
        return self.trace.input(name, spec_of(self.inputs[name]))

    def expect(self, question: str, answers: Any, wanted: Any) -> None:
        """Note what a symbol (or a list of them) must come out as."""
        found, listed = flatten(answers), wanted if isinstance(answers, (list, tuple)) else [wanted]
        assert len(found) == len(listed), f"{question}: {len(found)} answers, Keras gave {len(listed)}"
        for number, (answer, right) in enumerate(zip(found, listed, strict=True)):
            label = f"{question} [{number}]"
            self.trace.output(label, self.trace.symbol(answer))
            self.wanted[label] = np.asarray(right, np.float64)

    def wrong_answers(self, engine: Engine) -> list[str]:
        """What an engine answers differently from Keras."""
        runner = engine.compile(simplify(self.trace.program()))
        states = {name: variable.value.copy() for name, variable in self.trace.variables.items()}
        found = runner(self.inputs, states)
        return [told for label, right in self.wanted.items() if (told := difference(label, found[label], right))]


def difference(label: str, found: Any, right: Any) -> str:
    """An empty string if two arrays agree, otherwise how they differ."""
    found, right = np.asarray(found, np.float64), np.asarray(right, np.float64)
    if found.shape != right.shape:
        return f"{label}: shape {found.shape}, Keras has {right.shape}"
    if np.allclose(found, right, **TOLERANCE):
        return ""
    farthest = np.abs(found - right).max()
    return f"{label}: off by {farthest:.2g}, for example {found.ravel()[:4]}, Keras has {right.ravel()[:4]}"


def counted(trace: Trace, answers: Any) -> Symbol:
    """A single number in which every place counts differently: what the recorded gradients are gradients of."""
    total: Any = trace.symbol(0.0)
    for answer in flatten(answers):
        total = total + (answer * trace.symbol(numbers(7, answer.shape))).sum()
    return total


def gradients_of(
    trace: Trace, answers: Any, losses: Sequence[Any], inputs: Sequence[Symbol | Variable]
) -> list[Symbol]:
    """How the counted answers and what was added to the loss change with each of `inputs`."""
    total = counted(trace, answers)
    for loss in losses:
        total = total + loss
    return gradients(total, [trace.symbol(one) for one in inputs])
