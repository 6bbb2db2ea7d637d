"""The primitive that repeats: a small program, its body, run for one step in time after the other.

The body's inputs are, in order, the carried values, one slice of each stacked input, and the constants; its outputs are
the carried values for the next step and what each step leaves. Time is the first axis of what is stacked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pippin.errors import ShapeError
from pippin.primitives.primitive import FLOAT, Primitive, Spec


def run_body(body: Any, arrays: Sequence[Any], run: Callable[[Any, list[Any]], Any]) -> tuple[Any, ...]:
    """The outputs of a body for these inputs; `run(line, arguments)` computes a line, a tuple if it has several."""
    values = dict(zip(body.inputs.values(), arrays, strict=True))
    for line in body.lines:
        results = run(line, [values[value] for value in line.inputs])
        values.update(zip(line.outputs, results if len(line.outputs) > 1 else (results,), strict=True))
    return tuple(values[value] for value in body.outputs.values())


def run_reference(body: Any, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
    """The outputs of a body by its lines' meanings; floating-point numbers keep their width."""

    def compute(line: Any, given: list[np.ndarray]) -> Any:
        results = line.primitive.reference(*given, **line.settings)
        if len(line.outputs) == 1:
            return _typed(results, body.specs[line.outputs[0]])
        return [_typed(result, body.specs[v]) for result, v in zip(results, line.outputs, strict=True)]

    return run_body(body, arrays, compute)


def run_jax(jax: Any, body: Any, arrays: Sequence[Any]) -> tuple[Any, ...]:
    """The outputs of a body by its lines' JAX forms."""
    return run_body(body, arrays, lambda line, given: line.primitive.jax(jax, *given, **line.settings))


def _typed(result: Any, spec: Spec) -> np.ndarray:
    return np.asarray(result) if spec.dtype == FLOAT else np.asarray(result, spec.dtype)


def alone(results: Sequence[Any]) -> Any:
    """What a line with these results gives: a tuple, or the only one."""
    return tuple(results) if len(results) > 1 else results[0]


def _shape(*specs: Spec, body: Any, carried: int, sliced: int, length: int, reverse: bool) -> Any:
    wanted = [body.specs[value] for value in body.inputs.values()]
    for place in range(carried, carried + sliced):
        wanted[place] = _stacked(wanted[place], length)
    if list(specs) != wanted:
        raise ShapeError(
            f"scan: expected {', '.join(map(str, wanted))} for {length} steps, received {', '.join(map(str, specs))}."
        )
    made = [body.specs[value] for value in body.outputs.values()]
    for number, (before, after) in enumerate(zip(specs[:carried], made[:carried], strict=True)):
        if before != after:
            raise ShapeError(
                f"scan: expected each step to hand on the carried value {number} as {before}, it gives {after}."
            )
    return alone([*made[:carried], *(_stacked(spec, length) for spec in made[carried:])])


def _stacked(spec: Spec, length: int) -> Spec:
    return Spec((length, *spec.shape), spec.dtype)


def _reference(*arrays: np.ndarray, body: Any, carried: int, sliced: int, length: int, reverse: bool) -> Any:
    now, stacks, constants = arrays[:carried], arrays[carried : carried + sliced], arrays[carried + sliced :]
    wide = next((array.dtype for array in arrays if array.dtype.kind == "f"), np.dtype(FLOAT))
    kept = [
        np.empty((length, *spec.shape), wide if spec.dtype == FLOAT else spec.dtype)
        for spec in [body.specs[value] for value in body.outputs.values()][carried:]
    ]
    for t in reversed(range(length)) if reverse else range(length):
        results = run_reference(body, [*now, *(stack[t] for stack in stacks), *constants])
        now = results[:carried]
        for stack, result in zip(kept, results[carried:], strict=True):
            stack[t] = result
    return alone([*now, *kept])


def _jax(jax: Any, *arrays: Any, body: Any, carried: int, sliced: int, length: int, reverse: bool) -> Any:
    constants = arrays[carried + sliced :]

    def step(now: Any, slices: Any) -> tuple[Any, Any]:
        results = run_jax(jax, body, [*now, *slices, *constants])
        return results[:carried], results[carried:]

    now, kept = jax.lax.scan(
        step, tuple(arrays[:carried]), tuple(arrays[carried : carried + sliced]), length=length, reverse=reverse
    )
    return alone([*now, *kept])


def _flops(result: Spec, *specs: Spec, body: Any, length: int, **settings: Any) -> float:
    return float(length * body.flops())


scan = Primitive(
    "scan", "c, y[t] = step(c, x[t])",
    "Goes through time: each step gets what the step before handed on, and hands on to the next.",
    _shape, _reference, _jax, samples=lambda rng: [], flops=_flops,
)  # fmt: skip
