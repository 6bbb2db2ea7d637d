"""The JAX engine: the same program, line by line, handed to XLA through jit. The only file that imports jax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pippin.engines.engine import Arrays, Errand, Position, Report, Work, run_epochs_step_by_step, run_one_by_one
from pippin.errors import PippinError
from pippin.program import Program


def _jax() -> Any:
    try:
        import jax
    except ImportError:
        raise PippinError(
            'The jax engine needs the package jax, which is not installed: pip install "pippin[jax]".'
        ) from None
    return jax


def lower(jax: Any, program: Program, values: dict[int, Any]) -> None:
    """Fill `values` (inputs and states) with every line's traced result."""
    for line in program.lines:
        results = line.primitive.jax(jax, *[values[value] for value in line.inputs], **line.settings)
        values.update(zip(line.outputs, results if len(line.outputs) > 1 else (results,), strict=True))


class JaxRunner:
    """A program under jit: (inputs, states) → (outputs, new states)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._jax = _jax()
        self._run = self._jax.jit(self._traced)

    def _traced(self, inputs: dict[str, Any], states: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        program, numpy = self.program, self._jax.numpy
        values = {value: inputs[name] for name, value in program.inputs.items()}
        values |= {value: states[name] for name, value in program.states.items()}
        lower(self._jax, program, values)
        outputs = {name: values[value] for name, value in program.outputs.items()}
        new = {name: values[value] for name, value in program.updates.items()}
        if program.guard is not None:
            outputs["guard"] = values[program.guard]
            new = {name: numpy.where(outputs["guard"], value, states[name]) for name, value in new.items()}
        return outputs, new

    def __call__(self, inputs: Arrays, states: Arrays) -> dict[str, np.ndarray]:
        program = self.program
        given = {name: np.asarray(inputs[name], program.spec(name).dtype) for name in program.inputs}
        outputs, new = self._run(given, {name: states[name] for name in program.states})
        for name, value in new.items():
            states[name][...] = value
        return {name: np.array(value) for name, value in outputs.items()}

    def again(self, program: Program) -> JaxRunner:
        return JaxRunner(program)

    def remember(self, shortcut: Any, then: object, keywords: Mapping[str, Any], states: Arrays) -> Any:
        return shortcut


class JaxEngine:
    """Runs any program on whatever device JAX finds."""

    name = "jax"

    def compile(self, program: Program) -> JaxRunner:
        return JaxRunner(program)

    def run_epochs(self, work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
        return run_epochs_step_by_step(work, position, until_epoch, seconds)

    def run_many(self, errands: Sequence[Errand], seconds: float) -> list[Report]:
        return run_one_by_one(self, errands, seconds)
