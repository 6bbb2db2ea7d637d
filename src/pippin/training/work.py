"""One piece of work for an engine: whole epochs over arrays, or a single step on a batch."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

import numpy as np

from pippin.engines import Errand, Position, Report, Runner, Work, current_engine
from pippin.errors import NonFiniteError
from pippin.program import Program
from pippin.training.custom import run_plainly, runs_plainly
from pippin.training.diagnose import non_finite_error
from pippin.training.feed import ArrayFeed, specs_for
from pippin.training.step import RESULT, TRAIN, BatchSpecs, Step, close_step, input_names, trace_step
from pippin.tree import flatten, map_structure

Result = TypeVar("Result")
Walk = Generator[tuple[Errand, float], Report, Result]
"""Training or evaluation as something that asks for errands, each with the seconds it may take, and gets reports."""

SECONDS_BETWEEN_LOOKS = 0.05  # how often a long native run comes back for Ctrl-C, progress and callbacks


def work_on(model: Any, mode: str, feed: ArrayFeed, batch: int, shuffle_seed: int | None) -> tuple[Work, Step]:
    """What an engine needs to run epochs over arrays, and the step (its first, if the last batch is smaller)."""
    input_types = [dtype for _, dtype in model.input_names_and_types()]
    batch = min(batch, feed.rows)
    full, left_over = divmod(feed.rows, batch)
    sizes = ([batch] if full else []) + ([left_over] if left_over else [])
    found = model.runners(mode, [BatchSpecs(*specs_for(feed, rows, input_types)) for rows in sizes])
    runners: dict[int, Runner] = {rows: runner for rows, (runner, _) in zip(sizes, found, strict=True)}
    step, last = runners.get(batch), runners.get(left_over)
    steps: list[Step] = [one for _, one in found]
    data: dict[str, np.ndarray] = {}
    for word, structure in (("x", feed.x), ("y", feed.y), ("sample_weight", feed.weight)):
        for name, leaf in zip(input_names(word, structure), flatten(structure), strict=True):
            if leaf is not None:
                data[name] = leaf
    variables = {name: variable for one in steps for name, variable in one.variables.items()}
    states = {name: variable.value for name, variable in variables.items()}
    used = set((step or last).program.inputs)  # type: ignore[union-attr]
    work = Work(
        step, last, {name: array for name, array in data.items() if name in used}, states, feed.rows, batch,
        shuffle_seed,
        steps[0].records, steps[0].resets,
    )  # fmt: skip
    return work, steps[0]


def room_for_outputs(work: Work) -> dict[str, np.ndarray] | None:
    """An array for all rows of each output; None if there is an output that doesn't have a row for each example."""
    found: dict[str, np.ndarray] = {}
    for runner, rows in ((work.step, work.batch), (work.last, work.rows % work.batch)):
        for name in runner.program.outputs if runner is not None else ():
            spec = runner.program.spec(name)  # type: ignore[union-attr]
            array = found.setdefault(name, np.empty((work.rows, *spec.shape[1:]), spec.dtype))
            if not spec.shape or spec.shape[0] != rows or spec.shape[1:] != array.shape[1:]:
                return None
    return found


def names_of(work: Work) -> list[str]:
    """The names of the figures, in the order of the records (which is that of the alphabet)."""
    return [record.removeprefix(RESULT) for record in work.records]


def figures_now(work: Work) -> dict[str, float]:
    """The figures of the epoch so far."""
    return {name: float(work.states[record]) for name, record in zip(names_of(work), work.records, strict=True)}


def reason_of(model: Any, mode: str, feed: ArrayFeed, work: Work, position: Position) -> NonFiniteError:
    """The error that says where NaN or infinity began."""
    rows = work.order(position.epoch)[position.step * work.batch : (position.step + 1) * work.batch]
    types = [dtype for _, dtype in model.input_names_and_types()]
    specs = BatchSpecs(*specs_for(feed, len(rows), types))
    return _reason(model, mode, specs, {name: data[rows] for name, data in work.data.items()}, position, rows)


def _reason(
    model: Any, mode: str, specs: BatchSpecs, inputs: dict[str, np.ndarray], position: Position, rows: Any
) -> NonFiniteError:
    """Of a step traced anew: the one that ran may be shared with another model, and name that one's layers."""
    step = close_step(trace_step(model, mode, specs))
    states = {name: variable.value for name, variable in step.variables.items()}
    return non_finite_error(step.program, inputs, states, position, rows)


def run_alone(walk: Walk[Result]) -> Result:
    """Do what a walk asks for, until it returns."""
    report: Any = None
    try:
        while True:
            errand, seconds = walk.send(report)
            report = current_engine().run_epochs(*errand, seconds)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        walk.close()


def specs_of_batch(model: Any, x: Any, y: Any, weight: Any) -> BatchSpecs:
    """The specs of the step that a batch needs."""
    feed = ArrayFeed(x, y, weight, 0)
    rows = len(flatten(x)[0])
    return BatchSpecs(*specs_for(feed, rows, [dtype for _, dtype in model.input_names_and_types()]))


def run_step(
    model: Any, mode: str, x: Any, y: Any, weight: Any, where: Position | None = None
) -> dict[str, np.ndarray]:
    """One step on one batch, wherever it comes from."""
    build_for(model, x)
    if mode == TRAIN:
        model.prepare_training()
    if runs_plainly(model, mode):
        run_plainly(model, f"{mode}_step", x, y, weight)
        return {}
    specs = specs_of_batch(model, x, y, weight)
    runner, step = model.runner(mode, specs)
    inputs = inputs_of_batch(runner.program, x, y, weight)
    states = {name: variable.value for name, variable in step.variables.items()}
    outputs: dict[str, np.ndarray] = runner(inputs, states)
    if not outputs.get("guard", True) and mode == TRAIN:
        raise _reason(model, mode, specs, inputs, where or Position(), None)
    return outputs


def inputs_of_batch(program: Program, x: Any, y: Any, weight: Any) -> dict[str, np.ndarray]:
    """The arrays of a batch under the names of a program's inputs, in their types."""
    inputs: dict[str, np.ndarray] = {}
    for word, structure in (("x", x), ("y", y), ("sample_weight", weight)):
        for name, leaf in zip(input_names(word, structure), flatten(structure), strict=True):
            if leaf is not None and name in program.inputs:
                inputs[name] = np.ascontiguousarray(leaf, program.spec(name).dtype).reshape(leaf.shape)
    return inputs


def figures(model: Any) -> dict[str, float]:
    """The figures since the metrics were last reset."""
    return {name: float(variable.value) for name, variable in sorted(model.result_variables.items())}


def build_for(model: Any, x: Any) -> None:
    """Make the weights of a model that didn't know its input shape until now."""
    if not model.built:
        shapes = (
            map_structure(lambda leaf: (None, *leaf.shape[1:]), x)
            if not isinstance(x, np.ndarray)
            else (None, *x.shape[1:])
        )
        model._build_once(shapes)
