"""All that makes a run what it is: weights, optimizer memory, random counters, metrics, position, history, callbacks' states.

Parameters lie in one flat buffer, and so does each slot of the optimizer; the variables are views into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pippin.program import Variable

_LINE = 64  # bytes of a cache line


def aligned(size: int, dtype: str) -> np.ndarray:
    """A flat array of zeros that starts at a cache line."""
    item = np.dtype(dtype).itemsize
    raw = np.zeros(size * item + _LINE, np.uint8)
    start = -raw.ctypes.data % _LINE
    return raw[start : start + size * item].view(dtype)


def lay_flat(variables: Sequence[Variable]) -> None:
    """Move variables of one type next to each other in one buffer, in their order."""
    if not variables:
        return
    dtype = variables[0].dtype
    flat = aligned(sum(variable.value.size for variable in variables), dtype)
    start = 0
    for variable in variables:
        size = variable.value.size
        variable.move_to(flat[start : start + size].reshape(variable.shape))
        start += size


def lay_out(model: Any) -> None:
    """Flat buffers for the trainable weights and, in the same order, for each slot of the optimizer."""
    trainable = model.trainable_variables
    optimizer = model.compiled.optimizer
    optimizer.build(trainable)
    lay_flat(trainable)
    for slots in optimizer.slots.values():
        lay_flat(slots)


def all_variables(model: Any) -> dict[str, Variable]:
    """Every variable of a model and its training by a unique name: weights, seeds, optimizer, metrics."""
    found: dict[str, Variable] = {}
    groups = [("model", model.variables)]
    if model.compiled is not None:
        groups.append(("optimizer", model.compiled.optimizer.variables))
        groups.append(("metrics", [v for metric in model.compiled.all_metrics for v in metric.variables]))
        groups.append(("results", list(model.result_variables.values())))
    for group, variables in groups:
        for number, variable in enumerate(variables):
            found[f"{group}/{number}/{variable.path}"] = variable
    return found
