"""The reference engine: each line by its primitive's NumPy meaning, one after the other. Slow, plain, the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pippin.engines.engine import Arrays, Errand, Position, Report, Work, run_epochs_step_by_step, run_one_by_one
from pippin.primitives.primitive import FLOAT
from pippin.program import Line, Program

Watcher = Callable[[Line, tuple[np.ndarray, ...], np.ndarray], None]


def run_lines(
    program: Program, values: dict[int, np.ndarray], float_type: Any = np.float32, watch: Watcher | None = None
) -> None:
    """Fill `values` (which holds inputs and states) with the result of every line; `watch` sees each as it is made."""
    with np.errstate(all="ignore"):
        for line in program.lines:
            arguments = tuple(values[value] for value in line.inputs)
            results: Any = line.primitive.reference(*arguments, **line.settings)
            if len(line.outputs) == 1:
                results = (results,)
            for value, result in zip(line.outputs, results, strict=True):
                wanted = program.specs[value].dtype
                values[value] = np.asarray(result, float_type if wanted == FLOAT else wanted)
                if watch is not None:
                    watch(line, arguments, values[value])


class ReferenceRunner:
    """A program and the width of its floating-point numbers: float32, or float64 to judge derivatives."""

    def __init__(self, program: Program, float_type: Any = np.float32) -> None:
        self.program = program
        self.float_type = float_type

    def start(self, inputs: Arrays, states: Arrays) -> dict[int, np.ndarray]:
        """The values that are known before the first line."""
        program = self.program
        named = [(value, inputs[name]) for name, value in program.inputs.items()]
        named += [(value, states[name].copy()) for name, value in program.states.items()]
        return {
            value: np.asarray(
                array, self.float_type if program.specs[value].dtype == FLOAT else program.specs[value].dtype
            )
            for value, array in named
        }

    def __call__(self, inputs: Arrays, states: Arrays) -> dict[str, np.ndarray]:
        program = self.program
        values = self.start(inputs, states)
        run_lines(program, values, self.float_type)
        outputs = {name: np.array(values[value]) for name, value in program.outputs.items()}
        if program.guard is not None:
            outputs["guard"] = values[program.guard]
        if outputs.get("guard", True):
            for name, value in program.updates.items():
                states[name][...] = values[value]
        return outputs

    def again(self, program: Program) -> ReferenceRunner:
        return ReferenceRunner(program, self.float_type)

    def remember(self, shortcut: Any, then: object, keywords: Mapping[str, Any], states: Arrays) -> Any:
        return shortcut


class ReferenceEngine:
    """Runs any program, with nothing but NumPy."""

    name = "reference"

    def __init__(self, float_type: Any = np.float32) -> None:
        self.float_type = float_type

    def compile(self, program: Program) -> ReferenceRunner:
        return ReferenceRunner(program, self.float_type)

    def run_epochs(self, work: Work, position: Position, until_epoch: int, seconds: float) -> Report:
        return run_epochs_step_by_step(work, position, until_epoch, seconds)

    def run_many(self, errands: Sequence[Errand], seconds: float) -> list[Report]:
        return run_one_by_one(self, errands, seconds)
