"""Where NaN or infinity began: the step is run again on the reference engine, line by line, until a line makes it from
finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pippin.engines import Position
from pippin.engines.reference import ReferenceRunner, run_lines
from pippin.errors import NonFiniteError
from pippin.program import Line, Program


class _Found(Exception):
    def __init__(self, line: Line) -> None:
        self.line = line


def _first_bad_line(program: Program, inputs: dict[str, np.ndarray], states: dict[str, np.ndarray]) -> Line | None:
    def watch(line: Line, arguments: tuple[np.ndarray, ...], result: np.ndarray) -> None:
        if _bad(result) and not any(_bad(argument) for argument in arguments):
            raise _Found(line)

    runner = ReferenceRunner(program)
    try:
        run_lines(program, runner.start(inputs, states), watch=watch)
    except _Found as found:
        return found.line
    return None


def _bad(array: np.ndarray) -> bool:
    return array.dtype.kind == "f" and not np.isfinite(array).all()


def non_finite_error(program: Program, inputs: Any, states: Any, position: Position, rows: Any) -> NonFiniteError:
    """The error that names the epoch, step, layer, phase and operation where numbers stopped being finite."""
    where = f"epoch {position.epoch + 1}, step {position.step + 1}"
    spoiled = [name for name, array in inputs.items() if _bad(np.asarray(array))]
    if spoiled:
        return NonFiniteError(
            f"Training stopped at {where}: the data holds NaN or infinity ({', '.join(spoiled)}). The weights are "
            "those of the step before."
        )
    broken = sorted(name for name, array in states.items() if _bad(array))
    if broken:
        # Every number of that step was finite, but a weight moved by more than a float can hold.
        return NonFiniteError(
            f"Training stopped at {where}: the update of the step before made infinity of {', '.join(broken[:3])}. "
            "The weights are lost: load them from a file. Try a learning rate ten times smaller, or clipnorm=1.0."
        )
    line = _first_bad_line(program, inputs, states)
    if line is None:
        first = f"{where}: the loss or a gradient is not finite"
    else:
        maker = f'layer "{line.layer}", {line.phase},' if line.layer else "the loss"
        first = f"{where}: {maker} made NaN or infinity in {line.primitive.name} ({line.primitive.math})"
    return NonFiniteError(
        f"Training stopped at {first}. The weights are the last finite ones, from the step before. "
        "Likely: the learning rate is too high, or the data is not scaled. Try a learning rate ten times smaller, or "
        "clipnorm=1.0."
    )
